import { connect, type SiteGateways } from '@breakwater/aws';
import { VirtualClock } from '@breakwater/core';
import { createWorld, parseFault, parseScenario, requestHandler, type World } from '@breakwater/simulator';
import type { DatabaseDeedContext, DatabaseSite } from '../databases/contracts.ts';
import { copySnapshot } from '../databases/copy-snapshot.ts';
import type {
  DatabaseSql,
  RestoreClusterRequest,
  RestoreDatabaseRequest,
  RestoreInstanceRequest,
  SqlTarget,
} from '../databases/restore-contracts.ts';
import { type RestoreOperation, restoreDatabase } from '../databases/restore-database.ts';
import { drive } from './drive.ts';
import { StepJournal } from './recording-context.ts';

export const PRODUCTION = { account: '222233334444', region: 'us-east-1' };
export const SAFE = { account: '111122223333', region: 'us-west-2' };
const from = `account: "${PRODUCTION.account}", region: ${PRODUCTION.region}`;
const to = `account: "${SAFE.account}", region: ${SAFE.region}`;

/** An instance `ledger` and a cluster `shop` in production, groups and keys in the account of the recovery. */
const WORLD = `
name: instances
jitter: 0
start: "2026-11-20T03:00:00Z"
callers: [{ account: "${PRODUCTION.account}" }, { account: "${SAFE.account}" }]
kmsKeys:
  - { ${from}, id: 11111111-0000-4000-8000-000000000001, alias: alias/shop, accounts: ["${SAFE.account}"] }
  - { ${to}, id: 22222222-0000-4000-8000-000000000001, alias: alias/dr }
clusters:
  - { ${from}, id: shop, kmsKey: alias/shop, members: [{ tier: 0 }, { tier: 3 }], tags: { Team: shop } }
dbInstances:
  - { ${from}, id: ledger, kmsKey: alias/shop, engineVersion: "16.6", class: db.r6g.large, multiAz: true, storageType: io1, iops: 3000, subnetGroup: private, securityGroups: [sg-0live], parameterGroup: ledger-16, optionGroup: ledger-options, iamAuthentication: true, deletionProtection: true, logExports: [postgresql], copyTagsToSnapshot: true, performanceInsights: true, monitoringInterval: 60, monitoringRole: "arn:aws:iam::${PRODUCTION.account}:role/monitor", automated: { keep: 14d }, tags: { Team: books } }
  - { ${from}, id: forgotten, automated: false }
subnetGroups:
  - { ${from}, name: private, vpcId: vpc-0live, securityGroups: [sg-0live] }
  - { ${from}, name: other, vpcId: vpc-0other, securityGroups: [sg-0other] }
  - { ${to}, name: private, vpcId: vpc-0dr }
parameterGroups:
  - { ${from}, kind: instance, name: ledger-16, family: postgres16 }
  - { ${to}, kind: instance, name: ledger-16, family: postgres16 }
optionGroups:
  - { ${from}, name: ledger-options, majorVersion: "16" }
  - { ${from}, name: old-options, majorVersion: "15" }
  - { ${from}, name: mysql-options, engine: mysql, majorVersion: "16" }
  - { ${to}, name: ledger-options, majorVersion: "16" }
secrets:
  - { ${from}, name: ledger/master, value: { username: postgres, password: a-new-password } }
  - { ${from}, name: ledger/endpoint, value: { owner: books } }
topics: [{ ${from}, name: oncall }]
`;

export interface InstanceWorld {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly production: DatabaseSite;
  readonly safe: DatabaseSite;
  readonly deed: DatabaseDeedContext;
  /** SQL calls, in order: what for, of which database, over what. */
  readonly sql: string[];
  /** A restore of `ledger` in production, as a new process has it. */
  ledger(over?: Partial<RestoreInstanceRequest>, deed?: DatabaseDeedContext): RestoreOperation;
  /** The same of the cluster `shop`. */
  shop(over?: Partial<RestoreClusterRequest>, deed?: DatabaseDeedContext): RestoreOperation;
  run(operation: RestoreOperation): Promise<Awaited<ReturnType<typeof drive>> & { readonly journal: StepJournal }>;
  arm(fault: object): void;
  /** How often an operation changed something. */
  applied(operation: string): number;
  /** Instances that are databases of their own, by name. */
  names(site?: DatabaseSite): Promise<readonly string[]>;
}

export function instanceWorld(
  options: {
    readonly more?: string;
    readonly mode?: 'drill' | 'recovery';
    readonly sql?: Partial<DatabaseSql>;
    readonly through?: (aws: SiteGateways) => SiteGateways;
  } = {},
): InstanceWorld {
  const scenario = parseScenario(`${WORLD}${options.more ?? ''}`, 'instances');
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const open = (caller: number, place: typeof SAFE, name: string): DatabaseSite => {
    const keys = scenario.callers[caller];
    const site = { name, ...place };
    const credentials = {
      kind: 'static',
      accessKeyId: keys?.accessKeyId ?? '',
      secretAccessKey: keys?.secretAccessKey ?? '',
    } as const;
    const aws = connect({ clock, credentials, sessionName: 'test', requestHandler: requestHandler(world) })(site);
    return { site, aws: options.through?.(aws) ?? aws };
  };
  const production = open(0, PRODUCTION, 'production');
  const safe = open(1, SAFE, 'safe');
  const deed: DatabaseDeedContext = { clock, execution: 'run-1', mode: options.mode ?? 'recovery' };
  const sql: string[] = [];
  const tell = (what: string, { database, secret, connection }: SqlTarget) =>
    sql.push(
      `${what} ${database.kind} ${database.id} as ${secret.replace(/.*:secret:/, '').replace(/db-.*/, 'db-…')}, ${connection}`,
    );
  const spoken: DatabaseSql = {
    async applyUsers(target) {
      tell('users', target);
      return ['created role app'];
    },
    async verify(target, checks) {
      tell('verify', target);
      return checks.map((check) => ({ check: check.kind, ok: true, found: 'as expected' }));
    },
    ...options.sql,
  };
  const start = (request: RestoreDatabaseRequest, as: DatabaseDeedContext) =>
    restoreDatabase(request, as, { copy: copySnapshot, sql: spoken });
  const base = { site: production, choice: { kind: 'newest', types: ['automated', 'manual'] }, strategy: 'new' } as const;
  return {
    world,
    clock,
    production,
    safe,
    deed,
    sql,
    ledger: (over = {}, as = deed) =>
      start({ ...base, kind: 'instance', database: 'ledger', target: 'ledger-back', ...over }, as),
    shop: (over = {}, as = deed) => start({ ...base, database: 'shop', target: 'shop-back', ...over }, as),
    async run(operation) {
      const journal = new StepJournal(clock);
      return { ...(await drive(operation, journal.context())), journal };
    },
    arm: (fault) => void world.arm(parseFault(fault)),
    applied: (operation) => world.calls.filter((call) => call.operation === operation && call.applied).length,
    async names({ aws } = production) {
      const all = await aws.rds.describeInstances();
      return all.flatMap(({ id, cluster }) => (cluster === undefined ? [id] : [])).sort();
    },
  };
}
