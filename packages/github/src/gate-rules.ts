import type { EnvironmentFacts, RepositoryFacts, RunFacts } from './api.ts';

/** Something without which a gate proves nothing, and what to do about it. */
export interface Lack {
  readonly wrong: string;
  readonly next: string;
}

interface Around {
  readonly run: RunFacts;
  readonly repository: RepositoryFacts | undefined;
  /** Whether the branch of the run has a protection rule; not looked up for the default branch. */
  readonly branchIsProtected: boolean | undefined;
  /** Whether the environment's own list of branches keeps none out. */
  readonly listIsOpen: boolean;
}

/**
 * Whether the rules of an environment make it a gate. That administrators may bypass them keeps it closed only in a re-run, where an
 * approval of an earlier attempt could be taken for one of this; that any branch may use it, only if the run is not of the default branch.
 */
export function judgeRules(
  name: string,
  facts: EnvironmentFacts | undefined,
  { run, repository, branchIsProtected, listIsOpen }: Around,
): { readonly lacks: readonly Lack[]; readonly warnings: readonly string[] } {
  const settings = `Settings > Environments > ${name}`;
  if (facts === undefined) {
    const next = `Create it under Settings > Environments, with required reviewers (docs/approvals.md).`;
    return { lacks: [{ wrong: `environment "${name}" does not exist`, next }], warnings: [] };
  }
  const lacks: Lack[] = [];
  const warnings: string[] = [];
  if (facts.reviewers.length === 0) {
    const plan =
      repository?.visibility === 'public'
        ? ''
        : ` (a ${repository?.visibility ?? 'private'} repository has them only with GitHub Enterprise)`;
    lacks.push({
      wrong: `environment "${name}" has no required reviewers${plan}`,
      next: `Switch on "Required reviewers" in ${settings}.`,
    });
  } else if (!facts.preventsSelfReview) {
    lacks.push({
      wrong: `environment "${name}" lets people approve their own runs`,
      next: `Switch on "Prevent self-review" in ${settings}.`,
    });
  }
  if (facts.adminsMayBypass && run.attempt > 1) {
    lacks.push({
      wrong: `administrators may bypass environment "${name}", and this is attempt ${run.attempt} of the run: an approval of an earlier attempt cannot be told from one of this`,
      next: `Switch off "Allow administrators to bypass" in ${settings}, or start a new run with the same execution-id.`,
    });
  } else if (facts.adminsMayBypass) {
    warnings.push(`administrators may bypass environment "${name}"; a bypass leaves no approval, and would be refused`);
  }
  const onDefault = run.branch !== undefined && run.branch === repository?.defaultBranch;
  // In a repository without any protected branch "protected branches only" lets every branch in.
  const anyBranch =
    facts.branches === 'any' ||
    (facts.branches === 'protected' && !onDefault && branchIsProtected !== true) ||
    (facts.branches === 'selected' && listIsOpen);
  if (anyBranch) {
    if (onDefault) warnings.push(`any branch may use environment "${name}"; this run is of the default branch`);
    else {
      lacks.push({
        wrong: `any branch may use environment "${name}", and this run is of ${run.branch ?? 'no branch'}, which nobody need have reviewed`,
        next: `Limit "Deployment branches and tags" in ${settings} to protected branches, and run from the default branch.`,
      });
    }
  }
  return { lacks, warnings };
}
