import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CopySnapshotsOutcome } from '@breakwater/assembly';
import { resultOf } from './result.ts';

const SITE = { name: 'x', account: '222233334444', region: 'us-east-1' };
const FACTS = { simulated: false, key: 'k', actor: 'a', startedAt: 't', endedAt: 't', source: SITE, destination: SITE };

/** So many databases with so many copies each that retention lets go. */
function outcome(databases: number, going: number): CopySnapshotsOutcome {
  const reason = 'standard does not keep it: 2026-01-15 has shop-202601151200-0a1b2c; 2026-W03 is before the last 5 weeks';
  const retention = Array.from({ length: databases }, (_, of) => ({
    database: `database-${of}`,
    keep: [],
    delete: Array.from({ length: going }, (_, n) => ({ id: `database-${of}-202601150300-${n}`, time: n, reason })),
  }));
  const report = { freshness: [], stale: [], retention, applied: false, deleted: [], undeleted: [], sooner: [] };
  return { status: 'succeeded', reason: { code: 'ok', message: 'good' }, copies: [], report };
}

test('however much retention lets go, the result fits into an output, and tells how much it is', () => {
  const result = resultOf(outcome(300, 90), FACTS);
  assert.ok(JSON.stringify(result).length < 400_000, `${JSON.stringify(result).length} characters`);
  const databases: readonly { going: number; delete: unknown[] }[] = JSON.parse(JSON.stringify(result.retention)).databases;
  assert.equal(databases.length, 300);
  assert.ok(databases.every(({ going }) => going === 90));
  assert.equal(databases[0]?.delete.length, 90);
  assert.equal(databases.flatMap(({ delete: listed }) => listed).length, 500);
});
