import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseRecord, Execution } from '@breakwater/history';
import { databaseSection } from './database-section.ts';
import { failuresOf } from './facts.ts';
import { databases } from './testing/executions.ts';

/** The execution of the databases with only this one, in its first wave. */
function withOnly(database: DatabaseRecord): Execution {
  const execution = databases();
  const [first, ...rest] = execution.waves;
  assert.ok(first !== undefined);
  return { ...execution, waves: [{ ...first, databases: [database] }, ...rest.map((wave) => ({ ...wave, databases: [] }))] };
}

const LEDGER: DatabaseRecord = {
  name: 'books',
  instance: 'ledger',
  site: 'dr',
  account: '111122223333',
  region: 'us-west-2',
  strategy: 'swap',
  criticality: 'critical',
  status: 'succeeded',
  instanceId: 'ledger',
  oldInstance: 'ledger-old-0a1b2c',
  pointInTime: Date.UTC(2026, 10, 20, 2, 55),
  rpa: 300_000,
};

test('an instance restored to a point in time reads as one', () => {
  const text = databaseSection(withOnly(LEDGER)).render('full');
  assert.match(text, /\| Data of \(UTC\) \| Restored \|/);
  assert.match(text, /\| books \(instance `ledger`\) \|/);
  assert.match(text, /swap, the old one is `ledger-old-0a1b2c`/);
  assert.match(text, /point in time, 2026-11-20 02:55/);
  assert.match(text, /\[`ledger`\]\(\S*#database:id=ledger;is-cluster=false\)/);
  assert.doesNotMatch(text, /Cluster|cluster `/);
});

test('one that failed before anything stood is told by the identifier of its source', () => {
  const { instanceId: _, ...rest } = LEDGER;
  const failed = withOnly({ ...rest, status: 'failed', reason: { code: 'snapshot-missing', message: 'none' } });
  const [failure] = failuresOf(failed).filter(({ kind }) => kind === 'database');
  assert.deepEqual([failure?.name, failure?.id, failure?.url], ['books', 'ledger', undefined]);
});

test('a drill restores beside: it is never told as the strategy of the plan alone', () => {
  const { oldInstance: _, ...rest } = LEDGER;
  const told = (mode: 'drill' | 'recovery', strategy: string) => {
    const execution = withOnly({ ...rest, strategy });
    return databaseSection({ ...execution, header: { ...execution.header, mode } }).render('full');
  };
  assert.match(told('drill', 'replace'), /\| beside \(a recovery: replace\) \|/);
  assert.match(told('drill', 'new'), /\| new \|/);
  assert.match(told('recovery', 'replace'), /\| replace \|/);
});
