import type { GithubApi } from '../api.ts';
import { type DoctorFinding, found, ifReadable, notShown } from './finding.ts';

/** Rules that every push of a job's token would break, unless its app may bypass them; the rest does not concern such pushes. */
const KEEPS_PUSHES_OUT: Readonly<Record<string, string>> = {
  pull_request: 'a pull request is required',
  update: 'updates are restricted',
  required_signatures: 'signed commits are required',
  required_status_checks: 'status checks are required',
  required_deployments: 'deployments are required',
  merge_queue: 'a merge queue is required',
};

/** Whether the record in the repository can be written, and cannot be unwritten. */
export async function examineHistoryBranch(api: GithubApi, name: string): Promise<readonly DoctorFinding[]> {
  const subject = `branch ${name}`;
  return ifReadable(subject, async () => {
    const [branch, rules] = await Promise.all([api.branch(name), api.branchRules(name)]);
    const classic =
      branch?.isProtected === true && rules.length === 0 ? await ifReadable(subject, () => classicRules(api, name)) : undefined;
    const findings: DoctorFinding[] = [...(classic ?? [])];
    if (branch === undefined) {
      findings.push(
        found('GH030', subject, 'it does not exist', 'Nothing: the first drill makes it. Protect it beforehand, by its name.'),
      );
    }
    const kept = Object.entries(KEEPS_PUSHES_OUT)
      .filter(([type]) => rules.includes(type))
      .map(([, words]) => words);
    if (branch === undefined && rules.includes('creation')) kept.push('creation is restricted');
    if (kept.length > 0) {
      const todo = `Settings > Rules > Rulesets: leave ${name} out of them, or put the app that pushes on the bypass list.`;
      findings.push(found('GH032', subject, kept.join(', '), todo));
    }
    if (classic === undefined && !(rules.includes('deletion') && rules.includes('non_fast_forward'))) {
      const open = [
        ...(rules.includes('deletion') ? [] : ['deleted']),
        ...(rules.includes('non_fast_forward') ? [] : ['force-pushed']),
      ];
      const todo = `Settings > Rules > Rulesets > New branch ruleset: target ${name}, "Restrict deletions" and "Block force pushes".`;
      findings.push(found('GH031', subject, `it can be ${open.join(' and ')}`, todo));
    }
    return findings;
  });
}

/** A classic protection rule; what it says can be read by administrators only. */
async function classicRules(api: GithubApi, name: string): Promise<readonly DoctorFinding[]> {
  const subject = `branch ${name}`;
  const todo = `Settings > Branches > ${name}`;
  const protection = await api.branchProtection(name);
  if (protection === undefined) return [notShown(subject)];
  const findings: DoctorFinding[] = [];
  const open = [...(protection.allowsDeletion ? ['deleted'] : []), ...(protection.allowsForcePushes ? ['force-pushed'] : [])];
  if (open.length > 0) findings.push(found('GH031', subject, `it can be ${open.join(' and ')}`, `${todo}: allow neither.`));
  const kept = [
    ...(protection.requiresPullRequest ? ['a pull request is required'] : []),
    ...(protection.restrictsPushes ? ['pushes are restricted'] : []),
  ];
  if (kept.length > 0) findings.push(found('GH032', subject, kept.join(', '), `${todo}: remove it, or let the app push.`));
  return findings;
}
