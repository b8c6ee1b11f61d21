import { UserError } from '@breakwater/core';
import type { Plan } from '@breakwater/plan';
import type { GithubApi } from '../api.ts';
import { examineDefaultBranch } from './default-branch.ts';
import { examineEnvironments } from './environments.ts';
import { type DoctorFinding, ifReadable } from './finding.ts';
import { examineHistoryBranch } from './history-branch.ts';
import { examineSettings } from './settings.ts';
import { examineWorkflows, vouchingVariable, type WorkflowFile } from './workflows.ts';

export interface DoctorRequest {
  readonly plans: readonly Plan[];
  /** Workflow files of the checkout, with their paths from the root of the repository. */
  readonly workflows: readonly WorkflowFile[];
  /** As `dr-history`. */
  readonly historyBranch: string;
  /** What the variable BREAKWATER_WHEN_GITHUB_IS_DOWN says, if somebody knows. */
  readonly whenGithubIsDown?: string;
}

/**
 * Looks at a repository for gates that only look real, and for what would stop a failover in GitHub. Reads only. What the token may not
 * read is a finding of its own (GH090). Throws `UserError` `usage` if there is no such repository, and what the API throws.
 */
export async function examine(api: GithubApi, request: DoctorRequest): Promise<readonly DoctorFinding[]> {
  const repository = await api.repository();
  if (repository === undefined) {
    throw new UserError('usage', `there is no repository ${api.repositoryName}, or the token cannot see it`, {
      next: 'Name it with --repo owner/name, and give a token that can read it.',
    });
  }
  const found = await Promise.all([
    ifReadable('environments', () => examineEnvironments(api, repository, request)),
    examineDefaultBranch(api, repository),
    examineHistoryBranch(api, request.historyBranch),
    examineWorkflows(api, request.workflows),
    examineSettings(api, repository),
  ]);
  return inOrder([...found.flat(), ...vouchingVariable(request.whenGithubIsDown)]);
}

const WEIGHT = { error: 0, warning: 1, note: 2 } as const;

/** The worst first, then by id and subject. */
export function inOrder(findings: readonly DoctorFinding[]): readonly DoctorFinding[] {
  const key = ({ severity, id, subject }: DoctorFinding) => `${WEIGHT[severity]} ${id} ${subject}`;
  return [...findings].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}
