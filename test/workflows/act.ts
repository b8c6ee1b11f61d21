import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../acceptance/step.ts';
import type { RepositoryCopy } from './temporary-copy.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const ACT = path.join(ROOT, '.cache', 'tools', 'bin', 'act');
const STAND_INS = (name: string) => path.join(import.meta.dirname, 'stand-ins', name);

export interface WorkflowRequest {
  /** File name in `.github/workflows`. */
  readonly workflow: string;
  readonly event: 'workflow_dispatch' | 'schedule' | 'pull_request' | 'repository_dispatch' | 'push';
  /** Inputs of a dispatch. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The event’s payload beside the inputs. */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** Variables of the job, as a runner would give them, and those that lead to simulated AWS. */
  readonly env?: Readonly<Record<string, string>>;
  /** `vars` and `secrets` of the repository. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** GitHub keeps a run’s number when it is re-run. */
  readonly runId: string;
  readonly attempt?: number;
  readonly actor?: string;
  /** Where a repository that the workflow names lies, as `owner/name@ref`. */
  readonly called?: { readonly name: string; readonly folder: string };
  /** When its log says so, the runner is lost with all its processes; or its step is told to stop, as by a person who cancels the run. */
  readonly end?: { readonly when: RegExp; readonly who: 'runner' | 'step' };
  /** Told once, when its log says so. */
  readonly reached?: { readonly when: RegExp; readonly tell: () => void };
}

export interface JobResult {
  /** Names as `<job>/<called workflow>/<its job>`. */
  readonly job: string;
  readonly result: string;
}

export interface WorkflowResult {
  readonly code: number | null;
  readonly jobs: readonly JobResult[];
  /** What the steps printed, each line with its job before it. */
  readonly log: string;
  /** Everything that act wrote, as the workspaces of the jobs, is below. */
  readonly home: string;
}

/** A run that hangs is a failure to be seen. */
const LONGEST = 240_000;

/** Runs a workflow of the copy with act on this machine itself, without containers and without a network but loopback. */
export async function runWorkflow(copy: RepositoryCopy, request: WorkflowRequest): Promise<WorkflowResult> {
  if (!existsSync(ACT)) throw new Error('act is not installed: run .ci/tools first');
  const home = temporaryFolder('act');
  const payload = path.join(home, 'event.json');
  mkdirSync(path.join(home, 'cache'), { recursive: true });
  // What git asks github.com for it finds in the origin’s folder.
  writeFileSync(path.join(home, '.gitconfig'), `[url "file://${copy.server}/"]\n\tinsteadOf = https://github.com/\n`);
  writeFileSync(
    payload,
    JSON.stringify({ ...request.payload, ...(request.inputs === undefined ? {} : { inputs: request.inputs }) }),
  );
  const env = {
    GITHUB_REPOSITORY: copy.name,
    GITHUB_REPOSITORY_OWNER: copy.name.split('/')[0] ?? '',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_RUN_ID: request.runId,
    GITHUB_RUN_ATTEMPT: String(request.attempt ?? 1),
    RUNNER_ENVIRONMENT: 'github-hosted',
    ...request.env,
  };
  const child = spawn(
    ACT,
    [
      request.event,
      '--workflows',
      path.join('.github', 'workflows', request.workflow),
      '--eventpath',
      payload,
      '--actor',
      request.actor ?? 'ada',
      ...['ubuntu-latest', 'ubuntu-24.04', 'ubuntu-22.04'].flatMap((name) => ['--platform', `${name}=-self-hosted`]),
      '--no-cache-server',
      '--action-offline-mode',
      '--json',
      ...(request.called === undefined ? [] : ['--local-repository', `${request.called.name}=${request.called.folder}`]),
      ...pairs('--env', env),
      ...pairs('--var', request.vars ?? {}),
      ...pairs('--secret', { GITHUB_TOKEN: 'ghs_test', ...request.secrets }),
    ],
    {
      cwd: copy.folder,
      // Node 24 is what runs `using: node24`.
      env: {
        PATH: [STAND_INS('patient'), STAND_INS('bin'), path.join(ROOT, 'node_modules', '.bin'), process.env['PATH']].join(':'),
        HOME: home,
        XDG_CACHE_HOME: path.join(home, 'cache'),
        LANG: 'C.UTF-8',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      timeout: LONGEST,
      killSignal: 'SIGKILL',
    },
  );
  const lines: string[] = [];
  const jobs: JobResult[] = [];
  let rest = '';
  let raw = '';
  let { reached } = request;
  let ended = false;
  const take = (chunk: string) => {
    raw += chunk;
    rest += chunk;
    const parts = rest.split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      const line = entryOf(part);
      if (line.jobResult !== undefined) jobs.push({ job: line.job, result: line.jobResult });
      lines.push(`[${line.job}] ${line.msg.trimEnd()}`);
      if (reached?.when.test(line.msg)) {
        const { tell } = reached;
        reached = undefined;
        tell();
      }
      if (!ended && request.end?.when.test(line.msg)) {
        ended = true;
        if (request.end.who === 'runner' && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        for (const pid of stepsBelow(home)) process.kill(pid, request.end.who === 'runner' ? 'SIGKILL' : 'SIGINT');
      }
    }
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (process.env['ACT_RAW'] !== undefined) writeFileSync(process.env['ACT_RAW'], raw);
  return { code, jobs, log: lines.join('\n'), home };
}

/**
 * Processes of actions that run from a folder below; they are in sessions of their own. What such a process has just forked looks like
 * itself until it executes git: it is not told, as the runner would not tell it.
 */
function stepsBelow(folder: string): readonly number[] {
  const parents = new Map<number, number>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const [command = '', main = ''] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      if (!/node$/.test(command) || !main.startsWith(`${folder}/`)) continue;
      parents.set(Number(pid), Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  return [...parents].filter(([, parent]) => !parents.has(parent)).map(([pid]) => pid);
}

function pairs(flag: string, values: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
}

function entryOf(text: string): { readonly job: string; readonly msg: string; readonly jobResult?: string } {
  try {
    const entry: unknown = JSON.parse(text);
    if (typeof entry !== 'object' || entry === null) return { job: '', msg: text };
    const read = (name: string) => {
      const value: unknown = Reflect.get(entry, name);
      return typeof value === 'string' ? value : undefined;
    };
    const result = read('jobResult');
    return {
      job: (read('job') ?? '').trim(),
      msg: read('msg') ?? '',
      ...(result === undefined ? {} : { jobResult: result }),
    };
  } catch {
    return { job: '', msg: text };
  }
}
