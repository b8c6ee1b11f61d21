import { databaseSites, deleteOld, endDrill, GROUPS, instanceManifest, LATEST, restoreInstance } from './database-deeds.ts';
import { then } from './deed.ts';
import { EXPORT_ROLE, TOPIC } from './estate.ts';
import { at, both, type Scenario } from './scenario.ts';

/** Restores of instances. */
export const INSTANCES: readonly Scenario[] = [
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
];
