import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEvent } from '@breakwater/history';
import { minutes, START, sampleDatabase, sampleExecution, sampleLine, sampleServer, sampleWave } from '../testing.ts';
import { lineOf } from './line-mode.ts';

const execution = sampleExecution({ waves: [sampleWave('app', { servers: [sampleServer('app-1')] })] });
const OK = { code: 'ok', message: 'done' } as const;

const cases: readonly (readonly [stream: string, event: JournalEvent, expected: string])[] = [
  [
    'runs/r1',
    { type: 'run-started', run: 'r1', resumed: false, waves: ['app', 'web'], actor: 'ada', tool: 't', approvals: [] },
    'run  -  started drill of webshop, execution webshop-drill-20261120t031500z-7f3a, waves app, web, by ada',
  ],
  [
    'runs/r1',
    { type: 'run-started', run: 'r1', resumed: true, waves: [], actor: 'ada', tool: 't', approvals: [] },
    'run  -  resumed drill of webshop, execution webshop-drill-20261120t031500z-7f3a, all waves, by ada',
  ],
  [
    'runs/r1',
    {
      type: 'identity-proved',
      site: 'recovery',
      account: '111122223333',
      region: 'eu-central-1',
      arn: 'arn:aws:iam::111122223333:role/dr',
    },
    'run  -  site recovery is account 111122223333 in eu-central-1, as arn:aws:iam::111122223333:role/dr',
  ],
  [
    'runs/r1',
    { type: 'run-interrupted', signal: 'SIGINT', stillRunning: ['app', 'web'], resume: 'x' },
    'run  -  stopped by SIGINT; AWS goes on with app, web',
  ],
  [
    'runs/r1',
    { type: 'run-interrupted', signal: 'SIGTERM', stillRunning: [], resume: 'x' },
    'run  -  stopped by SIGTERM; nothing goes on in AWS',
  ],
  ['runs/r1', { type: 'run-finished', verdict: 'succeeded', reason: OK }, 'run  -  succeeded'],
  [
    'runs/r1',
    { type: 'run-finished', verdict: 'degraded', reason: { code: 'degraded', message: 'app-1 was optional' } },
    'run  -  degraded: app-1 was optional',
  ],
  ['waves/app', { type: 'wave-started', servers: [sampleServer('app-1')] }, 'app  -  started, 1 server'],
  [
    'waves/app',
    { type: 'wave-started', servers: [sampleServer('app-1')], databases: [sampleDatabase('shop'), sampleDatabase('stock')] },
    'app  -  started, 1 server and 2 databases',
  ],
  ['waves/app', { type: 'wave-started', servers: [], databases: [sampleDatabase('shop')] }, 'app  -  started, 1 database'],
  [
    'waves/app',
    { type: 'wave-finished', status: 'failed', reason: { code: 'server-failed', message: 'no' } },
    'app  -  failed (server-failed): no',
  ],
  [
    'waves/app',
    {
      type: 'step-started',
      step: 'recover',
      kind: 'recover',
      name: 'launch 1 server',
      attempt: 1,
      deadline: START + minutes(90),
    },
    'app  recover  started recover: launch 1 server, at most 1h 30m',
  ],
  [
    'waves/app',
    { type: 'step-started', step: 'gate', kind: 'gate', name: 'approval', attempt: 2, deadline: 0 },
    'app  gate  started gate: approval (try 2)',
  ],
  [
    'waves/app',
    { type: 'intent', step: 'recover', operation: 'drs:StartRecovery', key: 'k', detail: {} },
    'app  recover  asks drs:StartRecovery',
  ],
  [
    'waves/app',
    {
      type: 'change',
      step: 'recover',
      operation: 'drs:StartRecovery',
      key: 'k',
      id: 'drsjob-1',
      adopted: false,
      site: 'recovery',
      detail: {},
    },
    'app  recover  drs:StartRecovery made drsjob-1 at recovery',
  ],
  [
    'waves/app',
    {
      type: 'change',
      step: 'recover',
      operation: 'drs:StartRecovery',
      key: 'k',
      id: 'drsjob-1',
      adopted: true,
      site: 'recovery',
      detail: {},
    },
    'app  recover  drs:StartRecovery found again drsjob-1 at recovery',
  ],
  ['waves/app', { type: 'progress', step: 'recover', note: 'launched', server: 's-app-1' }, 'app  recover/app-1  launched'],
  ['waves/app', { type: 'progress', step: 'recover', note: 'two\nlines', server: 's-other' }, 'app  recover/s-other  two lines'],
  ['finally', { type: 'progress', step: 'clean-up', note: 'terminating' }, 'finally  clean-up  terminating'],
  [
    'waves/app',
    { type: 'warning', step: 'recover', reason: { code: 'not-ready', message: 'stalled' }, server: 's-app-1' },
    'app  recover/app-1  warning: not-ready: stalled',
  ],
  ['waves/app', { type: 'step-finished', step: 'recover', status: 'succeeded', reason: OK }, 'app  recover  succeeded'],
  [
    'waves/app',
    { type: 'tail-repaired', bytes: 12, sha256: 'x', torn: '{' },
    "app  -  the record's last line was torn; its 12 bytes are kept",
  ],
  [
    'waves/app',
    { type: 'journal-replaced', damaged: 'app.jsonl.damaged', sha256: 'x', problem: 'line 3 does not follow line 2' },
    'app  -  the record was damaged (line 3 does not follow line 2); it is kept as app.jsonl.damaged',
  ],
  [
    'waves/app',
    { type: 'lock-taken-over', from: { owner: 'bob', host: 'h1', pid: 7, at: '2026-11-20T03:00:00.000Z' } },
    'app  -  taken over from bob, whose process 7 on h1 is gone',
  ],
];

for (const [stream, event, expected] of cases) {
  test(`a line for ${event.type}: ${expected}`, () => {
    assert.equal(lineOf(sampleLine(event), stream, execution), `2026-11-20T03:15:00.000Z  ${expected}`);
  });
}

test('an event of a newer Breakwater is shown by its type', () => {
  const line = JSON.parse('{"type":"something-new","v":1,"seq":4,"at":"2026-11-20T03:15:00.000Z","prev":""}');
  assert.equal(lineOf(line, 'waves/app', execution), '2026-11-20T03:15:00.000Z  app  -  something-new');
});
