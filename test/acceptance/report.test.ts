import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { rehearse } from './rehearsal.ts';
import { runStep, temporaryFolder } from './step.ts';

test('a failed drill is reported from its record alone, without AWS; fail-on decides whether the step fails', async () => {
  await using rehearsal = await rehearse('plans/simulation/webshop.yaml');
  const { workspace } = rehearsal;
  rehearsal.arm({
    match: { server: 'webshop-db-02' },
    effect: { kind: 'launch-fails', phase: 'launch', rawError: 'no capacity' },
  });
  const drill = { mode: 'drill', plan: 'webshop', 'plan-files': 'plans/webshop.yaml', waves: 'database', summary: 'false' };
  const failed = await rehearsal.step('execute-wave', drill);
  assert.equal(failed.outputs['status'], 'failed', failed.log);
  assert.equal(failed.summary, '');
  const calls = rehearsal.world.calls.length;

  const report = (inputs: Readonly<Record<string, string>>) => runStep({ action: 'report', with: inputs, workspace });
  const newest = await report({});
  assert.equal(newest.code, 0, newest.log);
  assert.equal(newest.outputs['execution-id'], failed.outputs['execution-id']);
  assert.notEqual(newest.outputs['status'], 'succeeded');
  assert.match(newest.summary, /webshop-db-02/);
  assert.match(newest.summary, /no capacity/);
  assert.equal(newest.warnings.length, 1);

  const strict = await report({ 'execution-id': failed.outputs['execution-id'] ?? '', plan: 'webshop', 'fail-on': 'failed' });
  assert.equal(strict.code, 1);
  assert.match(strict.errors[0] ?? '', /the verdict is /);
  assert.equal(strict.summary, newest.summary);
  assert.equal(rehearsal.world.calls.length, calls, 'AWS was not asked');
});

test('what is not there is told by name', async () => {
  const workspace = temporaryFolder('workspace');
  const report = (inputs: Readonly<Record<string, string>>) => runStep({ action: 'report', with: inputs, workspace });
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{}, /^execution-unknown: no execution is in \.breakwater\/history\. /],
    [{ plan: 'webshop' }, /^execution-unknown: no execution of plan "webshop" is in /],
    [{ 'execution-id': 'webshop-drill-1' }, /^execution-unknown: no execution "webshop-drill-1" is in /],
    [{ 'execution-id': '../../etc' }, /^execution-unknown: /],
    [{ 'fail-on': 'sometimes' }, /^usage: .*Legal: never, failed, degraded/],
  ];
  for (const [inputs, message] of cases) {
    const step = await report(inputs);
    assert.equal(step.code, 1);
    assert.match(step.errors[0] ?? '', message);
    assert.equal(step.outputs['status'], 'failed');
    assert.equal(step.summary, '');
  }
});

test('a record that cannot be read is one clear message', async () => {
  const workspace = temporaryFolder('workspace');
  const folder = path.join(workspace, '.breakwater', 'history', 'webshop', 'webshop-drill-1');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'execution.json'), '{"schema": "breakwater.execution/1", "id"');
  const step = await runStep({ action: 'report', with: { 'execution-id': 'webshop-drill-1' }, workspace });
  assert.equal(step.code, 1);
  assert.match(step.errors[0] ?? '', /^history-corrupt: .*execution\.json/);
  assert.doesNotMatch(step.log, /^\s+at /m);
});
