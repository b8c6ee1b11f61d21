import { captureCluster, captureInstance, takeInventory } from '@breakwater/operations';
import { deedsOf, LOOK_WAVE } from './action-deeds.ts';
import { databaseSites } from './database-deeds.ts';
import { at, both, type Scenario } from './scenario.ts';

/** Deeds that only look. */
export const LOOKS: readonly Scenario[] = [
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
