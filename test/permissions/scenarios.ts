import { mkdtempSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CopySnapshotsRequest, copySnapshots, databaseSql, openDatabaseSites, runDeed, runPlan } from '@breakwater/assembly';
import { asBreakwaterError } from '@breakwater/core';
import {
  type ClusterManifest,
  type CopySnapshotRequest,
  captureCluster,
  captureInstance,
  copySnapshot,
  type DatabaseSite,
  type DatabaseSql,
  deeds,
  deleteOldCluster,
  endDatabaseDrill,
  type MemberSettings,
  type PolicyName,
  type RestoreDatabaseRequest,
  restoreDatabase,
  takeInventory,
} from '@breakwater/operations';
import type { Action, DatabaseRecovery, Plan, PlanSet, Wave } from '@breakwater/plan';
import { renderMarkdown } from '@breakwater/report';
import {
  DRILL_ROLE,
  type Estate,
  EXPORT_ROLE,
  estate,
  type Holders,
  MONITORING_ROLE,
  policies,
  RECOVERY_ROLE,
  RUNNER,
  SOURCE_ROLE,
  TOPIC,
} from './estate.ts';

/** How a deed ended, and everything that the person in front of it was told. */
export interface Told {
  readonly status: string;
  readonly text: string;
}

export interface Scenario {
  readonly name: string;
  /** Policies of the roles, by their ARN. */
  readonly holders: Readonly<Record<string, readonly PolicyName[]>>;
  /** How it ends with all of them. */
  readonly status: string;
  /** What it lacks does not show: another deed of it makes up for that. */
  readonly wholeOnly?: true;
  run(estate: Estate): Promise<Told>;
}

export function holdersOf({ holders }: Scenario): Holders {
  return Object.fromEntries(Object.entries(holders).map(([arn, names]) => [arn, policies(...names)]));
}

/** Runs a scenario in a new world where AWS enforces exactly these policies. */
export async function enact(scenario: Scenario, holders: Holders): Promise<Told & { readonly estate: Estate }> {
  const world = estate(holders);
  try {
    return { ...(await scenario.run(world)), estate: world };
  } catch (cause) {
    const { code, message, next } = asBreakwaterError(cause);
    return { status: `thrown: ${code}`, text: `${message}\n${next}`, estate: world };
  }
}

const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-permissions-'));

const SITES = `
apiVersion: breakwater/v1
kind: Site
name: recovery
account: "111122223333"
region: us-west-2
roleArn: ${RECOVERY_ROLE}
drillRoleArn: ${DRILL_ROLE}
externalId: webshop-dr
`;

const planYaml = (server: string, more: string): string => `
apiVersion: breakwater/v1
kind: RecoveryPlan
name: webshop
owner: team@example.com
tier: 1
objectives: { rto: 9h, rpo: 9h }
drill: { cleanUp: terminate }
waves:
  - name: web
    timeout: 30m
    groups: [web]
${more}
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: web
site: recovery
select: { tags: { Tier: ${server} } }
---${SITES}`;

const ACTIONS = `
    preWaveActions:
      - { name: prepare, document: Prepare, maxWait: 2m, site: recovery }
      - { name: as-a-role, document: WithRole, maxWait: 2m, site: recovery }
    postWaveActions: [{ name: start, kind: command, document: Start, target: recovered-instances, maxWait: 2m }]
`;

const ENDLESS = `
    recoveryPoint: { before: "2026-11-20T02:55:00Z" }
    preWaveActions: [{ name: endless, document: Endless, maxWait: 1m, site: recovery, onFailure: continue }]
    postWaveActions: [{ name: hang, kind: command, document: Hang, target: recovered-instances, maxWait: 1m, onFailure: continue }]
`;

let runs = 0;

/** A folder of its own with a plan of one wave. */
async function planFolder(server: string, more: string): Promise<string> {
  runs += 1;
  const place = path.join(folder, String(runs));
  await mkdir(place);
  await writeFile(path.join(place, 'plan.yaml'), planYaml(server, more));
  return place;
}

interface WaveOptions {
  readonly place: string;
  readonly mode: 'drill' | 'recovery';
  /** Locks in the history of the folder; none otherwise. */
  readonly locked?: boolean;
  /** Stops once DRS has begun to launch. */
  readonly interrupted?: boolean;
}

async function runWave(world: Estate, { place, mode, locked = false, interrupted = false }: WaveOptions): Promise<Told> {
  const stop = new AbortController();
  const notes: string[] = [];
  const { execution, problems } = await runPlan(
    {
      files: [path.join(place, 'plan.yaml')],
      mode,
      waves: [],
      approvals: [],
      replaceLive: [],
      actor: 'tester',
      history: path.join(place, 'history'),
    },
    {
      clock: world.clock,
      signal: stop.signal,
      simulated: true,
      aws: { credentials: world.credentials, requestHandler: world.handler },
      ...(locked ? {} : { locks: 'none' as const }),
      observe: (line) => {
        if (line.type === 'warning') notes.push(`${line.reason.message} ${line.reason.next ?? ''}`);
        if (interrupted && line.type === 'change' && line.operation === 'drs:StartRecovery') stop.abort('SIGTERM');
      },
    },
  );
  return { status: execution.verdict, text: [renderMarkdown(execution, {}), ...problems, ...notes].join('\n') };
}

/** A plan with one wave, drilled or recovered. */
async function wave(world: Estate, mode: 'drill' | 'recovery', server: string, more: string): Promise<Told> {
  return runWave(world, { place: await planFolder(server, more), mode });
}

/** A recovery of servers that a drill holds whose process is gone: the drill is ended first, by the role of drills. */
async function preemption(world: Estate): Promise<Told> {
  const place = await planFolder('web', '');
  const drill = await runWave(world, { place, mode: 'drill', locked: true, interrupted: true });
  if (drill.status !== 'in-progress') return drill;
  const told = await runWave(world, { place, mode: 'recovery', locked: true });
  // The last to look at the drill's jobs is the one that ends what it left.
  const last = world.world.calls.findLast(({ operation }) => operation === 'DescribeJobs');
  return last?.principal?.includes('assumed-role/breakwater-drill/') === true
    ? told
    : { status: 'ended by another role', text: told.text };
}

/** One deed outside a plan. */
async function deed(
  world: Estate,
  operation: Parameters<typeof runDeed>[0],
  maxWait = 12 * 3_600_000,
  lines: string[] = [],
): Promise<Told> {
  const { end, warnings } = await runDeed(operation, {
    clock: world.clock,
    signal: new AbortController().signal,
    maxWait,
    attempt: 1,
    log: (line) => lines.push(line),
    made: () => undefined,
  });
  const told = [...warnings, ...lines.filter((line) => line.startsWith('warning'))];
  switch (end.end) {
    case 'finished': {
      const { advance } = end;
      told.push(advance.reason?.message ?? '', advance.reason?.next ?? '', JSON.stringify(advance.result ?? {}));
      return { status: advance.state === 'failed' ? 'failed' : advance.status, text: told.join('\n') };
    }
    case 'timed-out':
      return { status: 'timed-out', text: [...told, end.note, end.goesOn ?? ''].join('\n') };
    case 'interrupted':
      return { status: 'interrupted', text: [...told, end.goesOn ?? ''].join('\n') };
    case 'lost':
      return { status: 'lost', text: [...told, end.error.message, end.error.next].join('\n') };
  }
}

const looked = (over: Partial<DatabaseRecovery>): DatabaseRecovery => ({
  name: 'live',
  site: 'recovery',
  snapshot: { kind: 'id', id: 'live-snap' },
  strategy: 'new',
  verification: [],
  connection: 'data-api',
  criticality: 'critical',
  timeout: 3_600_000,
  ...over,
});

const DNS = { zone: 'Z0SHOP', name: 'live.shop.internal', ttl: 60 };

/** Between them an inspection looks at everything that a restore looks at. */
const LOOKED: readonly DatabaseRecovery[] = [
  looked({ name: 'swapped', cluster: 'live', strategy: 'swap', kmsKeyId: 'alias/dr' }),
  looked({ name: 'at-a-point', cluster: 'live', snapshot: { kind: 'point-in-time', time: 'latest' }, target: 'live-then' }),
  looked({ name: 'instance', instance: 'books', snapshot: { kind: 'id', id: 'books-snap' }, publish: { dns: DNS } }),
  looked({ name: 'instance-at-a-point', instance: 'books', snapshot: { kind: 'point-in-time', time: 'latest' } }),
];

const LOOK_WAVE: Wave = {
  name: 'web',
  dependsOn: [],
  groups: ['web'],
  servers: [],
  recoveryPoint: { kind: 'latest' },
  preWaveActions: [],
  postWaveActions: [],
  timeout: 3_600_000,
  databases: LOOKED,
};

const NOTHING: Plan = {
  name: 'permissions',
  owner: '',
  tier: 0,
  objectives: { rto: 0, rpo: 0 },
  readiness: { maxLag: 600_000 },
  drill: { cleanUp: 'keep' },
  waves: [LOOK_WAVE],
  finally: [],
};

function deedsOf(world: Estate, mode: 'drill' | 'recovery' = 'drill') {
  const set: PlanSet = {
    sites: new Map([['recovery', world.sites.recovery]]),
    groups: new Map([
      ['web', { name: 'web', site: 'recovery', select: { kind: 'tags', tags: { Tier: 'web' } }, exclude: [], expect: {} }],
    ]),
    plans: new Map([[NOTHING.name, NOTHING]]),
  };
  const context = {
    clock: world.clock,
    signal: new AbortController().signal,
    execution: 'permissions-1',
    mode,
    set,
    plan: NOTHING,
    createdAt: world.clock.now(),
    replaceLive: [],
  };
  return deeds(context, (site) => world.connect(site));
}

/** An automation or a command outside a plan, on an instance that DRS did not launch. */
function act(world: Estate, over: Partial<Action> & Pick<Action, 'document'>, maxWait?: number): Promise<Told> {
  const action: Action = {
    name: over.document,
    kind: 'automation',
    parameters: {},
    maxWait: 600_000,
    onFailure: 'stop',
    when: ['drill', 'recovery'],
    target: 'none',
    targetParameter: 'InstanceId',
    site: 'recovery',
    ...over,
  };
  const [instance = ''] = world.world.region('111122223333', 'us-west-2').instances.keys();
  const server = {
    id: instance,
    name: instance,
    site: 'recovery',
    account: '111122223333',
    region: 'us-west-2',
    group: '',
    criticality: 'critical' as const,
    status: 'succeeded' as const,
    instanceId: instance,
  };
  return deed(world, deedsOf(world).act(action, 'pre', undefined, action.target === 'none' ? [] : [server]), maxWait);
}

/** Sites of the databases, proved as the actions prove them. */
async function databaseSites(world: Estate): Promise<Readonly<Record<'recovery' | 'source' | 'relay', DatabaseSite>>> {
  const { sites } = world;
  const [recovery, source] = await openDatabaseSites([sites.recovery, sites.source], (site) => world.connect(site));
  if (recovery === undefined || source === undefined) throw new Error('no sites');
  return { recovery, source, relay: world.open(sites.relay) };
}

interface CopyCase {
  readonly kind?: 'cluster' | 'instance';
  readonly what: CopySnapshotsRequest['what'];
  readonly how?: Partial<CopySnapshotsRequest['how']>;
  readonly retention?: boolean;
}

async function copy(world: Estate, { kind = 'cluster', what, how, retention = false }: CopyCase): Promise<Told> {
  const { recovery, source, relay } = await databaseSites(world);
  const lines: string[] = [];
  const outcome = await copySnapshots(
    {
      kind,
      what,
      source,
      destination: recovery,
      how: { steps: 'one', kmsKeyId: 'alias/dr', relay, tags: {}, ...how },
      execution: 'permissions-1',
      wait: true,
      maxWait: 12 * 3_600_000,
      ...(retention ? { retention: { policy: 'by-tag', apply: true } } : {}),
    },
    { clock: world.clock, signal: new AbortController().signal, log: (line) => lines.push(line) },
  );
  const reasons = [outcome.reason, ...outcome.copies.map(({ reason }) => reason)].map(
    ({ message, next }) => `${message} ${next ?? ''}`,
  );
  // Other lines tell what was done, and name the call that did it.
  const warnings = lines.filter((line) => line.includes('warning') || line.includes('could not'));
  return { status: outcome.status, text: [...reasons, ...warnings].join('\n') };
}

const one = (id: string): CopySnapshotsRequest['what'] => ({ kind: 'one', database: '', choice: { kind: 'id', id } });
const newest = (database: string): CopySnapshotsRequest['what'] => ({
  kind: 'sweep',
  select: { patterns: [database], tags: {} },
  choice: { kind: 'newest', types: ['automated'] },
});
const taken = (database: string): CopySnapshotsRequest['what'] => ({ kind: 'one', database, choice: { kind: 'create' } });
const TRANSIT = { transitKmsKeyId: 'alias/transit' };

const manifest = (members: readonly MemberSettings[]): ClusterManifest => ({
  schema: 'breakwater.cluster-manifest/1',
  capturedAt: '2026-11-19T03:00:00Z',
  account: '111122223333',
  region: 'us-west-2',
  cluster: { id: 'live', engine: 'aurora-postgresql', engineVersion: '16.6', deletionProtection: true, httpEndpoint: true },
  members,
});
const MEMBER: MemberSettings = { name: 'live-1', instanceClass: 'db.r6g.large' };

type InstanceRequest = Extract<RestoreDatabaseRequest, { readonly kind: 'instance' }>;

const instanceManifest = (id: string): NonNullable<InstanceRequest['manifest']> => ({
  schema: 'breakwater.instance-manifest/1',
  capturedAt: '2026-11-19T03:00:00Z',
  account: '111122223333',
  region: 'us-west-2',
  instance: { id, engine: 'postgres', engineVersion: '17.4', instanceClass: 'db.m6g.large' },
});

type RestoreCase = Partial<Omit<Extract<RestoreDatabaseRequest, { readonly kind?: 'cluster' }>, 'site' | 'source' | 'relay'>> & {
  readonly from?: 'source';
  readonly mode?: 'drill' | 'recovery';
  readonly execution?: string;
};

/** SQL as the doors speak it. No server stands behind the Data API here: setting up users reads their secret and asks one question. */
const SPOKEN: DatabaseSql = {
  ...databaseSql(),
  async applyUsers(target, { secret }) {
    await target.site.aws.secrets.getSecret(secret);
    return (await databaseSql().verify(target, [{ kind: 'engine-version', version: '16' }])).map(({ check }) => check);
  },
};

async function restore(
  world: Estate,
  { from, mode = 'recovery', execution = 'permissions-1', ...over }: RestoreCase,
): Promise<Told> {
  const { recovery, source, relay } = await databaseSites(world);
  const parts = {
    sql: SPOKEN,
    copy: (request: CopySnapshotRequest, context: Parameters<typeof copySnapshot>[1]) => copySnapshot(request, context),
  };
  return deed(
    world,
    restoreDatabase(
      {
        site: recovery,
        ...(from === undefined ? {} : { source, relay }),
        database: 'live',
        choice: { kind: 'id', id: 'live-snap' },
        strategy: 'new',
        manifest: manifest([MEMBER]),
        kmsKeyId: 'alias/dr',
        ...over,
      },
      { clock: world.clock, execution, mode },
      parts,
    ),
  );
}

type InstanceRestoreCase = Partial<Extract<RestoreDatabaseRequest, { readonly kind: 'instance' }>> &
  Pick<RestoreCase, 'mode'> & {
    readonly from?: 'source';
  };

/** As a live instance is now, unless said otherwise: with an option group and enhanced monitoring. */
async function restoreInstance(world: Estate, { from, mode = 'recovery', ...over }: InstanceRestoreCase): Promise<Told> {
  const { recovery, source, relay } = await databaseSites(world);
  const parts = {
    sql: SPOKEN,
    copy: (request: CopySnapshotRequest, context: Parameters<typeof copySnapshot>[1]) => copySnapshot(request, context),
  };
  return deed(
    world,
    restoreDatabase(
      {
        kind: 'instance',
        site: recovery,
        ...(from === undefined ? {} : { source, relay }),
        database: 'books',
        choice: { kind: 'id', id: 'books-snap' },
        strategy: 'new',
        ...over,
      },
      { clock: world.clock, execution: 'permissions-1', mode },
      parts,
    ),
  );
}

/** Ends the drill of this execution. */
async function endDrill(world: Estate): Promise<Told> {
  const request = {
    site: (await databaseSites(world)).recovery,
    which: { kind: 'execution', execution: 'permissions-1' },
  } as const;
  return deed(world, endDatabaseDrill(request, { clock: world.clock, execution: 'permissions-1', mode: 'drill' }));
}

/** What a swap of this execution has kept aside goes, with a final snapshot. */
async function deleteOld(world: Estate, kind: 'cluster' | 'instance', database: string): Promise<Told> {
  const request = { site: (await databaseSites(world)).recovery, kind, database, finalSnapshot: true, liftProtection: true };
  return deed(world, deleteOldCluster(request, { clock: world.clock, execution: 'permissions-1', mode: 'recovery' }));
}

/** Groups that a replacement looks at before it deletes anything. */
const GROUPS = { subnetGroup: 'dr', parameterGroup: 'tuned' };

const LATEST = { kind: 'point-in-time', time: 'latest' } as const;

/** The second only if the first ended well. */
async function then(first: Promise<Told>, second: () => Promise<Told>): Promise<Told> {
  const told = await first;
  return told.status === 'succeeded' ? second() : told;
}

const at = (...names: readonly PolicyName[]) => ({ [RUNNER]: ['assume-sites' as const], [RECOVERY_ROLE]: names });
const both = (source: readonly PolicyName[], recovery: readonly PolicyName[]) => ({
  [RUNNER]: ['assume-sites' as const],
  [SOURCE_ROLE]: source,
  [RECOVERY_ROLE]: recovery,
});
const DRILL = { [RUNNER]: ['assume-sites' as const], [DRILL_ROLE]: ['execute-wave-drill', 'drs-launch'] } as const;
const COPY = both(['copy-snapshot-source'], ['copy-snapshot-destination']);

/** Every kind of deed that the acceptance tests play, each with exactly the policies that docs/permissions.md gives it. */
export const SCENARIOS: readonly Scenario[] = [
  { name: 'drill', holders: DRILL, status: 'succeeded', run: (world) => wave(world, 'drill', 'web', ACTIONS) },
  { name: 'drill over an earlier one', holders: DRILL, status: 'succeeded', run: (world) => wave(world, 'drill', 'old', '') },
  {
    name: 'drill at a point in time, with actions that do not end',
    holders: DRILL,
    status: 'degraded',
    run: (world) => wave(world, 'drill', 'web', ENDLESS),
  },
  {
    name: 'recovery at a point in time, with actions that do not end',
    holders: at('execute-wave-recovery', 'drs-launch'),
    status: 'degraded',
    run: (world) => wave(world, 'recovery', 'web', ENDLESS),
  },
  {
    name: 'recovery',
    holders: at('execute-wave-recovery', 'drs-launch'),
    status: 'succeeded',
    run: (world) => wave(world, 'recovery', 'web', ACTIONS),
  },
  {
    name: 'recovery that ends a drill of its servers',
    holders: { ...DRILL, [RECOVERY_ROLE]: ['execute-wave-recovery', 'drs-launch'] },
    status: 'succeeded',
    wholeOnly: true,
    run: preemption,
  },
  { name: 'automation', holders: at('run-ssm-action'), status: 'succeeded', run: (world) => act(world, { document: 'Prepare' }) },
  {
    name: 'automation that acts as a role of its own',
    holders: at('run-ssm-action'),
    status: 'succeeded',
    run: (world) => act(world, { document: 'WithRole' }),
  },
  {
    name: 'automation that is stopped',
    holders: at('run-ssm-action'),
    status: 'timed-out',
    run: (world) => act(world, { document: 'Endless' }, 60_000),
  },
  {
    name: 'command',
    holders: at('run-ssm-action'),
    status: 'succeeded',
    run: (world) => act(world, { document: 'Start', kind: 'command', target: 'recovered-instances' }),
  },
  {
    name: 'command that is cancelled',
    holders: at('run-ssm-action'),
    status: 'timed-out',
    run: (world) => act(world, { document: 'Hang', kind: 'command', target: 'recovered-instances' }, 60_000),
  },
  { name: 'copy in one step', holders: COPY, status: 'succeeded', run: (world) => copy(world, { what: one('shop-by-hand') }) },
  {
    name: 'copy in two steps',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { what: one('shop-by-hand'), how: { steps: 'two' } }),
  },
  {
    name: 'copy by a transit key, with retention',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { what: newest('shop'), how: TRANSIT, retention: true }),
  },
  { name: 'copy of a new snapshot', holders: COPY, status: 'succeeded', run: (world) => copy(world, { what: taken('shop') }) },
  {
    name: 'copy of an instance',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: one('ledger-by-hand') }),
  },
  {
    name: 'copy of an instance in two steps',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: one('ledger-by-hand'), how: { steps: 'two' } }),
  },
  {
    name: 'copy of an instance by a transit key, with retention',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: newest('ledger'), how: TRANSIT, retention: true }),
  },
  {
    name: 'copy of a new snapshot of an instance',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: taken('ledger') }),
  },
  {
    name: 'restore beside, with a managed password, users and checks',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) =>
      restore(world, {
        manifest: manifest([{ ...MEMBER, monitoringInterval: 60, monitoringRoleArn: MONITORING_ROLE }]),
        master: { kind: 'managed', kmsKeyId: 'alias/secrets' },
        checks: [{ kind: 'engine-version', version: '16' }],
      }),
  },
  {
    name: 'restore of a new snapshot, with users',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) =>
      restore(world, {
        choice: { kind: 'create' },
        master: { kind: 'secret', secret: 'database-master' },
        users: { secret: 'users' },
      }),
  },
  {
    name: 'restore of a snapshot from elsewhere',
    holders: both(['copy-snapshot-source', 'capture'], ['restore-aurora', 'copy-snapshot-destination']),
    status: 'succeeded',
    run: (world) => restore(world, { from: 'source', database: 'shop', choice: { kind: 'id', id: 'shop-by-hand' } }),
  },
  {
    name: 'restore, published, tagged and told',
    holders: at('restore-aurora', 'restore-aurora-finish', 'notify'),
    status: 'succeeded',
    run: (world) =>
      restore(world, {
        publish: { parameter: '/live/host', secret: 'endpoint', dns: DNS },
        archive: { kind: 'tag' },
        notify: TOPIC,
      }),
  },
  {
    name: 'restore, exported',
    holders: at('restore-aurora', 'restore-aurora-finish'),
    status: 'succeeded',
    run: (world) =>
      restore(world, { archive: { kind: 'export', bucket: 'archive', roleArn: EXPORT_ROLE, kmsKeyId: 'alias/dr' } }),
  },
  {
    name: 'drill of a restore, and its end',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) => then(restore(world, { mode: 'drill' }), () => endDrill(world)),
  },
  {
    name: 'swap, and the old cluster deleted',
    holders: at('restore-aurora', 'restore-aurora-live'),
    status: 'succeeded',
    run: (world) => then(restore(world, { strategy: 'swap' }), () => deleteOld(world, 'cluster', 'live')),
  },
  {
    name: 'swap that is rolled back',
    holders: at('restore-aurora', 'restore-aurora-live'),
    status: 'failed',
    run: (world) => {
      world.arm({
        match: { operation: 'ModifyDBInstance', nth: 2 },
        effect: { kind: 'error', code: 'InvalidParameterValue', status: 400 },
      });
      return restore(world, { strategy: 'swap' });
    },
  },
  {
    name: 'replace',
    holders: at('restore-aurora', 'restore-aurora-live'),
    status: 'succeeded',
    run: (world) => restore(world, { strategy: 'replace', liftProtection: true, settings: GROUPS }),
  },
  {
    name: 'restore of a cluster to a point in time',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) => restore(world, { choice: LATEST }),
  },
  {
    name: 'restore of an instance beside, with a managed password, monitoring and an option group',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) => restoreInstance(world, { master: { kind: 'managed', kmsKeyId: 'alias/secrets' } }),
  },
  {
    name: 'restore of a new snapshot of an instance',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) => restoreInstance(world, { choice: { kind: 'create' } }),
  },
  {
    name: 'restore of an instance to a point in time',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) => restoreInstance(world, { choice: LATEST }),
  },
  {
    name: 'restore of an instance from elsewhere',
    holders: both(['copy-snapshot-source', 'capture'], ['restore-aurora', 'copy-snapshot-destination']),
    status: 'succeeded',
    run: (world) =>
      restoreInstance(world, {
        from: 'source',
        database: 'ledger',
        choice: { kind: 'id', id: 'ledger-by-hand' },
        manifest: instanceManifest('ledger'),
        kmsKeyId: 'alias/dr',
      }),
  },
  {
    name: 'restore of an instance, published, tagged and told',
    holders: at('restore-aurora', 'restore-aurora-finish', 'notify'),
    status: 'succeeded',
    run: (world) => restoreInstance(world, { publish: { parameter: '/books/host' }, archive: { kind: 'tag' }, notify: TOPIC }),
  },
  {
    name: 'restore of an instance, exported',
    holders: at('restore-aurora', 'restore-aurora-finish'),
    status: 'succeeded',
    run: (world) =>
      restoreInstance(world, { archive: { kind: 'export', bucket: 'archive', roleArn: EXPORT_ROLE, kmsKeyId: 'alias/dr' } }),
  },
  {
    name: 'restore of an instance, archived in a vault',
    holders: both(['copy-snapshot-destination'], ['restore-aurora', 'restore-aurora-finish', 'copy-snapshot-source']),
    status: 'succeeded',
    run: async (world) => {
      const { source: site } = await databaseSites(world);
      return restoreInstance(world, { archive: { kind: 'vault', site, kmsKeyId: 'alias/shop' } });
    },
  },
  {
    name: 'drill of an instance, and its end',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) => then(restoreInstance(world, { mode: 'drill' }), () => endDrill(world)),
  },
  {
    name: 'swap of an instance, and the old one deleted',
    holders: at('restore-aurora', 'restore-aurora-live'),
    status: 'succeeded',
    run: (world) => then(restoreInstance(world, { strategy: 'swap' }), () => deleteOld(world, 'instance', 'books')),
  },
  {
    name: 'swap of an instance that is rolled back',
    holders: at('restore-aurora', 'restore-aurora-live'),
    status: 'failed',
    run: (world) => {
      world.arm({
        match: { operation: 'ModifyDBInstance', nth: 3 },
        effect: { kind: 'error', code: 'InvalidParameterValue', status: 400 },
      });
      return restoreInstance(world, { strategy: 'swap' });
    },
  },
  {
    name: 'replace of an instance',
    holders: at('restore-aurora', 'restore-aurora-live'),
    status: 'succeeded',
    run: (world) =>
      restoreInstance(world, {
        strategy: 'replace',
        liftProtection: true,
        manifest: instanceManifest('books'),
        settings: GROUPS,
      }),
  },
  {
    name: 'capture',
    holders: both(['capture'], []),
    status: 'succeeded',
    run: async (world) => {
      const { source } = await databaseSites(world);
      const { cluster } = await captureCluster(source, 'shop', world.clock.now());
      const { instance } = await captureInstance(source, 'ledger', world.clock.now());
      return { status: 'succeeded', text: `${cluster.id} ${instance.id}` };
    },
  },
  {
    name: 'look',
    holders: at('look-only'),
    status: 'succeeded',
    run: async (world) => {
      const { recovery } = await databaseSites(world);
      const { drs } = world.connect(world.sites.recovery);
      const { warnings } = await deedsOf(world).inspect([{ ...LOOK_WAVE, databases: [] }]);
      // A drill restores beside whatever is there: only a recovery looks at what would go.
      const { doubts = [] } = await deedsOf(world, 'recovery').inspect([LOOK_WAVE]);
      await drs.describeRecoverySnapshots('s-00000000000000001');
      await drs.describeJobsById(['drsjob-00000000000000001']);
      await recovery.aws.kms.describeKey('alias/dr');
      const now = world.clock.now();
      const choice = { kind: 'newest', types: ['manual'] } as const;
      const select = { patterns: ['*'], tags: {} };
      for (const kind of ['cluster', 'instance'] as const) {
        await takeInventory({ kind, source: recovery, destination: recovery, select, choice, now });
      }
      return { status: doubts.length === 0 ? 'succeeded' : 'doubted', text: JSON.stringify([warnings, doubts]) };
    },
  },
];
