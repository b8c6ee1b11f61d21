import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { inputVariable } from '@breakwater/action-kit';
import { bundle } from '../build/bundle.ts';
import { temporaryFolder } from '../test/acceptance/step.ts';

const ROOT = path.join(import.meta.dirname, '..');
const SAMPLES = 15;
const HOOK = path.join(ROOT, 'test', 'acceptance', 'loaded-chunks.ts');

/** One bundle's cold start. */
export interface Row {
  readonly bundle: string;
  /** Until the first AWS request leaves; for a bundle that calls no AWS, until it ends. */
  readonly until: 'first AWS request' | 'end';
  /** Median, milliseconds, and the ratio to `node -e 0` on the same machine. */
  readonly ms: number;
  readonly bareMs: number;
  readonly ratio: number;
  /** Bytes of the files that were loaded by then, and of all files of the bundle folder. */
  readonly loadedBytes: number;
  readonly distBytes: number;
  /** AWS clients loaded by then. */
  readonly clients: readonly string[];
}

interface Door {
  readonly bundle: string;
  readonly args?: readonly string[];
  readonly inputs: Readonly<Record<string, string>>;
  readonly callsAws: boolean;
}

const DOORS: readonly Door[] = [
  {
    bundle: 'execute-wave.js',
    inputs: { mode: 'drill', 'plan-files': 'plans', plan: 'webshop', history: 'history' },
    callsAws: true,
  },
  {
    bundle: 'run-ssm-action.js',
    inputs: { document: 'AWS-Noop', account: '111122223333', region: 'us-west-2', key: 'bench' },
    callsAws: true,
  },
  { bundle: 'report.js', inputs: { history: 'history' }, callsAws: false },
  {
    bundle: 'breakwater.js',
    args: ['run', 'plans/webshop.yaml', '--mode', 'drill', '--history', 'history'],
    inputs: {},
    callsAws: true,
  },
];

/**
 * Measures how long each bundle takes from its start until its first AWS request has left, against `node -e 0`, and which AWS clients it
 * has loaded by then. AWS is a server on this machine that never answers.
 */
export async function coldStart(samples = SAMPLES): Promise<Row[]> {
  const dist = path.join(temporaryFolder('cold-start'), 'dist');
  const files = await bundle(ROOT, dist);
  const sizes = new Map(files.map(({ file, bytes }) => [path.basename(file), bytes]));
  const distBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const bareMs = median(await times(samples, bareStart));
  const rows: Row[] = [];
  for (const door of DOORS) {
    await play(door, dist);
    const ms = median(await times(samples, async () => (await play(door, dist)).ms));
    const list = path.join(temporaryFolder('loaded'), 'files.txt');
    await play(door, dist, list);
    const loaded = existsSync(list) ? [...new Set(readFileSync(list, 'utf8').trim().split('\n'))] : [];
    rows.push({
      bundle: door.bundle,
      until: door.callsAws ? 'first AWS request' : 'end',
      ms,
      bareMs,
      ratio: ms / bareMs,
      loadedBytes: loaded.reduce((sum, file) => sum + (sizes.get(file) ?? 0), 0),
      distBytes,
      clients: loaded.flatMap((file) => /^(drs|ec2|ssm|sts)-client\.js$/.exec(file)?.[1] ?? []),
    });
  }
  return rows;
}

/** Starts a bundle in a fresh workspace and stops it at its first AWS request. */
async function play(door: Door, dist: string, list?: string): Promise<{ readonly ms: number }> {
  const workspace = temporaryFolder('workspace');
  cpSync(path.join(ROOT, 'plans'), path.join(workspace, 'plans'), { recursive: true });
  let arrived: (value: number) => void = () => undefined;
  const request = new Promise<number>((resolve) => {
    arrived = resolve;
  });
  const server = createServer(() => arrived(performance.now()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const env: Record<string, string> = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${portOf(server.address())}`,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE000000001',
    AWS_SECRET_ACCESS_KEY: 'example-secret-key-of-no-one',
    AWS_REGION: 'us-west-2',
    HOME: workspace,
    ...Object.fromEntries(Object.entries(door.inputs).map(([name, value]) => [inputVariable(name), value])),
    ...(list === undefined ? {} : { BREAKWATER_LOADED: list, NODE_OPTIONS: `--import=${HOOK}` }),
  };
  const began = performance.now();
  const child = spawn(process.execPath, [path.join(dist, door.bundle), ...(door.args ?? [])], {
    cwd: workspace,
    env,
    stdio: 'ignore',
  });
  try {
    const ended = untilEnd(child).then(() => {
      if (door.callsAws) throw new Error(`${door.bundle} ended without a request to AWS`);
      return performance.now();
    });
    return { ms: (await Promise.race([request, ended])) - began };
  } finally {
    child.kill('SIGKILL');
    server.closeAllConnections();
    server.close();
  }
}

function untilEnd(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
}

async function times(samples: number, measure: () => Promise<number>): Promise<readonly number[]> {
  const taken: number[] = [];
  for (let n = 0; n < samples; n++) taken.push(await measure());
  return taken;
}

async function bareStart(): Promise<number> {
  const began = performance.now();
  await untilEnd(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore', env: {} }));
  return performance.now() - began;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return address.port;
}
