import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mode, RefusedError, VirtualClock } from '@breakwater/core';
import type { GateProof, JournalLine } from '@breakwater/history';
import type { Gate } from '@breakwater/plan';
import { execute } from './execute.ts';
import { type GateToProve, type ProveGate, passGate } from './gates.ts';
import { Stream } from './stream.ts';
import { headerOf, MemoryHistory, planOf, ScriptedDeeds, wave } from './testing.ts';

const PROOF: GateProof = {
  wave: 'web',
  requester: 'ann',
  approvals: [
    { login: 'bob', environment: 'prod-a', comment: 'go' },
    { login: 'carl', environment: 'prod-b' },
  ],
  rules: [
    { environment: 'prod-a', reviewers: ['bob'], preventsSelfReview: true, adminsMayBypass: false },
    { environment: 'prod-b', reviewers: ['team:ops'], preventsSelfReview: true, adminsMayBypass: true },
  ],
  warnings: ['administrators may bypass environment "prod-b"'],
};

function gated(gate: Partial<Gate> = {}, mode: Mode = 'recovery') {
  const clock = new VirtualClock(0);
  const { set, plan } = planOf([
    wave('database'),
    wave('web', { dependsOn: ['database'], gate: { when: ['recovery'], environments: ['prod-a', 'prod-b'], ...gate } }),
  ]);
  const history = new MemoryHistory(clock, headerOf(plan, mode));
  const deeds = new ScriptedDeeds(clock);
  const asked: GateToProve[] = [];
  let runs = 0;
  const run = (prove?: ProveGate, approvals: readonly string[] = ['web']) => {
    runs += 1;
    const proveGate: ProveGate | undefined =
      prove &&
      ((one) => {
        asked.push(one);
        return prove(one);
      });
    return execute(
      { set, plan, mode, waves: ['database', 'web'], approvals, run: `run-${runs}`, actor: 'ann', tool: 'test' },
      {
        clock,
        signal: new AbortController().signal,
        history,
        deeds,
        observe: () => undefined,
        judge: () => ({ verdict: 'in-progress', reason: { code: 'ok', message: 'judged elsewhere' } }),
        ...(proveGate === undefined ? {} : { proveGate }),
      },
    );
  };
  const gates = () => history.lines('waves/web').filter((line) => 'step' in line && line.step === 'gate');
  return { history, deeds, asked, run, gates };
}

function endOf(lines: readonly JournalLine[]) {
  const end = lines.findLast((line) => line.type === 'step-finished');
  assert.ok(end?.type === 'step-finished');
  return end;
}

test('a proved gate is recorded with who approved and under which rules, and its warnings', async () => {
  const { run, gates, asked } = gated();
  assert.equal(await run(async () => PROOF), undefined);
  assert.deepEqual(asked, [{ wave: 'web', environments: ['prod-a', 'prod-b'], mode: 'recovery' }]);
  const end = endOf(gates());
  assert.equal(end.reason.message, 'approved by bob (prod-a), carl (prod-b)');
  assert.equal(end.result?.['approvedBy'], 'bob, carl');
  assert.equal(end.result?.['proved'], true);
  const { warnings, ...facts } = PROOF;
  assert.deepEqual(end.result?.['proof'], { ...facts, warnings });
  const warning = gates().find((line) => line.type === 'warning');
  assert.equal(warning?.type === 'warning' && warning.reason.message, 'administrators may bypass environment "prod-b"');
});

test('a gate that is not proved refuses before anything is changed in any wave', async () => {
  const { run, deeds, gates, history } = gated();
  const refusal = new RefusedError('gate-unproved', 'nobody approved', { next: 'Let it be approved.' });
  await assert.rejects(
    run(async () => {
      throw refusal;
    }),
    refusal,
  );
  assert.deepEqual(deeds.asked, []);
  assert.deepEqual(gates(), []);
  const last = history.lines('runs/run-1').at(-1);
  assert.equal(last?.type === 'run-finished' && last.reason.code, 'gate-unproved');
});

test('where no platform keeps approvals the actor vouches, and the record says so', async () => {
  const { run, gates } = gated();
  await run();
  const end = endOf(gates());
  assert.deepEqual(end.result, { approvedBy: 'ann', proved: false, unproved: 'no platform kept the approval' });
  assert.match(end.reason.message, /approved by ann, who vouches for it/);
});

test('a gate may open on somebody’s word when its prover says why nothing proves it', async () => {
  const { run, gates } = gated();
  await run(async () => ({ unproved: 'GitHub did not answer' }));
  assert.deepEqual(endOf(gates()).result, { approvedBy: 'ann', proved: false, unproved: 'GitHub did not answer' });
});

test('only gates that would open now are proved: none without an approval, none in the other mode, none that is open', async () => {
  const closed = gated();
  const halt = await closed.run(async () => PROOF, []);
  assert.equal(halt?.reason.code, 'gate-closed');
  assert.deepEqual(closed.asked, []);
  // Approved later, in another run of the same execution.
  assert.equal(await closed.run(async () => PROOF), undefined);
  assert.equal(closed.asked.length, 1);
  // And once open it is not asked for again.
  assert.equal(await closed.run(async () => assert.fail('it is open already')), undefined);

  const drill = gated({}, 'drill');
  assert.equal(await drill.run(async () => assert.fail('the gate is not for drills')), undefined);
  assert.deepEqual(drill.gates(), []);
});

test('a gate stays open for an execution whose wave failed behind it: nobody is asked again, nothing is told twice', async () => {
  const { run, gates, deeds, asked } = gated();
  deeds.scripts.set('web/recover', (look) =>
    look === 1 ? { state: 'failed', reason: { code: 'server-failed', message: 'no capacity' } } : undefined,
  );
  await run(async () => PROOF);
  const told = gates().length;
  await run(async () => assert.fail('it is open already'));
  assert.equal(asked.length, 1);
  assert.equal(gates().length, told);
  assert.ok(deeds.asked.filter((one) => one.endsWith('web/recover')).length > 1, 'the wave was tried again');
});

test('a gate never opens by a way that forgot to prove it', async () => {
  const { history } = gated();
  const stream = new Stream(await history.journal('waves/web'), () => undefined);
  const request = { mode: 'recovery', approvals: ['web'], actor: 'ann' } as const;
  const closed = passGate(wave('web', { gate: { when: ['recovery'] } }), stream, request, new Map());
  await assert.rejects(closed, { code: 'gate-unproved' });
});

test('a gate that was given up is begun anew when somebody approves after all', async () => {
  const { run, gates, history } = gated();
  await run(undefined, []);
  const stream = await history.journal('waves/web');
  const reason = { code: 'gate-closed', message: 'nobody approved it' } as const;
  await stream.append({ type: 'step-finished', step: 'gate', status: 'skipped', reason });
  await stream.close();
  await run(async () => PROOF);
  assert.deepEqual(
    gates().flatMap((line) => (line.type === 'step-started' ? [line.attempt] : [])),
    [1, 2],
  );
  assert.equal(endOf(gates()).status, 'succeeded');
});

test('one environment is a list of one; none is left to the door', async () => {
  const one = gated({ environment: 'prod', environments: [] });
  await one.run(async () => PROOF);
  assert.deepEqual(one.asked[0]?.environments, ['prod']);
  const none = gated({ environments: [] });
  await none.run(async () => PROOF);
  assert.deepEqual(none.asked[0]?.environments, []);
});
