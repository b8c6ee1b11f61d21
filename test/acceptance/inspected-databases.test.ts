import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { changedWorld } from './changed-world.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { bundles } from './step.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';
const drill = { mode: 'drill', plan: 'webshop', 'plan-files': 'plans/webshop.yaml' };

/** The webshop, whose copies have never arrived in the recovery account. */
const withoutCopies = () =>
  changedWorld(WEBSHOP, 'no-copies', (lists) => {
    lists['snapshots'] = [];
  });

/** Runs the bundled command line in the workspace. */
async function breakwater({ workspace, aws }: Rehearsal, args: readonly string[]) {
  const main = path.join(await bundles(), 'breakwater.js');
  const env = { PATH: '/usr/bin:/bin', HOME: workspace, ...aws };
  return new Promise<{ readonly code: number; readonly text: string }>((ended) => {
    execFile(process.execPath, [main, ...args], { cwd: workspace, env }, (error, stdout, stderr) => {
      ended({ code: error === null ? 0 : Number(error.code), text: `${stdout}${stderr}` });
    });
  });
}

describe('what a database lacks is seen before a run begins', { concurrency: 2 }, () => {
  it('a drill is refused before any server is launched or anything else is changed, in the action and on the command line', async () => {
    await using rehearsal = await rehearse(withoutCopies());
    const checked = await breakwater(rehearsal, ['check', 'plans']);
    assert.equal(checked.code, 0, `the plan itself is sound: ${checked.text}`);
    const step = await rehearsal.step('execute-wave', drill);
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['reason-code'], 'not-ready');
    assert.match(
      step.errors.join(),
      /not ready for a drill: database "webshop": no manual snapshot fits \("webshop" in account 111122223333, us-west-2\)/,
    );
    const run = await breakwater(rehearsal, ['run', 'plans/webshop.yaml', '--mode', 'drill']);
    assert.notEqual(run.code, 0);
    assert.match(run.text, /database "webshop": no manual snapshot fits/);
    assert.deepEqual(
      rehearsal.world.calls.filter(({ operation, applied }) => applied && !/^(Describe|Get|List|Assume)/.test(operation)),
      [],
    );
  });

  it('a recovery is told so at its beginning, and recovers everything else that it can', async () => {
    await using rehearsal = await rehearse(withoutCopies());
    const step = await rehearsal.step('execute-wave', { ...drill, mode: 'recovery' });
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['reason-code'], 'snapshot-missing', 'the database itself has failed in the end');
    const told = step.log.search(/no manual snapshot fits/);
    const launched = step.log.search(/StartRecovery|drs:Start/);
    assert.ok(told >= 0 && (launched < 0 || told < launched), step.log);
    assert.ok(rehearsal.calls('StartRecovery').length > 0, 'the servers beside it were launched');
    assert.equal(JSON.parse(step.outputs['instance-ids'] ?? '').length, 3);
  });

  it('a key that was disabled since holds a drill back, too', async () => {
    const scenario = changedWorld(WEBSHOP, 'key-off', (lists) => {
      lists['kmsKeys'] = (lists['kmsKeys'] ?? []).map((key) => ({ ...Object(key), state: 'Disabled' }));
    });
    await using rehearsal = await rehearse(scenario);
    const step = await rehearsal.step('execute-wave', drill);
    assert.equal(step.outputs['reason-code'], 'not-ready', step.log);
    assert.match(step.errors.join(), /key \S+ is Disabled/);
    assert.equal(rehearsal.calls('StartRecovery').length, 0);
  });
});
