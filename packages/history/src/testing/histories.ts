/** Histories on disk for the tests of their verification, and what the verification tells of them. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import type { JournalEvent } from '../events.ts';
import type { ExecutionHeader } from '../execution.ts';
import { folderStore } from '../folder-store.ts';
import { folderSource } from '../record-source.ts';
import { type Verification, verifyHistory } from '../verify.ts';
import { header, OK, runStarted, START, stepFinished, stepStarted, wavesNamed } from './records.ts';

export const VERDICT = { verdict: 'succeeded', reason: OK, at: START } as const;

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The place of a history, with room beside it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-verify-'));
  folders.push(folder);
  return join(folder, 'history');
}

/** Writes an execution as a run does; `end: false` leaves it running. */
export async function write(root: string, changes: Partial<ExecutionHeader>, { lines = 3, end = true } = {}): Promise<string> {
  const store = folderStore(root, { clock: new VirtualClock(START), owner: 'test' });
  const { execution } = await store.open(header(wavesNamed('database', 'app'), changes));
  for (const [stream, first] of [
    ['runs/run-1', runStarted('run-1')],
    ['waves/database', stepStarted('recover', 'recover')],
    ['waves/app', stepStarted('recover', 'recover')],
  ] as const satisfies readonly (readonly [string, JournalEvent])[]) {
    const journal = await execution.journal(stream, 'refuse');
    await journal.append(first);
    for (let at = 1; at < lines - 1; at += 1) await journal.append({ type: 'progress', step: 'recover', note: `line ${at}` });
    if (lines > 1) await journal.append(stepFinished('recover', 'succeeded'));
    await journal.close();
  }
  if (end) {
    await execution.conclude(VERDICT);
    await execution.writeFile('report.md', `# ${execution.header.id}\n`);
    await execution.seal({ tool: 'test', by: 'sam', at: START });
  }
  return execution.place;
}

export async function history(): Promise<string> {
  const root = temporaryFolder();
  await write(root, { id: 'one' });
  await write(root, { id: 'two' });
  await write(root, { id: 'three', plan: { ...header(wavesNamed('database', 'app')).plan, name: 'other' } });
  return root;
}

export const verify = (root: string, anchors: readonly string[] = []): Promise<Verification> =>
  verifyHistory(folderSource(root), { anchors });

/** Everything that is wrong, as `file:line: message`. */
export function told({ findings, executions }: Verification): readonly string[] {
  return [...findings, ...executions.flatMap((one) => one.findings)].map(
    ({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
  );
}

export function edit(root: string, file: string, change: (text: string) => string): void {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  assert.notEqual(after, before, 'the test changes nothing');
  writeFileSync(path, after);
}
