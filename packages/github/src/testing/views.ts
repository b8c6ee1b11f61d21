import type { JsonValue } from './json.ts';
import type { FakeApproval, FakeEnvironment, FakeRepository, FakeRuleset, FakeRun } from './state.ts';

/**
 * The answers as GitHub shapes them: github/rest-api-description, schemas `environment`, `environment-approvals`, `workflow-run`,
 * `full-repository`, `workflow`, `branch-with-protection`, `branch-protection`, `repository-rule-detailed`, `oidc-custom-sub-repo`.
 * `can_admins_bypass` is not in that description, but GitHub sends it. Only fields that somebody reads.
 */
export interface Places {
  readonly api: string;
  readonly html: string;
}

/** An id that is always the same for a name. */
export function idOf(text: string): number {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 2_147_483_647;
  return hash;
}

export function userView(login: string, type: 'User' | 'Bot' = login.endsWith('[bot]') ? 'Bot' : 'User'): JsonValue {
  return { login, id: idOf(login), type, site_admin: false };
}

export function repositoryView(repository: FakeRepository, { api, html }: Places): JsonValue {
  const [owner = '', name = ''] = repository.fullName.split('/');
  return {
    id: idOf(repository.fullName),
    name,
    full_name: repository.fullName,
    private: repository.visibility !== 'public',
    visibility: repository.visibility,
    owner: { login: owner, id: idOf(owner), type: repository.organisation ? 'Organization' : 'User' },
    html_url: `${html}/${repository.fullName}`,
    url: `${api}/repos/${repository.fullName}`,
    default_branch: repository.defaultBranch,
    fork: false,
    archived: false,
    disabled: false,
  };
}

export function environmentView(
  repository: FakeRepository,
  name: string,
  environment: FakeEnvironment,
  { api, html }: Places,
): JsonValue {
  const { reviewers, teams, preventSelfReview, waitTimer, branches } = environment;
  const rule = (type: string, fields: Readonly<Record<string, JsonValue>> = {}): JsonValue => ({
    id: idOf(`${name}/${type}`),
    node_id: 'GA_x',
    type,
    ...fields,
  });
  const people: JsonValue[] = [
    ...reviewers.map((login) => ({ type: 'User', reviewer: userView(login) })),
    ...teams.map((slug) => ({ type: 'Team', reviewer: { id: idOf(slug), name: slug, slug } })),
  ];
  return {
    id: idOf(name),
    node_id: 'EN_x',
    name,
    url: `${api}/repos/${repository.fullName}/environments/${encodeURIComponent(name)}`,
    html_url: `${html}/${repository.fullName}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
    can_admins_bypass: environment.adminsMayBypass,
    protection_rules: [
      ...(waitTimer > 0 ? [rule('wait_timer', { wait_timer: waitTimer })] : []),
      ...(people.length > 0 ? [rule('required_reviewers', { prevent_self_review: preventSelfReview, reviewers: people })] : []),
      ...(branches === 'any' ? [] : [rule('branch_policy')]),
    ],
    deployment_branch_policy:
      branches === 'any'
        ? null
        : { protected_branches: branches === 'protected', custom_branch_policies: branches !== 'protected' },
  };
}

export function runView(repository: FakeRepository, id: string, run: FakeRun, attempt: number, { api, html }: Places): JsonValue {
  const url = `${api}/repos/${repository.fullName}/actions/runs/${id}`;
  const head = run.headRepository ?? repository.fullName;
  return {
    id: Number(id),
    name: run.name,
    node_id: 'WFR_x',
    head_branch: run.branch,
    head_sha: run.sha,
    path: run.path,
    display_title: run.name,
    run_number: 1,
    event: run.event,
    status: run.status,
    conclusion: run.conclusion,
    workflow_id: idOf(run.path),
    url,
    html_url: `${html}/${repository.fullName}/actions/runs/${id}`,
    pull_requests: [],
    created_at: run.startedAt,
    updated_at: run.startedAt,
    run_started_at: run.startedAt,
    actor: userView(run.actor),
    triggering_actor: userView(triggeringActor(run, attempt)),
    run_attempt: attempt,
    previous_attempt_url: attempt > 1 ? `${url}/attempts/${attempt - 1}` : null,
    cancel_url: `${url}/cancel`,
    jobs_url: `${url}/jobs`,
    repository: { id: idOf(repository.fullName), full_name: repository.fullName },
    head_repository: { id: idOf(head), full_name: head },
  };
}

export function attemptsOf(run: FakeRun): number {
  return 1 + run.reruns.length;
}

function triggeringActor(run: FakeRun, attempt: number): string {
  return attempt === 1 ? run.actor : (run.reruns[attempt - 2] ?? run.actor);
}

export function approvalView(repository: FakeRepository, approval: FakeApproval, { api, html }: Places): JsonValue {
  return {
    state: approval.state,
    comment: approval.comment,
    user: userView(approval.user, approval.userType),
    environments: approval.environments.map((name) => ({
      id: idOf(name),
      node_id: 'EN_x',
      name,
      url: `${api}/repos/${repository.fullName}/environments/${encodeURIComponent(name)}`,
      html_url: `${html}/${repository.fullName}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
      // Of the environment, not of the approval: GitHub keeps no time of it here.
      created_at: '2026-01-01T00:00:00Z',
      updated_at: '2026-01-01T00:00:00Z',
    })),
  };
}

/** The active rules of rulesets that hold for a branch. */
export function rulesFor(repository: FakeRepository, branch: string): JsonValue[] {
  return repository.rulesets
    .filter(({ target, enforcement, refs }) => {
      return target === 'branch' && enforcement === 'active' && refs.some((ref) => matches(ref, `refs/heads/${branch}`));
    })
    .flatMap((ruleset) =>
      ruleset.rules.map((type) => ({
        type,
        ruleset_source_type: 'Repository',
        ruleset_id: idOf(ruleset.name),
        ...(type === 'pull_request' ? { parameters: { required_approving_review_count: ruleset.approvals ?? 1 } } : {}),
      })),
    );
}

export function rulesetView(repository: FakeRepository, ruleset: FakeRuleset, detailed: boolean): JsonValue {
  return {
    id: idOf(ruleset.name),
    name: ruleset.name,
    target: ruleset.target,
    source_type: 'Repository',
    source: repository.fullName,
    enforcement: ruleset.enforcement,
    ...(detailed
      ? { conditions: { ref_name: { include: ruleset.refs, exclude: [] } }, rules: ruleset.rules.map((type) => ({ type })) }
      : {}),
  };
}

function matches(pattern: string, ref: string): boolean {
  return pattern.endsWith('*') ? ref.startsWith(pattern.slice(0, -1)) : pattern === ref;
}
