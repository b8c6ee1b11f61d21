import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { type CopyWorld, copyWorld, DR_KEY } from '../testing/copying.ts';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { restoring } from '../testing/restoring.ts';
import type { CopySnapshotRequest } from './contracts.ts';
import { copySnapshot } from './copy-snapshot.ts';
import type { Archive, RestoreDatabaseRequest } from './restore-contracts.ts';
import { restoreDatabase } from './restore-database.ts';

/** The database is restored where it was, and its snapshot kept in the other account and Region. */
async function restore(world: CopyWorld, archive: Archive, over: Partial<RestoreDatabaseRequest> = {}, mode = world.deed.mode) {
  const request: RestoreDatabaseRequest = {
    site: world.source,
    database: 'shop',
    choice: { kind: 'newest', types: ['automated'] },
    strategy: 'new',
    target: 'shop-again',
    archive,
    ...over,
  };
  const copy = (copied: CopySnapshotRequest) => copySnapshot(copied, { ...world.deed, mode });
  const operation = restoreDatabase(request, { ...world.deed, mode }, { copy });
  const journal = new StepJournal(world.clock);
  return { journal, ...(await drive(operation, journal.context(), { patience: 96 * 3_600_000 })) };
}

const vault = (world: CopyWorld): Archive & { readonly kind: 'vault' } => ({
  kind: 'vault',
  site: world.destination,
  relay: world.relay,
  kmsKeyId: 'alias/dr',
  transitKmsKeyId: 'alias/transit',
});

async function kept(world: CopyWorld) {
  return (await world.destination.aws.rds.describeSnapshots('cluster', { database: 'shop' })).filter(
    ({ type }) => type === 'manual',
  );
}

for (const [how, more] of [
  ['at once', ''],
  ['by a stop in the Region of the snapshot, where AWS refuses to cross both borders at once', 'rds: { oneStepCopies: false }\n'],
] as const) {
  test(`vault: the snapshot stands in the other account and Region under the wanted key, copied ${how}`, async () => {
    const world = copyWorld(more);
    const { end } = await restore(world, vault(world));
    assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
    const [copy, ...others] = await kept(world);
    assert.deepEqual(others, []);
    assert.equal(copy?.status, 'available');
    assert.equal(copy?.encrypted, true);
    assert.equal(copy?.kmsKeyId, DR_KEY);
    assert.match(copy?.tags['breakwater:source-arn'] ?? '', /222233334444:cluster-snapshot:rds:shop-2026-11-20/);
    assert.equal(end.result?.['archived'], `copied to ${copy?.arn}`);
    assert.deepEqual(await world.leftBehind(), []);
    const copies = world.changes('CopyDBClusterSnapshot').length;
    const again = await restore(world, vault(world));
    assert.equal(again.end.result?.['archived'], `copied to ${copy?.arn}`);
    assert.equal(world.changes('CopyDBClusterSnapshot').length, copies, 'found again, not made again');
    assert.equal(world.changes('RestoreDBClusterFromSnapshot').length, 1);
  });
}

test('vault: a key that does not serve is a warning, and the restore stands', async () => {
  const world = copyWorld();
  const { end, journal } = await restore(world, { ...vault(world), kmsKeyId: 'alias/disabled' });
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
  assert.match(end.reason?.message ?? '', /the snapshot was not copied to the vault: .*disabled/i);
  assert.match(
    journal.lines.map((line) => (line.type === 'warning' ? line.reason.message : '')).join(),
    /not copied to the vault/,
  );
  assert.equal(end.result?.['cluster'], 'shop-again');
  assert.equal(end.result?.['archived'], 'not archived');
  assert.deepEqual(await kept(world), []);
  assert.deepEqual(await world.leftBehind(), []);
});

for (const [how, restored] of [
  ['to a vault', (world: CopyWorld) => restore(world, vault(world))],
  [
    'to be restored elsewhere',
    (world: CopyWorld) => {
      const { destination: site, source, relay } = world;
      return restore(world, { kind: 'tag' }, { site, source, relay, kmsKeyId: 'alias/dr', transitKmsKeyId: 'alias/transit' });
    },
  ],
] as const) {
  test(`what a copy ${how} leaves behind is told, and the restore stands`, async () => {
    const world = copyWorld();
    const effect = { kind: 'error', code: 'AccessDenied', status: 403, when: 'before' };
    world.arm({ match: { operation: 'DeleteDBClusterSnapshot' }, effect });
    const { end } = await restored(world);
    assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
    assert.match(end.reason?.message ?? '', /copying the snapshot.*left behind: .*-transit-.*could not be unshared and deleted/);
    assert.match(end.reason?.next ?? '', /Run the same again/);
    assert.equal((await world.leftBehind()).length, 1);
  });
}

test('a drill leaves the snapshot alone, whatever the archive', async () => {
  const world = copyWorld();
  const { end } = await restore(world, vault(world), {}, 'drill');
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  assert.equal(end.result?.['archived'], undefined);
  assert.equal(world.changes('CopyDBClusterSnapshot').length, 0);
  const tagged = await restore(world, { kind: 'tag' }, {}, 'drill');
  assert.equal(tagged.end.result?.['archived'], undefined);
});

for (const [archive, operation] of [
  [{ kind: 'tag' }, 'addTags'],
  [{ kind: 'export', bucket: 'b', roleArn: 'r', kmsKeyId: 'k' }, 'startExport'],
] as const) {
  test(`${archive.kind}: a refusal is a warning with its reason, and the restore stands`, async () => {
    const world = restoring({ archive });
    world.rds.faults.push({ operation, when: 'before', error: rdsError('AccessDenied') });
    const journal = new StepJournal(world.clock);
    const { end } = await drive(world.restore(), journal.context());
    assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
    assert.match(end.reason?.message ?? '', /^the snapshot was not archived: .*AccessDenied/);
    assert.equal(end.result?.['archived'], undefined);
    assert.match(journal.warnings().join(), /not archived/);
  });

  const throttled = new AwsError('throttled', 'slow down', { next: 'Wait.', call: rdsError('Throttling').call });
  test(`${archive.kind}: throttling is no refusal: it is tried again`, async () => {
    const world = restoring({ archive });
    world.rds.faults.push({ operation, nth: 1, when: 'before', error: throttled });
    const { end } = await drive(world.restore(), new StepJournal(world.clock).context());
    assert.equal(world.rds.changes(operation).length, 1);
    assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  });
}

test('whoever stops while the vault is filled is told that this copy goes on', async () => {
  const world = copyWorld();
  const request = {
    site: world.source,
    database: 'shop',
    choice: { kind: 'newest', types: ['automated'] },
    strategy: 'new',
    target: 'shop-again',
    archive: vault(world),
  } as const;
  const operation = restoreDatabase(request, world.deed, { copy: (copied) => copySnapshot(copied, world.deed) });
  const context = new StepJournal(world.clock).context();
  const left: string[] = [];
  const { end } = await drive(operation, context, {
    patience: 96 * 3_600_000,
    onLook: (advance) => {
      if (advance.state !== 'waiting' || !/copying the snapshot to the vault: .*%/.test(advance.note)) return;
      assert.equal(operation.mayBeLeft(), true);
      void Promise.resolve(operation.abandon?.(context)).then((text) => left.push(text ?? ''));
    },
  });
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  assert.ok(left.length > 0);
  for (const text of left)
    assert.match(text, /^copy \S+ goes on in account 111122223333, us-west-2|^copy \S+ goes on in account 222233334444/);
});
