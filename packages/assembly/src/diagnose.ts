import { type DoctorFinding, examine, found, type GithubApi, inOrder } from '@breakwater/github';
import type { Finding } from '@breakwater/plan';
import { checkFiles, readWorkflows } from '@breakwater/workflows';

export interface DiagnoseRequest {
  /** Plan files or folders, from the root of the repository. */
  readonly files: readonly string[];
  /** Only the gates of this plan; none: all. */
  readonly plan?: string;
  /** Folder of the workflows, from the root of the repository. */
  readonly workflows: string;
  readonly historyBranch: string;
  /** What the variable BREAKWATER_WHEN_GITHUB_IS_DOWN says, if somebody knows. */
  readonly whenGithubIsDown?: string;
}

export interface Diagnosis {
  readonly repository: string;
  readonly historyBranch: string;
  /** Whose gates were looked at. */
  readonly plans: readonly string[];
  /** The worst first. */
  readonly findings: readonly DoctorFinding[];
  /** Some plans could not be read: gates may be missing here. GH048 says so too. */
  readonly plansHaveErrors: boolean;
}

/**
 * What GitHub says of the gates of the plans, and of what a failover needs there; the one function behind `breakwater doctor` and the
 * doctor action. Reads only. Throws `UserError` `plan-unknown` or `usage`, and what GitHub's API throws.
 */
export async function diagnose(api: GithubApi, request: DiagnoseRequest): Promise<Diagnosis> {
  const { files, plan, workflows, historyBranch, whenGithubIsDown } = request;
  const { loaded, findings: ofFiles } = await checkFiles({ files, workflows, ...(plan === undefined ? {} : { plan }) });
  const plans = [...loaded.set.plans.values()].filter(({ name }) => (plan ?? name) === name);
  const examined = await examine(api, {
    plans,
    workflows: await readWorkflows(workflows),
    historyBranch,
    ...(whenGithubIsDown === undefined ? {} : { whenGithubIsDown }),
  });
  const errors = ofFiles.filter(({ severity, rule }) => severity === 'error' && !rule.startsWith('BW9'));
  return {
    repository: api.repositoryName,
    historyBranch,
    plans: plans.map(({ name }) => name),
    findings: inOrder([...examined, ...ofFiles.flatMap(ofWorkflow), ...unread(errors)]),
    plansHaveErrors: errors.length > 0,
  };
}

/** What `breakwater check` says of compiled workflows belongs to this answer too. */
function ofWorkflow({ rule, location, message, next }: Finding): readonly DoctorFinding[] {
  if (rule === 'BW901' || rule === 'BW907') return [found('GH041', location.file, message, next)];
  return rule === 'BW902' ? [found('GH046', location.file, message, next)] : [];
}

/** What could not be read was not looked at: that is no clean bill. */
function unread(errors: readonly Finding[]): readonly DoctorFinding[] {
  const [first] = errors;
  if (first === undefined) return [];
  const { file, line } = first.location;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  return [
    found('GH048', 'plan files', `${file}:${line}: ${first.message}${more}`, `${first.next} \`breakwater check\` lists all.`),
  ];
}

/** How many there are of each severity. */
export function diagnosisCounts(findings: readonly DoctorFinding[]): {
  readonly errors: number;
  readonly warnings: number;
  readonly notes: number;
} {
  const of = (severity: DoctorFinding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  return { errors: of('error'), warnings: of('warning'), notes: of('note') };
}

/** The diagnosis for programs: `breakwater.doctor/1`. */
export function diagnosisJson({ repository, historyBranch, plans, findings }: Diagnosis): string {
  const answer = { schema: 'breakwater.doctor/1', repository, historyBranch, plans, ...diagnosisCounts(findings), findings };
  return JSON.stringify(answer, null, 2);
}
