// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calls, look, plan, wave } from './testing.ts';

test('a private repository is told why it may have no reviewers', async () => {
  const findings = await look({ visibility: 'private', environments: { prod: {} } });
  assert.match(findings.find(({ id }) => id === 'GH011')?.wrong ?? '', /the repository is private: it takes GitHub Enterprise/);
});

test('protected branches only is no limit where none is protected', async () => {
  const findings = await look({ branches: { main: {}, 'dr-history': {} } });
  assert.match(
    findings.find(({ id }) => id === 'GH014')?.wrong ?? '',
    /main is not: with no protected branch at all, any may use it/,
  );
});

test('an environment that holds only the role is looked at for its branches alone; names fold', async () => {
  const findings = await look(
    { environments: { prod: { reviewers: ['bob', 'carl'] }, Recovery: { branches: 'any' } } },
    { plans: [plan({ environments: { recovery: 'recovery', drill: 'PROD' } })] },
  );
  assert.deepEqual(
    findings.map(({ id, subject }) => `${id} ${subject}`),
    ['GH020 environment Recovery'],
  );
});

test('where recoveries run behind no gate: reviewers or protected branches are enough, a pattern for every branch is none', async () => {
  const found = async (environment: object, branches = {}) => {
    const findings = await look(
      { environments: { prod: { reviewers: ['bob', 'carl'] }, ungated: environment }, ...branches },
      { plans: [plan({ environments: { recovery: 'ungated' } })] },
    );
    return findings.filter(({ subject }) => subject === 'environment ungated').map(({ id }) => id);
  };
  assert.deepEqual(await found({}), []);
  assert.deepEqual(await found({ branches: ['main'] }), []);
  assert.deepEqual(await found({ branches: ['main', '**'] }), ['GH020']);
  assert.deepEqual(await found({ branches: 'any', reviewers: ['bob', 'carl'] }), ['GH014']);
  assert.deepEqual(await found({}, { branches: { main: {}, 'dr-history': {} } }), ['GH020']);
});

test('the environments in which a workflow recovers are looked at, whatever its file is called, as those that plans name', async () => {
  const found = async (...workflows: Parameters<typeof calls>[]) => {
    const given = workflows.map((each, n) => ({ ...calls(...each), file: `.github/workflows/any-${n}.yml` }));
    return (await look({}, { workflows: given })).map(({ id, subject }) => `${id} ${subject}`);
  };
  const recovery = ['GH010 environment dr-recovery'];
  const production = ['GH010 environment dr-production'];
  assert.deepEqual(await found(['conclude']), recovery);
  assert.deepEqual(await found(['wave', 'mode: ${{ needs.prepare.outputs.mode }}\n']), recovery);
  assert.deepEqual(await found(['wave', 'recovery-environment: prod\ngate-environment: x\nfirst-gate-environment: y\n']), [
    'GH010 environment x',
    'GH010 environment y',
  ]);
  assert.deepEqual(await found(['failover']), production);
  assert.deepEqual(await found(['failover', 'environment: prod\n']), []);
  assert.deepEqual(await found(['execute-plan', 'mode: recovery\n']), production);
  assert.deepEqual(await found(['restore-aurora', 'mode: recovery\n']), production);
  // Not told, or told when it runs: that nothing is known is said.
  assert.deepEqual(await found(['failover', 'environment: ${{ vars.WHERE }}\n']), ['GH090 .github/workflows/any-0.yml']);
  // Drills need nobody's approval.
  const drills = ['execute-plan', 'wave', 'conclude', 'restore-aurora'].map(
    (name) => [name, 'mode: drill\n'] as [string, string],
  );
  assert.deepEqual(await found(...drills, ['drill'], ['restore-aurora'], ['copy-snapshots']), []);
  const [missing] = await look({}, { workflows: [calls('conclude')] });
  assert.match(`${missing?.wrong} ${missing?.todo}`, /failover-webshop\.yml names it.*limit its deployment branches/);
});

test('the default of a dispatch, a job of its own, and a local call tell the environment; what only others can start does not', async () => {
  const found = async (text: string) =>
    (await look({}, { workflows: [{ file: '.github/workflows/x.yml', text: `# breakwater\n${text}` }] })).map(
      ({ id, subject }) => `${id} ${subject}`,
    );
  const dispatch = (environment: string) =>
    `on:\n  workflow_dispatch:\n    inputs:\n      where: { type: environment, default: there }\njobs:\n  a:\n    uses: $/.github/workflows/execute-plan.yml\n    with: { mode: recovery, recovery-environment: "${environment}" }\n`;
  assert.deepEqual(await found(dispatch('${{ inputs.where }}')), ['GH010 environment there']);
  assert.deepEqual(await found(dispatch("${{ inputs.other || 'elsewhere' }}")), ['GH010 environment elsewhere']);
  assert.deepEqual(await found(dispatch('${{ inputs.where }}').replace('workflow_dispatch', 'workflow_call')), []);
  const own = (environment: string, more = '') =>
    `on: [push, workflow_call]\njobs:\n  a:\n    environment: ${environment}\n    steps:\n      - uses: $/actions/execute-wave\n        with: { mode: recovery${more} }\n`;
  assert.deepEqual(await found(own('mine')), ['GH010 environment mine']);
  assert.deepEqual(await found(own('{ name: mine }', ', approved-gates: web')), ['GH010 environment mine']);
  assert.deepEqual(await found(own('mine').replace('recovery', 'drill')), []);
  assert.deepEqual(await found(own('mine').replace('    environment: mine\n', '')), []);
  assert.deepEqual(await found('on: push\njobs:\n  a:\n    uses: ./.github/workflows/failover.yml\n'), []);
  assert.deepEqual(await found('on: push\njobs:\n  a:\n    uses: ./.github/workflows/wave.yml\n'), [
    'GH010 environment dr-recovery',
  ]);
});

test('gates that share their environments are sound where nobody bypasses them, and a pair has no reviewer in both', async () => {
  const found = async (a: object, b: object, ...chains: (readonly string[])[]) => {
    const waves = chains.map((environments, n) => wave(`w${n}`, { environments }));
    const findings = await look({ environments: { a, b } }, { plans: [plan({ waves })] });
    return findings.filter(({ id }) => id === 'GH023').map(({ subject, wrong }) => `${subject}: ${wrong}`);
  };
  const ops = { reviewers: ['bob', 'carl'] };
  const business = { reviewers: ['dora', 'emil'] };
  const both = { reviewers: ['carl', 'dora'] };
  assert.deepEqual(await found(ops, business, ['a', 'b'], ['a', 'b']), []);
  assert.deepEqual(await found(ops, both, ['a', 'b']), []);
  assert.deepEqual(await found(ops, both, ['a', 'b'], ['a', 'b']), [
    'plan webshop, waves w0 and w1: a and b open the gates of all, and carl may approve both',
  ]);
  assert.deepEqual(await found(ops, both, ['a', 'b'], ['b', 'a']), [
    'plan webshop, waves w0 and w1: a and b open the gates of all, and carl may approve both',
  ]);
  assert.deepEqual(await found({ teams: ['ops'] }, { teams: ['ops'] }, ['a', 'b'], ['a', 'b']), [
    'plan webshop, waves w0 and w1: a and b open the gates of all, and team:ops may approve both',
  ]);
});

test('who approves a whole failover must be somebody else, and nothing but GitHub sees to that', async () => {
  const found = async (environment: object) =>
    (
      await look(
        { environments: { prod: { reviewers: ['bob', 'carl'] }, 'dr-production': environment } },
        { workflows: [calls('failover')] },
      )
    ).map(({ id, wrong }) => `${id} ${wrong}`);
  assert.deepEqual(await found({ teams: ['ops'] }), []);
  assert.deepEqual(await found({ teams: ['ops'], preventSelfReview: false, adminsMayBypass: true }), [
    'GH012 people may approve their own runs',
    'GH013 administrators may bypass it, and nothing would show that nobody approved',
  ]);
  assert.deepEqual(await found({ branches: ['*'] }), [
    'GH020 `*` lets any branch use it, and nobody is asked',
    'GH021 it asks nobody, and everything is recovered in it by .github/workflows/failover-webshop.yml',
  ]);
});
