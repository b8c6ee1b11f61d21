import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFinal, STATUSES, type Status, VERDICTS, type Verdict } from '@breakwater/core';
import fc from 'fast-check';
import type { JournalEvent, JournalLine } from './events.ts';
import type { Execution, ExecutionHeader } from './execution.ts';
import { createFold, foldExecution } from './fold.ts';
import {
  FAILED,
  header,
  MINUTE,
  OK,
  runStarted,
  START,
  server,
  stepFinished,
  stepStarted,
  waveFinished,
} from './testing/records.ts';

/** One line with its stream, in the order in which everything happened. */
type Happened = readonly (readonly [stream: string, line: JournalLine])[];

const ENDS: readonly Status[] = [
  'succeeded',
  'succeeded',
  'succeeded',
  'succeeded-with-warnings',
  'failed',
  'failed-ignored',
  'timed-out',
  'skipped',
  'cancelled',
];

interface WaveScript {
  readonly steps: readonly { readonly end: Status; readonly retried: boolean }[];
  readonly servers: readonly { readonly end: Status; readonly optional: boolean; readonly rpa: number }[];
  readonly end: Status;
}

const end = fc.constantFrom(...ENDS);
const waveScript: fc.Arbitrary<WaveScript> = fc.record({
  steps: fc.array(fc.record({ end, retried: fc.boolean() }), { maxLength: 4 }),
  servers: fc.array(fc.record({ end, optional: fc.boolean(), rpa: fc.nat(60 * MINUTE) }), { maxLength: 4 }),
  end,
});
const script = fc.record({
  waves: fc.array(waveScript, { minLength: 1, maxLength: 4 }),
  last: fc.array(end, { maxLength: 2 }),
  interruptedAfter: fc.option(fc.nat(3), { nil: undefined }),
  cleanUp: fc.boolean(),
});

function eventsOf({ steps, servers, end: status }: WaveScript): readonly JournalEvent[] {
  const records = servers.map(({ end: ended, optional, rpa }, i) =>
    server(`server-${i}`, { status: ended, criticality: optional ? 'optional' : 'critical', rpa, instanceId: `i-${i}` }),
  );
  const reason = status === 'succeeded' ? OK : FAILED;
  const tries = steps.flatMap(({ end: ended, retried }, i): JournalEvent[] => {
    const step = `post/action-${i}`;
    const first: JournalEvent[] = [
      stepStarted(step, 'post-wave-action'),
      { type: 'intent', step, operation: 'ssm:StartAutomationExecution', key: `${i}`, detail: {} },
      {
        type: 'change',
        step,
        operation: 'ssm:StartAutomationExecution',
        key: `${i}`,
        id: `${i}`,
        adopted: retried,
        site: 'dr',
        detail: {},
      },
      stepFinished(step, retried ? 'failed' : ended, FAILED),
    ];
    return retried ? [...first, stepStarted(step, 'post-wave-action', 2), stepFinished(step, ended, FAILED)] : first;
  });
  return [
    { type: 'wave-started', servers: records.map((record) => ({ ...record, status: 'pending' as const })) },
    stepStarted('recover', 'recover'),
    stepFinished('recover', 'succeeded', OK, records),
    ...tries,
    waveFinished(status, reason),
  ];
}

const execution = script.map(
  ({ waves, last, interruptedAfter, cleanUp: wanted }): { of: ExecutionHeader; happened: Happened } => {
    // With nothing launched there is nothing to clean up, and no verdict waits for it.
    const cleanUp = wanted && waves.some(({ servers }) => servers.length > 0);
    const seqs = new Map<string, number>();
    const happened: (readonly [string, JournalLine])[] = [];
    const tell = (stream: string, event: JournalEvent) => {
      const seq = seqs.get(stream) ?? 0;
      seqs.set(stream, seq + 1);
      const at = new Date(START + happened.length * MINUTE).toISOString();
      happened.push([stream, Object.assign({ v: 1 as const, seq, at, prev: '' }, event)]);
    };
    tell('runs/run-1', runStarted('run-1'));
    waves.forEach((wave, i) => {
      for (const event of eventsOf(wave)) tell(`waves/wave-${i}`, event);
      if (i !== interruptedAfter) return;
      tell('runs/run-1', { type: 'run-interrupted', signal: 'SIGTERM', stillRunning: [`wave-${i}`], resume: 'again' });
      tell('runs/run-2', runStarted('run-2', [], true));
    });
    last.forEach((status, i) => {
      tell('finally', stepStarted(`finally/action-${i}`, 'finally-action'));
      tell('finally', stepFinished(`finally/action-${i}`, status, FAILED));
    });
    if (cleanUp) {
      tell('finally', stepStarted('clean-up', 'clean-up'));
      tell('finally', stepFinished('clean-up', 'succeeded', OK, [server('server-0', { status: 'succeeded' })]));
    }
    const plan = header([]).plan;
    const names = waves.map((_, i) => ({ name: `wave-${i}`, dependsOn: [] }));
    const definition = {
      plan: { finally: last.map(() => ({ when: ['drill'] })), drill: { cleanUp: cleanUp ? 'terminate' : 'keep' } },
    };
    return { of: header(names, { plan: { ...plan, waves: names, definition } }), happened };
  },
);

function foldAll(of: ExecutionHeader, happened: Happened): Execution {
  const fold = createFold(of);
  for (const [stream, line] of happened) fold.apply(stream, line);
  return fold.execution();
}

const RANK: Readonly<Record<Verdict, number>> = { succeeded: 0, degraded: 1, 'in-progress': 2, cancelled: 3, failed: 4 };

/** The best verdict that a complete execution can have, straight from the words' definitions. */
function bestAllowed({ waves, finally: last }: Execution): Verdict {
  const critical = waves.flatMap((wave) => wave.servers.filter((one) => one.criticality === 'critical'));
  const all = [
    ...waves.map(({ status }) => status),
    ...waves.flatMap((wave) => wave.steps.map(({ status }) => status)),
    ...critical.map(({ status }) => status),
  ];
  if (all.includes('failed') || all.includes('timed-out')) return 'failed';
  if (all.includes('cancelled')) return 'cancelled';
  const rest = [...waves.flatMap((wave) => wave.servers.map(({ status }) => status)), ...last.map(({ status }) => status)];
  return [...all, ...rest].every((status) => status === 'succeeded') ? 'succeeded' : 'degraded';
}

test('no prefix of a journal throws, or reads better than in progress before all is done', () => {
  fc.assert(
    fc.property(execution, ({ of, happened }) => {
      const growing = createFold(of);
      happened.forEach(([stream, line], index) => {
        growing.apply(stream, line);
        const { verdict, waves, endedAt, rto } = growing.execution();
        const complete = index === happened.length - 1 || waves.every(({ status }) => isFinal(status));
        if (!complete) {
          assert.ok(RANK[verdict] >= RANK['in-progress'], `${verdict} after ${line.type}`);
          assert.deepEqual([endedAt, rto.actual], [undefined, undefined]);
        }
      });
    }),
    { numRuns: 150 },
  );
});

test('work after the last wave keeps the verdict open until it is done', () => {
  fc.assert(
    fc.property(execution, ({ of, happened }) => {
      const lastLine = happened.findLastIndex(([stream]) => stream === 'finally');
      for (let n = 1; n < lastLine; n += 1) {
        const { verdict } = foldAll(of, happened.slice(0, n));
        const allDone = happened.slice(n).every(([stream]) => stream !== 'finally');
        assert.ok(allDone || RANK[verdict] >= RANK['in-progress'], `${verdict} after ${n} lines`);
      }
    }),
    { numRuns: 200 },
  );
});

test('a verdict is never better than the worst evidence', () => {
  fc.assert(
    fc.property(execution, ({ of, happened }) => {
      const whole = foldAll(of, happened);
      assert.ok(VERDICTS.includes(whole.verdict));
      assert.ok(RANK[whole.verdict] >= RANK[bestAllowed(whole)], `${whole.verdict}: ${whole.reason.message}`);
      if (whole.verdict === 'succeeded') assert.ok(whole.rto.met && whole.rpo.met !== false);
    }),
    { numRuns: 500 },
  );
});

test('how the streams interleave makes no difference', () => {
  fc.assert(
    fc.property(execution, fc.infiniteStream(fc.nat()), ({ of, happened }, choices) => {
      const queues = [...Map.groupBy(happened, ([stream]) => stream).values()];
      const shuffled: (readonly [string, JournalLine])[] = [];
      while (queues.some((queue) => queue.length > 0)) {
        const full = queues.filter((queue) => queue.length > 0);
        const next = full[(choices.next().value ?? 0) % full.length]?.shift();
        if (next !== undefined) shuffled.push(next);
      }
      assert.deepEqual(foldAll(of, shuffled), foldAll(of, happened));
      const byStream = Map.groupBy(shuffled, ([stream]) => stream);
      const streams = new Map([...byStream].map(([stream, entries]) => [stream, entries.map(([, line]) => line)]));
      assert.deepEqual(foldExecution(of, streams), foldAll(of, happened));
    }),
    { numRuns: 150 },
  );
});

test('every status is weighed', () => {
  for (const status of STATUSES) {
    const lines = [...eventsOf({ steps: [], servers: [{ end: 'succeeded', optional: false, rpa: 0 }], end: status })];
    const happened = lines.map((event, seq): readonly [string, JournalLine] => [
      'waves/wave-0',
      Object.assign({ v: 1 as const, seq, at: new Date(START).toISOString(), prev: '' }, event),
    ]);
    const { verdict } = foldAll(header([{ name: 'wave-0', dependsOn: [] }]), happened);
    assert.equal(verdict === 'succeeded', status === 'succeeded', status);
  }
});
