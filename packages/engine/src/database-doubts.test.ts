import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mode, RefusedError, VirtualClock } from '@breakwater/core';
import { foldExecution } from '@breakwater/history';
import type { Site, Wave } from '@breakwater/plan';
import { weighDoubts } from './database-doubts.ts';
import type { DatabaseDoubt } from './deeds.ts';
import { execute } from './execute.ts';
import { action, database, headerOf, MemoryHistory, planOf, ScriptedDeeds, wave, waveServer } from './testing.ts';

const doubt = (name: string, over: Partial<DatabaseDoubt> = {}): DatabaseDoubt => ({
  wave: 'data',
  database: name,
  reason: { code: 'snapshot-missing', message: `no snapshot of ${name}`, next: 'Take one.' },
  certain: true,
  ...over,
});

const data = (over: Partial<Wave> = {}) =>
  wave('data', { groups: [], databases: [database('shop'), database('stock')], ...over });
const web = (over: Partial<Wave> = {}) => wave('web', { dependsOn: ['data'], ...over });

function weigh(
  waves: readonly Wave[],
  doubts: readonly DatabaseDoubt[],
  { mode = 'recovery', begun = [] }: { readonly mode?: Mode; readonly begun?: readonly string[] } = {},
): RefusedError | undefined {
  const servers = new Map(waves.map((one) => [one.name, one.groups.length === 0 ? [] : [waveServer(`s-${one.name}`)]]));
  try {
    weighDoubts({ mode, waves, servers, doubts, begun: (_, name) => begun.includes(name) });
    return undefined;
  } catch (error) {
    assert.ok(error instanceof RefusedError);
    return error;
  }
}

test('a drill is refused for every doubt, all of them named, each way out once', () => {
  const refused = weigh([data(), web()], [doubt('shop'), doubt('stock', { certain: false })], { mode: 'drill' });
  assert.equal(refused?.code, 'not-ready');
  assert.equal(
    refused?.message,
    'not ready for a drill: database "shop": no snapshot of shop; database "stock": no snapshot of stock',
  );
  assert.equal(refused?.next, 'Take one. A recovery is not held back by this.');
  assert.equal(weigh([data()], [], { mode: 'drill' }), undefined);
});

test('a drill that has begun a database is not held back by it any more', () => {
  assert.equal(weigh([data()], [doubt('shop')], { mode: 'drill', begun: ['shop'] }), undefined);
  const other = weigh([data()], [doubt('shop'), doubt('stock')], { mode: 'drill', begun: ['shop'] });
  assert.match(other?.message ?? '', /^not ready for a drill: database "stock": no snapshot of stock$/);
});

const both = [doubt('shop'), doubt('stock')];
const beginnings: readonly (readonly [string, readonly Wave[], readonly DatabaseDoubt[]])[] = [
  ['one of two databases lacks something', [data(), web()], [doubt('shop')]],
  ['AWS could not be asked about one', [data(), web()], [doubt('shop'), doubt('stock', { certain: false })]],
  ['there are servers in the wave', [data({ groups: ['g'] })], both],
  ['an action may bring about what lacks', [data({ preWaveActions: [action('copy')] })], both],
  ['another wave begins beside it', [data(), web({ dependsOn: [] })], both],
];
for (const [why, waves, doubts] of beginnings) {
  test(`a recovery is not refused where ${why}`, () => assert.equal(weigh(waves, doubts), undefined));
}

test('a recovery is refused when nothing at all could be begun, with the reason of the first', () => {
  const refused = weigh([data({ preWaveActions: [action('copy', { when: ['drill'] })] }), web()], both);
  assert.equal(refused?.code, 'snapshot-missing');
  assert.match(refused?.message ?? '', /^nothing could be begun: database "shop".*database "stock"/);
  assert.equal(weigh([data(), web()], both, { begun: ['shop'] }), undefined, 'what was begun is ended');
  const alone = weigh([data(), web()], [...both, doubt('other', { wave: 'web' })]);
  assert.equal(alone?.code, 'snapshot-missing', 'a wave that waits for it cannot begin either');
});

/** Runs once, with these doubts. */
async function run(mode: Mode, doubts: readonly DatabaseDoubt[]) {
  const clock = new VirtualClock(0);
  const waves = [data(), web({ dependsOn: [] })];
  const { set, plan } = planOf(waves);
  const history = new MemoryHistory(clock, headerOf(plan, mode));
  const deeds = new ScriptedDeeds(clock);
  deeds.doubts = doubts;
  const signal = new AbortController().signal;
  const judge = () => ({ verdict: 'in-progress', reason: { code: 'ok', message: '' } }) as const;
  const request = { set, plan, mode, waves: ['data', 'web'], approvals: [], run: 'run-1', actor: 'a', tool: 't' };
  const parts = { clock, signal, history, deeds, observe: () => undefined, judge };
  const refusal = await execute(request, parts).then(
    () => undefined,
    (error: unknown) => error,
  );
  const { streams, problems } = await history.read();
  return { deeds, refusal, execution: foldExecution(history.header, streams, problems) };
}

test('a refused drill begins nothing', async () => {
  const { deeds, refusal } = await run('drill', [doubt('shop')]);
  assert.ok(refusal instanceof RefusedError);
  assert.equal(refusal.code, 'not-ready');
  assert.deepEqual(deeds.asked, []);
});

test('a recovery goes on, and the doubt stands at the step of the database', async () => {
  const { deeds, refusal, execution } = await run('recovery', [doubt('shop')]);
  assert.equal(refusal, undefined);
  assert.ok(deeds.asked.some((asked) => asked.endsWith('web/recover')));
  const steps = execution.waves.find(({ name }) => name === 'data')?.steps ?? [];
  const shop = steps.find(({ id }) => id === 'database/shop');
  assert.deepEqual(
    shop?.warnings.map(({ reason }) => reason.message),
    ['no snapshot of shop'],
  );
  assert.equal(shop?.status, 'succeeded', 'what was doubted has turned out well');
  assert.deepEqual(steps.find(({ id }) => id === 'database/stock')?.warnings, []);
});

test('the account of a vault is proved before anything begins, as that of every other site', async () => {
  const clock = new VirtualClock(0);
  const kept = database('shop', { archive: { kind: 'vault', site: 'vault' }, source: 'there' });
  const { set, plan } = planOf([data({ databases: [kept] })]);
  const site = (name: string): [string, Site] => [name, { name, account: '111122223333', region: 'eu-west-1' }];
  const sites = new Map([...set.sites, site('vault'), site('there'), site('idle')]);
  const history = new MemoryHistory(clock, headerOf(plan, 'recovery'));
  const judge = () => ({ verdict: 'in-progress', reason: { code: 'ok', message: '' } }) as const;
  const { signal } = new AbortController();
  await execute(
    { set: { ...set, sites }, plan, mode: 'recovery', waves: ['data'], approvals: [], run: 'run-1', actor: 'a', tool: 't' },
    { clock, signal, history, deeds: new ScriptedDeeds(clock), observe: () => undefined, judge },
  );
  const proved = history.lines('runs/run-1').flatMap((line) => (line.type === 'identity-proved' ? [line.site] : []));
  assert.deepEqual(proved.toSorted(), ['dr', 'there', 'vault']);
});
