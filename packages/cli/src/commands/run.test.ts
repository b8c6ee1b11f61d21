import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { RunEnvironment, RunOutcome, RunRequest } from '@breakwater/assembly';
import { UserError, type Verdict, VirtualClock } from '@breakwater/core';
import type { Execution } from '@breakwater/history';
import { recordedTerminal, sampleExecution, sampleHeader, sampleLine, sampleStep, sampleWave } from '../testing.ts';
import type { RunCommand } from './requests.ts';
import { type RunParts, run } from './run.ts';

const COMMAND: RunCommand = {
  files: 'plans/webshop.yaml',
  mode: 'drill',
  waves: [],
  history: '.breakwater/history',
  approvals: [],
  replaceLive: [],
  json: false,
};
const ID = sampleHeader().id;

interface Scripted {
  readonly command?: Partial<RunCommand>;
  readonly runPlan?: (request: RunRequest, environment: RunEnvironment, emitter: EventEmitter) => Promise<RunOutcome>;
  readonly terminal?: ReturnType<typeof recordedTerminal>;
  readonly renderText?: RunParts['renderText'];
}

async function script({ command = {}, runPlan = ending('succeeded'), terminal = recordedTerminal(), renderText }: Scripted) {
  const emitter = new EventEmitter();
  const exits: number[] = [];
  const frames: string[] = [];
  const requests: RunRequest[] = [];
  let closed = 0;
  const parts: RunParts = {
    terminal,
    signals: {
      on: (name, listener) => emitter.on(name, listener),
      off: (name, listener) => emitter.off(name, listener),
      exit: (code) => exits.push(code),
    },
    actor: 'ada',
    surroundings: async () => ({
      clock: new VirtualClock(sampleHeader().createdAt),
      aws: { credentials: { kind: 'default' } },
      simulated: true,
      close: async () => {
        closed += 1;
      },
    }),
    commitOf: async () => 'c0ffee',
    runPlan: async (request, environment) => {
      requests.push(request);
      return await runPlan(request, environment, emitter);
    },
    screen: async () => ({ columns: 80, rows: 24, draw: (frame) => frames.push(frame), done: () => frames.push('DONE') }),
    renderText: renderText ?? ((execution) => `VERDICT ${execution.verdict}`),
    reportJson: (execution) => ({ schema: 'breakwater.report/1', verdict: execution.verdict }),
  };
  const code = await run({ ...COMMAND, ...command }, parts).catch((error: unknown) => error);
  return { code, exits, frames, requests, closed, out: terminal.text(), err: terminal.errors(), listeners: emitter.eventNames() };
}

function outcomeOf(execution: Execution, problems: readonly string[] = []): RunOutcome {
  return { execution, place: '.breakwater/history/webshop/x', report: '.breakwater/history/webshop/x/report.md', problems };
}

function ending(verdict: Verdict, problems: readonly string[] = []): NonNullable<Scripted['runPlan']> {
  return async (_request, { began, observe }) => {
    const reason = { code: 'interrupted', message: 'stopped by SIGINT', next: 'Run the same execution again.' } as const;
    const execution = sampleExecution({ verdict, ...(verdict === 'in-progress' ? { reason } : {}) });
    began?.(execution.header, '.breakwater/history/webshop/x');
    observe?.(sampleLine({ type: 'wave-started', servers: [] }), 'waves/app', execution);
    return outcomeOf(execution, problems);
  };
}

test('the request is what was asked for, with actor and commit', async () => {
  const command = { plan: 'shop', execution: 'e-1', waves: ['a'], approvals: ['b'], replaceLive: ['s-1'], history: 'h' };
  const { requests } = await script({ command });
  assert.deepEqual(requests, [{ files: ['plans/webshop.yaml'], mode: 'drill', actor: 'ada', commit: 'c0ffee', ...command }]);
});

for (const [verdict, code] of [
  ['succeeded', 0],
  ['degraded', 0],
  ['failed', 1],
  ['cancelled', 1],
  ['in-progress', 1],
] as const) {
  test(`a run that ended ${verdict} answers ${code}`, async () => {
    assert.equal((await script({ runPlan: ending(verdict) })).code, code);
  });
}

test('in a pipe: one line a change, then the verdict, the record and the report', async () => {
  const { out, err, closed, listeners } = await script({});
  assert.equal(
    out,
    [
      `execution ${ID}, recorded in .breakwater/history/webshop/x`,
      '2026-11-20T03:15:00.000Z  app  -  started, 0 servers',
      '',
      'VERDICT succeeded',
      '',
      'record    .breakwater/history/webshop/x',
      'report    .breakwater/history/webshop/x/report.md',
      '',
    ].join('\n'),
  );
  assert.equal(err, '');
  assert.equal(closed, 1);
  assert.deepEqual(listeners, []);
});

test('a run that failed says how to go on', async () => {
  const { out } = await script({ runPlan: ending('failed', ['the report could not be written: disk full']) });
  assert.match(out, /problem {3}the report could not be written: disk full\n/);
  assert.match(out, new RegExp(`\nretry {5}breakwater run plans/webshop\\.yaml --mode drill --execution ${ID}\\n`));
  assert.match(out, new RegExp(`\nlook {6}breakwater report ${ID}\\n`));
});

test('a run that is still in progress says how to resume, with everything that was asked for', async () => {
  const command = { plan: 'shop', waves: ['a b', 'c'], approvals: ['c'], replaceLive: ['s-1'], history: 'h' };
  const { out } = await script({ command, runPlan: ending('in-progress') });
  assert.match(out, /next {6}Run the same execution again\.\n/);
  assert.ok(
    out.includes(
      `\nresume    breakwater run plans/webshop.yaml --mode drill --execution ${ID} --plan shop --history h --wave 'a b' c --approve c --replace-live s-1\n`,
    ),
    out,
  );
});

test('a gate that waits for approval: the command that approves and resumes', async () => {
  const gated = sampleExecution({
    waves: [sampleWave('web', { steps: [sampleStep('gate', { kind: 'gate', status: 'waiting' })] })],
  });
  const runPlan = async () => outcomeOf(gated);
  const { out } = await script({ command: { approvals: ['app'] }, runPlan });
  assert.ok(
    out.includes(`\napprove   breakwater run plans/webshop.yaml --mode drill --execution ${ID} --approve app web\n`),
    out,
  );
  const rehearsed = await script({ command: { simulation: { speed: 'max' } }, runPlan });
  assert.match(rehearsed.out, /run it again with --approve web\./);
});

test('a rehearsal in this process cannot be resumed, and says so', async () => {
  const { out } = await script({ command: { simulation: { speed: 'max' } }, runPlan: ending('failed') });
  assert.match(out, /again {5}Simulated AWS ended with this process/);
  assert.doesNotMatch(out, /--execution e/);
});

test('--json: one JSON document on stdout and nothing else', async () => {
  const { out, err, code } = await script({ command: { json: true }, runPlan: ending('failed') });
  assert.deepEqual(JSON.parse(out), { schema: 'breakwater.report/1', verdict: 'failed' });
  assert.deepEqual({ err, code }, { err: '', code: 1 });
});

test('on a terminal: frames that end in the last state, then the verdict', async () => {
  const terminal = recordedTerminal({ TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' }, { isTTY: true });
  const { frames, out } = await script({ terminal });
  assert.equal(frames.at(-1), 'DONE');
  assert.match(frames.at(-2) ?? '', /^webshop {2}drill · simulated AWS/);
  assert.match(out, /^\nVERDICT succeeded\n/);
});

test('on a terminal the verdict is wrapped between words, under its own indent', async () => {
  const terminal = recordedTerminal({ TERM: 'xterm', LANG: 'C.UTF-8', NO_COLOR: '1' }, { isTTY: true, columns: 40 });
  const { out } = await script({ terminal, renderText: () => `FAILED\n\n    next: ${'word '.repeat(12)}\n` });
  assert.match(out, /^\nFAILED\n\n {4}next: word word word word word\n {6}word word word word word word\n {6}word\n/);
});

test('an error before the run has an outcome is passed on; nothing stays open', async () => {
  const refusal = new UserError('plan-invalid', 'no', { next: 'n' });
  const { code, closed, out, listeners } = await script({ runPlan: () => Promise.reject(refusal) });
  assert.equal(code, refusal);
  assert.deepEqual({ closed, out, listeners }, { closed: 1, out: '', listeners: [] });
});

test('a signal reaches the run by name, and stderr says at once how to resume', async () => {
  const { err, code, exits } = await script({
    runPlan: async (_request, { began, signal }, emitter) => {
      const execution = sampleExecution();
      began?.(execution.header, 'place');
      emitter.emit('SIGTERM');
      assert.equal(signal.reason, 'SIGTERM');
      return outcomeOf(execution);
    },
  });
  assert.equal(
    err,
    `\nSIGTERM: stopping. What AWS was doing goes on. Once more: leave at once.\nTo resume: breakwater run plans/webshop.yaml --mode drill --execution ${ID}\n`,
  );
  assert.deepEqual({ code, exits }, { code: 1, exits: [] });
});

test('a second signal leaves at once with 130', async () => {
  const { exits } = await script({
    runPlan: async (_request, { began }, emitter) => {
      began?.(sampleHeader(), 'place');
      emitter.emit('SIGINT');
      emitter.emit('SIGINT');
      return outcomeOf(sampleExecution());
    },
  });
  assert.deepEqual(exits, [130]);
});

test('a signal before anything began says that nothing was started', async () => {
  const { err } = await script({
    runPlan: async (_request, _environment, emitter) => {
      emitter.emit('SIGINT');
      return outcomeOf(sampleExecution());
    },
  });
  assert.match(err, /Nothing was started\.\n/);
});
