import type { DatabaseSite } from './contracts.ts';

/**
 * The site with the answers that many databases share, each asked for once: one listing of clusters, one of instances, each engine
 * version, class, group and key once. For looking ahead only: what is changed meanwhile is not seen.
 */
export function withSharedReads({ site, aws }: DatabaseSite): DatabaseSite {
  const { rds, kms, ec2 } = aws;
  const clusters = once(() => rds.describeClusters());
  const instances = once(() => rds.describeInstances());
  return {
    site,
    aws: {
      ...aws,
      rds: {
        ...rds,
        describeClusters: async (id) => {
          const all = await clusters();
          return id === undefined ? all : all.filter((cluster) => cluster.id === id.toLowerCase());
        },
        describeInstances: async ({ id, cluster } = {}) =>
          (await instances()).filter(
            (each) => (id === undefined || each.id === id.toLowerCase()) && (cluster === undefined || each.cluster === cluster),
          ),
        engineVersionAvailable: once((engine, version) => rds.engineVersionAvailable(engine, version)),
        instanceClassAvailable: once((engine, version, instanceClass) =>
          rds.instanceClassAvailable(engine, version, instanceClass),
        ),
        serverlessRange: once((engine, version) => rds.serverlessRange(engine, version)),
        describeGroup: once((kind, name) => rds.describeGroup(kind, name)),
      },
      ec2: { describeSecurityGroups: once((ids) => ec2.describeSecurityGroups(ids)) },
      kms: { ...kms, describeKey: once((key) => kms.describeKey(key)) },
    },
  };
}

function once<A extends readonly (string | readonly string[])[], T>(
  ask: (...question: A) => Promise<T>,
): (...question: A) => Promise<T> {
  const asked = new Map<string, Promise<T>>();
  return (...question) => {
    const key = JSON.stringify(question);
    const answer = asked.get(key) ?? ask(...question);
    asked.set(key, answer);
    return answer;
  };
}
