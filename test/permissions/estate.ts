import { connect, type SiteGateways } from '@breakwater/aws';
import { type Clock, VirtualClock } from '@breakwater/core';
import { type DatabaseSite, type PolicyName, policyDocument } from '@breakwater/operations';
import type { Site } from '@breakwater/plan';
import {
  createWorld,
  type PolicyDocument,
  parseFault,
  parseScenario,
  requestHandler,
  type SimulatorRequestHandler,
  type World,
} from '@breakwater/simulator';

export const RECOVERY = { account: '111122223333', region: 'us-west-2' };
export const PRODUCTION = { account: '222233334444', region: 'us-east-1' };
export const RUNNER = 'arn:aws:iam::444455556666:user/breakwater';
export const RECOVERY_ROLE = `arn:aws:iam::${RECOVERY.account}:role/breakwater-recovery`;
export const DRILL_ROLE = `arn:aws:iam::${RECOVERY.account}:role/breakwater-drill`;
export const SOURCE_ROLE = `arn:aws:iam::${PRODUCTION.account}:role/breakwater-source`;
/** Roles that are passed to AWS services. */
export const EXPORT_ROLE = `arn:aws:iam::${RECOVERY.account}:role/export-to-s3`;
export const MONITORING_ROLE = `arn:aws:iam::${RECOVERY.account}:role/rds-monitoring`;
export const AUTOMATION_ROLE = `arn:aws:iam::${RECOVERY.account}:role/runbook`;
export const TOPIC = `arn:aws:sns:${RECOVERY.region}:${RECOVERY.account}:on-call`;

const safe = `account: "${RECOVERY.account}", region: ${RECOVERY.region}`;
const home = `account: "${PRODUCTION.account}", region: ${PRODUCTION.region}`;

/** Everything that the deeds touch, once each and quick: one server, one with an old drill, databases under keys of every kind. */
const ESTATE = `
name: permissions
seed: 5
start: "2026-11-20T03:00:00Z"
latency: 1ms
jitter: 0
callers: [{ account: "444455556666", arn: "${RUNNER}" }]
accounts: [{ id: "${RECOVERY.account}", regions: [${RECOVERY.region}] }]
roles:
  - { arn: "${RECOVERY_ROLE}", externalId: webshop-dr, trust: ["444455556666"] }
  - { arn: "${DRILL_ROLE}", externalId: webshop-dr, trust: ["444455556666"] }
  - { arn: "${SOURCE_ROLE}", externalId: webshop-dr, trust: ["444455556666"] }
drs:
  durations: { jobStart: 1s, toSnapshot: 1s, snapshot: 1s, toConversion: 1s, conversion: 20s, toLaunch: 1s, launch: 20s, jobEnd: 1s, cleanup: 5s, terminate: 10s }
  recoverySnapshots: [{ every: 10m, keep: 1h }]
rds: { durations: { copyQueue: 1s, copy: 5s, snapshot: 5s, restore: 5s, instance: 5s, rename: 5s, reboot: 1s, deleteInstance: 5s, deleteCluster: 5s, password: 1s, secret: 1s, exportStart: 1s } }
instances: { visibleAfter: 1s, statusOkAfter: 10s, agentOnlineAfter: 5s }
ssm: { stepsShown: 1 }
servers:
  - { id: s-00000000000000001, ${safe}, hostname: web-01, tags: { Tier: web } }
  - { id: s-00000000000000002, ${safe}, hostname: old-01, tags: { Tier: old }, recoveryInstance: { kind: drill, age: 3d } }
documents:
  - { name: Prepare, steps: [{ name: one, duration: 1s }, { name: two, duration: 1s }] }
  - { name: WithRole, assumeRole: "${AUTOMATION_ROLE}", steps: [{ name: one, duration: 1s }] }
  - { name: Endless, steps: [{ name: one, hangs: true }] }
  - { name: Start, kind: command, duration: 1s }
  - { name: Hang, kind: command, hangs: true }
kmsKeys:
  - { ${home}, alias: alias/shop, accounts: ["${RECOVERY.account}"] }
  - { ${home}, alias: alias/transit, accounts: ["${RECOVERY.account}"] }
  - { ${safe}, id: 0b9d4e18-3c5a-47f2-8e61-7d20f9a3c802, alias: alias/dr, accounts: ["${PRODUCTION.account}"] }
  - { ${safe}, id: 0b9d4e18-3c5a-47f2-8e61-7d20f9a3c803, alias: alias/secrets }
clusters:
  - { ${home}, id: shop, kmsKey: alias/shop, gib: 1, tags: { Draco_Lifecycle: test }, copyTagsToSnapshot: true, httpEndpoint: true, members: [{ id: shop-1, class: db.r6g.large }], subnetGroup: default }
  - { ${home}, id: defaulted, gib: 1, members: [] }
  - { ${safe}, id: live, kmsKey: alias/dr, gib: 1, deletionProtection: true, members: [{ id: live-1, class: db.r6g.large }], automated: { at: "02:10", keep: 2d } }
dbInstances:
  - { ${home}, id: ledger, kmsKey: alias/shop, gib: 1, tags: { Draco_Lifecycle: test }, copyTagsToSnapshot: true }
  - { ${home}, id: defaulted-ledger, gib: 1 }
  - { ${safe}, id: books, kmsKey: alias/dr, gib: 1, deletionProtection: true, optionGroup: audited, monitoringInterval: 60, monitoringRole: "${MONITORING_ROLE}", automated: { at: "02:10", keep: 2d } }
optionGroups:
  - { ${safe}, name: audited, majorVersion: "17" }
snapshots:
  - { ${home}, id: shop-by-hand, database: shop, kmsKey: alias/shop, gib: 1, age: 2h }
  - { ${home}, id: ledger-by-hand, kind: instance, database: ledger, kmsKey: alias/shop, gib: 1, age: 2h }
  - { ${safe}, id: live-snap, database: live, kmsKey: alias/dr, gib: 1, age: 1h, masterUsername: admin, masterPassword: simulated-master }
  - { ${safe}, id: books-snap, kind: instance, database: books, optionGroup: audited, kmsKey: alias/dr, gib: 1, age: 1h, masterUsername: admin, masterPassword: simulated-master }
  - { ${safe}, id: "shop-old-{n}", database: shop, kmsKey: alias/dr, gib: 1, age: 1d, series: { every: 1d, count: 9 }, tags: { breakwater:owner: breakwater, breakwater:source-arn: "arn:aws:rds:${PRODUCTION.region}:${PRODUCTION.account}:cluster-snapshot:rds:shop-{date}", breakwater:source-time: "{time}", Draco_Lifecycle: test } }
  - { ${safe}, id: "ledger-old-{n}", kind: instance, database: ledger, kmsKey: alias/dr, gib: 1, age: 1d, series: { every: 1d, count: 9 }, tags: { breakwater:owner: breakwater, breakwater:source-arn: "arn:aws:rds:${PRODUCTION.region}:${PRODUCTION.account}:snapshot:rds:ledger-{date}", breakwater:source-time: "{time}", Draco_Lifecycle: test } }
secrets:
  - { ${safe}, name: database-master, kmsKey: alias/secrets, value: { username: admin, password: simulated-master } }
  - { ${safe}, name: users, kmsKey: alias/secrets, value: { database: shop, app_username: app, app_password: simulated-app, readonly_username: reader, readonly_password: simulated-reader } }
  - { ${safe}, name: endpoint, kmsKey: alias/secrets, value: { host: nowhere } }
hostedZones: [{ account: "${RECOVERY.account}", id: Z0SHOP, name: shop.internal, records: [{ name: live.shop.internal, type: CNAME, values: [nowhere.example], ttl: 60 }] }]
route53: { insyncAfter: 5s }
subnetGroups: [{ ${safe}, name: dr, vpcId: vpc-0dr }]
parameterGroups:
  - { ${safe}, kind: instance, name: tuned, family: postgres17 }
  - { ${safe}, kind: cluster, name: tuned, family: aurora-postgresql16 }
topics: [{ ${safe}, name: on-call, kmsKey: alias/secrets }]
sqlAnswers:
  - { sql: "SELECT current_setting('server_version')", columns: [server_version], rows: [["16.6"]] }
`;

const SCENARIO = parseScenario(ESTATE, 'permissions');

/** Who has which policies; nobody else has any. */
export type Holders = Readonly<Record<string, readonly PolicyDocument[]>>;

/** A world in which AWS enforces exactly the given policies, and what is needed to work in it. */
export interface Estate {
  readonly world: World;
  readonly clock: Clock;
  readonly credentials: { readonly kind: 'static'; readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly handler: SimulatorRequestHandler;
  readonly sites: { readonly recovery: Site; readonly source: Site; readonly relay: Site };
  connect(site: Site): SiteGateways;
  open(site: Site): DatabaseSite;
  arm(fault: object): void;
}

export function policies(...names: readonly PolicyName[]): readonly PolicyDocument[] {
  return names.map((name) => {
    const document = policyDocument(name);
    // The name of the policy tells equal Sids apart.
    return { ...document, Statement: document.Statement.map((one) => ({ ...one, Sid: `${name}/${one.Sid}` })) };
  });
}

export function estate(holders: Holders): Estate {
  const clock = new VirtualClock(SCENARIO.start ?? 0);
  const world = createWorld({
    scenario: {
      ...SCENARIO,
      callers: SCENARIO.callers.map((caller) => ({ ...caller, policies: holders[caller.arn] ?? [] })),
      roles: SCENARIO.roles.map((role) => ({ ...role, policies: holders[role.arn] ?? [] })),
    },
    clock,
  });
  return access({ world, clock, handler: requestHandler(world) });
}

/** What a process of its own needs to work in a world: connections that nobody else has used. */
export function access({ world, clock, handler }: Pick<Estate, 'world' | 'clock' | 'handler'>): Estate {
  const credentials = {
    kind: 'static',
    accessKeyId: world.credentials.AWS_ACCESS_KEY_ID,
    secretAccessKey: world.credentials.AWS_SECRET_ACCESS_KEY,
  } as const;
  const connected = connect({ clock, credentials, sessionName: 'permissions', requestHandler: handler });
  const recovery: Site = { name: 'recovery', ...RECOVERY, roleArn: RECOVERY_ROLE, externalId: 'webshop-dr' };
  return {
    world,
    clock,
    credentials,
    handler,
    sites: {
      recovery,
      source: { name: 'source', ...PRODUCTION, roleArn: SOURCE_ROLE, externalId: 'webshop-dr' },
      relay: { ...recovery, name: 'relay', region: PRODUCTION.region },
    },
    connect: connected,
    open: (site) => ({ site, aws: connected(site) }),
    arm: (fault) => void world.arm(parseFault(fault)),
  };
}
