import { type Clock, UserError } from '@breakwater/core';
import { type DoctorFinding, examine, found, type GithubApi, inOrder } from '@breakwater/github';
import type { Finding, Plan } from '@breakwater/plan';
import { checkFiles, readWorkflows } from '@breakwater/workflows';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { DEFAULT_WORKFLOWS, type DoctorCommand } from './requests.ts';

/** What the command needs of others. */
export interface DoctorParts {
  readonly terminal: Terminal;
  readonly clock: Clock;
  /** URL of the remote `origin` of the repository in the working folder; `undefined`: there is none. */
  readonly originUrl: () => Promise<string | undefined>;
  readonly api: (repository: string, access: { readonly url: string; readonly token: string }) => GithubApi;
}

/**
 * `breakwater doctor`: what GitHub says of the gates and of what a failover needs there, on stdout. Bad if anything is an error. Throws
 * `UserError` `usage`, `plan-unknown`, and what GitHub's API throws.
 */
export async function doctor(command: DoctorCommand, parts: DoctorParts): Promise<ExitCode> {
  const { terminal } = parts;
  const token = tokenOf(command, terminal.env);
  const { repository, url } = await placeOf(command, parts);
  const { loaded, findings: ofFiles } = await checkFiles({
    files: command.files,
    workflows: DEFAULT_WORKFLOWS,
    ...(command.plan === undefined ? {} : { plan: command.plan }),
  });
  const plans = [...loaded.set.plans.values()].filter(({ name }) => (command.plan ?? name) === name);
  const workflows = await readWorkflows(DEFAULT_WORKFLOWS);
  const examined = await examine(parts.api(repository, { url, token }), {
    plans,
    workflows,
    historyBranch: command.historyBranch,
  });
  const findings = inOrder([...examined, ...ofFiles.flatMap(ofWorkflow)]);
  if (ofFiles.some(({ severity, rule }) => severity === 'error' && !rule.startsWith('BW9'))) {
    terminal.stderr.write('breakwater: the plan files have errors, so some gates may be missing here; run `breakwater check`\n');
  }
  terminal.stdout.write(command.json ? json(repository, command.historyBranch, plans, findings) : text(repository, findings));
  return findings.some(({ severity }) => severity === 'error') ? EXIT_CODES.bad : EXIT_CODES.fine;
}

function tokenOf({ tokenEnv }: DoctorCommand, env: Terminal['env']): string {
  const token = env[tokenEnv] || (tokenEnv === 'GITHUB_TOKEN' ? env['GH_TOKEN'] : undefined);
  if (token) return token;
  throw new UserError('usage', `there is no token in ${tokenEnv}`, {
    next: 'Give one: GITHUB_TOKEN=$(gh auth token) breakwater doctor.',
  });
}

/** Which repository, and where its API is: as told, as the workflow says, or as the checkout's own remote. */
async function placeOf(
  { repository }: DoctorCommand,
  { terminal: { env }, originUrl }: DoctorParts,
): Promise<{ readonly repository: string; readonly url: string }> {
  const url = env['GITHUB_API_URL'] || 'https://api.github.com';
  const named = repository ?? (env['GITHUB_REPOSITORY'] || undefined);
  if (named !== undefined) return { repository: named, url };
  const origin = (await originUrl()) ?? '';
  const [, host, name] =
    /^(?:https?:\/\/(?:[^@/]+@)?|ssh:\/\/(?:[^@/]+@)?|[^@/:]+@)([^/:]+)(?::\d+)?[/:](.+?\/.+?)(?:\.git)?\/?$/.exec(origin) ?? [];
  if (host === undefined || name === undefined) {
    throw new UserError('usage', 'it is not known which repository is meant', { next: 'Name it with --repo owner/name.' });
  }
  const own = env['GITHUB_API_URL'] || (host === 'github.com' ? url : `https://${host}/api/v3`);
  return { repository: name, url: own };
}

/** What `breakwater check` says of compiled workflows belongs to this answer too. */
function ofWorkflow({ rule, location, message, next }: Finding): readonly DoctorFinding[] {
  if (rule === 'BW901' || rule === 'BW907') return [found('GH041', location.file, message, next)];
  return rule === 'BW902' ? [found('GH046', location.file, message, next)] : [];
}

function countsOf(findings: readonly DoctorFinding[]) {
  const of = (severity: DoctorFinding['severity']) => findings.filter((finding) => finding.severity === severity).length;
  return { errors: of('error'), warnings: of('warning'), notes: of('note') };
}

function json(repository: string, historyBranch: string, plans: readonly Plan[], findings: readonly DoctorFinding[]): string {
  const answer = {
    schema: 'breakwater.doctor/1',
    repository,
    historyBranch,
    plans: plans.map(({ name }) => name),
    ...countsOf(findings),
    findings,
  };
  return `${JSON.stringify(answer, null, 2)}\n`;
}

function text(repository: string, findings: readonly DoctorFinding[]): string {
  const { errors, warnings, notes } = countsOf(findings);
  const lines = findings.flatMap(({ id, severity, subject, wrong, legal, todo }) => [
    '',
    `${severity.padEnd(7)}  ${id}  ${printable(subject)}`,
    `  ${printable(wrong)}`,
    `  should be: ${legal}`,
    `  do: ${printable(todo)}`,
  ]);
  const sum = `${printable(repository)}: ${count(errors, 'error')}, ${count(warnings, 'warning')}, ${count(notes, 'note')}`;
  return `${[sum, ...lines].join('\n')}\n`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
