// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import type { Gate, Plan, Wave } from '@breakwater/plan';
import { githubApi } from '../api.ts';
import { type RepositorySetup, serveFakeGithub, type TokenPermissions } from '../testing/index.ts';
import { branchMatches } from './branch-pattern.ts';
import { DOCTOR_RULES, type DoctorRuleId } from './catalog.ts';
import { type DoctorRequest, examine } from './doctor.ts';

const REPOSITORY = 'example/webshop';
const PROTECTED = { allowForcePushes: false, allowDeletions: false, restrictsPushes: false, requiresPullRequest: true };
const SHA = 'a'.repeat(40);

function wave(name: string, gate?: Partial<Gate>): Wave {
  return {
    name,
    dependsOn: [],
    groups: ['g'],
    servers: [],
    recoveryPoint: { kind: 'latest' },
    preWaveActions: [],
    postWaveActions: [],
    timeout: 1,
    ...(gate === undefined ? {} : { gate: { when: ['recovery'], ...gate } }),
  };
}

function plan(overrides: Partial<Plan> = {}): Plan {
  return {
    name: 'webshop',
    owner: 'team',
    tier: 1,
    objectives: { rto: 1, rpo: 1 },
    readiness: { maxLag: 1 },
    drill: { cleanUp: 'terminate' },
    waves: [wave('web', { environment: 'prod' })],
    finally: [],
    ...overrides,
  };
}

/** A repository in which nothing is wrong. */
const GOOD: RepositorySetup = {
  environments: { prod: { reviewers: ['bob', 'carl'] } },
  branches: { main: { protection: PROTECTED }, 'dr-history': {} },
  rulesets: [{ name: 'history', refs: ['refs/heads/dr-history'], rules: ['deletion', 'non_fast_forward'] }],
  workflows: [{ name: 'Drill', path: '.github/workflows/drill.yml' }],
};

const DRILL = {
  file: '.github/workflows/drill.yml',
  text: `jobs:\n  drill:\n    steps:\n      - uses: example/breakwater/actions/execute-wave@${SHA} # v1\n      - uses: ./local\n`,
};

async function look(
  repository: RepositorySetup = {},
  request: Partial<DoctorRequest> = {},
  tokens?: Readonly<Record<string, TokenPermissions>>,
) {
  await using fake = await serveFakeGithub({
    repositories: { [REPOSITORY]: { ...GOOD, ...repository } },
    ...(tokens === undefined ? {} : { tokens }),
  });
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock: new VirtualClock(0), userAgent: 'test' });
  const findings = await examine(api, { plans: [plan()], workflows: [DRILL], historyBranch: 'dr-history', ...request });
  assert.deepEqual(fake.unknown, []);
  assert.ok(
    fake.calls.every(({ method }) => method === 'GET'),
    'it only reads',
  );
  return findings;
}

test('a repository that is set up as the documentation says has no findings', async () => assert.deepEqual(await look(), []));

/** A workflow that calls one of Breakwater's. */
const calls = (workflow: string, given = '', file = 'failover-webshop.yml') => ({
  file: `.github/workflows/${file}`,
  text: `on: workflow_dispatch\njobs:\n  a:\n    uses: breakwater-dr/breakwater/.github/workflows/${workflow}.yml@${SHA} # v1.0.0\n    with:\n      plan: webshop\n${given.replaceAll(/^(?=.)/gm, '      ')}`,
});

/** One breach a rule, and what is said of it. */
const BREACHES: Readonly<
  Record<Exclude<DoctorRuleId, 'GH041' | 'GH046' | 'GH048'>, readonly [() => ReturnType<typeof look>, RegExp]>
> = {
  GH010: [() => look({ environments: {} }), /environment prod: it does not exist, and plan "webshop", wave "web" names it/],
  GH011: [() => look({ environments: { prod: {} } }), /it asks nobody, and opens a gate of plan "webshop", wave "web"$/],
  GH012: [
    () => look({ environments: { prod: { reviewers: ['bob', 'carl'], preventSelfReview: false } } }),
    /people may approve their own runs/,
  ],
  GH013: [
    () => look({ environments: { prod: { reviewers: ['bob', 'carl'], adminsMayBypass: true } } }),
    /administrators may bypass it/,
  ],
  GH014: [() => look({ environments: { prod: { reviewers: ['bob', 'carl'], branches: 'any' } } }), /any branch may use it/],
  GH015: [() => look({ environments: { prod: { reviewers: ['bob'] } } }), /only bob may approve/],
  GH016: [
    () =>
      look(
        { environments: { a: { reviewers: ['bob'] }, b: { reviewers: ['bob'] } } },
        { plans: [plan({ waves: [wave('web', { environments: ['a', 'b'] })] })] },
      ),
    /plan webshop, wave web: a and b have only bob to approve them/,
  ],
  GH017: [() => look({}, { plans: [plan({ waves: [wave('web', {})] })] }), /its gate names no environment/],
  GH018: [
    () => look({ environments: { prod: { reviewers: ['bob', 'carl'], branches: ['release/*'] } } }),
    /main is not among release\/\*/,
  ],
  GH019: [() => look({ environments: { prod: { reviewers: ['bob', 'carl'], waitTimer: 30 } } }), /waits 30 minutes/],
  GH020: [
    () =>
      look(
        { environments: { prod: { reviewers: ['bob', 'carl'] }, 'dr-recovery': { branches: 'any' } } },
        { workflows: [DRILL, calls('conclude')] },
      ),
    /environment dr-recovery: any branch may use it, and nobody is asked/,
  ],
  GH021: [
    () =>
      look(
        { environments: { prod: { reviewers: ['bob', 'carl'] }, 'dr-production': {} } },
        { workflows: [DRILL, calls('failover')] },
      ),
    /environment dr-production: it asks nobody, and everything is recovered in it by \.github\/workflows\/failover-webshop\.yml/,
  ],
  GH022: [
    () =>
      look({
        branches: { main: { protection: { ...PROTECTED, requiresPullRequest: false } }, 'dr-history': {} },
      }),
    /branch main: nothing demands that somebody approves what comes into it/,
  ],
  GH030: [() => look({ branches: { main: { protection: PROTECTED } } }), /branch dr-history: it does not exist/],
  GH031: [() => look({ rulesets: [] }), /it can be deleted and force-pushed/],
  GH032: [
    () => look({ rulesets: [{ refs: ['refs/heads/*'], rules: ['deletion', 'non_fast_forward', 'pull_request'] }] }),
    /a pull request is required/,
  ],
  GH040: [
    () => look({ workflows: [{ path: DRILL.file, state: 'disabled_inactivity' }] }),
    /drill\.yml: GitHub disabled it after 60 days without activity/,
  ],
  GH042: [
    () =>
      look(
        {},
        {
          workflows: [{ file: DRILL.file, text: `${DRILL.text}      - uses: actions/checkout@v5\n      - uses: docker://x:1\n` }],
        },
      ),
    /actions\/checkout@v5, docker:\/\/x:1/,
  ],
  GH043: [() => look({ settings: { workflowPermissions: 'write' } }), /may write everything by default/],
  GH044: [
    () =>
      look({
        visibility: 'private',
        settings: { privateForks: { run: true, writeTokens: true, secrets: true, approval: true } },
      }),
    /they get secrets and a token that may write/,
  ],
  GH045: [
    () => look({ settings: { forkApproval: 'first_time_contributors_new_to_github' } }),
    /only first time contributors new to github are held back/,
  ],
  GH047: [
    () =>
      look(
        {},
        {
          workflows: [
            {
              file: DRILL.file,
              text: `${DRILL.text}        with:\n          when-github-is-down: vouch\n      - run: npx breakwater run plans --mode recovery --approve web\n`,
            },
          ],
        },
      ),
    /`breakwater run --approve`, `when-github-is-down: vouch`/,
  ],
  GH050: [() => look({ settings: { oidc: { useDefault: false, claims: ['repo', 'ref'] } } }), /it is made of repo, ref/],
  GH051: [
    () => look({ settings: { oidc: { useDefault: true, immutable: true, prefix: 'repo:example@1/webshop@2' } } }),
    /it begins with `repo:example@1\/webshop@2`/,
  ],
  GH090: [
    () => look({}, {}, { t: { actions: 'read', contents: 'read' } }),
    /branch main: the token lacks `administration: read`/,
  ],
};

for (const [id, [make, said]] of Object.entries(BREACHES)) {
  test(`${id}: ${DOCTOR_RULES.find((rule) => rule.id === id)?.name}`, async () => {
    const findings = await make();
    const finding = findings.find((each) => each.id === id);
    assert.ok(finding !== undefined, JSON.stringify(findings));
    assert.match(`${finding.subject}: ${finding.wrong}`, said);
    assert.ok(finding.todo.length > 10 && finding.legal.length > 10);
  });
}

test('every rule has an id of its own and a breach here, but for those that another package finds', () => {
  assert.deepEqual(
    DOCTOR_RULES.map(({ id }) => id),
    [...Object.keys(BREACHES), 'GH041', 'GH046', 'GH048'].sort(),
  );
});

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

test('a ruleset or a classic rule may demand the approval of changes; a pull request that nobody approves is none', async () => {
  const found = async (protection: object | undefined, ruleset?: object, tokens?: Record<string, TokenPermissions>) => {
    const classic = protection === undefined ? {} : { protection: { ...PROTECTED, ...protection } };
    const rulesets = [...(GOOD.rulesets ?? []), ...(ruleset === undefined ? [] : [{ refs: ['refs/heads/main'], ...ruleset }])];
    const findings = await look({ branches: { main: classic, 'dr-history': {} }, rulesets }, { plans: [] }, tokens);
    return findings.filter(({ subject }) => subject === 'branch main').map(({ id, wrong }) => `${id} ${wrong}`);
  };
  const job = { t: { actions: 'read', contents: 'read' } } as const;
  assert.deepEqual(await found(undefined, { rules: ['pull_request'] }, job), []);
  assert.deepEqual(await found({}), []);
  assert.deepEqual(await found({ approvals: 0 }), ['GH022 its pull requests need no approval']);
  assert.deepEqual(await found(undefined, { rules: ['pull_request'], approvals: 0 }), [
    'GH022 nothing demands that somebody approves what comes into it',
  ]);
  assert.deepEqual(await found(undefined, { rules: ['deletion'] }, job), [
    'GH022 nothing demands that somebody approves what comes into it',
  ]);
  assert.deepEqual(await found({}, undefined, job), ['GH090 the token lacks `administration: read`']);
});

test('a classic rule that GitHub denies to have is not known, unless a ruleset is all that protects the branch', async () => {
  const found = async (rules: readonly string[]) => {
    const rulesets = [{ refs: ['refs/heads/main'], rules: [...rules] }];
    await using fake = await serveFakeGithub({ repositories: { [REPOSITORY]: { ...GOOD, rulesets } } });
    fake.arm({ path: '/branches/main/protection', effect: { kind: 'status', status: 404, body: { message: 'Not Found' } } });
    const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock: new VirtualClock(0), userAgent: 'test' });
    const findings = await examine(api, { plans: [], workflows: [], historyBranch: 'dr-history' });
    return findings.filter(({ subject }) => subject === 'branch main').map(({ id }) => id);
  };
  assert.deepEqual(await found([]), ['GH090']);
  assert.deepEqual(await found(['deletion']), ['GH022']);
});

test('a classic rule of the history branch is read when the token may, and is not known otherwise', async () => {
  const classic = {
    ...GOOD,
    rulesets: [],
    branches: { main: { protection: PROTECTED }, 'dr-history': { protection: PROTECTED } },
  };
  const read = await look(classic);
  assert.deepEqual(
    read.map(({ id, wrong }) => `${id} ${wrong}`),
    ['GH032 a pull request is required'],
  );
  const open = { ...PROTECTED, requiresPullRequest: false, allowForcePushes: true };
  const weak = await look({ ...classic, branches: { main: { protection: PROTECTED }, 'dr-history': { protection: open } } });
  assert.deepEqual(
    weak.map(({ id, wrong }) => `${id} ${wrong}`),
    ['GH031 it can be force-pushed'],
  );
  const blind = await look(classic, {}, { t: { actions: 'read', contents: 'read' } });
  assert.ok(blind.some(({ id, subject }) => id === 'GH090' && subject === 'branch dr-history'));
});

test('a setting that GitHub denies to have is not known, never good', async () => {
  await using fake = await serveFakeGithub({
    repositories: {
      [REPOSITORY]: {
        ...GOOD,
        rulesets: [],
        branches: { main: { protection: PROTECTED }, 'dr-history': { protection: PROTECTED } },
      },
    },
  });
  const body = { message: 'Not Found' };
  for (const part of ['/actions/permissions/', '/actions/oidc/', '/dr-history/protection']) {
    fake.arm({ path: part, effect: { kind: 'status', status: 404, body } });
  }
  const api = githubApi(REPOSITORY, { url: fake.url, token: 't', clock: new VirtualClock(0), userAgent: 'test' });
  const findings = await examine(api, { plans: [], workflows: [], historyBranch: 'dr-history' });
  assert.deepEqual(
    findings.map(({ id, subject }) => `${id} ${subject}`),
    ['GH090 branch dr-history', 'GH090 permissions of the token', 'GH090 subject of OIDC tokens', 'GH090 workflows of forks'],
  );
});

test('a history branch whose creation is restricted cannot begin', async () => {
  const rulesets = [{ refs: ['refs/heads/*'], rules: ['deletion', 'non_fast_forward', 'creation'] }];
  const findings = await look({ rulesets, branches: { main: { protection: PROTECTED } } });
  assert.match(findings.find(({ id }) => id === 'GH032')?.wrong ?? '', /creation is restricted/);
});

test('what a token may not read is said once a thing, and keeps nothing else from being found', async () => {
  const findings = await look({ workflows: [] }, {}, { t: { contents: 'read' } });
  const unknown = findings.filter(({ id }) => id === 'GH090').map(({ subject, wrong }) => `${subject}: ${wrong}`);
  assert.deepEqual(unknown, [
    'branch main: the token lacks `administration: read`',
    'environments: the token lacks `actions: read`',
    'permissions of the token: the token lacks `administration: read`',
    'subject of OIDC tokens: the token lacks `actions: read`',
    'workflows: the token lacks `actions: read`',
    'workflows of forks: the token lacks `administration: read`',
  ]);
});

test('workflows that do not run Breakwater are nobody’s business here, and no YAML is no crash', async () => {
  const workflows = [
    { file: '.github/workflows/other.yml', text: 'jobs: { a: { steps: [{ uses: x/y@main }] } }' },
    { file: '.github/workflows/broken.yml', text: 'breakwater: [\n\t: {{{' },
  ];
  assert.deepEqual(await look({}, { workflows }), []);
});

test('what a comment says of a way past a gate is no way past it', async () => {
  const text = `${DRILL.text}# breakwater run --approve web\n# when-github-is-down: vouch\n`;
  assert.deepEqual(await look({}, { workflows: [{ file: DRILL.file, text }] }), []);
});

test('a called workflow counts like an action; the worst comes first', async () => {
  const text = 'jobs:\n  a:\n    uses: example/breakwater/.github/workflows/drill.yml@v1\n';
  const findings = await look({ environments: {} }, { workflows: [{ file: DRILL.file, text }] });
  assert.deepEqual(
    findings.map(({ id }) => id),
    ['GH010', 'GH042'],
  );
});

test('a repository that nobody knows is a mistake of the command line', async () => {
  await using fake = await serveFakeGithub();
  const api = githubApi('example/none', { url: fake.url, token: 't', clock: new VirtualClock(0), userAgent: 'test' });
  await assert.rejects(examine(api, { plans: [], workflows: [], historyBranch: 'h' }), {
    code: 'usage',
    message: /example\/none/,
  });
});

test('name patterns are those of GitHub', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['main', 'main', true],
    ['main', 'maintenance', false],
    ['release/*', 'release/1', true],
    ['release/*', 'release/1/2', false],
    ['*', 'main', true],
    ['*', 'a/b', false],
    ['**/main', 'a/b/main', true],
    ['**/main', 'main', true],
    ['**', 'a/b', true],
    ['v?', 'v1', true],
    ['v[0-9]', 'v7', true],
    ['v[!0-9]', 'v7', false],
    ['ma.n', 'main', false],
    ['a+b', 'aab', false],
    ['[', '[', true],
    ['[z-a]', 'q', false],
  ];
  for (const [pattern, branch, expected] of cases) assert.equal(branchMatches(pattern, branch), expected, `${pattern} ${branch}`);
});
