import { DNS, databaseSites, deleteOld, endDrill, GROUPS, LATEST, MEMBER, manifest, restore } from './database-deeds.ts';
import { then } from './deed.ts';
import { EXPORT_ROLE, MONITORING_ROLE, TOPIC } from './estate.ts';
import { at, both, type Scenario } from './scenario.ts';

const VAULT = both(['copy-snapshot-destination'], ['restore-aurora', 'restore-aurora-finish', 'copy-snapshot-source']);

/** Restores of clusters. */
export const CLUSTERS: readonly Scenario[] = [
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
    name: 'restore, archived in a vault',
    holders: VAULT,
    status: 'succeeded',
    run: async (world) => {
      const { source: site } = await databaseSites(world);
      return restore(world, {
        // An automated one is copied at home before it can be shared.
        choice: { kind: 'newest', types: ['automated'] },
        archive: { kind: 'vault', site, kmsKeyId: 'alias/shop' },
      });
    },
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
];
