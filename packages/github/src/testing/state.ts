import type { JsonValue } from './json.ts';

/** What the fake knows of one repository. Plain data, so that it can be written as JSON; everything has a default. */
export interface FakeRepository {
  /** `owner/name`. */
  readonly fullName: string;
  visibility: 'public' | 'private' | 'internal';
  /** Whether the owner is an organisation; teams exist only there. */
  organisation: boolean;
  defaultBranch: string;
  environments: Record<string, FakeEnvironment>;
  runs: Record<string, FakeRun>;
  workflows: FakeWorkflow[];
  branches: Record<string, FakeBranch>;
  rulesets: FakeRuleset[];
  settings: FakeSettings;
  /** Text of files by path, on the default branch. */
  files: Record<string, string>;
  pulls: FakePull[];
  /** Object id by full name, as `refs/heads/main`. */
  refs: Record<string, string>;
  dispatches: FakeDispatch[];
}

export interface FakeEnvironment {
  /** Logins. */
  reviewers: string[];
  /** Slugs. */
  teams: string[];
  preventSelfReview: boolean;
  adminsMayBypass: boolean;
  /** Minutes. */
  waitTimer: number;
  /** `any`: every branch may deploy. A list: name patterns. */
  branches: 'any' | 'protected' | string[];
}

export interface FakeRun {
  event: string;
  /** Who triggered the first attempt. */
  actor: string;
  /** Who triggered each attempt after the first. */
  reruns: string[];
  branch: string;
  sha: string;
  /** Where the head comes from; none: this repository. */
  headRepository?: string;
  status: string;
  conclusion: string | null;
  /** Path of the workflow's file. */
  path: string;
  name: string;
  startedAt: string;
  approvals: FakeApproval[];
}

export interface FakeApproval {
  environments: string[];
  state: 'approved' | 'rejected' | 'pending';
  user: string;
  comment: string;
  /** As GitHub has it in `user.type`. */
  userType?: 'User' | 'Bot';
}

export interface FakeWorkflow {
  name: string;
  path: string;
  state: 'active' | 'deleted' | 'disabled_fork' | 'disabled_inactivity' | 'disabled_manually';
}

export interface FakeBranch {
  sha: string;
  /** A classic protection rule; none: unprotected. */
  protection?: {
    allowForcePushes: boolean;
    allowDeletions: boolean;
    restrictsPushes: boolean;
    requiresPullRequest: boolean;
    /** Of a pull request; 1 unless it is said. */
    approvals?: number;
  };
}

export interface FakeRuleset {
  name: string;
  target: 'branch' | 'tag';
  enforcement: 'active' | 'disabled' | 'evaluate';
  /** `refs/heads/…` or `refs/tags/…` patterns; a trailing `*` matches the rest. */
  refs: string[];
  /** As `deletion`, `non_fast_forward`, `pull_request`, `update`. */
  rules: string[];
  /** Of a pull request, with the rule for one; 1 unless it is said. */
  approvals?: number;
}

export interface FakeSettings {
  workflowPermissions: 'read' | 'write';
  mayApprovePullRequests: boolean;
  forkApproval: 'first_time_contributors_new_to_github' | 'first_time_contributors' | 'all_external_contributors';
  privateForks: { run: boolean; writeTokens: boolean; secrets: boolean; approval: boolean };
  oidc: { useDefault: boolean; claims?: string[]; immutable?: boolean; prefix?: string };
}

export interface FakePull {
  number: number;
  title: string;
  body: string;
  head: string;
  base: string;
  state: 'open' | 'closed';
}

export interface FakeDispatch {
  /** `repository_dispatch`, or the workflow's file. */
  to: string;
  body: JsonValue;
}

/** What somebody gives to set a repository up: every part may be left out. */
export type RepositorySetup = Partial<
  Omit<FakeRepository, 'environments' | 'runs' | 'branches' | 'settings' | 'workflows' | 'rulesets'>
> & {
  readonly environments?: Readonly<Record<string, Partial<FakeEnvironment>>>;
  readonly runs?: Readonly<Record<string, Partial<FakeRun>>>;
  readonly branches?: Readonly<Record<string, Partial<FakeBranch>>>;
  readonly workflows?: readonly Partial<FakeWorkflow>[];
  readonly rulesets?: readonly Partial<FakeRuleset>[];
  readonly settings?: Partial<FakeSettings>;
};

const SHA = '3f2a1c9d8e7b6a5f4e3d2c1b0a9f8e7d6c5b4a39';

/** A repository that is set up as docs/approvals.md asks, but for what is given. */
export function repositoryOf(fullName: string, setup: RepositorySetup = {}): FakeRepository {
  const { environments = {}, runs = {}, branches = {}, workflows = [], rulesets = [], settings, ...rest } = setup;
  const defaultBranch = setup.defaultBranch ?? 'main';
  const all: Record<string, Partial<FakeBranch>> = { [defaultBranch]: {}, ...branches };
  return {
    visibility: 'public',
    organisation: true,
    defaultBranch,
    files: {},
    pulls: [],
    refs: Object.fromEntries(Object.entries(all).map(([name, { sha = SHA }]) => [`refs/heads/${name}`, sha])),
    dispatches: [],
    ...rest,
    fullName,
    environments: mapValues(environments, environmentOf),
    runs: mapValues(runs, runOf),
    branches: mapValues(all, (branch) => ({ sha: SHA, ...branch })),
    workflows: workflows.map((workflow) => ({ name: 'Workflow', path: '.github/workflows/x.yml', state: 'active', ...workflow })),
    rulesets: rulesets.map((ruleset) => ({
      name: 'rules',
      target: 'branch',
      enforcement: 'active',
      refs: [],
      rules: [],
      ...ruleset,
    })),
    settings: {
      workflowPermissions: 'read',
      mayApprovePullRequests: false,
      forkApproval: 'all_external_contributors',
      privateForks: { run: false, writeTokens: false, secrets: false, approval: true },
      oidc: { useDefault: true },
      ...settings,
    },
  };
}

export function environmentOf(setup: Partial<FakeEnvironment>): FakeEnvironment {
  return {
    reviewers: [],
    teams: [],
    preventSelfReview: true,
    adminsMayBypass: false,
    waitTimer: 0,
    branches: 'protected',
    ...setup,
  };
}

export function runOf(setup: Partial<FakeRun>): FakeRun {
  return {
    event: 'workflow_dispatch',
    actor: 'ann',
    reruns: [],
    branch: 'main',
    sha: SHA,
    status: 'in_progress',
    conclusion: null,
    path: '.github/workflows/failover.yml',
    name: 'Failover',
    startedAt: '2026-11-20T03:00:00Z',
    approvals: [],
    ...setup,
  };
}

function mapValues<From, To>(from: Readonly<Record<string, From>>, make: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, make(value)]));
}
