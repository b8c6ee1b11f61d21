import type { GithubApi, RepositoryFacts } from '../api.ts';
import { type DoctorFinding, found, ifReadable, notShown } from './finding.ts';

/**
 * Whether somebody has to look at what comes into the default branch. Environments that are limited to it, and the plans in it, are worth as
 * much as that.
 */
export async function examineDefaultBranch(
  api: GithubApi,
  { defaultBranch }: RepositoryFacts,
): Promise<readonly DoctorFinding[]> {
  const subject = `branch ${defaultBranch}`;
  return ifReadable(subject, async () => {
    if ((await api.approvalsByRules(defaultBranch)) > 0) return [];
    const mayBeClassic = (await api.branch(defaultBranch))?.isProtected === true;
    const protection = mayBeClassic ? await api.branchProtection(defaultBranch) : undefined;
    if (protection !== undefined && protection.approvals > 0) return [];
    // Something protects it, no ruleset does, and the rule is not shown.
    if (mayBeClassic && protection === undefined && (await api.branchRules(defaultBranch)).length === 0)
      return [notShown(subject)];
    const wrong = protection?.requiresPullRequest
      ? 'its pull requests need no approval'
      : 'nothing demands that somebody approves what comes into it';
    const todo = `Settings > Rules > Rulesets > New branch ruleset: target ${defaultBranch}, "Require a pull request before merging" with one approval.`;
    return [found('GH022', subject, wrong, todo)];
  });
}
