import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AUTOMATED, copyWorld, PRODUCTION } from '../testing/copying.ts';
import { type DatabaseSelection, takeInventory } from './copy-inventory.ts';

const NEWEST = { kind: 'newest', types: ['automated', 'manual'] } as const;

async function inventoryOf(select: Partial<DatabaseSelection>) {
  const { source, destination, clock } = copyWorld();
  const selection = { patterns: [], tags: {}, ...select };
  return takeInventory({ kind: 'cluster', source, destination, select: selection, choice: NEWEST, now: clock.now() });
}

test('a name that is no database is told, however many others are: a typing error must not leave one without copies', async () => {
  const { tasks, without, databases } = await inventoryOf({ patterns: ['shop', 'Oders', 'oders', 'PLAIN'] });
  assert.deepEqual(
    tasks.map(({ database }) => database),
    ['plain', 'shop'],
  );
  assert.deepEqual(databases, ['plain', 'shop']);
  assert.deepEqual(
    without.map(({ database, reason }) => [database, reason.code]),
    [['oders', 'snapshot-missing']],
  );
  assert.match(
    without[0]?.reason.message ?? '',
    /no cluster of that name and no snapshot of one in account 222233334444, us-east-1/,
  );
});

test('a name whose database has not the tags is left out, and a pattern may select nothing', async () => {
  const { tasks, without } = await inventoryOf({ patterns: ['shop', 'plain', 'nothing-*'], tags: { Team: 'shop' } });
  assert.deepEqual(
    tasks.map(({ database }) => database),
    ['shop'],
  );
  assert.deepEqual(without, []);
});

test('where two Regions keep each other safe, a copy is not carried back to its original; to where that is lost, it is', async () => {
  const copyOf = (id: string, database: string, original: string) =>
    `  - { account: "${PRODUCTION.account}", region: us-west-2, id: ${id}, database: ${database}, kmsKey: alias/abroad, sourceArn: "${original}", ` +
    `tags: { "breakwater:owner": breakwater, "breakwater:source-arn": "${original}" } }\n`;
  const lost = AUTOMATED.replace('shop-2026', 'lost-2026');
  const { source, abroad, clock } = copyWorld(copyOf('shop-1', 'shop', AUTOMATED) + copyOf('lost-1', 'lost', lost));
  const back = { source: abroad, destination: source };
  const inventory = (patterns: readonly string[]) =>
    takeInventory({ kind: 'cluster', ...back, select: { patterns, tags: {} }, choice: NEWEST, now: clock.now() });
  for (const patterns of [['*'], ['lost', 'shop']]) {
    const { tasks, without, databases } = await inventory(patterns);
    assert.deepEqual(
      tasks.map(({ snapshot }) => snapshot.id),
      ['lost-1'],
    );
    assert.deepEqual([without, databases], [[], ['lost']]);
  }
});

test('snapshots of a restored database have its tags, and are no copies for that: their own time counts', async () => {
  const inherited = `{ "breakwater:owner": breakwater, "breakwater:source-arn": "${AUTOMATED.replace('us-east-1', 'eu-west-1')}", "breakwater:source-time": "2025-01-01T00:00:00.000Z" }`;
  const taken = (id: string, age: string) =>
    `  - { account: "${PRODUCTION.account}", region: us-east-1, id: ${id}, database: back, kmsKey: alias/shop, age: ${age}, tags: ${inherited} }\n`;
  const aws = copyWorld(taken('back-a', '3d') + taken('back-b', '1d') + taken('back-c', '2d'));
  const { source, destination, clock } = aws;
  const select = { patterns: ['back'], tags: {} };
  const { tasks } = await takeInventory({ kind: 'cluster', source, destination, select, choice: NEWEST, now: clock.now() });
  assert.deepEqual(
    tasks.map(({ snapshot }) => snapshot.id),
    ['back-b'],
  );
  const { end } = await aws.run({ choice: { kind: 'id', id: 'back-b' } });
  assert.match(String(end.result?.['id']), /^back-202611190300-/);
  assert.equal(end.result?.['sourceTime'], Date.parse('2026-11-19T03:00:00Z'));
});
