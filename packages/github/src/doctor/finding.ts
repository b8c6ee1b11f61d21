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
