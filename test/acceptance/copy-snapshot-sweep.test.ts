import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presetPolicy } from '@breakwater/retention';
import { parseFault } from '@breakwater/simulator';
import { manyDatabases, type Sweep, sweepWorld } from '../drill/copy-sweep.ts';

function copiesOf({ world }: Sweep) {
  return world
    .state()
    .regions.filter(({ region }) => region === 'us-west-2')
    .flatMap(({ databases }) => databases.snapshots);
}

function leftBehind({ world }: Sweep): readonly string[] {
  return world
    .state()
    .regions.filter(({ region }) => region === 'us-east-1')
    .flatMap(({ databases }) => databases.snapshots)
    .filter(({ id, status, sharedWith }) => sharedWith.length > 0 || (id.includes('-transit-') && status !== 'deleting'))
    .map(({ id }) => id);
}

/** Most copies that were in flight at any moment, by AWS's own clock. */
function mostAtOnce(spans: readonly { readonly from: number; readonly to: number }[]): number {
  return Math.max(...spans.map(({ from }) => spans.filter((other) => other.from <= from && from < other.to).length));
}

test('200 databases are swept with never more than five copies in flight, and AWS never has to refuse one', async () => {
  const sweep = sweepWorld(manyDatabases(200));
  const outcome = await sweep.run();
  assert.equal(outcome.status, 'succeeded', outcome.reason.message);
  assert.equal(outcome.copies.length, 200);
  const copies = copiesOf(sweep);
  assert.equal(copies.length, 200);
  assert.equal(new Set(copies.map(({ database }) => database)).size, 200);
  assert.equal(mostAtOnce(copies.map(({ createdAt, readyAt }) => ({ from: createdAt, to: readyAt ?? Number.NaN }))), 5);
  assert.deepEqual([...new Set(sweep.world.calls.map(({ outcome: ended }) => ended))].sort(), [
    'DBClusterSnapshotNotFoundFault',
    'ok',
  ]);
  await sweep.clock.sleep(60_000);
  assert.deepEqual(leftBehind(sweep), []);
  assert.equal(outcome.report?.freshness.length, 200);
  assert.ok(outcome.report?.freshness.every(({ id, age }) => id !== undefined && (age ?? 0) > 0));

  const before = sweep.world.calls.filter(({ applied, operation }) => applied && !operation.startsWith('Describe')).length;
  const again = await sweep.run({ execution: 'sweep/2' });
  assert.equal(again.status, 'succeeded');
  assert.ok(again.copies.every(({ result }) => result?.['adopted'] === true));
  const after = sweep.world.calls.filter(({ applied, operation }) => applied && !operation.startsWith('Describe')).length;
  assert.equal(after, before, 'the second sweep changes nothing');
});

test('other people’s copies leave fewer places', async () => {
  const others = 'rds: { otherCopies: [{ account: "111122223333", region: us-west-2, copies: 3, for: 9h }] }\n';
  const sweep = sweepWorld(manyDatabases(8, others));
  const outcome = await sweep.run();
  assert.equal(outcome.status, 'succeeded', outcome.reason.message);
  assert.ok(mostAtOnce(copiesOf(sweep).map(({ createdAt, readyAt }) => ({ from: createdAt, to: readyAt ?? Number.NaN }))) <= 2);
});

test('a limit below AWS’s is kept, one above it is not taken', async () => {
  for (const [limit, most] of [
    [2, 2],
    [20, 5],
  ] as const) {
    const sweep = sweepWorld(manyDatabases(12));
    await sweep.run({ limit });
    assert.equal(
      mostAtOnce(copiesOf(sweep).map(({ createdAt, readyAt }) => ({ from: createdAt, to: readyAt ?? Number.NaN }))),
      most,
    );
  }
});

for (const [kept, originals] of [
  ['2d', 'still there'],
  ['12h', 'gone'],
] as const)
  test(`a sweep that is stopped says what goes on; the next night finishes it first (originals ${originals}), and copies the newer ones`, async () => {
    const sweep = sweepWorld(manyDatabases(6).replace('keep: 2d', `keep: ${kept}`));
    const stop = new AbortController();
    const first = sweep.run({}, stop.signal);
    void sweep.clock.sleep(400_000).then(() => stop.abort('SIGTERM'));
    const stopped = await first;
    assert.equal(stopped.status, 'in-progress', stopped.reason.message);
    assert.equal(stopped.report, undefined);
    assert.ok(
      stopped.copies.some(({ goesOn }) =>
        /may be shared with account 111122223333 until the same is run again/.test(goesOn ?? ''),
      ),
    );
    assert.ok(leftBehind(sweep).length > 0);
    // Past the next night: every database has a newer automated snapshot now.
    await sweep.clock.sleep(24 * 3_600_000);
    const outcome = await sweep.run({ execution: 'sweep/next' });
    assert.equal(outcome.status, 'succeeded', outcome.reason.message);
    await sweep.clock.sleep(60_000);
    assert.deepEqual(leftBehind(sweep), []);
    const ids = copiesOf(sweep).map(({ id }) => id);
    assert.ok(ids.filter((id) => id.includes('-20261121')).length === 6, ids.join());
    assert.ok(ids.filter((id) => id.includes('-20261120')).length >= 5, 'what was begun the night before is finished');
  });

test('one database that cannot be copied does not hold up the others, and the gate and retention look at all', async () => {
  const bad = `  - { account: "222233334444", region: us-east-1, id: bad, encryption: none, tags: { Tier: gold } }
  - { account: "222233334444", region: us-east-1, id: young, kmsKey: alias/data, automated: false, tags: { Tier: gold } }
`;
  const sweep = sweepWorld(manyDatabases(4, bad));
  const outcome = await sweep.run({ rpo: 86_400_000, retention: { policy: presetPolicy('standard'), apply: false } });
  assert.equal(outcome.status, 'failed');
  const by = Map.groupBy(outcome.copies, ({ status }) => status);
  assert.equal(by.get('succeeded')?.length, 4);
  assert.deepEqual(
    by
      .get('failed')
      ?.map(({ database, reason }) => [database, reason.code])
      .sort(),
    [
      ['bad', 'snapshot-unusable'],
      ['young', 'snapshot-missing'],
    ],
  );
  assert.deepEqual(outcome.report?.stale.map(({ database }) => database).sort(), ['bad', 'young']);
  assert.equal(outcome.report?.retention.length, 4);
  assert.ok(outcome.report?.retention.every((each) => each.keep.length === 1 && each.delete.length === 0));
});

test('what is selected by tag and name, and nothing else', async () => {
  const other = '  - { account: "222233334444", region: us-east-1, id: other, kmsKey: alias/data, tags: { Tier: lead } }\n';
  const sweep = sweepWorld(manyDatabases(3, other));
  const choice = { kind: 'newest', types: ['automated'] } as const;
  const names = async (patterns: readonly string[], tags: Readonly<Record<string, string>>) => {
    const outcome = await sweep.run({ what: { kind: 'sweep', select: { patterns, tags }, choice }, wait: false });
    return outcome.copies.map(({ database }) => database).sort();
  };
  assert.deepEqual(await names(['*'], { Tier: 'lead' }), ['other']);
  assert.deepEqual(await names(['db-01', 'OTHER'], {}), ['db-01', 'other']);
  assert.deepEqual(await names(['db-*'], { Tier: 'lead' }), []);
});

test('copies that cannot be listed at the end do not lose what became of them', async () => {
  const sweep = sweepWorld(manyDatabases(1));
  await sweep.run();
  const listing = sweep.world.calls.filter(
    ({ operation, region }) => operation === 'DescribeDBClusterSnapshots' && region === 'us-west-2',
  );
  const denied = {
    kind: 'error',
    code: 'AccessDenied',
    status: 403,
    message: 'not authorized to perform: rds:DescribeDBClusterSnapshots',
  };
  assert.ok(listing.length > 1);
  // The second sweep looks at the finished copy, cleans up in the other Region, and then lists.
  sweep.world.arm(
    parseFault({ match: { operation: 'DescribeDBClusterSnapshots', region: 'us-west-2', nth: 2 }, effect: denied }),
  );
  const outcome = await sweep.run({ rpo: 86_400_000 });
  assert.equal(outcome.copies[0]?.status, 'succeeded', outcome.reason.message);
  assert.equal(outcome.status, 'failed');
  assert.equal(outcome.reason.code, 'permission-denied');
  assert.match(outcome.reason.message, /the copies at the destination could not be listed/);
});

test('retention that keeps less than the source is warned of', async () => {
  const sweep = sweepWorld(manyDatabases(1).replace('keep: 2d', 'keep: 9d'));
  for (let night = 0; night < 3; night += 1) {
    await sweep.run({ execution: `night-${night}` });
    await sweep.clock.sleep(86_400_000);
  }
  const policy = { kind: 'rules', name: 'two', rules: [{ kind: 'count', count: 2 }], minimumKept: 1 } as const;
  const outcome = await sweep.run({ retention: { policy, apply: false } });
  assert.deepEqual(outcome.report?.sooner, [{ database: 'db-01', copies: 2 }]);
  assert.equal(outcome.report?.retention[0]?.keep.length, 2);
});
