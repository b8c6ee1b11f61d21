import {
  copy,
  DNS,
  databaseSites,
  deleteOld,
  endDrill,
  GROUPS,
  instanceManifest,
  MEMBER,
  manifest,
  restore,
  restoreInstance,
} from './database-deeds.ts';
import { then } from './deed.ts';
import { untilNobodyDies } from './dying.ts';
import { DRILL_ROLE, EXPORT_ROLE, RUNNER, TOPIC } from './estate.ts';
import { at, both, type Scenario } from './scenario.ts';
import { ACTIONS, DATABASE_FROM_ELSEWHERE, DATABASES, killedWave } from './wave-deeds.ts';

const COPY = both(['copy-snapshot-source'], ['copy-snapshot-destination']);
const LIVE = at('restore-aurora', 'restore-aurora-live');
const ELSEWHERE = both(
  ['copy-snapshot-source', 'capture'],
  ['restore-aurora', 'restore-aurora-finish', 'notify', 'copy-snapshot-destination'],
);
const VAULT = both(['copy-snapshot-destination'], ['restore-aurora', 'restore-aurora-finish', 'copy-snapshot-source']);
const DRILL = {
  [RUNNER]: ['assume-sites' as const],
  [DRILL_ROLE]: ['execute-wave-drill' as const, 'drs-launch' as const, 'restore-aurora' as const],
};

/** Deeds by processes that die right after each change. */
const DEEDS: readonly Scenario[] = [
  {
    name: 'copy of a new snapshot in two steps, killed',
    holders: COPY,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        copy(process, { what: { kind: 'one', database: 'shop', choice: { kind: 'create' } }, how: { steps: 'two' } }),
      ),
  },
  {
    name: 'sweep by a transit key, with retention, killed',
    holders: COPY,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        copy(process, {
          what: {
            kind: 'sweep',
            select: { patterns: ['shop', 'defaulted'], tags: {} },
            choice: { kind: 'newest', types: ['automated'] },
          },
          how: { transitKmsKeyId: 'alias/transit' },
          retention: true,
        }),
      ),
  },
  {
    name: 'copy of an instance in two steps, killed',
    holders: COPY,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        copy(process, {
          kind: 'instance',
          what: { kind: 'one', database: '', choice: { kind: 'id', id: 'ledger-by-hand' } },
          how: { steps: 'two' },
        }),
      ),
  },
  {
    name: 'restore of a snapshot from elsewhere, published, tagged and told, killed',
    holders: ELSEWHERE,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        restore(process, {
          from: 'source',
          database: 'shop',
          choice: { kind: 'newest', types: ['automated'] },
          manifest: manifest([MEMBER, { name: 'live-2', instanceClass: 'db.r6g.large' }]),
          master: { kind: 'managed', kmsKeyId: 'alias/secrets' },
          users: { secret: 'users' },
          checks: [{ kind: 'engine-version', version: '16' }],
          publish: { parameter: '/live/host', secret: 'endpoint', dns: DNS },
          archive: { kind: 'tag' },
          notify: TOPIC,
        }),
      ),
  },
  {
    name: 'restore of a new snapshot, exported, killed',
    holders: at('restore-aurora', 'restore-aurora-finish'),
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        restore(process, {
          choice: { kind: 'create' },
          archive: { kind: 'export', bucket: 'archive', roleArn: EXPORT_ROLE, kmsKeyId: 'alias/dr' },
        }),
      ),
  },
  {
    name: 'drill of a restore, and its end, killed',
    holders: at('restore-aurora'),
    status: 'succeeded',
    run: (world) =>
      then(
        untilNobodyDies(world, (process) => restore(process, { mode: 'drill' })),
        () => untilNobodyDies(world, endDrill),
      ),
  },
  {
    name: 'swap, and the old cluster deleted, killed',
    holders: LIVE,
    status: 'succeeded',
    run: (world) =>
      then(
        untilNobodyDies(world, (process) => restore(process, { strategy: 'swap' })),
        () => untilNobodyDies(world, (process) => deleteOld(process, 'cluster', 'live')),
      ),
  },
  {
    name: 'swap that is rolled back, killed',
    holders: LIVE,
    status: 'failed',
    run: (world) => {
      world.arm({
        match: { operation: 'ModifyDBCluster', nth: 2 },
        effect: { kind: 'error', code: 'InvalidParameterValue', status: 400 },
      });
      return untilNobodyDies(world, (process) => restore(process, { strategy: 'swap' }));
    },
  },
  {
    name: 'replace, killed',
    holders: LIVE,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) => restore(process, { strategy: 'replace', liftProtection: true, settings: GROUPS })),
  },
  {
    name: 'restore of an instance from elsewhere, published and told, killed',
    holders: ELSEWHERE,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        restoreInstance(process, {
          from: 'source',
          database: 'ledger',
          choice: { kind: 'id', id: 'ledger-by-hand' },
          manifest: instanceManifest('ledger'),
          kmsKeyId: 'alias/dr',
          master: { kind: 'managed', kmsKeyId: 'alias/secrets' },
          publish: { parameter: '/ledger/host' },
          notify: TOPIC,
        }),
      ),
  },
  {
    name: 'swap of an instance, and the old one deleted, killed',
    holders: LIVE,
    status: 'succeeded',
    run: (world) =>
      then(
        untilNobodyDies(world, (process) => restoreInstance(process, { strategy: 'swap' })),
        () => untilNobodyDies(world, (process) => deleteOld(process, 'instance', 'books')),
      ),
  },
  {
    name: 'replace of an instance, killed',
    holders: LIVE,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, (process) =>
        restoreInstance(process, {
          strategy: 'replace',
          liftProtection: true,
          manifest: instanceManifest('books'),
          settings: GROUPS,
        }),
      ),
  },
  {
    name: 'restore of an instance, archived in a vault, killed',
    holders: VAULT,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, async (process) => {
        const { source: site } = await databaseSites(process);
        return restoreInstance(process, { archive: { kind: 'vault', site, kmsKeyId: 'alias/shop' } });
      }),
  },
  {
    name: 'restore of a cluster, archived in a vault, killed',
    holders: VAULT,
    status: 'succeeded',
    run: (world) =>
      untilNobodyDies(world, async (process) => {
        const { source: site } = await databaseSites(process);
        return restore(process, {
          choice: { kind: 'newest', types: ['automated'] },
          archive: { kind: 'vault', site, kmsKeyId: 'alias/shop' },
        });
      }),
  },
  {
    name: 'drill of a wave with a database, and its clean-up, killed',
    holders: DRILL,
    status: 'succeeded',
    run: (world) => killedWave(world, 'drill', 'web', `${ACTIONS}${DATABASES}`),
  },
  {
    name: 'recovery of a wave with a database that is swapped, killed',
    holders: at('execute-wave-recovery', 'drs-launch', 'restore-aurora', 'restore-aurora-live', 'restore-aurora-finish'),
    status: 'succeeded',
    run: (world) => killedWave(world, 'recovery', 'web', `${ACTIONS}${DATABASES}`),
  },
  {
    name: 'recovery of a wave with a database from elsewhere, killed',
    holders: both(
      ['copy-snapshot-source', 'capture'],
      ['execute-wave-recovery', 'drs-launch', 'restore-aurora', 'restore-aurora-finish', 'copy-snapshot-destination'],
    ),
    status: 'succeeded',
    run: (world) => killedWave(world, 'recovery', 'web', DATABASE_FROM_ELSEWHERE),
  },
];

/** The next process asks AWS for what it finds, which a fresh one does not. What a dead one was refused it has told nobody. */
export const KILLED: readonly Scenario[] = DEEDS.map((scenario) => ({ ...scenario, wholeOnly: true }));
