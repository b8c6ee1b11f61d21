/** Records for the tests of this package: headers, servers and journals as the engine writes them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Status } from '@breakwater/core';
import { parseLine } from '../boundary.ts';
import { encodeLine, identityHash, type StreamIdentity, sha256 } from '../chain.ts';
import type { JournalEvent, JournalLine, Reason } from '../events.ts';
import type { ExecutionHeader, ServerRecord } from '../execution.ts';

export const START = Date.UTC(2026, 10, 20, 3, 15);
export const OK: Reason = { code: 'ok', message: 'done' };
export const FAILED: Reason = { code: 'server-failed', message: 'db-1 was not launched', next: 'Look at the job log.' };
export const MINUTE = 60_000;

type WaveShape = ExecutionHeader['plan']['waves'];

export function header(waves: WaveShape, overrides: Partial<ExecutionHeader> = {}): ExecutionHeader {
  return {
    schema: 'breakwater.execution/1',
    id: 'drill-1',
    mode: 'drill',
    createdAt: START,
    actor: 'sam',
    tool: 'breakwater 0.1.0',
    simulated: false,
    plan: {
      name: 'webshop',
      digest: 'd'.repeat(64),
      owner: 'team-shop',
      tier: 1,
      objectives: { rto: 60 * MINUTE, rpo: 15 * MINUTE },
      waves,
      definition: {},
    },
    ...overrides,
  };
}

export function wavesNamed(...names: readonly string[]): WaveShape {
  return names.map((name) => ({ name, dependsOn: [] }));
}

export function server(name: string, overrides: Partial<ServerRecord> = {}): ServerRecord {
  return {
    id: `s-${name}`,
    name,
    site: 'dr',
    account: '111122223333',
    region: 'us-west-2',
    group: 'shop',
    criticality: 'critical',
    status: 'succeeded',
    rpa: 1_000,
    ...overrides,
  };
}

/** Lines of one stream; each event comes `minute` minutes after the start. */
export function lines(...events: readonly (readonly [minute: number, event: JournalEvent])[]): readonly JournalLine[] {
  return events.map(([minute, event], seq) => {
    const at = new Date(START + minute * MINUTE).toISOString();
    return Object.assign({ v: 1 as const, seq, at, prev: '' }, event);
  });
}

export function runStarted(run: string, waves: readonly string[] = [], resumed = false): JournalEvent {
  return { type: 'run-started', run, resumed, waves, actor: 'sam', tool: 'breakwater 0.1.0', approvals: [] };
}

export function stepStarted(
  step: string,
  kind: Extract<JournalEvent, { type: 'step-started' }>['kind'],
  attempt = 1,
): JournalEvent {
  return { type: 'step-started', step, kind, name: step, attempt, deadline: START + 60 * MINUTE };
}

export function stepFinished(
  step: string,
  status: Status,
  reason: Reason = OK,
  servers: readonly ServerRecord[] = [],
): JournalEvent {
  return { type: 'step-finished', step, status, reason, ...(servers.length > 0 ? { servers } : {}) };
}

export function waveFinished(status: Status, reason: Reason = OK): JournalEvent {
  return { type: 'wave-finished', status, reason };
}

/** A wave that began in minute `from`, launched `servers`, and ended in minute `to`. */
export function wholeWave(
  from: number,
  to: number,
  servers: readonly ServerRecord[],
  status: Status = 'succeeded',
  reason: Reason = OK,
) {
  return lines(
    [from, { type: 'wave-started', servers: servers.map((one) => ({ ...one, status: 'pending' as const })) }],
    [from, stepStarted('recover', 'recover')],
    [to, stepFinished('recover', status, reason, servers)],
    [to, waveFinished(status, reason)],
  );
}

/** A journal file's text, chained and summed as the journal writes it. */
export function journalText(identity: StreamIdentity, events: readonly JournalEvent[]): string {
  let prev = identityHash(identity);
  let text = '';
  events.forEach((event, seq) => {
    const line = encodeLine(event, { seq, at: new Date(START + seq * 1_000).toISOString(), prev });
    prev = sha256(line);
    text += `${line}\n`;
  });
  return text;
}

export function parsed(text: string): readonly JournalLine[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { line: value, problem } = parseLine(line);
      if (value === undefined) throw new Error(problem);
      return value;
    });
}

/** A new empty folder, removed when the test ends. */
export function temporaryFolder(test: { after(hook: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-history-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
