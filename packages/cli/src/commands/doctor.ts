import type { DiagnoseRequest, Diagnosis } from '@breakwater/assembly';
import { UserError } from '@breakwater/core';
import type { DoctorFinding, GithubApi } from '@breakwater/github';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import { DEFAULT_WORKFLOWS, type DoctorCommand } from './requests.ts';

/** What the command needs of others. */
export interface DoctorParts {
  readonly terminal: Terminal;
  /** URL of the remote `origin` of the repository in the working folder; `undefined`: there is none. */
  readonly originUrl: () => Promise<string | undefined>;
  readonly api: (repository: string, access: { readonly url: string; readonly token: string }) => GithubApi;
  readonly diagnose: (api: GithubApi, request: DiagnoseRequest) => Promise<Diagnosis>;
  readonly diagnosisJson: (diagnosis: Diagnosis) => string;
}

/**
 * `breakwater doctor`: what GitHub says of the gates and of what a failover needs there, on stdout. Bad if anything is an error. Throws
 * `UserError` `usage`, `plan-unknown`, and what GitHub's API throws.
 */
export async function doctor(command: DoctorCommand, parts: DoctorParts): Promise<ExitCode> {
  const { terminal, diagnosisJson } = parts;
  const token = tokenOf(command, terminal.env);
  const { repository, url } = await placeOf(command, parts);
  const diagnosis = await parts.diagnose(parts.api(repository, { url, token }), {
    files: command.files,
    workflows: DEFAULT_WORKFLOWS,
    historyBranch: command.historyBranch,
    ...(command.plan === undefined ? {} : { plan: command.plan }),
  });
  if (diagnosis.plansHaveErrors) {
    terminal.stderr.write('breakwater: the plan files have errors, so some gates may be missing here; run `breakwater check`\n');
  }
  terminal.stdout.write(command.json ? `${diagnosisJson(diagnosis)}\n` : text(diagnosis));
  return diagnosis.findings.some(({ severity }) => severity === 'error') ? EXIT_CODES.bad : EXIT_CODES.fine;
}

function tokenOf({ tokenEnv }: DoctorCommand, env: Terminal['env']): string {
  const token = env[tokenEnv] || (tokenEnv === 'GITHUB_TOKEN' ? env['GH_TOKEN'] : undefined);
  if (token) return token;
  throw new UserError('usage', `there is no token in ${tokenEnv}`, {
    next: 'Give one: GITHUB_TOKEN=$(gh auth token) breakwater doctor.',
  });
}

/** What git calls the place of a repository: HTTPS, SSH, or `git@host:owner/name`. */
const REMOTE = /^(?:https?:\/\/(?:[^@/]+@)?|ssh:\/\/(?:[^@/]+@)?|[^@/:]+@)([^/:]+)(?::\d+)?[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/;

/** Which repository, and where its API is: as told, as the workflow says, or as the checkout's own remote. */
async function placeOf(
  { repository }: DoctorCommand,
  { terminal: { env }, originUrl }: DoctorParts,
): Promise<{ readonly repository: string; readonly url: string }> {
  const url = env['GITHUB_API_URL'] || 'https://api.github.com';
  const named = repository ?? (env['GITHUB_REPOSITORY'] || undefined);
  if (named !== undefined) return { repository: named, url };
  const [, host, name] = REMOTE.exec((await originUrl()) ?? '') ?? [];
  if (host === undefined || name === undefined) {
    throw new UserError('usage', 'it is not known which repository is meant', { next: 'Name it with --repo owner/name.' });
  }
  const own = env['GITHUB_API_URL'] || (host === 'github.com' ? url : `https://${host}/api/v3`);
  return { repository: name, url: own };
}

function text({ repository, findings }: Diagnosis): string {
  const count = (severity: DoctorFinding['severity']) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return `${n} ${severity}${n === 1 ? '' : 's'}`;
  };
  const lines = findings.flatMap(({ id, severity, subject, wrong, legal, todo }) => [
    '',
    `${severity.padEnd(7)}  ${id}  ${printable(subject)}`,
    `  ${printable(wrong)}`,
    `  should be: ${legal}`,
    `  do: ${printable(todo)}`,
  ]);
  return `${[`${printable(repository)}: ${count('error')}, ${count('warning')}, ${count('note')}`, ...lines].join('\n')}\n`;
}
