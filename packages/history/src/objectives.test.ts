import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ReasonCode } from '@breakwater/core';
import { FAILED, header, MINUTE, START, server, stepFinished } from './testing/records.ts';
import { base, fold, good, last, running, web, without } from './testing/two-waves.ts';

describe('objectives', () => {
  const within = (rto: number, rpo: number) => header(base.plan.waves, { plan: { ...base.plan, objectives: { rto, rpo } } });

  test('recovery time runs from the first run to the end of the last wave', () => {
    const execution = fold(last(stepFinished('clean-up', 'succeeded')));
    assert.deepEqual(execution.rto, { objective: 60 * MINUTE, actual: 20 * MINUTE, met: true });
    assert.deepEqual([execution.startedAt, execution.endedAt], [START, START + 20 * MINUTE]);
    assert.deepEqual(fold(without('waves/web')).rto, { objective: 60 * MINUTE });
  });

  test('a failed execution has not met it, however fast it failed', () => {
    assert.deepEqual(fold(web([], 'failed', FAILED)).rto, { objective: 60 * MINUTE, actual: 20 * MINUTE, met: false });
  });

  test('recovery point is the worst of the recovered servers', () => {
    const { rpo } = fold(
      web([
        server('web-1', { rpa: 5 * MINUTE }),
        server('web-2', { rpa: 90 * MINUTE, status: 'failed', criticality: 'optional' }),
      ]),
    );
    assert.deepEqual(rpo, { objective: 15 * MINUTE, actual: 5 * MINUTE, met: true, server: 'web-1' });
  });

  test('recovery point is not met while one is unknown, and missed as soon as one is too old', () => {
    const { rpa: _, ...unknown } = server('web-2');
    assert.deepEqual(fold(web([server('web-1'), unknown])).rpo, {
      objective: 15 * MINUTE,
      actual: 1_000,
      server: 'db-1',
      unknown: 1,
    });
    assert.equal(fold(web([server('web-1', { rpa: 16 * MINUTE }), unknown])).rpo.met, false);
    assert.equal(fold({ 'waves/web': running }).rpo.met, undefined);
  });

  const missed: readonly (readonly [string, number, number, ReasonCode, RegExp])[] = [
    ['recovery time', 19 * MINUTE, 15 * MINUTE, 'rto-missed', /recovery took 20m 00s, the objective is 19m 00s/],
    ['recovery point', 60 * MINUTE, 500, 'rpo-missed', /db-1 lost data of 1s, the objective is 500ms/],
    ['both', 19 * MINUTE, 500, 'rto-missed', /recovery took .*; db-1 lost data of/],
  ];
  for (const [what, rto, rpo, code, message] of missed) {
    test(`a missed ${what} degrades the verdict`, () => {
      const { verdict, reason } = fold(good, { of: within(rto, rpo) });
      assert.deepEqual([verdict, reason.code], ['degraded', code]);
      assert.match(reason.message, message);
      assert.notEqual(reason.next, undefined);
    });
  }

  test('exactly the objective is met', () => {
    assert.equal(fold(good, { of: within(20 * MINUTE, 1_000) }).verdict, 'succeeded');
  });
});
