import type {
  DatabaseRecord,
  Execution,
  ExecutionHeader,
  JournalEvent,
  JournalLine,
  ServerRecord,
  StepRecord,
  WaveRecord,
} from '@breakwater/history';
import type { Output, Terminal } from './terminal.ts';

/** 2026-11-20T03:15:00Z */
export const START = Date.UTC(2026, 10, 20, 3, 15);
export const minutes = (count: number): number => count * 60_000;

export function sampleHeader(changes: Partial<ExecutionHeader> = {}): ExecutionHeader {
  return {
    schema: 'breakwater.execution/1',
    id: 'webshop-drill-20261120t031500z-7f3a',
    mode: 'drill',
    createdAt: START,
    actor: 'ada',
    tool: 'breakwater 0.1.0',
    simulated: true,
    plan: {
      name: 'webshop',
      digest: 'd'.repeat(64),
      owner: 'shop-team',
      tier: 1,
      objectives: { rto: minutes(60), rpo: minutes(5) },
      waves: [
        { name: 'database', dependsOn: [] },
        { name: 'app', dependsOn: ['database'] },
        { name: 'web', dependsOn: ['app'] },
      ],
      definition: {},
    },
    ...changes,
  };
}

export function sampleServer(name: string, changes: Partial<ServerRecord> = {}): ServerRecord {
  return {
    id: `s-${name}`,
    name,
    site: 'recovery',
    account: '111122223333',
    region: 'eu-central-1',
    group: 'app',
    criticality: 'critical',
    status: 'pending',
    ...changes,
  };
}

export function sampleDatabase(name: string, changes: Partial<DatabaseRecord> = {}): DatabaseRecord {
  return {
    name,
    cluster: name,
    site: 'recovery',
    account: '111122223333',
    region: 'eu-central-1',
    strategy: 'new',
    criticality: 'critical',
    status: 'pending',
    ...changes,
  };
}

export function sampleStep(id: string, changes: Partial<StepRecord> = {}): StepRecord {
  return { id, kind: 'recover', name: id, status: 'running', attempt: 1, changes: [], openIntents: [], warnings: [], ...changes };
}

export function sampleWave(name: string, changes: Partial<WaveRecord> = {}): WaveRecord {
  return { name, dependsOn: [], status: 'pending', steps: [], servers: [], ...changes };
}

export function sampleExecution(changes: Partial<Execution> = {}): Execution {
  return {
    header: sampleHeader(),
    verdict: 'in-progress',
    reason: { code: 'in-progress', message: 'not everything has ended yet' },
    startedAt: START,
    rto: { objective: minutes(60) },
    rpo: { objective: minutes(5) },
    waves: [sampleWave('database'), sampleWave('app', { dependsOn: ['database'] }), sampleWave('web', { dependsOn: ['app'] })],
    finally: [],
    runs: [],
    problems: [],
    ...changes,
  };
}

export function sampleLine(event: JournalEvent, at = START): JournalLine {
  return { v: 1, seq: 0, at: new Date(at).toISOString(), prev: '0'.repeat(64), ...event };
}

export interface RecordedTerminal extends Terminal {
  text(): string;
  errors(): string;
}

/** A terminal that remembers what was written to it; a pipe unless told otherwise. */
export function recordedTerminal(env: Terminal['env'] = {}, size: Partial<Omit<Output, 'write'>> = {}): RecordedTerminal {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr'): Output => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY: false,
    columns: 80,
    rows: 24,
    ...size,
  });
  return { stdout: output('stdout'), stderr: output('stderr'), env, text: () => written.stdout, errors: () => written.stderr };
}
