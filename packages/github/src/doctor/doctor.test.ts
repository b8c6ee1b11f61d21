// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how GitHub writes an expression.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { githubApi } from '../api.ts';
import { serveFakeGithub, type TokenPermissions } from '../testing/index.ts';
import { branchMatches } from './branch-pattern.ts';
import { DOCTOR_RULES, type DoctorRuleId } from './catalog.ts';
import { examine } from './doctor.ts';
import { calls, DRILL, GOOD, look, PROTECTED, plan, REPOSITORY, wave } from './testing.ts';

test('a repository that is set up as the documentation says has no findings', async () => assert.deepEqual(await look(), []));

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
  GH023: [
    () =>
      look(
        { environments: { prod: { reviewers: ['bob', 'carl'], adminsMayBypass: true } } },
        { plans: [plan({ waves: [wave('app', { environment: 'prod' }), wave('web', { environment: 'Prod' })] })] },
      ),
    /plan webshop, waves app and web: prod opens the gates of all, and administrators may bypass it/,
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
