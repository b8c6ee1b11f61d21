import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CopyDBClusterSnapshotCommand, DeleteDBClusterSnapshotCommand } from '@aws-sdk/client-rds';
import fc from 'fast-check';
import { databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';

const DATABASES = ['shop', 'plain', 'defaulted', 'member'];

/** Somebody copies, deletes, waits, in any order. */
const step = fc.oneof(
  fc.record({ do: fc.constant('copy' as const), of: fc.constantFrom(...DATABASES), to: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ do: fc.constant('delete' as const), to: fc.integer({ min: 0, max: 9 }) }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 600 }) }),
);

test('whatever is done, the limit of copies holds, progress never falls, and an end is an end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const { source, world, clock } = databaseWorld();
      const before = new Map<string, { createdAt: number; progress: number; status: string }>();
      for (const now of steps) {
        const sent =
          now.do === 'wait'
            ? clock.sleep(now.seconds * 1_000)
            : now.do === 'delete'
              ? source.rds.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: `copy-${now.to}` }))
              : source.rds.send(
                  new CopyDBClusterSnapshotCommand({
                    SourceDBClusterSnapshotIdentifier: `rds:${now.of}-2026-03-04-02-10`,
                    TargetDBClusterSnapshotIdentifier: `copy-${now.to}`,
                  }),
                );
        await sent.catch((error: unknown) => {
          assert.match(error instanceof Error ? error.name : '', /AlreadyExists|NotFound|Quota|State/);
        });
        const here = world.state().regions.find(({ account, region }) => account === SOURCE.account && region === SOURCE.region);
        const copying = here?.databases.snapshots.filter(({ status }) => status === 'copying').length ?? 0;
        assert.ok(copying <= 5);
        assert.equal(here?.databases.copies.cluster, copying);
        for (const { id, createdAt, progress, status, type } of here?.databases.snapshots ?? []) {
          const old = before.get(id);
          if (type === 'manual' && old?.createdAt === createdAt) {
            assert.ok(progress >= old.progress, `${id} fell from ${old.progress} to ${progress}`);
            if (old.status === 'available' || old.status === 'failed') assert.notEqual(status, 'copying');
          }
          before.set(id, { createdAt, progress, status });
        }
      }
    }),
    { numRuns: 15, seed: 3 },
  );
});
