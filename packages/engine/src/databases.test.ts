import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mode, VirtualClock } from '@breakwater/core';
import { type DatabaseRecord, foldExecution, type JournalLine } from '@breakwater/history';
import type { Plan, Wave } from '@breakwater/plan';
import { execute } from './execute.ts';
import { action, database, headerOf, MemoryHistory, planOf, type Script, ScriptedDeeds, wave } from './testing.ts';

const MINUTE = 60_000;
const takes =
  (ms: number): Script =>
  (_, { clock }) =>
    clock.now() < ms ? { state: 'waiting', note: 'restoring', lookAgainIn: ms - clock.now() } : undefined;
const fails: Script = () => ({
  state: 'failed',
  reason: { code: 'verification-failed', message: 'table orders is empty' },
  database: { clusterId: 'shop-drill', checks: [{ check: 'table orders', ok: false, found: '0 rows' }] },
});

interface Options {
  readonly scripts?: Readonly<Record<string, Script>>;
  readonly plan?: Partial<Plan>;
  readonly mode?: Mode;
}

function rehearsal(waves: readonly Wave[], { scripts = {}, plan: overrides = {}, mode = 'drill' }: Options = {}) {
  const clock = new VirtualClock(0);
  const { set, plan } = planOf(waves, overrides);
  const history = new MemoryHistory(clock, {
    ...headerOf(plan, mode),
    plan: { ...headerOf(plan, mode).plan, definition: { plan: definitionOf(plan) } },
  });
  const deeds = new ScriptedDeeds(clock, scripts);
  let runs = 0;
  const run = (options: { signal?: AbortSignal } = {}) => {
    runs += 1;
    return execute(
      { set, plan, mode, waves: waves.map(({ name }) => name), approvals: [], run: `run-${runs}`, actor: 'tester', tool: 'test' },
      {
        clock,
        signal: options.signal ?? new AbortController().signal,
        history,
        deeds,
        observe: () => undefined,
        judge: () => ({ verdict: 'in-progress', reason: { code: 'ok', message: 'judged elsewhere' } }),
      },
    );
  };
  const execution = async () => {
    const { streams, problems } = await history.read();
    return foldExecution(history.header, streams, problems);
  };
  return { clock, history, deeds, run, execution };
}

/** What the verdict reads of a plan. */
function definitionOf({ drill }: Plan) {
  return { drill: { cleanUp: drill.cleanUp }, finally: [] };
}

function stepEnds(lines: readonly JournalLine[]): string[] {
  return lines.flatMap((line) => (line.type === 'step-finished' ? [`${line.step} ${line.status}`] : []));
}

const data = (overrides: Partial<Wave> = {}) =>
  wave('data', { databases: [database('shop'), database('stock')], postWaveActions: [action('p')], ...overrides });

function named(databases: readonly DatabaseRecord[] | undefined, name: string): DatabaseRecord | undefined {
  return databases?.find((one) => one.name === name);
}

test('databases are restored beside each other and beside the servers, and actions wait for all of them', async () => {
  const { deeds, run, execution } = rehearsal([data({ preWaveActions: [action('a')] })], {
    scripts: {
      'data/recover': takes(2 * MINUTE),
      'data/database/shop': takes(5 * MINUTE),
      'data/database/stock': takes(3 * MINUTE),
    },
  });
  assert.equal(await run(), undefined);
  const first = (id: string) => deeds.asked.find((entry) => entry.endsWith(` data/${id}`))?.split(' ')[0];
  assert.deepEqual(['pre/a', 'recover', 'database/shop', 'database/stock', 'verify', 'post/p'].map(first), [
    '0s',
    '0s',
    '0s',
    '0s',
    '120s',
    '300s',
  ]);
  const { verdict, reason, waves, rpo } = await execution();
  assert.deepEqual([verdict, reason.message], ['succeeded', '1 wave, 1 server and 2 databases succeeded']);
  assert.deepEqual(
    waves[0]?.steps.map(({ id, kind }) => `${id} ${kind}`),
    [
      'pre/a pre-wave-action',
      'recover recover',
      'verify verify',
      'database/shop recover-database',
      'database/stock recover-database',
      'post/p post-wave-action',
    ],
  );
  assert.deepEqual(named(waves[0]?.databases, 'shop'), {
    name: 'shop',
    cluster: 'shop',
    site: 'dr',
    account: '111122223333',
    region: 'us-west-2',
    strategy: 'new',
    criticality: 'critical',
    status: 'succeeded',
    reason: { code: 'ok', message: 'done' },
    clusterId: 'shop-restored',
    snapshotId: 'shop-snapshot',
    rpa: MINUTE,
  });
  assert.equal(rpo.database, 'shop');
});

test('a wave of databases alone launches nothing and proves no instance', async () => {
  const { history, run, execution } = rehearsal([data({ groups: [], preWaveActions: [] })]);
  await run();
  assert.deepEqual(stepEnds(history.lines('waves/data')), [
    'database/shop succeeded',
    'database/stock succeeded',
    'post/p succeeded',
  ]);
  assert.equal((await execution()).reason.message, '1 wave and 2 databases succeeded');
});

test('a critical database that fails fails its wave; what runs beside it is brought to its end', async () => {
  const { history, run, execution } = rehearsal([data(), wave('web', { dependsOn: ['data'] })], {
    scripts: { 'data/database/shop': fails, 'data/database/stock': takes(9 * MINUTE), 'data/recover': takes(MINUTE) },
  });
  await run();
  assert.deepEqual(stepEnds(history.lines('waves/data')), [
    'database/shop failed',
    'recover succeeded',
    'verify succeeded',
    'database/stock succeeded',
    'post/p skipped',
  ]);
  const { verdict, reason, waves } = await execution();
  assert.equal(verdict, 'failed');
  assert.equal(reason.code, 'verification-failed');
  assert.equal(waves[1]?.status, 'skipped');
  const shop = named(waves[0]?.databases, 'shop');
  assert.deepEqual([shop?.status, shop?.reason?.message, shop?.clusterId], ['failed', 'table orders is empty', 'shop-drill']);
  assert.deepEqual(shop?.checks, [{ check: 'table orders', ok: false, found: '0 rows' }]);
});

test('an optional database that fails is a warning: the wave goes on and the verdict is degraded', async () => {
  const databases = [database('shop', { criticality: 'optional' }), database('stock')];
  const { history, run, execution } = rehearsal([data({ databases })], { scripts: { 'data/database/shop': fails } });
  await run();
  assert.ok(stepEnds(history.lines('waves/data')).includes('database/shop failed-ignored'));
  assert.ok(stepEnds(history.lines('waves/data')).includes('post/p succeeded'));
  const { verdict, reason, waves } = await execution();
  assert.equal(verdict, 'degraded');
  assert.equal(reason.message, 'wave data: optional database shop failed: table orders is empty');
  assert.equal(waves[0]?.status, 'succeeded-with-warnings');
  assert.equal(named(waves[0]?.databases, 'shop')?.status, 'failed');
});

test('a database has a deadline of its own', async () => {
  const databases = [database('shop', { timeout: 4 * MINUTE })];
  const { deeds, run, execution } = rehearsal([data({ databases })], {
    scripts: { 'data/database/shop': takes(60 * MINUTE) },
  });
  deeds.goesOn.set('data/database/shop', 'the cluster goes on being restored');
  await run();
  const { verdict, waves } = await execution();
  const shop = named(waves[0]?.databases, 'shop');
  assert.deepEqual([verdict, shop?.status, shop?.reason?.code], ['failed', 'timed-out', 'timed-out']);
  assert.match(shop?.reason?.message ?? '', /not done within 4m.*goes on being restored/);
});

test('a database is not begun after a failed pre-wave action, and its record says so', async () => {
  const { history, run, execution } = rehearsal([data({ preWaveActions: [action('a')] })], {
    scripts: { 'data/pre/a': () => ({ state: 'failed', reason: { code: 'automation-failed', message: 'no' } }) },
    plan: { drill: { cleanUp: 'terminate' } },
  });
  await run();
  const { waves } = await execution();
  assert.deepEqual(
    waves[0]?.databases?.map(({ status }) => status),
    ['skipped', 'skipped'],
  );
  assert.deepEqual(stepEnds(history.lines('finally')), ['clean-up succeeded']);
});

test('a drill deletes what it restored, failed or not, in a step of its own, and cannot be built upon then', async () => {
  const { history, deeds, run, execution } = rehearsal([data()], {
    scripts: { 'data/database/shop': fails },
    plan: { drill: { cleanUp: 'terminate' } },
  });
  await run();
  assert.deepEqual(stepEnds(history.lines('finally')), ['clean-up succeeded', 'clean-up-databases succeeded']);
  assert.deepEqual(deeds.cleaned, ['shop', 'stock']);
  assert.equal((await execution()).verdict, 'failed');
  await assert.rejects(run(), { code: 'execution-ended' });
});

test('a recovery deletes nothing', async () => {
  const { history, run } = rehearsal([data()], { mode: 'recovery', plan: { drill: { cleanUp: 'terminate' } } });
  await run();
  assert.deepEqual(stepEnds(history.lines('finally')), []);
});

test('a resumed run adopts a restore under its attempt, and does not repeat those that had ended', async () => {
  const stop = new AbortController();
  const { clock, history, deeds, run, execution } = rehearsal([data({ groups: [] })], {
    scripts: { 'data/database/shop': takes(9 * MINUTE) },
  });
  deeds.goesOn.set('data/database/shop', 'the cluster goes on being restored');
  const first = run({ signal: stop.signal });
  await clock.sleep(MINUTE);
  stop.abort('SIGTERM');
  assert.equal((await first)?.reason.code, 'interrupted');
  assert.equal((await execution()).verdict, 'in-progress');
  assert.equal(named((await execution()).waves[0]?.databases, 'shop')?.status, 'running');
  assert.equal(named((await execution()).waves[0]?.databases, 'stock')?.status, 'succeeded');
  const before = deeds.asked.length;
  assert.equal(await run(), undefined);
  const later = deeds.asked.slice(before).map((entry) => entry.split(' ')[1]);
  assert.ok(later.includes('data/database/shop') && !later.includes('data/database/stock'));
  const attempts = history
    .lines('waves/data')
    .flatMap((line) => (line.type === 'step-started' && line.step === 'database/shop' ? [line.attempt] : []));
  assert.deepEqual(attempts, [1, 1]);
  assert.equal((await execution()).verdict, 'succeeded');
});

test('a restore that failed is tried again under the next attempt; while it runs it has not failed', async () => {
  let tries = 0;
  const { history, run, execution } = rehearsal([data({ groups: [] })], {
    scripts: {
      'data/database/shop': async (look, context) => {
        tries = context.attempt;
        if (context.attempt === 1) return await fails(look, context);
        const shop = named((await execution()).waves[0]?.databases, 'shop');
        assert.deepEqual([shop?.status, shop?.reason], ['running', undefined]);
        return undefined;
      },
    },
  });
  await run();
  assert.equal((await execution()).verdict, 'failed');
  await run();
  assert.equal(tries, 2);
  const { verdict, waves } = await execution();
  assert.equal(verdict, 'succeeded');
  assert.equal(named(waves[0]?.databases, 'shop')?.checks, undefined);
  assert.ok(stepEnds(history.lines('waves/data')).includes('database/shop failed'));
});

test('a record that cannot be kept stops every restore of the wave at once', async () => {
  const { clock, history, deeds, run } = rehearsal([data({ groups: [] })], {
    scripts: {
      'data/database/shop': takes(600 * MINUTE),
      'data/database/stock': async (look, context) => {
        if (look === 1) return { state: 'waiting', note: 'restoring', lookAgainIn: MINUTE };
        history.room = 0;
        await context.progress('no room for this');
        return undefined;
      },
    },
  });
  await assert.rejects(run(), /no space left/);
  assert.ok(clock.now() < 10 * MINUTE, 'nobody waited for the other one');
  assert.deepEqual(deeds.abandoned, ['data/database/shop']);
  assert.deepEqual(history.held, []);
});

test('sites of databases are proved, those of their sources too', async () => {
  const far = { name: 'far', account: '444455556666', region: 'eu-central-1' };
  const { history, run } = rehearsalWithSite(far);
  await run();
  const proved = history.lines('runs/run-1').flatMap((line) => (line.type === 'identity-proved' ? [line.site] : []));
  assert.deepEqual(proved.sort(), ['dr', 'far']);
});

function rehearsalWithSite(far: { readonly name: string; readonly account: string; readonly region: string }) {
  const clock = new VirtualClock(0);
  const { set, plan } = planOf([data({ groups: [], databases: [database('shop', { source: 'far' })] })]);
  const sites = new Map([...set.sites, [far.name, far] as const]);
  const history = new MemoryHistory(clock, headerOf(plan, 'drill'));
  const run = () =>
    execute(
      { set: { ...set, sites }, plan, mode: 'drill', waves: ['data'], approvals: [], run: 'run-1', actor: 't', tool: 't' },
      {
        clock,
        signal: new AbortController().signal,
        history,
        deeds: new ScriptedDeeds(clock),
        observe: () => undefined,
        judge: () => ({ verdict: 'in-progress', reason: { code: 'ok', message: 'judged elsewhere' } }),
      },
    );
  return { history, run };
}
