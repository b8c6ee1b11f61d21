import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { JsonObject } from './events.ts';
import { FAILED, header, lines, runStarted, server, stepFinished } from './testing/records.ts';
import { base, fold, good, interrupted, last, web } from './testing/two-waves.ts';

const wanting = (definition: JsonObject) => header(base.plan.waves, { plan: { ...base.plan, definition } });

describe('work after the last wave', () => {
  const actions = [{ when: ['drill', 'recovery'] }, { when: ['drill'] }, { when: ['recovery'] }];
  const ran = (...names: readonly string[]) => last(...names.map((name) => stepFinished(name, 'succeeded')));

  test('keeps the verdict open until every finally action of the mode has run', () => {
    const of = wanting({ plan: { finally: actions } });
    assert.match(fold(good, { of }).reason.message, /2 of 2 finally actions have not run yet/);
    assert.equal(fold(ran('finally/a'), { of }).verdict, 'in-progress');
    assert.equal(fold(ran('finally/a', 'finally/b'), { of }).verdict, 'succeeded');
    assert.equal(fold(good, { of: wanting({ finally: [] }) }).verdict, 'succeeded');
  });

  test('keeps the verdict of a drill open until what it launched is cleaned up', () => {
    const of = wanting({ plan: { finally: [], drill: { cleanUp: 'terminate' } } });
    const launched = web([server('web-1', { instanceId: 'i-1' })]);
    assert.match(fold(launched, { of }).reason.message, /not cleaned up yet/);
    assert.equal(fold({ ...launched, finally: ran('clean-up')['finally'] ?? [] }, { of }).verdict, 'succeeded');
    assert.equal(fold(good, { of }).verdict, 'succeeded', 'nothing was launched');
    assert.equal(fold(launched, { of: { ...of, mode: 'recovery' } }).verdict, 'succeeded');
    assert.equal(fold(launched, { of: wanting({ plan: { drill: { cleanUp: 'keep' } } }) }).verdict, 'succeeded');
  });

  test('does not soften a failure', () => {
    const of = wanting({ plan: { finally: actions } });
    assert.equal(fold(web([], 'failed', FAILED), { of }).verdict, 'failed');
  });

  test('that was interrupted says how to resume', () => {
    const of = wanting({ plan: { finally: actions } });
    const streams = { ...good, 'runs/run-1': lines([0, runStarted('run-1')], [21, interrupted()]) };
    const { verdict, reason } = fold(streams, { of });
    assert.deepEqual([verdict, reason.code, reason.next], ['in-progress', 'interrupted', 'Run X again.']);
  });
});
