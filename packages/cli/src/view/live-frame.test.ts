import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { STATUSES, type Status } from '@breakwater/core';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { palette } from '../palette.ts';
import {
  minutes,
  START,
  sampleDatabase,
  sampleExecution,
  sampleHeader,
  sampleServer,
  sampleStep,
  sampleWave,
} from '../testing.ts';
import { type Canvas, liveFrame } from './live-frame.ts';

const plain = palette({ colours: false, unicode: true });
const canvas = (columns: number, rows: number): Canvas => ({ columns, rows, palette: plain });
const OK = { code: 'ok', message: 'done' } as const;

const launching = sampleExecution({
  waves: [
    sampleWave('database', {
      status: 'succeeded',
      reason: OK,
      startedAt: START + 2_000,
      endedAt: START + minutes(14),
      servers: ['db-1', 'db-2'].map((name) => sampleServer(name, { status: 'succeeded', healthyAt: START + minutes(13) })),
    }),
    sampleWave('app', {
      dependsOn: ['database'],
      status: 'running',
      startedAt: START + minutes(14),
      steps: [
        sampleStep('pre/warm-up', {
          kind: 'pre-wave-action',
          name: 'warm-up',
          status: 'succeeded',
          reason: OK,
          startedAt: START + minutes(14),
          endedAt: START + minutes(14.5),
        }),
        sampleStep('recover', {
          name: 'launch 6 servers',
          startedAt: START + minutes(14.5),
          note: 'DRS job drsjob-5f1c22e9a41f0a3bd is STARTED, 2 of 6 launched',
        }),
      ],
      servers: [1, 2, 3, 4, 5, 6].map((n) => sampleServer(`app-${n}`, { status: 'running' })),
    }),
    sampleWave('web', { dependsOn: ['app'] }),
  ],
});
const notes = new Map([
  ['s-app-1', 'launched'],
  ['s-app-2', 'launched'],
  ['s-app-3', 'conversion'],
  ['s-app-4', 'conversion'],
  ['s-app-5', 'conversion'],
]);
const now = START + minutes(21.2);

test('a frame shows waves, servers by phase, the current step and the time against the RTO', () => {
  assert.deepEqual(liveFrame({ execution: launching, notes }, now, canvas(80, 24)), [
    'webshop  drill · simulated AWS               webshop-drill-20261120t031500z-7f3a',
    'elapsed 21m 12s of 1h 00m RTO  ██████████████░░░░░░░░░░░░░░░░░░░░░░░░░░  35%',
    '',
    '  wave      servers     time  state',
    '✔ database      2/2  13m 58s  succeeded',
    '▶ app           2/6   7m 12s  running: launch 6 servers',
    '    ✔ warm-up  30s',
    '    ▶ launch 6 servers  6m 42s  DRS job drsjob-5f1c22e9a41f0a3bd is STARTED, 2…',
    '      servers: 2 launched · 3 conversion · 1 not started',
    '○ web                         pending, after app',
    '',
    'Ctrl-C stops watching, AWS goes on; the run can be resumed',
  ]);
});

test('a narrow terminal cuts lines, never wraps them', () => {
  assert.deepEqual(liveFrame({ execution: launching, notes }, now, canvas(44, 12)), [
    'webshop  drill · simulated AWS',
    'webshop-drill-20261120t031500z-7f3a',
    'elapsed 21m 12s of 1h 00m RTO  ██░░░░░░  35%',
    '',
    '✔ database      2/2  13m 58s  succeeded',
    '▶ app           2/6   7m 12s  running: laun…',
    '    ✔ warm-up  30s',
    '    ▶ launch 6 servers  6m 42s  DRS job drs…',
    '      servers: 2 launched · 3 conversion ·…',
    '○ web                         pending, afte…',
    '',
    'Ctrl-C stops watching, AWS goes on; the run…',
  ]);
});

test('a terminal without UTF-8 gets ASCII', () => {
  const ascii = palette({ colours: false, unicode: false });
  const frame = liveFrame({ execution: launching, notes }, now, { columns: 80, rows: 24, palette: ascii }).join('\n');
  assert.match(frame, /^> app /m);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII is what is asserted
  assert.match(frame, /^[\x00-\x7f]*$/);
});

test('a failure says which server, why, and that it was critical; a recovery past its RTO says LATE', () => {
  const execution = sampleExecution({
    header: sampleHeader({ mode: 'recovery', simulated: false }),
    verdict: 'failed',
    startedAt: START,
    endedAt: START + minutes(75),
    rto: { objective: minutes(60), actual: minutes(75), met: false },
    rpo: { objective: minutes(5), actual: minutes(7), met: false, server: 'db-1' },
    runs: [
      {
        run: '1',
        actor: 'ada',
        tool: 't',
        startedAt: START,
        endedAt: START + minutes(76),
        resumed: false,
        waves: [],
        approvals: [],
        identities: [],
      },
    ],
    waves: [
      sampleWave('database', {
        status: 'failed',
        reason: { code: 'server-failed', message: '1 of 2 critical servers failed' },
        startedAt: START,
        endedAt: START + minutes(75),
        steps: [
          sampleStep('recover', {
            name: 'launch 2 servers',
            status: 'failed',
            startedAt: START,
            endedAt: START + minutes(75),
            reason: { code: 'server-failed', message: 'db-2 was not launched' },
          }),
        ],
        servers: [
          sampleServer('db-1', { status: 'succeeded', instanceId: 'i-0a', launchedAt: START }),
          sampleServer('db-2', {
            status: 'failed',
            reason: { code: 'server-failed', message: 'Insufficient capacity in eu-central-1a' },
          }),
        ],
      }),
      sampleWave('app', {
        dependsOn: ['database'],
        status: 'skipped',
        reason: { code: 'dependency-failed', message: 'wave "database" ended failed' },
      }),
    ],
    finally: [
      sampleStep('finally/notify', {
        kind: 'finally-action',
        name: 'notify',
        status: 'succeeded',
        reason: OK,
        startedAt: START,
        endedAt: START + 9_000,
      }),
    ],
  });
  assert.deepEqual(liveFrame({ execution, notes: new Map(), over: true }, START + minutes(90), canvas(80, 24)), [
    'webshop  RECOVERY                            webshop-drill-20261120t031500z-7f3a',
    'ended after 1h 15m of 1h 00m RTO  ████████████████████████████████  15m 00s LATE',
    'recovery point 7m 00s old at worst (db-1), of 5m 00s RPO',
    '',
    '  wave      servers     time  state',
    '✖ database      1/2   1h 15m  failed: 1 of 2 critical servers failed',
    '    ✖ db-2 (critical)  server-failed',
    '      Insufficient capacity in eu-central-1a',
    '    ✖ launch 2 servers  1h 15m  db-2 was not launched',
    '- app                         skipped: wave "database" ended failed',
    '',
    'at the end, whatever happened before',
    '    ✔ notify  9s',
    '',
    'failed',
  ]);
});

test('with more waves than lines, those that are over and those to come share a line each; what runs or failed is kept', () => {
  const status = (at: number): Status => (at < 9 ? 'succeeded' : at === 9 ? 'failed' : at < 12 ? 'running' : 'pending');
  const execution = sampleExecution({
    waves: Array.from({ length: 20 }, (_, at) =>
      sampleWave(`wave-${at + 1}`, { status: status(at), startedAt: START, servers: [sampleServer(`x${at}`)] }),
    ),
  });
  assert.deepEqual(liveFrame({ execution, notes: new Map() }, START + minutes(3), canvas(60, 14)), [
    'webshop  drill · simulated AWS',
    'webshop-drill-20261120t031500z-7f3a',
    'elapsed 3m 00s of 1h 00m RTO  █░░░░░░░░░░░░░░░░░░░░░░░░░  5%',
    '',
    '✔ 9 waves succeeded: wave-1, wave-2, wave-3, wave-4, wave-5…',
    '✖ wave-10      0/1   3m 00s  failed',
    '▶ wave-11      0/1   3m 00s  running',
    '      servers: 1 not started',
    '▶ wave-12      0/1   3m 00s  running',
    '      servers: 1 not started',
    '○ 8 waves pending: wave-13, wave-14, wave-15, wave-16, wave…',
    '',
    'Ctrl-C stops watching, AWS goes on; the run can be resumed',
  ]);
});

test('once told to stop, the frame says so and what a second signal does', () => {
  const frame = liveFrame({ execution: launching, notes, stopping: 'SIGINT' }, now, canvas(80, 24));
  assert.equal(frame.at(-1), 'SIGINT: writing down where we are; once more to leave at once');
});

test('escape sequences and line breaks in what AWS or a plan says do not reach the terminal', () => {
  const execution = sampleExecution({
    waves: [
      sampleWave('a\u001b[2J\nb', { status: 'running', steps: [sampleStep('recover', { note: 'x\u0007\r\ny \u202edlrow' })] }),
    ],
  });
  const frame = liveFrame({ execution, notes: new Map() }, START, canvas(80, 24));
  assert.ok(frame.some((line) => line.startsWith('▶ a b ')));
  assert.ok(frame.some((line) => line.endsWith('x y dlrow')));
  for (const line of frame) assert.doesNotMatch(line, /[\p{Cc}\u202e]/u);
});

test('no frame is wider or higher than its canvas, coloured or not', () => {
  const server = fc.record({ name: fc.string(), status: fc.constantFrom(...STATUSES) });
  const wave = fc.record({
    name: fc.string({ unit: 'grapheme' }),
    status: fc.constantFrom(...STATUSES),
    servers: fc.array(server, { maxLength: 6 }),
  });
  fc.assert(
    fc.property(
      fc.array(wave, { maxLength: 60 }),
      fc.integer({ min: 20, max: 200 }),
      fc.integer({ min: 1, max: 60 }),
      fc.boolean(),
      (waves, columns, rows, colours) => {
        const execution = sampleExecution({
          waves: waves.map(({ name, status, servers }) =>
            sampleWave(name, {
              status,
              startedAt: START,
              steps: [sampleStep('recover', { note: name })],
              servers: servers.map((each) => sampleServer(each.name, { status: each.status })),
            }),
          ),
        });
        const frame = liveFrame({ execution, notes: new Map() }, now, {
          columns,
          rows,
          palette: palette({ colours, unicode: true }),
        });
        assert.ok(frame.length <= rows);
        for (const line of frame) assert.ok(stringWidth(stripVTControlCharacters(line)) <= columns, line);
      },
    ),
    { numRuns: 150 },
  );
});

test('databases are shown with what is done for them, and with why they failed', () => {
  const restoring = sampleExecution({
    waves: [
      sampleWave('data', {
        status: 'running',
        startedAt: START,
        steps: [
          sampleStep('database/shop', {
            kind: 'recover-database',
            name: 'restore database shop',
            startedAt: START,
            note: 'cluster shop-drill-1 is creating',
          }),
        ],
        databases: [
          sampleDatabase('shop', { status: 'running' }),
          sampleDatabase('stock', {
            status: 'failed',
            criticality: 'optional',
            reason: { code: 'verification-failed', message: 'table stock has 0 rows' },
          }),
          sampleDatabase('old', { status: 'succeeded' }),
        ],
      }),
    ],
    rpo: { objective: minutes(5), actual: minutes(4), database: 'old' },
  });
  const frame = liveFrame({ execution: restoring, notes: new Map() }, START + minutes(3), canvas(80, 24)).join('\n');
  assert.match(frame, /recovery point 4m 00s old at worst \(database old\), of 5m 00s RPO/);
  assert.match(frame, /data +1\/3 db +3m 00s {2}running: restore database shop/);
  assert.match(frame, /stock \(optional\) {2}verification-failed\n {6}table stock has 0 rows/);
  assert.match(frame, /restore database shop {2}3m 00s {2}cluster shop-drill-1 is creating/);
});
