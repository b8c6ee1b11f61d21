import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { systemClock } from '@breakwater/core';
import {
  type ExecutionHeader,
  encodeLine,
  folderSource,
  folderStore,
  identityHash,
  type JournalEvent,
  localBranch,
  verifyHistory,
} from '@breakwater/history';
import { temporaryFolder } from '../test/acceptance/step.ts';

export interface VerifyRow {
  readonly what: string;
  readonly records: number;
  readonly commits: number | undefined;
  readonly medianMs: number;
  /** Against reading and hashing every file of the same history, and nothing else. */
  readonly ratio: number;
}

const EXECUTIONS = 50;
const LINES = 200;
const RUNS = 3;
const START = Date.UTC(2026, 0, 1);
const DIGEST = 'd'.repeat(64);
const BRANCH = 'dr-history';

/** 10,000 records in 50 sealed executions: as a folder, and as a branch with a commit for every record. */
export async function verifySpeed(): Promise<readonly VerifyRow[]> {
  const root = temporaryFolder('verify');
  const commits: string[] = [];
  for (let number = 0; number < EXECUTIONS; number += 1) await writeExecution(root, number, commits);
  const git = join(temporaryFolder('verify-branch'), 'history.git');
  importBranch(root, git, commits);
  const plain = await medianOf(async () => hashAll(root));
  const folder = await medianOf(async () => sound(await verifyHistory(folderSource(root))));
  const branch = await medianOf(async () => {
    const source = await localBranch(BRANCH, { cwd: git, clock: systemClock, environment: process.env });
    if (source === undefined) throw new Error('the branch was not written');
    return sound(await verifyHistory(source));
  });
  return [
    { what: 'folder', records: EXECUTIONS * LINES, commits: undefined, medianMs: folder.ms, ratio: folder.ms / plain.ms },
    { what: 'branch', records: EXECUTIONS * LINES, commits: branch.last, medianMs: branch.ms, ratio: branch.ms / plain.ms },
  ];
}

function sound({ sound: fine, records, past, executions }: Awaited<ReturnType<typeof verifyHistory>>): number {
  if (!fine || records !== EXECUTIONS * LINES || executions.some(({ state }) => state !== 'sealed')) {
    throw new Error(`the benchmark's history is not as meant: ${records} records`);
  }
  return past?.commits ?? 0;
}

async function writeExecution(root: string, number: number, commits: string[]): Promise<void> {
  const id = `bench-${String(number).padStart(4, '0')}`;
  const folder = join(root, 'wide', id);
  mkdirSync(join(folder, 'waves'), { recursive: true });
  writeFileSync(join(folder, 'execution.json'), `${JSON.stringify(header(id), undefined, 2)}\n`);
  let prev = identityHash({ execution: id, stream: 'waves/wave', planDigest: DIGEST });
  let text = '';
  const path = `wide/${id}/waves/wave.jsonl`;
  for (let seq = 0; seq < LINES; seq += 1) {
    const line = encodeLine(event(seq), { seq, at: new Date(START + seq * 1_000).toISOString(), prev });
    prev = createHash('sha256').update(line).digest('hex');
    text += `${line}\n`;
    commits.push(commitOf([[path, text]]));
  }
  writeFileSync(join(root, path), text);
  const execution = await folderStore(root, { clock: systemClock, owner: 'bench' }).find(id);
  await execution?.conclude({ verdict: 'succeeded', reason: { code: 'ok', message: 'done' }, at: START });
  await execution?.seal({ tool: 'bench', by: 'bench', at: START + number });
}

function header(id: string): ExecutionHeader {
  return {
    schema: 'breakwater.execution/1',
    id,
    mode: 'drill',
    createdAt: START,
    actor: 'bench',
    tool: 'bench',
    simulated: true,
    plan: {
      name: 'wide',
      digest: DIGEST,
      owner: 'bench',
      tier: 1,
      objectives: { rto: 3_600_000, rpo: 900_000 },
      waves: [{ name: 'wave', dependsOn: [] }],
      definition: {},
    },
  };
}

function event(seq: number): JournalEvent {
  const note = `DRS job drsjob-${String(seq).padStart(17, '0')}: CONVERSION_START of s-${String(seq % 20).padStart(17, '0')}`;
  return { type: 'progress', step: 'recover', note, detail: { event: 'CONVERSION_START', host: `host-${seq % 20}` } };
}

function commitOf(files: readonly (readonly [path: string, content: string])[]): string {
  const head = `commit refs/heads/${BRANCH}\ncommitter b <b@c.d> ${START / 1_000} +0000\ndata 1\nx\n`;
  return head + files.map(([path, text]) => `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`).join('');
}

/** One commit for every record, and a last one for what is sealed. */
function importBranch(root: string, git: string, commits: readonly string[]): void {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const rest = files.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  const last = commitOf(rest.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
  run(['init', '--quiet', '--bare', git], '');
  run(['-C', git, 'fast-import', '--quiet'], [...commits, last].join(''));
}

function run(words: readonly string[], input: string): void {
  const { status, stderr } = spawnSync('git', words, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`git ${words[0]}: ${stderr}`);
}

function hashAll(root: string): number {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files)
    createHash('sha256')
      .update(readFileSync(join(parentPath, name)))
      .digest();
  return files.length;
}

async function medianOf(work: () => Promise<number>): Promise<{ readonly ms: number; readonly last: number }> {
  const times: number[] = [];
  let last = await work();
  for (let turn = 0; turn < RUNS; turn += 1) {
    const began = performance.now();
    last = await work();
    times.push(performance.now() - began);
  }
  return { ms: times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN, last };
}
