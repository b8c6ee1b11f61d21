import type { RdsCluster, RdsInstance } from '@breakwater/aws';
import { UserError } from '@breakwater/core';
import { withoutUndefined } from '../boundary.ts';
import type { DatabaseSite } from './contracts.ts';
import { checkManifest } from './manifest-shape.ts';
import {
  type ClusterManifest,
  type DatabaseManifest,
  type InstanceManifest,
  MANIFEST_SCHEMA,
  type MemberSettings,
} from './restore-contracts.ts';

/**
 * Reads how a cluster looks, so that it can be built again where it cannot be asked. Throws `UserError` `cluster-unknown`, or
 * `engine-unavailable` when it is not Aurora.
 */
export async function captureCluster({ site, aws }: DatabaseSite, id: string, now: number): Promise<ClusterManifest> {
  const [cluster] = await aws.rds.describeClusters(id.toLowerCase());
  if (cluster === undefined) {
    throw new UserError('cluster-unknown', `no cluster "${id}" is in account ${site.account}, ${site.region}`, {
      next: 'Correct the name, the account or the Region. Nothing was changed.',
    });
  }
  const instances = await aws.rds.describeInstances({ cluster: cluster.id });
  return manifestOf(cluster, instances, { account: site.account, region: site.region, capturedAt: now });
}

export function manifestOf(
  cluster: RdsCluster,
  instances: readonly RdsInstance[],
  where: { readonly account: string; readonly region: string; readonly capturedAt: number },
): ClusterManifest {
  if (cluster.engineVersion === undefined || !/^aurora-(mysql|postgresql)$/.test(cluster.engine)) {
    throw new UserError('engine-unavailable', `"${cluster.id}" is ${cluster.engine}, not an Aurora cluster`, {
      next: 'Only Aurora clusters can be captured and restored. Nothing was changed.',
    });
  }
  const { serverless } = cluster;
  return {
    schema: MANIFEST_SCHEMA,
    capturedAt: new Date(where.capturedAt).toISOString(),
    account: where.account,
    region: where.region,
    cluster: {
      id: cluster.id,
      engine: cluster.engine,
      engineVersion: cluster.engineVersion,
      ...withoutUndefined({
        port: cluster.port,
        subnetGroup: cluster.subnetGroup,
        parameterGroup: cluster.parameterGroup,
        backupRetentionDays: cluster.backupRetentionDays,
        backupWindow: cluster.backupWindow,
        // `aurora` is what AWS takes when nothing is said.
        storageType: cluster.storageType === 'aurora' ? undefined : cluster.storageType,
        serverless:
          serverless === undefined
            ? undefined
            : {
                min: serverless.min,
                max: serverless.max,
                ...withoutUndefined({ autoPauseSeconds: serverless.autoPauseSeconds }),
              },
      }),
      securityGroups: cluster.securityGroups,
      iamAuthentication: cluster.iamAuthentication,
      deletionProtection: cluster.deletionProtection,
      httpEndpoint: cluster.httpEndpoint,
      logExports: cluster.logExports,
      copyTagsToSnapshot: cluster.copyTagsToSnapshot,
      tags: foreignTags(cluster.tags),
    },
    members: membersOf(cluster, instances),
  };
}

/** The writer first, then readers as they would take over: by tier, then by name. */
function membersOf(cluster: RdsCluster, instances: readonly RdsInstance[]): readonly MemberSettings[] {
  const byName = new Map(instances.map((instance) => [instance.id, instance]));
  return cluster.members
    .flatMap((member) => {
      const instance = byName.get(member.instance);
      return instance === undefined ? [] : [{ member, instance }];
    })
    .sort(
      (a, b) =>
        Number(b.member.writer) - Number(a.member.writer) ||
        (a.member.promotionTier ?? 15) - (b.member.promotionTier ?? 15) ||
        (a.instance.id < b.instance.id ? -1 : 1),
    )
    .map(({ member, instance }) => ({
      name: instance.id,
      instanceClass: instance.instanceClass,
      ...withoutUndefined({
        promotionTier: member.promotionTier ?? instance.promotionTier,
        availabilityZone: instance.availabilityZone,
        parameterGroup: instance.parameterGroup,
        monitoringInterval: instance.monitoringInterval === 0 ? undefined : instance.monitoringInterval,
        monitoringRoleArn: instance.monitoringInterval === 0 ? undefined : instance.monitoringRoleArn,
      }),
      publiclyAccessible: instance.publiclyAccessible,
      performanceInsights: instance.performanceInsights,
      tags: foreignTags(instance.tags),
    }));
}

/** Tags that may be given to a new cluster: those of AWS are refused, and ours say whose the other one is. */
export function foreignTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tags)
      .filter(([key]) => !/^(aws|rds|breakwater):/i.test(key))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/**
 * A default group comes by itself, that of the snapshot's version, which may be older than what was captured; and an account that never had such a database has none of that name.
 */
export function ownGroup(group: string | undefined): string | undefined {
  return group === undefined || /^default[.:]/i.test(group) ? undefined : group;
}

/**
 * The manifest as a file, always the same text for the same database but for the time. Throws `UserError` `manifest-invalid` for one that
 * could not be read again, as of a cluster without instances: it would be found out when it is needed.
 */
export function writeManifest(manifest: DatabaseManifest): string {
  const checked = checkManifest(manifest);
  if ('problem' in checked) {
    const id = 'cluster' in manifest ? manifest.cluster.id : manifest.instance.id;
    throw new UserError('manifest-invalid', `what was captured of "${id}" ${checked.problem}`, {
      next: 'Capture it again when it is whole: a cluster needs at least its writer. Nothing was written.',
    });
  }
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** Reads what `writeManifest` wrote. Throws `UserError` `manifest-invalid` naming the field and the file. */
export function readManifest(text: string, file: string): DatabaseManifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(file, 'is not JSON', cause);
  }
  return manifestFrom(value, file);
}

/** The same from JSON that was parsed already. */
export function manifestFrom(value: unknown, file: string): DatabaseManifest {
  const checked = checkManifest(value);
  if ('problem' in checked) throw invalid(file, checked.problem);
  return checked.manifest;
}

/** The manifest of a cluster. Throws `UserError` `manifest-invalid` where it is that of an instance. */
export function ofCluster(manifest: DatabaseManifest, file: string): ClusterManifest {
  if ('cluster' in manifest) return manifest;
  throw invalid(file, `is the manifest of instance "${manifest.instance.id}", and a cluster is to be restored`);
}

/** The manifest of an instance. Throws `UserError` `manifest-invalid` where it is that of a cluster. */
export function ofInstance(manifest: DatabaseManifest, file: string): InstanceManifest {
  if ('instance' in manifest) return manifest;
  throw invalid(file, `is the manifest of cluster "${manifest.cluster.id}", and an instance is to be restored`);
}

function invalid(file: string, problem: string, cause?: unknown): UserError {
  return new UserError('manifest-invalid', `${file} ${problem}`, {
    next: 'Capture it again (breakwater capture), or correct the field. Nothing was changed.',
    cause,
  });
}
