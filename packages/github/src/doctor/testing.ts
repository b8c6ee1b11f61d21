import assert from 'node:assert/strict';
import { VirtualClock } from '@breakwater/core';
import type { Gate, Plan, Wave } from '@breakwater/plan';
import { githubApi } from '../api.ts';
import { type RepositorySetup, serveFakeGithub, type TokenPermissions } from '../testing/index.ts';
import { type DoctorRequest, examine } from './doctor.ts';

export const REPOSITORY = 'example/webshop';
export const PROTECTED = { allowForcePushes: false, allowDeletions: false, restrictsPushes: false, requiresPullRequest: true };
export const SHA = 'a'.repeat(40);

export function wave(name: string, gate?: Partial<Gate>): Wave {
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

export function plan(overrides: Partial<Plan> = {}): Plan {
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
export const GOOD: RepositorySetup = {
  environments: { prod: { reviewers: ['bob', 'carl'] } },
  branches: { main: { protection: PROTECTED }, 'dr-history': {} },
  rulesets: [{ name: 'history', refs: ['refs/heads/dr-history'], rules: ['deletion', 'non_fast_forward'] }],
  workflows: [{ name: 'Drill', path: '.github/workflows/drill.yml' }],
};

export const DRILL = {
  file: '.github/workflows/drill.yml',
  text: `jobs:\n  drill:\n    steps:\n      - uses: example/breakwater/actions/execute-wave@${SHA} # v1\n      - uses: ./local\n`,
};

export async function look(
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

/** A workflow that calls one of Breakwater's. */
export const calls = (workflow: string, given = '', file = 'failover-webshop.yml') => ({
  file: `.github/workflows/${file}`,
  text: `on: workflow_dispatch\njobs:\n  a:\n    uses: breakwater-dr/breakwater/.github/workflows/${workflow}.yml@${SHA} # v1.0.0\n    with:\n      plan: webshop\n${given.replaceAll(/^(?=.)/gm, '      ')}`,
});

/** One breach a rule, and what is said of it. */
