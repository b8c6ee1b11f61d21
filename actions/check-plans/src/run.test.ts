import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import { definition } from './definition.ts';
import { checkPlanFiles } from './run.ts';

const ROOT = path.join(import.meta.dirname, '..', '..', '..');

/** A repository with the sample plans, in which the test then stands. */
function repository(t: { after: (work: () => void) => void }): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'breakwater-check-'));
  for (const part of ['plans', '.github/workflows/failover-webshop.yml']) {
    cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  }
  cpSync(path.join(folder, 'plans'), path.join(folder, '.base/plans'), { recursive: true });
  const previous = process.cwd();
  process.chdir(folder);
  t.after(() => {
    process.chdir(previous);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(file, 'utf8');
  assert.notEqual(text.replace(from, to), text, `${file} has ${from}`);
  writeFileSync(file, text.replace(from, to));
}

async function play(inputs: Readonly<Record<string, string>> = {}) {
  const runner = recordingRunner(
    Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  );
  await runAction(definition, checkPlanFiles, runner);
  return runner;
}

test('sound plans pass, and a comparison finds no change', async (t) => {
  repository(t);
  const { outputs, failures, summary, errors } = await play({ base: '.base' });
  assert.deepEqual([outputs['status'], outputs['errors'], failures, errors], ['succeeded', '0', [], []]);
  assert.equal(outputs['changed-plans'], '[]');
  assert.match(summary, /Nothing was found\.[\s\S]*No plan changes its meaning\./);
});

test('each finding stands on its line; a stale workflow is one of them, and the summary says what changed', async (t) => {
  repository(t);
  edit('plans/webshop.yaml', 'rto: 90m', 'rto: 2h');
  edit('plans/webshop.yaml', 'groups: [webshop-web]', 'groups: [webshop-wep]');
  const { outputs, failures, errors, places, summary } = await play({ base: '.base' });
  assert.equal(outputs['status'], 'failed');
  assert.equal(outputs['reason-code'], 'plan-invalid');
  assert.match(failures[0] ?? '', /^plan-invalid: .*BW901.*\(and \d+ more\)|^plan-invalid: plans\/webshop\.yaml:\d+/);
  assert.ok(
    errors.some((each) => /BW205 unknown-group: there is no protection group "webshop-wep"/.test(each)),
    errors.join('\n'),
  );
  assert.ok(
    errors.some((each) => each.startsWith('BW901 stale-workflow')),
    errors.join('\n'),
  );
  assert.ok(places.some((place) => /^plans\/webshop\.yaml:\d+:\d+$/.test(place)));
  assert.ok(places.includes('.github/workflows/failover-webshop.yml:1:1'));
  assert.match(summary, /\| `objectives\.rto` \| `1h 30m` \| `2h 00m` \|/);
  assert.equal(outputs['changed-plans'], '["webshop"]');
  assert.equal(JSON.parse(outputs['result'] ?? '').schema, 'breakwater.check/1');
});

test('a compiled workflow that is to call other code is told, however fresh it is', async (t) => {
  repository(t);
  cpSync('.github', '.base/.github', { recursive: true });
  assert.deepEqual((await play({ base: '.base' })).warnings, []);
  const file = '.github/workflows/failover-webshop.yml';
  edit(file, '"source":"$"', '"source":"eve/breakwater@v1"');
  edit(file, /uses: \$(\/\.github\/workflows\/[a-z]+\.yml)/g, 'uses: eve/breakwater$1@v1');
  const { outputs, warnings, places, summary } = await play({ base: '.base' });
  assert.equal(outputs['errors'], '0', 'it is what the plan compiles to, and somebody may want it');
  assert.match(warnings.join('\n'), /^Other code: the workflow of plan "webshop" is to call eve\/breakwater@v1, and called \$/);
  assert.ok(places.includes(`${file}:1:1`));
  assert.match(summary, /## Whose code runs\n\n- webshop: `eve\/breakwater@v1` instead of `\$`/);
  assert.deepEqual(JSON.parse(outputs['result'] ?? '').sources, [
    { file, plan: 'webshop', before: '$', after: 'eve/breakwater@v1' },
  ]);
  assert.deepEqual((await play()).warnings, [], 'without a base there is nothing to compare');
});

test('what fails the step can be chosen; a new plan and one that is gone are told', async (t) => {
  repository(t);
  edit('plans/recorded-drill.yaml', 'name: recorded-drill', 'name: recorded-rehearsal');
  edit('plans/webshop.yaml', 'tier: 1', 'tier: 0');
  const { outputs, failures, summary } = await play({ base: '.base', 'fail-on': 'never' });
  assert.deepEqual([outputs['status'], failures], ['succeeded', []]);
  assert.equal(outputs['changed-plans'], '["recorded-drill","recorded-rehearsal","webshop"]');
  assert.match(summary, /### recorded-drill\n\nThis plan is gone/);
  assert.match(summary, /### recorded-rehearsal\n\nThis plan is new/);
  const noted = await play({ plan: 'webshop', 'fail-on': 'note', workflows: 'nowhere/workflows' });
  assert.match(noted.failures[0] ?? '', /BW906/);
  assert.equal(noted.notices.length, Number(noted.outputs['notes']));
});

test('findings are written for code scanning where it is asked for', async (t) => {
  repository(t);
  edit('plans/webshop.yaml', 'groups: [webshop-web]', 'groups: [nobody]');
  const { outputs } = await play({ sarif: 'out/plans.sarif', 'fail-on': 'never' });
  assert.equal(outputs['sarif'], 'out/plans.sarif');
  const sarif = JSON.parse(readFileSync('out/plans.sarif', 'utf8'));
  assert.equal(sarif.version, '2.1.0');
  assert.ok(sarif.runs[0].results.length > 0);
});

test('what a pull request writes into a plan stays text in the summary', async (t) => {
  repository(t);
  edit('plans/webshop.yaml', 'owner: team-webshop@example.com', 'owner: "<img src=x> | `x` [a](http://b) ::error::x"');
  const { summary, lines } = await play({ base: '.base', 'fail-on': 'never' });
  assert.doesNotMatch(summary, /<img|[^\\]\]\(http/);
  assert.ok(lines.every((line) => !line.startsWith('::')));
});

test('a base that is not there, and a place that cannot be written, are one message', async (t) => {
  repository(t);
  assert.match((await play({ base: 'gone' })).failures[0] ?? '', /^file-unreadable: there is no folder gone/);
  assert.match((await play({ sarif: 'plans/webshop.yaml/x.sarif' })).failures[0] ?? '', /^file-unreadable: .*cannot be written/);
  assert.match((await play({ plan: 'nope' })).failures[0] ?? '', /^plan-unknown: /);
});
