import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import { type Mode, UserError } from '@breakwater/core';
import { loadPlanSources } from '@breakwater/plan';
import { definition } from './definition.ts';
import { prepare } from './run.ts';

const text = `apiVersion: breakwater/v1
kind: RecoveryPlan
name: shop
owner: team
tier: 1
objectives: { rto: 2h, rpo: 15m }
waves:
  - { name: web, groups: [g], dependsOn: [db], gate: { environment: dr } }
  - { name: db, groups: [h] }
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: g
site: here
select: { tags: { App: a } }
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: h
site: here
select: { tags: { App: b } }
---
apiVersion: breakwater/v1
kind: Site
name: here
account: "111122223333"
region: us-west-2
`;
const { set } = loadPlanSources([{ file: 'plans/shop.yaml', text }]);

async function play(
  inputs: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = { GITHUB_RUN_ID: '77' },
) {
  const given = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  const runner = recordingRunner({ GITHUB_ACTOR: 'ann', ...environment, ...Object.fromEntries(given) });
  await runAction(
    definition,
    (door) =>
      prepare(door, {
        loadPlan: async () => {
          const plan = set.plans.get('shop');
          if (plan === undefined) throw new UserError('plan-unknown', 'no plan', { next: 'Write one.' });
          return { set, plan };
        },
      }),
    runner,
  );
  return runner;
}

test('a drill needs no confirmation: the outputs say what all jobs must agree on', async () => {
  const { outputs, failures, summary } = await play({ mode: 'drill', reason: 'a <b>rehearsal</b>' });
  assert.deepEqual(failures, []);
  assert.equal(outputs['status'], 'succeeded');
  assert.equal(outputs['mode'], 'drill');
  assert.equal(outputs['plan'], 'shop');
  assert.equal(outputs['execution-id'], 'shop-drill-gh-77');
  assert.match(outputs['plan-digest'] ?? '', /^[0-9a-f]{64}$/);
  assert.equal(outputs['waves'], '["db","web"]');
  assert.equal(outputs['gates'], '[]');
  assert.equal(JSON.parse(outputs['result'] ?? '').schema, 'breakwater.prepare/1');
  assert.match(summary, /^## Drill of shop/);
  assert.doesNotMatch(summary, /<b>/);
});

test('every attempt of a run means the same execution, and each run and mode its own', async () => {
  const id = async (mode: Mode, run: string, attempt: string) =>
    (await play({ mode, confirmation: 'shop' }, { GITHUB_RUN_ID: run, GITHUB_RUN_ATTEMPT: attempt })).outputs['execution-id'];
  assert.equal(await id('drill', '77', '1'), await id('drill', '77', '2'));
  const ids = [await id('drill', '77', '1'), await id('recovery', '77', '1'), await id('drill', '78', '1')];
  assert.equal(new Set(ids).size, 3);
});

test('a recovery must be confirmed with the name of the plan, exactly', async () => {
  for (const confirmation of ['', 'Shop', 'shop2', 'yes', '$(id)', 'shop\nshop']) {
    const { outputs, failures } = await play({ mode: 'recovery', confirmation });
    assert.equal(outputs['status'], 'failed', confirmation);
    assert.equal(outputs['execution-id'], '', 'nothing is named');
    assert.match(failures[0] ?? '', /^usage: a recovery of plan "shop" must be confirmed with its name/);
  }
  const { outputs, summary } = await play({ mode: 'recovery', confirmation: ' shop ' });
  assert.equal(outputs['execution-id'], 'shop-recovery-gh-77');
  assert.equal(outputs['gates'], '["web"]');
  assert.match(summary, /web \(approval first\)/);
});

test('a gate that nobody could open is refused where it runs in one job, and only in its mode', async () => {
  const { failures } = await play({ mode: 'recovery', confirmation: 'shop', gates: 'refused' });
  assert.match(failures[0] ?? '', /^gate-closed: plan "shop" has a gate before web.*breakwater compile/);
  assert.deepEqual((await play({ mode: 'drill', gates: 'refused' })).failures, []);
});

test('an execution of an earlier run goes on; what could not be one is refused', async () => {
  const { outputs } = await play({ mode: 'drill', 'execution-id': 'shop-drill-gh-5' });
  assert.equal(outputs['execution-id'], 'shop-drill-gh-5');
  assert.match((await play({ mode: 'drill', 'execution-id': '../other' })).failures[0] ?? '', /^usage: .*is not an execution id/);
  assert.match((await play({ mode: 'drill' }, {})).failures[0] ?? '', /^usage: there is no workflow run/);
});
