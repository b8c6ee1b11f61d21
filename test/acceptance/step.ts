import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { inputVariable } from '@breakwater/action-kit';
import { parse } from 'yaml';
import { bundle } from '../../build/bundle.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** A folder of its own, gone when this process ends. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `breakwater-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

process.setMaxListeners(0);

let built: Promise<string> | undefined;

/** The bundles as they are released, made from the sources as they stand: once a test file, in a folder without node_modules. */
export function bundles(): Promise<string> {
  built ??= (async () => {
    const out = path.join(temporaryFolder('dist'), 'dist');
    await bundle(ROOT, out);
    return out;
  })();
  return built;
}

export interface StepRequest {
  readonly action: string;
  readonly with?: Readonly<Record<string, string>>;
  /** The job's workspace: what the action sees as its working directory. */
  readonly workspace: string;
  /** Variables beside those that every runner gives. Nothing is inherited. */
  readonly env?: Readonly<Record<string, string>>;
  /** Signals the process when its log says so, or when `when` aborts. */
  readonly interrupt?: { readonly when: RegExp | AbortSignal; readonly signal: NodeJS.Signals };
  /** Told when its log says so. */
  readonly reached?: { readonly when: RegExp; readonly tell: () => void };
}

/** What a step left behind, as the runner sees it. */
export interface StepResult {
  /** Exit code; `undefined` when a signal ended it. */
  readonly code: number | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** The log without the commands that the runner keeps to itself. */
  readonly log: string;
  readonly errors: readonly string[];
  readonly warnings: readonly string[];
  readonly masked: readonly string[];
  /** Milliseconds between the signal and the end. */
  readonly stoppedAfter: number | undefined;
}

/**
 * Runs one step as the runner does: reads action.yml, hands defaults and `with` over as variables, gives the files a step may write,
 * starts `runs.main` with the running Node in the workspace, and reads what came of it.
 */
export async function runStep(request: StepRequest): Promise<StepResult> {
  const dist = await bundles();
  const metadata: { inputs: Record<string, { default?: string }>; runs: { main: string } } = parse(
    readFileSync(path.join(ROOT, 'actions', request.action, 'action.yml'), 'utf8'),
  );
  const files = temporaryFolder('runner');
  const file = (name: string) => {
    const place = path.join(files, name);
    writeFileSync(place, '');
    return place;
  };
  const inputs = Object.entries({
    ...Object.fromEntries(Object.keys(metadata.inputs).map((name) => [name, defaultOf(metadata.inputs[name]?.default)])),
    ...request.with,
  });
  const output = file('output');
  const summary = file('summary');
  mkdirSync(path.join(files, 'home'));
  const env = {
    GITHUB_ACTIONS: 'true',
    CI: 'true',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'example/webshop',
    GITHUB_RUN_ID: '4711',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'drill',
    GITHUB_ACTION: '__breakwater_step',
    GITHUB_ACTOR: 'ann',
    GITHUB_TRIGGERING_ACTOR: 'ann',
    GITHUB_SHA: '3f2a1c9d8e7b6a5f4e3d2c1b0a9f8e7d6c5b4a39',
    GITHUB_WORKSPACE: request.workspace,
    RUNNER_TEMP: files,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_STATE: file('state'),
    GITHUB_ENV: file('env'),
    GITHUB_PATH: file('path'),
    PATH: '/usr/bin:/bin',
    HOME: path.join(files, 'home'),
    ...request.env,
    ...Object.fromEntries(inputs.map(([name, value]) => [inputVariable(name), value])),
  };
  const main = path.join(dist, path.basename(metadata.runs.main));
  const { code, text, stoppedAfter } = await start(main, env, request);
  const lines = text.split('\n');
  const command = (name: string) =>
    lines.flatMap((line) => (line.startsWith(`::${name}`) ? [decode(line.slice(line.indexOf('::', 2) + 2))] : []));
  return {
    code,
    outputs: parseOutputs(readFileSync(output, 'utf8')),
    summary: readFileSync(summary, 'utf8'),
    log: lines.filter((line) => !line.startsWith('::add-mask::')).join('\n'),
    errors: command('error'),
    warnings: command('warning'),
    masked: command('add-mask'),
    stoppedAfter,
  };
}

/** The token of the job, as the expression in an input's default gives it. */
export const JOB_TOKEN = 'ghs_token-of-this-job';

function defaultOf(text = ''): string {
  return text.replace(/^\$\{\{ github\.token \}\}$/, JOB_TOKEN);
}

async function start(main: string, env: Readonly<Record<string, string>>, { workspace, interrupt, reached }: StepRequest) {
  const child = spawn(process.execPath, [main], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A step that hangs is a failure to be seen, not a test that never ends.
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  let text = '';
  let signalled: number | undefined;
  const strike = (signal: NodeJS.Signals) => {
    if (signalled !== undefined) return;
    signalled = performance.now();
    child.kill(signal);
  };
  const take = (chunk: Buffer) => {
    text += chunk.toString('utf8');
    if (reached?.when.test(text)) reached.tell();
    if (interrupt?.when instanceof RegExp && interrupt.when.test(text)) strike(interrupt.signal);
  };
  if (interrupt?.when instanceof AbortSignal) {
    const { when, signal } = interrupt;
    when.addEventListener('abort', () => strike(signal));
  }
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const code = await new Promise<number | undefined>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve(exit ?? undefined));
  });
  return { code, text, stoppedAfter: signalled === undefined ? undefined : performance.now() - signalled };
}

/** The runner's file of outputs: `name<<delimiter`, the value, the delimiter; the last one of a name counts. */
function parseOutputs(text: string): Readonly<Record<string, string>> {
  const outputs: Record<string, string> = {};
  for (const [, name, , value] of text.matchAll(/^(.+?)<<(ghadelimiter_\S+)\r?\n([\s\S]*?)\r?\n\2$/gm)) {
    if (name !== undefined) outputs[name] = value ?? '';
  }
  return outputs;
}

/** The escaping of workflow commands. */
function decode(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
