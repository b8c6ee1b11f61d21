import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JournalEvent, JournalLine } from './events.ts';
import type { Execution } from './execution.ts';
import { createFold, foldExecution } from './fold.ts';
import {
  FAILED,
  header,
  lines,
  MINUTE,
  OK,
  runStarted,
  START,
  server,
  stepFinished,
  stepStarted,
  waveFinished,
  wavesNamed,
  wholeWave,
} from './testing/records.ts';

const two = header(wavesNamed('database', 'web'));

function fold(streams: Readonly<Record<string, readonly JournalLine[]>>, of = two): Execution {
  return foldExecution(of, new Map(Object.entries(streams)));
}

describe('a step', () => {
  const step = (...events: readonly (readonly [number, JournalEvent])[]) =>
    fold({ 'waves/database': lines(...events) }).waves[0]?.steps[0];
  const intent = (key: string): JournalEvent => ({
    type: 'intent',
    step: 'recover',
    operation: 'drs:StartRecovery',
    key,
    detail: { n: 1 },
  });
  const change = (key: string, id: string, adopted = false): JournalEvent => ({
    type: 'change',
    step: 'recover',
    operation: 'drs:StartRecovery',
    key,
    id,
    adopted,
    site: 'dr',
    detail: {},
  });

  test('shows its times, its last note while it runs, and its end', () => {
    const started = [0, stepStarted('recover', 'recover')] as const;
    const noted = [2, { type: 'progress', step: 'recover', note: 'converting' }] as const;
    assert.deepEqual(step(started, noted), {
      id: 'recover',
      kind: 'recover',
      name: 'recover',
      status: 'running',
      attempt: 1,
      startedAt: START,
      deadline: START + 60 * MINUTE,
      note: 'converting',
      changes: [],
      openIntents: [],
      warnings: [],
    });
    const ended = step(started, noted, [
      9,
      { type: 'step-finished', step: 'recover', status: 'failed', reason: FAILED, result: { jobs: 1 } },
    ]);
    assert.deepEqual(
      [ended?.status, ended?.endedAt, ended?.reason, ended?.note, ended?.result],
      ['failed', START + 9 * MINUTE, FAILED, undefined, { jobs: 1 }],
    );
  });

  test('keeps an intent open until a change with its key follows', () => {
    const open = step([0, stepStarted('recover', 'recover')], [1, intent('a')], [1, intent('b')], [2, change('a', 'drsjob-1')]);
    assert.deepEqual(open?.openIntents, [{ operation: 'drs:StartRecovery', key: 'b', detail: { n: 1 } }]);
    assert.deepEqual(open?.changes, [
      { operation: 'drs:StartRecovery', id: 'drsjob-1', adopted: false, site: 'dr', at: START + 2 * MINUTE },
    ]);
    const repeated = step([0, stepStarted('recover', 'recover')], [1, intent('a')], [5, intent('a')]);
    assert.equal(repeated?.openIntents.length, 1);
  });

  test('goes on under its number when it is resumed, and does not count an adopted change twice', () => {
    const resumed = step(
      [0, stepStarted('recover', 'recover')],
      [1, intent('a')],
      [2, change('a', 'drsjob-1')],
      [30, stepStarted('recover', 'recover')],
      [31, change('a', 'drsjob-1', true)],
    );
    assert.deepEqual(
      [resumed?.status, resumed?.startedAt, resumed?.changes.length, resumed?.previous],
      ['running', START, 1, undefined],
    );
  });

  test('begins anew under the next number, and keeps the earlier tries', () => {
    const again = step(
      [0, stepStarted('recover', 'recover')],
      [1, intent('a')],
      [2, { type: 'warning', step: 'recover', reason: FAILED, server: 's-1' }],
      [5, stepFinished('recover', 'failed', FAILED)],
      [30, stepStarted('recover', 'recover', 2)],
    );
    assert.deepEqual(
      [again?.status, again?.attempt, again?.startedAt, again?.endedAt, again?.reason],
      ['running', 2, START + 30 * MINUTE, undefined, undefined],
    );
    assert.deepEqual([again?.openIntents, again?.warnings], [[], []]);
    assert.deepEqual(again?.previous, [
      {
        attempt: 1,
        status: 'failed',
        startedAt: START,
        endedAt: START + 5 * MINUTE,
        reason: FAILED,
        changes: [],
        openIntents: [{ operation: 'drs:StartRecovery', key: 'a', detail: { n: 1 } }],
        warnings: [{ reason: FAILED, server: 's-1' }],
      },
    ]);
  });

  test('that goes back in its numbers is told, and the newer one stays', () => {
    const execution = fold({
      'waves/database': lines([0, stepStarted('recover', 'recover', 2)], [1, stepStarted('recover', 'recover', 1)]),
    });
    assert.equal(execution.waves[0]?.steps[0]?.attempt, 2);
    assert.deepEqual(execution.problems, ['waves/database: step recover goes back from attempt 2 to 1']);
  });

  test('is kept when it was skipped without ever starting, in the order of a wave', () => {
    const skipped = { code: 'dependency-failed', message: 'not run' } as const;
    const execution = fold({
      'waves/database': lines(
        [0, { type: 'warning', step: 'recover', reason: FAILED, server: 's-db-1' }],
        [0, stepStarted('pre/Freeze', 'pre-wave-action')],
        [1, stepFinished('pre/Freeze', 'failed', FAILED)],
        [1, stepFinished('recover', 'skipped', skipped)],
        [1, stepFinished('verify', 'skipped', skipped)],
        [1, stepFinished('post/Promote it', 'skipped', skipped)],
      ),
      finally: lines([2, stepFinished('finally/Notify', 'succeeded')], [3, stepFinished('clean-up', 'succeeded')]),
    });
    const brief = (steps: Execution['finally']) =>
      steps.map(({ kind, name, status, warnings }) => [kind, name, status, warnings.length]);
    assert.deepEqual(brief(execution.waves[0]?.steps ?? []), [
      ['pre-wave-action', 'pre/Freeze', 'failed', 0],
      ['recover', 'recover', 'skipped', 1],
      ['verify', 'verify', 'skipped', 0],
      ['post-wave-action', 'Promote it', 'skipped', 0],
    ]);
    assert.deepEqual(brief(execution.finally), [
      ['finally-action', 'Notify', 'succeeded', 0],
      ['clean-up', 'clean-up', 'succeeded', 0],
    ]);
  });
});

describe('a wave', () => {
  test('holds the newest record of each server', () => {
    const execution = fold({
      'waves/database': lines(
        [0, { type: 'wave-started', servers: [server('db-1', { status: 'pending' }), server('db-2', { status: 'pending' })] }],
        [1, stepStarted('recover', 'recover')],
        [9, stepFinished('recover', 'succeeded', OK, [server('db-1', { status: 'running', instanceId: 'i-1' })])],
      ),
    });
    assert.deepEqual(
      execution.waves[0]?.servers.map(({ name, status, instanceId }) => [name, status, instanceId]),
      [
        ['db-1', 'running', 'i-1'],
        ['db-2', 'pending', undefined],
      ],
    );
  });

  test('is open again when it is run again, and keeps its first start', () => {
    const first = wholeWave(1, 9, [server('db-1', { status: 'failed', reason: FAILED })], 'failed', FAILED);
    const again = lines(
      [40, { type: 'wave-started', servers: [server('db-1', { status: 'failed' })] }],
      [40, stepStarted('recover', 'recover', 2)],
    );
    const [wave] = fold({ 'waves/database': [...first, ...again] }).waves;
    assert.deepEqual(
      [wave?.status, wave?.startedAt, wave?.endedAt, wave?.reason],
      ['running', START + MINUTE, undefined, undefined],
    );
  });

  test('waits while a person has to approve it', () => {
    const [wave] = fold({ 'waves/database': lines([0, stepStarted('gate', 'gate')]) }).waves;
    assert.deepEqual([wave?.status, wave?.steps[0]?.status], ['waiting', 'waiting']);
  });

  test('learns from the clean-up where its servers are, but not how they fared', () => {
    const broken = server('db-1', { status: 'failed', reason: FAILED });
    const execution = fold({
      'waves/database': wholeWave(0, 9, [broken], 'failed', FAILED),
      finally: lines(
        [20, stepStarted('clean-up', 'clean-up')],
        [25, stepFinished('clean-up', 'succeeded', OK, [server('db-1', { instanceId: 'i-1' })])],
      ),
    });
    const [record] = execution.waves[0]?.servers ?? [];
    assert.deepEqual([record?.status, record?.reason, record?.instanceId], ['failed', FAILED, 'i-1']);
  });
});

describe('runs', () => {
  test('say who did it, with what, as whom, and how it ended', () => {
    const execution = fold({
      'runs/run-2': lines([30, runStarted('run-2', [], true)]),
      'runs/run-1': lines(
        [0, runStarted('run-1', ['database'])],
        [0, { type: 'identity-proved', site: 'dr', account: '111122223333', region: 'us-west-2', arn: 'arn:old' }],
        [1, { type: 'identity-proved', site: 'dr', account: '111122223333', region: 'us-west-2', arn: 'arn:new' }],
        [9, { type: 'run-interrupted', signal: 'SIGINT', stillRunning: ['database'], resume: 'run it again' }],
        [9, { type: 'run-finished', verdict: 'in-progress', reason: FAILED }],
      ),
    });
    assert.equal(execution.startedAt, START);
    assert.deepEqual(execution.runs, [
      {
        run: 'run-1',
        actor: 'sam',
        tool: 'breakwater 0.1.0',
        startedAt: START,
        endedAt: START + 9 * MINUTE,
        resumed: false,
        waves: ['database'],
        approvals: [],
        identities: [{ site: 'dr', account: '111122223333', region: 'us-west-2', arn: 'arn:new' }],
        interruptedBy: 'SIGINT',
        stillRunning: ['database'],
        resume: 'run it again',
        outcome: { verdict: 'in-progress', reason: FAILED },
      },
      {
        run: 'run-2',
        actor: 'sam',
        tool: 'breakwater 0.1.0',
        startedAt: START + 30 * MINUTE,
        resumed: true,
        waves: [],
        approvals: [],
        identities: [],
      },
    ]);
  });
});

describe('a fold', () => {
  test('that grows line by line is at every line what a whole fold is', () => {
    const streams = [
      ['runs/run-1', lines([0, runStarted('run-1')])],
      ['waves/database', wholeWave(0, 9, [server('db-1')])],
      ['waves/web', wholeWave(9, 20, [server('web-1')])],
      ['finally', lines([20, stepStarted('clean-up', 'clean-up')], [22, stepFinished('clean-up', 'succeeded')])],
    ] as const;
    const growing = createFold(two);
    const soFar = new Map<string, JournalLine[]>();
    for (const [stream, all] of streams) {
      for (const line of all) {
        growing.apply(stream, line);
        soFar.set(stream, [...(soFar.get(stream) ?? []), line]);
        assert.deepEqual(growing.execution(), foldExecution(two, soFar));
      }
    }
    assert.equal(growing.execution().verdict, 'succeeded');
  });

  test('gives out values that later lines do not change', () => {
    const growing = createFold(two);
    const [first, ...rest] = wholeWave(0, 9, [server('db-1')]);
    if (first !== undefined) growing.apply('waves/database', first);
    const early = growing.execution();
    const copy = structuredClone(early);
    for (const line of rest) growing.apply('waves/database', line);
    growing.execution();
    assert.deepEqual(early, copy);
  });

  test('builds only what changed', () => {
    const growing = createFold(two);
    for (const line of wholeWave(0, 9, [server('db-1')])) growing.apply('waves/database', line);
    const before = growing.execution().waves[0];
    for (const line of lines([9, { type: 'wave-started', servers: [] }])) growing.apply('waves/web', line);
    assert.equal(growing.execution().waves[0], before);
  });

  test('skips events of a later version, and tells of streams that the plan does not have', () => {
    const later: JournalLine = JSON.parse('{"v":1,"seq":0,"at":"2026-11-20T03:15:00.000Z","prev":"","type":"photograph"}');
    const execution = fold({
      'waves/database': [later],
      'waves/gone': [later, later],
      'runs/run-1': [later],
      finally: [later],
      other: [later],
    });
    assert.equal(execution.verdict, 'in-progress');
    assert.deepEqual(execution.problems, ['other: the plan has no such stream', 'waves/gone: the plan has no such stream']);
  });

  test('carries damage into the execution', () => {
    const replaced: JournalEvent = {
      type: 'journal-replaced',
      damaged: 'database.damaged-1.jsonl',
      sha256: 'x',
      problem: 'line 3: altered',
    };
    const execution = foldExecution(
      two,
      new Map([['waves/database', lines([0, replaced], [1, waveFinished('failed', FAILED)])]]),
      ['finally.jsonl line 2: gone'],
    );
    assert.deepEqual(execution.problems, [
      'finally.jsonl line 2: gone',
      'waves/database: database.damaged-1.jsonl was set aside: line 3: altered',
    ]);
  });
});
