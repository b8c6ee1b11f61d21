/** Something that `breakwater doctor` finds. Ids are stable: documents and dashboards point to them. */
export interface DoctorRule {
  /** As `GH010`. */
  readonly id: string;
  readonly name: string;
  /** `error`: a gate is not real, or a failover would be refused or stopped. `warning`: it is weaker than it looks. `note`: worth knowing. */
  readonly severity: 'error' | 'warning' | 'note';
  /** Why it matters. */
  readonly why: string;
  /** How it should be. */
  readonly legal: string;
}

const ROWS = [
  // Gates
  [
    'GH010',
    'environment-missing',
    'error',
    'An environment that a plan or a workflow names does not exist. GitHub makes it without rules as soon as a job names it, and nobody is asked.',
    'The environment exists: with required reviewers where it opens a gate, limited to protected branches where it does not.',
  ],
  [
    'GH011',
    'no-reviewers',
    'error',
    'An environment that opens a gate asks nobody for approval. A private repository has required reviewers only with GitHub Enterprise.',
    'At least two required reviewers, or a team.',
  ],
  ['GH012', 'self-review', 'error', 'Whoever starts a failover may approve it.', '"Prevent self-review" is on.'],
  [
    'GH013',
    'admin-bypass',
    'warning',
    'An administrator may start a waiting job. That leaves no approval, so the gate stays closed; and in a re-run no approval counts.',
    '"Allow administrators to bypass configured protection rules" is off.',
  ],
  [
    'GH014',
    'any-branch',
    'warning',
    'Any branch may use the environment: with its secrets and the role that trusts it, by a workflow that nobody reviewed.',
    'Deployment branches are limited to protected branches, of which there is one, or to names that include the default branch.',
  ],
  [
    'GH015',
    'one-reviewer',
    'warning',
    'Only one person may approve: who may not approve what they start themselves, and who sleeps.',
    'At least two people, or a team.',
  ],
  [
    'GH016',
    'same-reviewer',
    'error',
    'Two chained environments have only one and the same reviewer: no two different people can ever approve.',
    'Reviewers who do not overlap.',
  ],
  [
    'GH017',
    'gate-without-environment',
    'warning',
    'A gate names no environment: in GitHub nobody is asked to open it.',
    '`gate.environment`, or two of them in `gate.environments`.',
  ],
  [
    'GH018',
    'default-branch-excluded',
    'error',
    'The default branch may not use the environment: a failover from it is rejected before anybody is asked.',
    'The default branch is among the deployment branches.',
  ],
  ['GH019', 'wait-timer', 'note', 'The environment makes every job wait, and a failover with it.', 'No wait timer.'],
  [
    'GH020',
    'ungated-recovery',
    'error',
    'Recoveries run in an environment that asks nobody, and any branch may use it: whoever can push a branch can write a workflow there that takes the role of recoveries.',
    'Deployment branches of `dr-recovery`, or of what the plan names instead, are limited to protected branches, of which there is one.',
  ],
  [
    'GH021',
    'unasked-recovery',
    'warning',
    'A workflow recovers a whole plan, or restores for real, in an environment that asks nobody: whoever may start it does so alone.',
    'At least two required reviewers, or a team; or gates in the plan, and its own workflow.',
  ],
  [
    'GH022',
    'unreviewed-changes',
    'warning',
    'Nobody need approve what comes into the default branch: whoever may write here changes plans, gates and workflows alone, and what trusts the branch trusts them.',
    'A ruleset or a protection of the default branch that demands a pull request with at least one approval.',
  ],
  [
    'GH023',
    'shared-gates',
    'warning',
    'Gates of one plan name the same environment, and GitHub does not tell which of them an approval was for: after the first, a bypass of the second, or one person for both of a pair, goes unnoticed.',
    'No bypass for administrators, and for a pair reviewers who do not overlap; or environments of its own for each gate.',
  ],
  // The history
  [
    'GH030',
    'history-missing',
    'note',
    'The history branch does not exist yet. It is made when the first record is pushed.',
    'The branch exists, and is protected.',
  ],
  [
    'GH031',
    'history-unprotected',
    'warning',
    'The history branch can be deleted or rewritten. That is found (`breakwater history verify`), but what was recorded is gone.',
    'A ruleset that forbids deletions and force pushes of the branch.',
  ],
  [
    'GH032',
    'history-unpushable',
    'error',
    'Rules keep the token of a job from pushing to the history branch: drills stop, and recoveries go on without a shared record.',
    'No rule but against deletions and force pushes, or the app that pushes is on the bypass list.',
  ],
  // Workflows
  [
    'GH040',
    'workflow-disabled',
    'error',
    'A workflow that runs Breakwater is disabled, as GitHub does with schedules after 60 days without activity in a public repository.',
    'Every workflow that runs Breakwater is active.',
  ],
  [
    'GH041',
    'workflow-stale',
    'error',
    'The compiled workflow of a plan is missing or is not what the plan compiles to.',
    'What `breakwater compile` writes.',
  ],
  [
    'GH042',
    'unpinned-action',
    'warning',
    'A workflow that runs Breakwater uses an action by a tag or a branch, which its owner can move to other code.',
    'A full commit id, with the version in a comment.',
  ],
  [
    'GH043',
    'wide-token',
    'warning',
    'The token of a job may write everything unless its workflow says otherwise.',
    '"Read repository contents and packages permissions" as the default.',
  ],
  [
    'GH044',
    'fork-secrets',
    'error',
    'Pull requests from forks of this private repository get its secrets, or a token that may write.',
    'Neither is sent to workflows of forks.',
  ],
  [
    'GH045',
    'fork-approval',
    'warning',
    'Pull requests from forks run workflows without anybody having looked, once their author is known here.',
    '"Require approval for all external contributors".',
  ],
  [
    'GH046',
    'gate-without-workflow',
    'note',
    'A plan has gates, and no compiled workflow in which somebody could open them.',
    'A workflow that `breakwater compile` wrote, or one of your own with the environments of the gates.',
  ],
  [
    'GH047',
    'opens-on-its-word',
    'warning',
    'A workflow opens gates on its own word: by `breakwater run --approve`, or, while GitHub does not answer, with `when-github-is-down: vouch` or the variable that says so.',
    'The action execute-wave, which proves gates. `vouch` only if the team has decided so.',
  ],
  [
    'GH048',
    'plans-unread',
    'error',
    'Plan files have errors: the gates in them were not looked at, and a failover of such a plan is refused.',
    'Plan files in which `breakwater check` finds no error.',
  ],
  // OIDC
  [
    'GH050',
    'subject-without-environment',
    'error',
    'The subject of OIDC tokens is customised and does not name the environment: no role can trust only jobs that were approved.',
    'The default subject, or a template with `environment` or `context`.',
  ],
  [
    'GH051',
    'subject-form',
    'note',
    'The subject of OIDC tokens is of the form with ids: a trust policy in the other form fits nothing.',
    'Trust policies name the subject as GitHub writes it.',
  ],
  // Ourselves
  [
    'GH090',
    'not-known',
    'note',
    'The token may not read a setting, so nothing is said of it.',
    'A token that may: a fine-grained one of an administrator, with the permission that is named.',
  ],
] as const satisfies readonly (readonly [string, string, DoctorRule['severity'], string, string])[];

export type DoctorRuleId = (typeof ROWS)[number][0];

/** Every rule, in the order of the ids. */
export const DOCTOR_RULES: readonly DoctorRule[] = ROWS.map(([id, name, severity, why, legal]) => ({
  id,
  name,
  severity,
  why,
  legal,
}));

export function doctorRule(id: DoctorRuleId): DoctorRule {
  const rule = DOCTOR_RULES.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  return rule;
}
