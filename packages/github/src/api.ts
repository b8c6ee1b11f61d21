import { at, flagAt, listAt, numberAt, textAt } from './answer.ts';
import { type ApiAccess, type ApiRequest, type Send, sender } from './request.ts';

/** A repository, as far as it matters here. */
export interface RepositoryFacts {
  readonly fullName: string;
  readonly visibility: 'public' | 'private' | 'internal';
  readonly ownerIsOrganisation: boolean;
  readonly defaultBranch: string;
}

/** What has to happen before a job may use an environment. */
export interface EnvironmentFacts {
  readonly name: string;
  /** Logins, and teams as `team:<slug>`. One of them has to approve. */
  readonly reviewers: readonly string[];
  readonly preventsSelfReview: boolean;
  /** GitHub's default is that they may; what GitHub does not tell counts as allowed. */
  readonly adminsMayBypass: boolean;
  /** Minutes. */
  readonly waitTimer: number;
  /** Which branches may deploy: `any`, those with a protection rule, or those of a list of patterns. */
  readonly branches: 'any' | 'protected' | 'selected';
  readonly page: string | undefined;
}

/** One attempt of a workflow run. */
export interface RunFacts {
  readonly id: string;
  readonly attempt: number;
  readonly event: string;
  /** Who triggered the first attempt. */
  readonly actor: string | undefined;
  /** Who triggered this attempt. */
  readonly triggeringActor: string | undefined;
  /** Whether that is no person. */
  readonly byBot: boolean;
  readonly branch: string | undefined;
  readonly commit: string | undefined;
  readonly status: string;
  /** `owner/name` that the head comes from; another than the repository for a fork. */
  readonly headRepository: string | undefined;
  /** ISO 8601. */
  readonly startedAt: string | undefined;
  readonly page: string | undefined;
  readonly workflow: string | undefined;
}

/** What somebody said of a job that waited for an environment. GitHub keeps neither when nor in which attempt. */
export interface ReviewFacts {
  readonly state: 'approved' | 'rejected' | 'pending' | 'unknown';
  readonly login: string | undefined;
  readonly isBot: boolean;
  readonly comment: string;
  readonly environments: readonly string[];
}

export interface WorkflowFacts {
  readonly name: string;
  readonly path: string;
  /** `active`, `disabled_inactivity`, `disabled_manually`, … */
  readonly state: string;
}

export interface BranchProtection {
  readonly allowsForcePushes: boolean;
  readonly allowsDeletion: boolean;
  /** Pushes are limited to some people, teams and apps. */
  readonly restrictsPushes: boolean;
  readonly requiresPullRequest: boolean;
  /** How many people have to approve one; 0: nobody. */
  readonly approvals: number;
}

export interface OidcSubject {
  readonly usesDefault: boolean;
  readonly claims: readonly string[];
  /** `repo:O@ID/R@ID:…` instead of `repo:O/R:…`. */
  readonly immutable: boolean | undefined;
  readonly prefix: string | undefined;
}

export interface ForkSettings {
  /** Public repositories: whose pull requests wait for an approval before workflows run. */
  readonly approval: string | undefined;
  /** Private repositories. */
  readonly sendsSecrets: boolean;
  readonly sendsWriteTokens: boolean;
}

/**
 * GitHub's REST API for one repository, in our own types. Throws as `sender` does. `undefined`: GitHub says that there is no such thing.
 *
 * Shapes: github/rest-api-description. Permissions: "Permissions required for fine-grained personal access tokens".
 */
export interface GithubApi {
  /** `owner/name`. */
  readonly repositoryName: string;
  repository(): Promise<RepositoryFacts | undefined>;
  environment(name: string): Promise<EnvironmentFacts | undefined>;
  /** Patterns of branches that may deploy, when an environment selects them. */
  branchPatterns(environment: string): Promise<readonly string[]>;
  runAttempt(run: string, attempt: number): Promise<RunFacts | undefined>;
  reviews(run: string): Promise<readonly ReviewFacts[]>;
  runs(filter: { readonly status: string }): Promise<readonly RunFacts[]>;
  /** `already-over`: there was nothing left to cancel. */
  cancelRun(run: string): Promise<'cancelling' | 'already-over' | undefined>;
  workflows(): Promise<readonly WorkflowFacts[]>;
  /** `undefined`: no such branch. */
  branch(name: string): Promise<{ readonly isProtected: boolean } | undefined>;
  branchProtection(name: string): Promise<BranchProtection | undefined>;
  /** Types of the ruleset rules that hold for a branch, as `deletion`, `non_fast_forward`. */
  branchRules(name: string): Promise<readonly string[]>;
  /** How many people have to approve a pull request into a branch, by rulesets alone; 0: nobody. */
  approvalsByRules(branch: string): Promise<number>;
  oidcSubject(): Promise<OidcSubject | undefined>;
  workflowPermissions(): Promise<{ readonly byDefault: string; readonly mayApprovePullRequests: boolean } | undefined>;
  forkSettings(visibility: RepositoryFacts['visibility']): Promise<ForkSettings | undefined>;
}

const PAGE = 100;
/** Ten pages; nobody has more workflows or running runs than that. */
const MOST_PAGES = 10;

export function githubApi(repositoryName: string, access: ApiAccess, send: Send = sender(access)): GithubApi {
  const [owner = '', name = ''] = repositoryName.split('/');
  const root = `/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const get = async (path: string, needs: string): Promise<unknown> => {
    const answer = await send({ method: 'GET', path: `${root}${path}`, needs });
    return answer.status === 404 ? undefined : (answer.body ?? {});
  };
  const all = async (path: string, needs: string, field?: string): Promise<readonly unknown[]> => {
    const found: unknown[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const body = await get(`${path}${path.includes('?') ? '&' : '?'}per_page=${PAGE}&page=${page}`, needs);
      const part = field === undefined ? listAt(body) : listAt(body, field);
      found.push(...part);
      if (part.length < PAGE) break;
    }
    return found;
  };
  const post = async (path: string, needs: string) =>
    send({ method: 'POST', path: `${root}${path}`, needs } satisfies ApiRequest);
  const ACTIONS = 'actions: read';
  const ADMINISTRATION = 'administration: read';

  return {
    repositoryName,
    async repository() {
      const body = await get('', 'metadata: read');
      if (body === undefined) return undefined;
      const visibility = textAt(body, 'visibility');
      return {
        fullName: textAt(body, 'full_name') ?? repositoryName,
        visibility:
          visibility === 'private' || visibility === 'internal' || visibility === 'public'
            ? visibility
            : flagAt(body, 'private') === false
              ? 'public'
              : 'private',
        ownerIsOrganisation: textAt(body, 'owner', 'type') === 'Organization',
        defaultBranch: textAt(body, 'default_branch') ?? 'main',
      };
    },
    async environment(environment) {
      const body = await get(`/environments/${encodeURIComponent(environment)}`, ACTIONS);
      return body === undefined ? undefined : environmentOf(environment, body);
    },
    async branchPatterns(environment) {
      const path = `/environments/${encodeURIComponent(environment)}/deployment-branch-policies`;
      const policies = await all(path, ACTIONS, 'branch_policies');
      return policies.map((policy) => textAt(policy, 'name')).filter((pattern) => pattern !== undefined);
    },
    async runAttempt(run, attempt) {
      const body = await get(`/actions/runs/${encodeURIComponent(run)}/attempts/${attempt}`, ACTIONS);
      return body === undefined ? undefined : runOf(body);
    },
    async reviews(run) {
      return listAt(await get(`/actions/runs/${encodeURIComponent(run)}/approvals`, ACTIONS)).map(reviewOf);
    },
    async runs({ status }) {
      return (await all(`/actions/runs?status=${encodeURIComponent(status)}`, ACTIONS, 'workflow_runs')).map(runOf);
    },
    async cancelRun(run) {
      try {
        const { status } = await post(`/actions/runs/${encodeURIComponent(run)}/cancel`, 'actions: write');
        return status === 404 ? undefined : 'cancelling';
      } catch (error) {
        if (isConflict(error)) return 'already-over';
        throw error;
      }
    },
    async workflows() {
      const found = await all('/actions/workflows', ACTIONS, 'workflows');
      return found.map((workflow) => ({
        name: textAt(workflow, 'name') ?? '',
        path: textAt(workflow, 'path') ?? '',
        state: textAt(workflow, 'state') ?? 'unknown',
      }));
    },
    async branch(branch) {
      const body = await get(`/branches/${encodeURIComponent(branch)}`, 'contents: read');
      return body === undefined ? undefined : { isProtected: flagAt(body, 'protected') ?? false };
    },
    async branchProtection(branch) {
      const body = await get(`/branches/${encodeURIComponent(branch)}/protection`, ADMINISTRATION);
      if (body === undefined) return undefined;
      return {
        allowsForcePushes: flagAt(body, 'allow_force_pushes', 'enabled') ?? false,
        allowsDeletion: flagAt(body, 'allow_deletions', 'enabled') ?? false,
        restrictsPushes: at(body, 'restrictions') !== undefined && at(body, 'restrictions') !== null,
        requiresPullRequest: at(body, 'required_pull_request_reviews') !== undefined,
        approvals: numberAt(body, 'required_pull_request_reviews', 'required_approving_review_count') ?? 0,
      };
    },
    async branchRules(branch) {
      const rules = await all(`/rules/branches/${encodeURIComponent(branch)}`, 'metadata: read');
      return rules.map((rule) => textAt(rule, 'type')).filter((type) => type !== undefined);
    },
    async approvalsByRules(branch) {
      const rules = await all(`/rules/branches/${encodeURIComponent(branch)}`, 'metadata: read');
      const pulls = rules.filter((rule) => textAt(rule, 'type') === 'pull_request');
      return Math.max(0, ...pulls.map((rule) => numberAt(rule, 'parameters', 'required_approving_review_count') ?? 0));
    },
    async oidcSubject() {
      const body = await get('/actions/oidc/customization/sub', ACTIONS);
      if (body === undefined) return undefined;
      const keys = listAt(body, 'include_claim_keys');
      return {
        usesDefault: flagAt(body, 'use_default') ?? true,
        claims: keys.filter((key) => typeof key === 'string'),
        immutable: flagAt(body, 'use_immutable_subject'),
        prefix: textAt(body, 'sub_claim_prefix'),
      };
    },
    async workflowPermissions() {
      const body = await get('/actions/permissions/workflow', ADMINISTRATION);
      if (body === undefined) return undefined;
      return {
        byDefault: textAt(body, 'default_workflow_permissions') ?? 'unknown',
        mayApprovePullRequests: flagAt(body, 'can_approve_pull_request_reviews') ?? false,
      };
    },
    async forkSettings(visibility) {
      const path = visibility === 'public' ? 'fork-pr-contributor-approval' : 'fork-pr-workflows-private-repos';
      const body = await get(`/actions/permissions/${path}`, ADMINISTRATION);
      if (body === undefined) return undefined;
      const runs = flagAt(body, 'run_workflows_from_fork_pull_requests') ?? false;
      return {
        approval: textAt(body, 'approval_policy'),
        sendsSecrets: runs && (flagAt(body, 'send_secrets_and_variables') ?? false),
        sendsWriteTokens: runs && (flagAt(body, 'send_write_tokens_to_workflows') ?? false),
      };
    },
  };
}

function environmentOf(asked: string, body: unknown): EnvironmentFacts {
  const rules = listAt(body, 'protection_rules');
  const ofType = (type: string) => rules.find((rule) => textAt(rule, 'type') === type);
  const required = ofType('required_reviewers');
  const policy = at(body, 'deployment_branch_policy');
  return {
    name: textAt(body, 'name') ?? asked,
    reviewers: listAt(required, 'reviewers')
      .map(reviewerOf)
      .filter((reviewer) => reviewer !== undefined),
    preventsSelfReview: flagAt(required, 'prevent_self_review') ?? false,
    adminsMayBypass: flagAt(body, 'can_admins_bypass') ?? true,
    waitTimer: numberAt(ofType('wait_timer'), 'wait_timer') ?? 0,
    branches: flagAt(policy, 'protected_branches') ? 'protected' : flagAt(policy, 'custom_branch_policies') ? 'selected' : 'any',
    page: textAt(body, 'html_url'),
  };
}

function reviewerOf(value: unknown): string | undefined {
  const team = textAt(value, 'reviewer', 'slug') ?? textAt(value, 'reviewer', 'name');
  if (textAt(value, 'type') === 'Team') return team === undefined ? undefined : `team:${team}`;
  return textAt(value, 'reviewer', 'login');
}

function runOf(body: unknown): RunFacts {
  return {
    id: String(numberAt(body, 'id') ?? ''),
    attempt: numberAt(body, 'run_attempt') ?? 1,
    event: textAt(body, 'event') ?? 'unknown',
    actor: textAt(body, 'actor', 'login'),
    triggeringActor: textAt(body, 'triggering_actor', 'login'),
    byBot: textAt(body, 'triggering_actor', 'type') === 'Bot',
    branch: textAt(body, 'head_branch'),
    commit: textAt(body, 'head_sha'),
    status: textAt(body, 'status') ?? 'unknown',
    headRepository: textAt(body, 'head_repository', 'full_name'),
    startedAt: textAt(body, 'run_started_at') ?? textAt(body, 'created_at'),
    page: textAt(body, 'html_url'),
    workflow: textAt(body, 'path'),
  };
}

function reviewOf(body: unknown): ReviewFacts {
  const state = textAt(body, 'state');
  return {
    state: state === 'approved' || state === 'rejected' || state === 'pending' ? state : 'unknown',
    login: textAt(body, 'user', 'login'),
    isBot: textAt(body, 'user', 'type') === 'Bot',
    comment: textAt(body, 'comment') ?? '',
    environments: listAt(body, 'environments')
      .map((environment) => textAt(environment, 'name'))
      .filter((name) => name !== undefined),
  };
}

function isConflict(error: unknown): boolean {
  return at(error, 'call', 'httpStatus') === 409;
}
