import { connect } from '@breakwater/aws';
import { VirtualClock } from '@breakwater/core';
import type { Operation } from '@breakwater/engine';
import { type CallRecord, createWorld, parseFault, parseScenario, requestHandler, type World } from '@breakwater/simulator';
import type { CopySnapshotRequest, DatabaseDeedContext, DatabaseSite } from '../databases/contracts.ts';
import { copySnapshot } from '../databases/copy-snapshot.ts';
import type { CopyParts } from '../databases/copy-state.ts';
import { drive } from './drive.ts';
import { StepJournal } from './recording-context.ts';

export const PRODUCTION = { account: '222233334444', region: 'us-east-1' };
export const SAFE = { account: '111122223333', region: 'us-west-2' };

const from = `account: "${PRODUCTION.account}", region: ${PRODUCTION.region}`;
const to = `account: "${SAFE.account}", region: ${SAFE.region}`;

/**
 * Keys as they are found in the field; a cluster `shop` and an instance `ledger` under a customer key that the other account may use,
 * others that make trouble. Automated snapshots were taken at 02:10, an hour before the world begins.
 */
const WORLD = `
name: copying
jitter: 0
start: "2026-11-20T03:00:00Z"
callers: [{ account: "${PRODUCTION.account}" }, { account: "${SAFE.account}" }]
kmsKeys:
  - { ${from}, id: 11111111-0000-4000-8000-000000000001, alias: alias/shop, accounts: ["${SAFE.account}"] }
  - { ${from}, id: 11111111-0000-4000-8000-000000000002, alias: alias/transit, accounts: ["${SAFE.account}"] }
  - { ${from}, id: 11111111-0000-4000-8000-000000000003, alias: alias/private }
  - { ${from}, id: 11111111-0000-4000-8000-000000000004, alias: alias/no-grants, accounts: [{ id: "${SAFE.account}", without: ["kms:CreateGrant"] }] }
  - { account: "${PRODUCTION.account}", region: ${SAFE.region}, alias: alias/abroad }
  - { ${to}, id: 22222222-0000-4000-8000-000000000001, alias: alias/dr }
  - { ${to}, id: 22222222-0000-4000-8000-000000000002, alias: alias/disabled, state: Disabled }
clusters:
  - { ${from}, id: shop, kmsKey: alias/shop, tags: { Team: shop, Draco_Lifecycle: weekly }, copyTagsToSnapshot: true }
  - { ${from}, id: plain, encryption: none }
  - { ${from}, id: defaulted }
  - { ${from}, id: owned, encryption: sse-rds }
  - { ${from}, id: secret, kmsKey: alias/private }
  - { ${from}, id: ungranted, kmsKey: alias/no-grants }
  - { ${from}, id: docs, engine: docdb, kmsKey: alias/shop }
dbInstances:
  - { ${from}, id: ledger, kmsKey: alias/shop }
  - { ${from}, id: open, encryption: none }
snapshots:
  - { ${from}, id: shop-by-hand, database: shop, kmsKey: alias/shop, age: 3d, tags: { By: hand } }
  - { ${from}, id: shop-lent, database: shop, kmsKey: alias/shop, age: 4d, sharedWith: ["${SAFE.account}", "999988887777"] }
`;

/** The automated snapshot that is there when the world begins. */
export const AUTOMATED = `arn:aws:rds:${PRODUCTION.region}:${PRODUCTION.account}:cluster-snapshot:rds:shop-2026-11-20-02-10`;
export const DR_KEY = `arn:aws:kms:${SAFE.region}:${SAFE.account}:key/22222222-0000-4000-8000-000000000001`;

export interface CopyWorld {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly source: DatabaseSite;
  readonly destination: DatabaseSite;
  /** The destination's account in the source's Region. */
  readonly relay: DatabaseSite;
  /** The source's account in the destination's Region. */
  readonly abroad: DatabaseSite;
  readonly deed: DatabaseDeedContext;
  request(over?: Partial<CopySnapshotRequest>): CopySnapshotRequest;
  copy(over?: Partial<CopySnapshotRequest>, parts?: CopyParts): Operation;
  run(over?: Partial<CopySnapshotRequest>): Promise<Awaited<ReturnType<typeof drive>> & { readonly journal: StepJournal }>;
  arm(fault: object): void;
  calls(operation: string): readonly CallRecord[];
  changes(operation: string): readonly CallRecord[];
  /** Everything of ours that should only have been there on the way, and every share with the destination that we began. */
  leftBehind(): Promise<readonly string[]>;
}

/** A simulated pair of accounts on a virtual clock. `more` adds top-level YAML. */
export function copyWorld(more = ''): CopyWorld {
  const scenario = parseScenario(`${WORLD}${more}`, 'copying');
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const open = (caller: number, place: { readonly account: string; readonly region: string }, name: string): DatabaseSite => {
    const keys = scenario.callers[caller];
    const site = { name, ...place };
    const credentials = {
      kind: 'static',
      accessKeyId: keys?.accessKeyId ?? '',
      secretAccessKey: keys?.secretAccessKey ?? '',
    } as const;
    return { site, aws: connect({ clock, credentials, sessionName: 'test', requestHandler: requestHandler(world) })(site) };
  };
  const source = open(0, PRODUCTION, 'production');
  const destination = open(1, SAFE, 'safe');
  const relay = open(1, { ...SAFE, region: PRODUCTION.region }, 'relay');
  const abroad = open(0, { ...PRODUCTION, region: SAFE.region }, 'abroad');
  const deed: DatabaseDeedContext = { clock, execution: 'run/1', mode: 'recovery' };
  const request = (over: Partial<CopySnapshotRequest> = {}): CopySnapshotRequest => ({
    kind: 'cluster',
    database: 'shop',
    choice: { kind: 'newest', types: ['automated', 'manual'] },
    source,
    destination,
    relay,
    kmsKeyId: 'alias/dr',
    steps: 'auto',
    tags: {},
    ...over,
  });
  const copy = (over?: Partial<CopySnapshotRequest>, parts?: CopyParts) => copySnapshot(request(over), deed, parts);
  const calls = (operation: string) => world.calls.filter((call) => call.operation === operation);
  return {
    world,
    clock,
    source,
    destination,
    relay,
    abroad,
    deed,
    request,
    copy,
    async run(over) {
      const journal = new StepJournal(clock);
      return { ...(await drive(copy(over), journal.context(), { patience: 48 * 3_600_000 })), journal };
    },
    arm: (fault) => void world.arm(parseFault(fault)),
    calls,
    changes: (operation) => calls(operation).filter(({ applied }) => applied),
    async leftBehind() {
      await clock.sleep(60_000);
      const left: string[] = [];
      for (const kind of ['cluster', 'instance'] as const) {
        for (const at of [source, destination, relay]) {
          for (const { id, tags } of await at.aws.rds.describeSnapshots(kind, { type: 'manual' })) {
            if (tags['breakwater:transit'] !== undefined) left.push(`${at.site.name}: ${id}`);
            if (at !== source || id === 'shop-lent') continue;
            for (const account of await at.aws.rds.sharedWith(kind, id)) left.push(`${id} is shared with ${account}`);
          }
        }
      }
      return left;
    },
  };
}
