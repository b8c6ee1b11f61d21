import { GithubError } from '@breakwater/core';
import { type DoctorRule, type DoctorRuleId, doctorRule } from './catalog.ts';

/** One thing that is not as it should be. */
export interface DoctorFinding {
  readonly id: DoctorRuleId;
  readonly name: string;
  readonly severity: DoctorRule['severity'];
  /** What it is about: `environment prod`, `branch dr-history`, a file. */
  readonly subject: string;
  readonly wrong: string;
  readonly legal: string;
  /** Where to click, or what to run. */
  readonly todo: string;
}

export function found(id: DoctorRuleId, subject: string, wrong: string, todo: string): DoctorFinding {
  const { name, severity, legal } = doctorRule(id);
  return { id, name, severity, subject, wrong, legal, todo };
}

/** GitHub says that there is no such setting: so it does to a token that may not know of it, and where it is an older server. */
export function notShown(subject: string): DoctorFinding {
  const todo = 'Ask again with a token of an administrator; an older GitHub Enterprise Server may not have it.';
  return found('GH090', subject, 'GitHub does not show it to this token', todo);
}

/** What can be said of something that the token may not read: that nothing is known of it. */
export async function ifReadable(
  subject: string,
  look: () => Promise<readonly DoctorFinding[]>,
): Promise<readonly DoctorFinding[]> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof GithubError) || error.code !== 'github-permission' || error.missing === undefined) throw error;
    return [found('GH090', subject, `the token lacks \`${error.missing}\``, error.next)];
  }
}
