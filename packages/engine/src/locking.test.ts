import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Mode, RefusedError, VirtualClock } from '@breakwater/core';
import type { JournalLine, LockOwner } from '@breakwater/history';
import type { Plan, Wave } from '@breakwater/plan';
import { execute, type Part } from './execute.ts';
import { lockTargets } from './locking.ts';
import { database, headerOf, MemoryHistory, planOf, type Script, ScriptedDeeds, wave, waveServer } from './testing.ts';
import { MemoryLocks } from './testing-locks.ts';

const UNREACHABLE = new RefusedError('history-unreachable', 'the remote does not answer', { next: 'Wait.' });
const waits =
  (ms: number): Script =>
  (look) =>
    look === 1 ? { state: 'waiting', note: 'launching', lookAgainIn: ms } : undefined;
const launches: Script = () => ({
  state: 'done',
  status: 'succeeded',
  servers: [{ ...waveServer('s-a').record, status: 'succeeded', instanceId: 'i-1' }],
});

interface Options {
  readonly mode?: Mode;
  readonly waves?: readonly Wave[];
  readonly scripts?: Readonly<Record<string, Script>>;
  readonly plan?: Partial<Plan>;
  readonly stopDrill?: (drill: LockOwner) => Promise<void>;
}

/** Executions that share their locks. */
function executions() {
  const clock = new VirtualClock(0);
  const locks = new MemoryLocks();
  const make = (execution: string, options: Options = {}) => {
    const { mode = 'drill', waves = [wave('a')], scripts = {}, stopDrill } = options;
    const { set, plan } = planOf(waves, { drill: { cleanUp: 'terminate' }, ...options.plan });
    const history = new MemoryHistory(clock, headerOf(plan, mode));
    const deeds = new ScriptedDeeds(clock, scripts);
    const owner: LockOwner = { execution, plan: 'p', mode, actor: 'ada', host: 'here', at: '1970-01-01T00:00:00.000Z' };
    const ended: string[] = [];
    let runs = 0;
    const run = (
      part: Part = 'whole',
      names = waves.map(({ name }) => name),
      approvals: readonly string[] = [],
      signal = new AbortController().signal,
    ) => {
      runs += 1;
      return execute(
        { set, plan, mode, part, waves: names, approvals, run: `run-${runs}`, actor: 'ada', tool: 'test' },
        {
          clock,
          signal,
          history,
          deeds,
          observe: () => undefined,
          judge: () => ({ verdict: 'in-progress', reason: { code: 'ok', message: 'judged elsewhere' } }),
          locks: {
            locks,
            owner,
            ...(stopDrill === undefined ? {} : { stopDrill }),
            deedsOf: (drill) => {
              ended.push(`${drill.execution} since ${drill.since}`);
              return deeds;
            },
          },
        },
      );
    };
    const told = (type: JournalLine['type']) =>
      [1, 2, 3].flatMap((n) => history.lines(`runs/run-${n}`)).filter((line) => line.type === type);
    return { run, told, history, deeds, ended };
  };
  return { clock, locks, make };
}

describe('what is locked', () => {
  it('is every server and database of the due waves, by what it will be called', () => {
    const a = wave('a', { databases: [database('orders', { cluster: 'Orders' }), database('x', { target: 'X-new' })] });
    const { set } = planOf([a]);
    assert.deepEqual(
      lockTargets([a], new Map([['a', [waveServer('s-1')]]]), set).map(({ kind, account, region, id }) => [
        kind,
        account,
        region,
        id,
      ]),
      [
        ['server', '111122223333', 'us-west-2', 's-1'],
        ['database', '111122223333', 'us-west-2', 'orders'],
        ['database', '111122223333', 'us-west-2', 'x-new'],
      ],
    );
  });
});

describe('an execution', () => {
  it('holds its locks until all is over, through all its jobs', async () => {
    const { locks, make } = executions();
    const { run, told } = make('drill-1', {
      waves: [wave('a'), wave('b', { dependsOn: ['a'] })],
      scripts: { 'a/recover': launches },
    });
    await run('waves', ['a']);
    assert.deepEqual(locks.names, ['drill-1 s-a']);
    await run('waves', ['b']);
    assert.deepEqual(locks.names, ['drill-1 s-a', 'drill-1 s-b']);
    await run('end', []);
    assert.deepEqual(locks.names, []);
    assert.equal(told('locks-released').length, 1);
  });

  it('keeps them while a clean-up has failed, and lets go once it has succeeded', async () => {
    const { locks, make } = executions();
    let fails = true;
    const cleanUp: Script = () => (fails ? { state: 'failed', reason: { code: 'aws-fault', message: 'no' } } : undefined);
    const { run } = make('drill-1', { scripts: { 'a/recover': launches, 'clean-up': cleanUp } });
    await run();
    assert.deepEqual(locks.names, ['drill-1 s-a']);
    fails = false;
    await run();
    assert.deepEqual(locks.names, []);
  });

  it('keeps them before a gate', async () => {
    const { locks, make } = executions();
    const { run } = make('recovery-1', { mode: 'recovery', waves: [wave('a', { gate: { when: ['recovery'] } })] });
    assert.equal((await run())?.reason.code, 'gate-closed');
    assert.deepEqual(locks.names, ['recovery-1 s-a']);
    await run('whole', ['a'], ['a']);
    assert.deepEqual(locks.names, []);
  });

  it('lets go when it is told to stop before it has begun anything, and only then', async () => {
    const { clock, locks, make } = executions();
    const early = make('drill-1');
    assert.equal((await early.run('whole', ['a'], [], AbortSignal.abort('SIGTERM')))?.reason.code, 'interrupted');
    assert.deepEqual([locks.names, early.deeds.asked], [[], []]);
    const stop = new AbortController();
    const late = make('drill-2', { scripts: { 'a/recover': waits(600_000) } });
    const running = late.run('whole', ['a'], [], stop.signal);
    await clock.sleep(1_000);
    stop.abort('SIGTERM');
    await running;
    assert.deepEqual(locks.names, ['drill-2 s-a']);
  });

  it('is refused what another one holds, before it changes anything', async () => {
    const { locks, make } = executions();
    await make('recovery-1', { mode: 'recovery', waves: [wave('a', { gate: { when: ['recovery'] } })] }).run();
    for (const mode of ['drill', 'recovery'] as const) {
      const { run, deeds, told } = make('second', { mode });
      await assert.rejects(run(), {
        code: 'servers-locked',
        message: /recovery recovery-1 of plan p \(ada on here, since 1970-01-01T00:00:00\.000Z\) holds s-a/,
        next: /breakwater unlock recovery-1$/,
      });
      assert.deepEqual(deeds.asked, []);
      assert.equal(told('run-finished').length, 1);
    }
    assert.deepEqual(locks.names, ['recovery-1 s-a']);
  });
});

describe('locks out of reach', () => {
  it('stop a drill', async () => {
    const { locks, make } = executions();
    locks.fault = UNREACHABLE;
    const { run, deeds } = make('drill-1');
    await assert.rejects(run(), { code: 'history-unreachable' });
    assert.deepEqual(deeds.asked, []);
  });

  it('do not stop a recovery, which says so', async () => {
    const { locks, make } = executions();
    locks.fault = UNREACHABLE;
    const { run, told, deeds } = make('recovery-1', { mode: 'recovery' });
    assert.equal(await run(), undefined);
    assert.ok(deeds.asked.length > 0);
    const [taking, releasing] = told('locks-unavailable');
    assert.ok(taking?.type === 'locks-unavailable' && releasing?.type === 'locks-unavailable');
    assert.match(taking.reason.message, /a recovery does not wait for them: the remote does not answer/);
    assert.match(releasing.reason.next ?? '', /breakwater unlock recovery-1/);
    assert.deepEqual(told('locks-taken'), []);
  });

  it('stop no drill that runs already, and leave its end as it is', async () => {
    const { clock, locks, make } = executions();
    const { run, history } = make('drill-1', { scripts: { 'a/recover': waits(600_000) } });
    const running = run();
    await clock.sleep(100_000);
    locks.fault = UNREACHABLE;
    assert.equal(await running, undefined);
    const end = history.lines('waves/a').findLast((line) => line.type === 'wave-finished');
    assert.equal(end?.type === 'wave-finished' ? end.status : '', 'succeeded');
  });
});

describe('a recovery that needs the servers of a drill', () => {
  it('gets them as soon as the drill has cleaned up', async () => {
    const { clock, locks, make } = executions();
    const drill = make('drill-1', { scripts: { 'a/recover': waits(600_000) } });
    const running = drill.run();
    await clock.sleep(1_000);
    const stopped: string[] = [];
    const recovery = make('recovery-1', { mode: 'recovery', stopDrill: async ({ execution }) => void stopped.push(execution) });
    assert.equal(await recovery.run(), undefined);
    assert.equal((await running)?.reason.code, 'pre-empted');
    assert.deepEqual(stopped, ['drill-1']);
    assert.ok(clock.now() < 60_000, `after ${clock.now()} ms`);
    assert.deepEqual(
      drill.deeds.asked.map((entry) => entry.replace(/^\d+s /, '')),
      ['a/recover', 'clean-up'],
    );
    const [told, ...more] = recovery.told('drill-pre-empted');
    assert.ok(told?.type === 'drill-pre-empted' && told.broken === undefined);
    assert.deepEqual([told.drill, told.servers, more], ['drill-1', ['s-a'], []]);
    assert.deepEqual([recovery.ended, locks.names], [[], []]);
    const ends = drill.history
      .lines('waves/a')
      .flatMap((line) => (line.type === 'step-finished' ? [`${line.step} ${line.status}`] : []));
    assert.deepEqual(ends, ['recover cancelled']);
  });

  it('breaks its locks after two minutes, and ends what it left when it has recovered', async () => {
    const { clock, locks, make } = executions();
    await make('drill-1', { waves: [wave('a'), wave('b')] }).run('waves');
    const recovery = make('recovery-1', { mode: 'recovery' });
    assert.equal(await recovery.run(), undefined);
    assert.ok(clock.now() >= 120_000 && clock.now() <= 126_000, String(clock.now()));
    const broken = recovery.told('drill-pre-empted').flatMap((line) => (line.type === 'drill-pre-empted' ? [line.broken] : []));
    assert.equal(broken[0], undefined);
    assert.deepEqual(broken[1]?.left, [
      { kind: 'server', id: 's-a', site: 'dr' },
      { kind: 'server', id: 's-b', site: 'dr' },
    ]);
    const steps = recovery.history
      .lines('finally')
      .flatMap((line) => (line.type === 'step-finished' ? [`${line.step} ${line.status}`] : []));
    assert.deepEqual(steps, ['end-drill/drill-1 succeeded']);
    assert.deepEqual(recovery.ended, ['drill-1 since 0']);
    assert.deepEqual(locks.names, []);
  });

  it('does not wait for a platform that never answers', async () => {
    const { clock, make } = executions();
    await make('drill-1').run('waves');
    const recovery = make('recovery-1', { mode: 'recovery', stopDrill: () => new Promise(() => undefined) });
    assert.equal(await recovery.run(), undefined);
    assert.ok(clock.now() <= 126_000);
  });

  it('is not turned into a failure by what cannot be ended of the drill', async () => {
    const { make } = executions();
    await make('drill-1').run('waves');
    const cleanUp: Script = () => ({ state: 'failed', reason: { code: 'aws-fault', message: 'no' } });
    const recovery = make('recovery-1', { mode: 'recovery', scripts: { 'clean-up': cleanUp } });
    assert.equal(await recovery.run(), undefined);
    const last = recovery.history.lines('finally').findLast((line) => line.type === 'step-finished');
    assert.equal(last?.type === 'step-finished' ? last.status : '', 'failed-ignored');
  });

  it('goes on without locks when they go out of reach meanwhile', async () => {
    const { clock, locks, make } = executions();
    await make('drill-1').run('waves');
    const recovery = make('recovery-1', { mode: 'recovery' });
    const running = recovery.run();
    await clock.sleep(20_000);
    locks.fault = UNREACHABLE;
    assert.equal(await running, undefined);
    assert.ok(clock.now() < 30_000);
    assert.equal(recovery.told('locks-unavailable').length, 2);
  });

  it('ends a drill whose process is gone when somebody comes back to it, whichever job that is', async () => {
    for (const part of ['whole', 'end'] as const) {
      const { locks, make } = executions();
      const drill = make('drill-1', { waves: [wave('a'), wave('b')], scripts: { 'b/recover': launches } });
      await drill.run('waves', ['b']);
      await make('recovery-1', { mode: 'recovery', waves: [wave('b')] }).run();
      assert.equal((await drill.run(part))?.reason.code, 'pre-empted', part);
      const ends = ['a', 'b'].map((name) =>
        drill.history.lines(`waves/${name}`).findLast((line) => line.type === 'wave-finished'),
      );
      assert.deepEqual(
        ends.map((line) => (line?.type === 'wave-finished' ? line.status : '')),
        ['cancelled', 'succeeded'],
      );
      assert.equal(drill.deeds.asked.filter((entry) => entry.endsWith('clean-up')).length, 1);
      assert.deepEqual(locks.names, []);
    }
  });

  it('begins no wave of a drill that is wanted', async () => {
    const { clock, locks, make } = executions();
    const drill = make('drill-1', {
      waves: [wave('a'), wave('b', { dependsOn: ['a'] })],
      scripts: { 'a/recover': waits(10_000) },
    });
    const running = drill.run();
    await clock.sleep(1_000);
    await locks.want('drill-1', { execution: 'recovery-1', plan: 'p', mode: 'recovery', actor: 'kim', host: 'h', at: 'now' });
    assert.equal((await running)?.reason.code, 'pre-empted');
    assert.ok(!drill.deeds.asked.some((entry) => entry.includes('b/recover')), drill.deeds.asked.join());
  });
});
