import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyWorld } from '../testing/copying.ts';
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
