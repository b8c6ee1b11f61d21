import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Status } from '@breakwater/core';
import fc from 'fast-check';
import { hasEventShape } from './event-shape.ts';
import type { JournalEvent, JournalLine, Reason } from './events.ts';
import type { DatabaseRecord, Execution } from './execution.ts';
import { foldExecution } from './fold.ts';
import {
  header,
  lines,
  MINUTE,
  OK,
  runStarted,
  server,
  stepFinished,
  stepStarted,
  waveFinished,
  wavesNamed,
} from './testing/records.ts';

const EMPTY: Reason = { code: 'verification-failed', message: 'table orders is empty', next: 'Look at the snapshot.' };

function database(name: string, overrides: Partial<DatabaseRecord> = {}): DatabaseRecord {
  return {
    name,
    cluster: name,
    site: 'dr',
    account: '111122223333',
    region: 'us-west-2',
    strategy: 'new',
    criticality: 'critical',
    status: 'succeeded',
    rpa: MINUTE,
    ...overrides,
  };
}

const pending = ({ name, cluster = '', site, account, region, strategy, criticality }: DatabaseRecord): DatabaseRecord => ({
  name,
  cluster,
  site,
  account,
  region,
  strategy,
  criticality,
  status: 'pending',
});
const started = (name: string, attempt = 1): JournalEvent => stepStarted(`database/${name}`, 'recover-database', attempt);
const finished = (
  record: DatabaseRecord,
  status: Status = record.status,
  reason: Reason = record.reason ?? OK,
): JournalEvent => ({
  type: 'step-finished',
  step: `database/${record.name}`,
  status,
  reason,
  databases: [record],
});

/** A wave `data` that begins with these databases, and then these events, a minute apart. */
function wave(databases: readonly DatabaseRecord[], ...events: readonly JournalEvent[]): readonly JournalLine[] {
  const all: JournalEvent[] = [{ type: 'wave-started', servers: [], databases: databases.map(pending) }, ...events];
  return lines(...all.map((event, minute) => [minute, event] as const));
}

function whole(records: readonly DatabaseRecord[], status: Status = 'succeeded', reason: Reason = OK): readonly JournalLine[] {
  return wave(
    records,
    ...records.map(({ name }) => started(name)),
    ...records.map((one) => finished(one)),
    waveFinished(status, reason),
  );
}

const base = header(wavesNamed('data'));

function fold(
  data: readonly JournalLine[],
  { of = base, last = [] }: { of?: typeof base; last?: readonly JournalLine[] } = {},
): Execution {
  const streams = new Map([
    ['runs/run-1', lines([0, runStarted('run-1')])],
    ['waves/data', data],
    ...(last.length === 0 ? [] : [['finally', last] as const]),
  ]);
  return foldExecution(of, streams);
}

const statuses = (execution: Execution) => execution.waves[0]?.databases?.map(({ status }) => status);

describe('databases in the fold', () => {
  test('stand as their steps do: pending, running, ended, tried again, skipped', () => {
    const shop = database('shop');
    const failed = database('shop', { status: 'failed', reason: EMPTY });
    assert.deepEqual(statuses(fold(wave([shop]))), ['pending']);
    assert.deepEqual(statuses(fold(wave([shop], started('shop')))), ['running']);
    assert.deepEqual(statuses(fold(wave([shop], started('shop'), finished(shop)))), ['succeeded']);
    const again = fold(wave([shop], started('shop'), finished(failed), started('shop', 2)));
    assert.deepEqual(
      again.waves[0]?.databases?.map(({ status, reason }) => [status, reason]),
      [['running', undefined]],
    );
    const skipped = fold(
      wave([shop], stepFinished('database/shop', 'skipped', { code: 'dependency-failed', message: 'not run' })),
    );
    assert.deepEqual(
      skipped.waves[0]?.databases?.map(({ status, reason }) => [status, reason?.code]),
      [['skipped', 'dependency-failed']],
    );
    assert.equal(skipped.waves[0]?.steps[0]?.kind, 'recover-database');
  });

  test('are left out of a wave that has none', () => {
    const none = fold(lines([0, { type: 'wave-started', servers: [server('db-1')] }]));
    assert.equal(Object.hasOwn(none.waves[0] ?? {}, 'databases'), false);
  });

  test('are what a wave of databases alone has recovered', () => {
    const { verdict, reason } = fold(whole([database('shop'), database('stock')]));
    assert.deepEqual([verdict, reason.message], ['succeeded', '1 wave and 2 databases succeeded']);
    const nothing = fold(lines([0, { type: 'wave-started', servers: [] }], [1, waveFinished('succeeded')]));
    assert.deepEqual([nothing.verdict, nothing.reason.code], ['failed', 'no-participants']);
  });

  test('a lie about them is found: the wave claims success, its database does not', () => {
    const failed = database('shop', { status: 'failed', reason: EMPTY });
    const { verdict, reason } = fold(wave([failed], started('shop'), finished(failed), waveFinished('succeeded')));
    assert.deepEqual([verdict, reason.code], ['failed', 'verification-failed']);
    assert.match(reason.message, /critical database shop failed: table orders is empty/);
    const never = fold(wave([database('shop')], waveFinished('succeeded')));
    assert.deepEqual(
      [never.verdict, never.reason.message],
      ['failed', 'wave data: critical database shop never ended: its status is pending'],
    );
  });

  test('a step that is worse than the record it left still counts', () => {
    const optional = database('shop', { criticality: 'optional', status: 'failed', reason: EMPTY });
    const told = fold(wave([optional], started('shop'), finished(optional, 'failed-ignored'), waveFinished('succeeded')));
    assert.equal(told.verdict, 'degraded');
    assert.equal(told.reason.message, 'wave data: optional database shop failed: table orders is empty');
    const worse = fold(wave([optional], started('shop'), finished(optional, 'failed'), waveFinished('succeeded')));
    assert.equal(worse.verdict, 'failed');
    const better = database('shop');
    const halfTold = fold(wave([better], started('shop'), finished(better, 'timed-out', EMPTY), waveFinished('succeeded')));
    assert.equal(halfTold.verdict, 'failed');
  });

  test('what a record without sense claims is no journal line', () => {
    const event = (record: object) => ({
      type: 'step-finished',
      step: 's',
      status: 'succeeded',
      reason: OK,
      databases: [record],
    });
    assert.ok(hasEventShape('step-finished', event(database('shop', { checks: [{ check: 'c', ok: true, found: 'f' }] }))));
    for (const wrong of [
      {},
      { ...database('shop'), status: 7 },
      { ...database('shop'), rpa: 'much' },
      { ...database('shop'), checks: [{ check: 'c' }] },
      { ...database('shop'), users: 'created' },
      { ...database('shop'), instances: 'one' },
    ]) {
      assert.equal(hasEventShape('step-finished', event(wrong)), false, JSON.stringify(wrong));
    }
  });
});

describe('the recovery point of databases', () => {
  const point = (...records: readonly DatabaseRecord[]) => fold(whole(records)).rpo;

  test('counts against the plan’s objective, and the worst is named', () => {
    assert.deepEqual(point(database('shop', { rpa: 2 * MINUTE }), database('stock', { rpa: 5 * MINUTE })), {
      objective: 15 * MINUTE,
      actual: 5 * MINUTE,
      database: 'stock',
      met: true,
    });
    const late = fold(whole([database('shop', { rpa: 16 * MINUTE })]));
    assert.deepEqual([late.verdict, late.reason.code, late.rpo.met], ['degraded', 'rpo-missed', false]);
    assert.match(late.reason.message, /^database shop lost data of 16m 00s, the objective is 15m 00s$/);
  });

  test('one of its own counts alone: met, missed, or unknown', () => {
    const day = 24 * 60 * MINUTE;
    assert.deepEqual(point(database('shop', { rpo: day, rpa: day })), {
      objective: 15 * MINUTE,
      met: true,
      databases: [{ name: 'shop', objective: day, actual: day, met: true }],
    });
    const late = fold(whole([database('shop', { rpo: MINUTE, rpa: MINUTE + 1 }), database('stock')]));
    assert.deepEqual([late.rpo.met, late.rpo.database, late.verdict], [false, 'stock', 'degraded']);
    assert.match(late.reason.message, /^database shop lost data of/);
    const { rpa: _, ...unmeasured } = database('shop', { rpo: day });
    const unknown = point(unmeasured);
    assert.deepEqual(
      [unknown.met, unknown.unknownDatabases, unknown.databases],
      [undefined, 1, [{ name: 'shop', objective: day }]],
    );
  });

  test('is met only when every one is known and within its objective', () => {
    const record = fc.record({
      rpa: fc.option(fc.nat(30 * MINUTE), { nil: undefined }),
      rpo: fc.option(fc.nat(30 * MINUTE), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (all) => {
        const records = all.map(({ rpa, rpo }, i): DatabaseRecord => {
          const { rpa: _, ...rest } = database(`d${i}`);
          return { ...rest, ...(rpa === undefined ? {} : { rpa }), ...(rpo === undefined ? {} : { rpo }) };
        });
        const { met } = point(...records);
        const missed = all.some(({ rpa, rpo = 15 * MINUTE }) => rpa !== undefined && rpa > rpo);
        const known = all.every(({ rpa }) => rpa !== undefined);
        assert.equal(met, missed ? false : known ? true : undefined);
      }),
      { numRuns: 200 },
    );
  });
});

describe('clusters of a drill', () => {
  const terminating = header(wavesNamed('data'), { plan: { ...base.plan, definition: { drill: { cleanUp: 'terminate' } } } });
  const shop = database('shop');
  const cleanUp = stepFinished('clean-up-databases', 'succeeded');

  test('must be cleaned up before the drill is over, also those of a restore that failed', () => {
    const { verdict, reason } = fold(whole([shop]), { of: terminating });
    assert.deepEqual(
      [verdict, reason.message],
      ['in-progress', 'all waves have ended; the databases of the drill are not cleaned up yet'],
    );
    const done = fold(whole([shop]), {
      of: terminating,
      last: lines([9, stepStarted('clean-up-databases', 'clean-up')], [10, cleanUp]),
    });
    assert.equal(done.verdict, 'succeeded');
    const instances = fold(whole([shop]), { of: terminating, last: lines([10, stepFinished('clean-up', 'succeeded')]) });
    assert.equal(instances.verdict, 'in-progress', 'the instances’ clean-up is another');
  });

  test('are not waited for where no restore was begun, or in a recovery', () => {
    const skipped = wave([shop], stepFinished('database/shop', 'skipped', OK), waveFinished('succeeded'));
    assert.notEqual(fold(skipped, { of: terminating }).verdict, 'in-progress');
    assert.equal(fold(whole([shop]), { of: { ...terminating, mode: 'recovery' } }).verdict, 'succeeded');
  });

  test('a clean-up that failed is degraded, never hidden', () => {
    const failed = stepFinished('clean-up-databases', 'failed', { code: 'permission-denied', message: 'no rds:DeleteDBCluster' });
    const { verdict, reason } = fold(whole([shop]), {
      of: terminating,
      last: lines([9, stepStarted('clean-up-databases', 'clean-up')], [10, failed]),
    });
    assert.equal(verdict, 'degraded');
    assert.match(reason.message, /no rds:DeleteDBCluster/);
  });
});
