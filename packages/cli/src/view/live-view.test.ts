import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { palette } from '../palette.ts';
import { minutes, START, sampleExecution, sampleHeader, sampleLine, sampleServer, sampleWave } from '../testing.ts';
import { liveView } from './live-view.ts';

function watched(context: TestContext) {
  const clock = new VirtualClock(START);
  const frames: string[] = [];
  const screen = { columns: 80, rows: 24, draw: (frame: string) => frames.push(frame), done: () => frames.push('DONE') };
  const view = liveView({ screen, palette: palette({ colours: false, unicode: true }), clock, pace: clock });
  // A failed assertion must not leave the view drawing.
  context.after(() => view.end());
  return { clock, frames, view };
}

test('frames follow the clock, at most ten a second, and only when something changed', async (t) => {
  const { clock, frames, view } = watched(t);
  view.began(sampleHeader(), 'place');
  await clock.sleep(10_050);
  // The elapsed time changes once a second: the other ninety looks drew nothing.
  assert.equal(frames.length, 11);
  view.end();
  assert.equal(frames.at(-1), 'DONE');
  const { length } = frames;
  await clock.sleep(5_000);
  view.end();
  assert.equal(frames.length, length);
});

test('what is observed is drawn; the last state stays without the hint to stop', async (t) => {
  const { clock, frames, view } = watched(t);
  view.began(sampleHeader(), 'place');
  const execution = sampleExecution({
    waves: [sampleWave('app', { status: 'running', servers: [sampleServer('a1', { status: 'running' })] })],
  });
  view.observe?.(sampleLine({ type: 'progress', step: 'recover', note: 'conversion', server: 's-a1' }), 'waves/app', execution);
  await clock.sleep(150);
  assert.match(frames.at(-1) ?? '', /servers: 1 conversion/);
  view.stopping('SIGINT', 'text');
  await clock.sleep(150);
  assert.match(frames.at(-1) ?? '', /SIGINT: writing down where we are/);
  const ended = sampleExecution({
    verdict: 'succeeded',
    endedAt: START + minutes(1),
    runs: [
      {
        run: '1',
        actor: 'a',
        tool: 't',
        startedAt: START,
        endedAt: START + minutes(1),
        resumed: false,
        waves: [],
        approvals: [],
        identities: [],
      },
    ],
  });
  view.observe?.(
    sampleLine({ type: 'run-finished', verdict: 'succeeded', reason: { code: 'ok', message: '' } }),
    'runs/1',
    ended,
  );
  view.end();
  assert.match(frames.at(-2) ?? '', /succeeded$/);
});

test('a run that never began leaves no frame behind', (t) => {
  const { frames, view } = watched(t);
  view.end();
  assert.deepEqual(frames, []);
});
