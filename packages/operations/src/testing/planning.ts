import { connect } from '@breakwater/aws';
import { type Mode, VirtualClock } from '@breakwater/core';
import type { DeedContext } from '@breakwater/engine';
import type { DatabaseRecovery, Plan, PlanSet, Site, Wave } from '@breakwater/plan';
import { createWorld, parseScenario, requestHandler } from '@breakwater/simulator';
import { MANIFEST_SCHEMA } from '../databases/restore-contracts.ts';
import { deeds } from '../deeds.ts';

export const ACCOUNT = '111122223333';
export const NEAR: Site = { name: 'near', account: ACCOUNT, region: 'us-west-2' };
export const FAR: Site = { name: 'far', account: ACCOUNT, region: 'us-east-1' };
export const DATABASES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => `shop-${letter}`);

/** Its last list is that of the snapshots: more of them may be added behind. */
export const WORLD = `
name: plan-databases
jitter: 0
start: "2026-11-20T03:00:00Z"
callers: [{ account: "${ACCOUNT}" }]
clusters:
${DATABASES.map((id) => `  - { account: "${ACCOUNT}", region: us-east-1, id: ${id}, encryption: none }`).join('\n')}
snapshots:
${DATABASES.map((id) => `  - { account: "${ACCOUNT}", region: us-east-1, id: ${id}-hand, database: ${id}, encryption: none, age: 2h }`).join('\n')}
`;

export const manifest = (id: string) => ({
  schema: MANIFEST_SCHEMA,
  capturedAt: '2026-11-01T00:00:00Z',
  account: ACCOUNT,
  region: 'us-east-1',
  cluster: { id, engine: 'aurora-postgresql', engineVersion: '16.6' },
  members: [{ name: `${id}-1`, instanceClass: 'db.r6g.large' }],
});

export function database(cluster: string, over: Partial<DatabaseRecovery> = {}): DatabaseRecovery {
  return {
    name: cluster,
    cluster,
    site: 'near',
    snapshot: { kind: 'newest', types: ['manual'] },
    strategy: 'new',
    manifest: `${cluster}.json`,
    settings: { securityGroups: ['sg-0123456789abcdef0'] },
    verification: [],
    connection: 'data-api',
    criticality: 'critical',
    timeout: 3_600_000,
    ...over,
  };
}

/** A plan whose one wave restores these, and the deeds of one process for it. */
export function planned(
  databases: readonly DatabaseRecovery[],
  manifests = new Map(DATABASES.map((id) => [`${id}.json`, manifest(id) as unknown])),
  world = WORLD,
) {
  const scenario = parseScenario(world, 'plan-databases');
  const clock = new VirtualClock(scenario.start ?? 0);
  const aws = createWorld({ scenario, clock });
  const open = connect({
    clock,
    credentials: {
      kind: 'static',
      accessKeyId: aws.credentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: aws.credentials.AWS_SECRET_ACCESS_KEY,
    },
    sessionName: 'test',
    requestHandler: requestHandler(aws),
  });
  const wave: Wave = {
    name: 'data',
    dependsOn: [],
    groups: [],
    servers: [],
    recoveryPoint: { kind: 'latest' },
    databases,
    preWaveActions: [],
    postWaveActions: [],
    timeout: 3_600_000,
  };
  const plan: Plan = {
    name: 'shops',
    owner: 'team',
    tier: 1,
    objectives: { rto: 3_600_000, rpo: 900_000 },
    readiness: { maxLag: 0 },
    drill: { cleanUp: 'terminate' },
    waves: [wave],
    finally: [],
  };
  const set: PlanSet = {
    sites: new Map([NEAR, FAR].map((site) => [site.name, site])),
    groups: new Map(),
    plans: new Map([['shops', plan]]),
    manifests: new Map([['shops', manifests]]),
  };
  const contextOf = (execution: string, mode: Mode): DeedContext => ({
    clock,
    signal: new AbortController().signal,
    execution,
    mode,
    set,
    plan,
    createdAt: clock.now(),
    replaceLive: [],
  });
  return {
    world: aws,
    clock,
    wave,
    open,
    deedsOf: (execution: string, mode: Mode = 'drill') => deeds(contextOf(execution, mode), open),
  };
}
