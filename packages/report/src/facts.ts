import type { Status } from '@breakwater/core';
import type { DatabaseRecord, Execution, Reason, ServerRecord, StepRecord, WaveRecord } from '@breakwater/history';
import { changeLink, drsJobLink, instanceLink, restoredLink, sourceServerLink } from './console-links.ts';

/** One thing that did not end well, or has not ended although everything around it has. */
export interface Failure {
  readonly kind: 'server' | 'database' | 'step' | 'wave' | 'finally';
  /** The wave it belongs to; none for finally work. */
  readonly wave?: string;
  readonly name: string;
  readonly id?: string;
  readonly status: Status;
  /** Whether the execution is worse for it: a critical server, database or step, not an optional one. */
  readonly weighs: boolean;
  readonly reason: Reason;
  readonly url?: string;
}

const BAD: readonly Status[] = ['failed', 'timed-out', 'failed-ignored', 'cancelled'];

/** What a person looks at first: what failed, the heaviest first, in the plan's order. */
export function failuresOf(execution: Execution): readonly Failure[] {
  const regions = regionsOf(execution);
  const found = execution.waves.flatMap((wave) => [
    ...wave.steps
      .filter((step) => BAD.includes(step.status) && !onlyRepeats(step, wave))
      .map((step) => stepFailure(step, wave, regions)),
    ...wave.servers.filter(hasFailed).map((server) => serverFailure(server, wave)),
    ...databasesOf(wave)
      .filter(hasFailed)
      .map((database) => databaseFailure(database, wave)),
    ...waveFailure(wave),
  ]);
  const last = execution.finally.filter((step) => BAD.includes(step.status)).map((step) => stepFailure(step, undefined, regions));
  const rank = ({ kind, weighs }: Failure) => (weighs ? 0 : 2) + (kind === 'server' || kind === 'database' ? 0 : 1);
  return [...found, ...last].sort((a, b) => rank(a) - rank(b));
}

/** A launch or proof that failed says no more than the servers that failed in it, a restore no more than its database. */
function onlyRepeats({ id, kind, status }: StepRecord, wave: WaveRecord): boolean {
  const { servers } = wave;
  if (kind === 'recover-database')
    return databasesOf(wave).some((database) => `database/${database.name}` === id && hasFailed(database));
  return (kind === 'recover' || kind === 'verify') && status === 'failed' && servers.some(hasFailed);
}

function hasFailed({ status }: { readonly status: Status }): boolean {
  return BAD.includes(status);
}

function serverFailure(server: ServerRecord, wave: WaveRecord): Failure {
  const { id, name, region, status, criticality, jobId, instanceId } = server;
  const url =
    instanceId !== undefined
      ? instanceLink(region, instanceId)
      : jobId !== undefined
        ? drsJobLink(region, jobId)
        : sourceServerLink(region, id);
  return {
    kind: 'server',
    wave: wave.name,
    name,
    id,
    status,
    weighs: criticality === 'critical',
    reason: server.reason ?? { code: 'server-failed', message: 'no reason was recorded' },
    ...(url === undefined ? {} : { url }),
  };
}

function databasesOf({ databases = [] }: WaveRecord): readonly DatabaseRecord[] {
  return databases;
}

function databaseFailure(database: DatabaseRecord, wave: WaveRecord): Failure {
  const { name, region, status, criticality } = database;
  const id = database.clusterId ?? database.instanceId ?? database.cluster ?? database.instance ?? name;
  const url = restoredLink(region, database);
  return {
    kind: 'database',
    wave: wave.name,
    name,
    id,
    status,
    weighs: criticality === 'critical',
    reason: database.reason ?? { code: 'restore-failed', message: 'no reason was recorded' },
    ...(url === undefined ? {} : { url }),
  };
}

function stepFailure(step: StepRecord, wave: WaveRecord | undefined, regions: ReadonlyMap<string, string>): Failure {
  const change = step.changes.at(-1);
  const url = change === undefined ? undefined : changeLink(change.operation, change.id, regions.get(change.site));
  return {
    kind: wave === undefined ? 'finally' : 'step',
    ...(wave === undefined ? {} : { wave: wave.name }),
    name: step.name,
    id: step.id,
    status: step.status,
    weighs: wave !== undefined && step.status !== 'failed-ignored',
    reason: step.reason ?? { code: 'internal', message: 'no reason was recorded' },
    ...(url === undefined ? {} : { url }),
  };
}

/** A wave that did not end well without a step, server or database of its own to blame: skipped for another, or stopped by a gate. */
function waveFailure(wave: WaveRecord): readonly Failure[] {
  const { name, status, reason, steps, servers } = wave;
  const blamed = [...steps, ...servers, ...databasesOf(wave)].some(hasFailed);
  const bad = BAD.includes(status) || status === 'skipped';
  if (!bad || blamed || reason === undefined) return [];
  return [{ kind: 'wave', wave: name, name, status, weighs: status !== 'failed-ignored', reason }];
}

/** The Region of each site, as far as the record names it. */
export function regionsOf(execution: Execution): ReadonlyMap<string, string> {
  const regions = new Map<string, string>();
  for (const wave of execution.waves)
    for (const { site, region } of [...wave.servers, ...databasesOf(wave)]) regions.set(site, region);
  for (const run of execution.runs) for (const { site, region } of run.identities) regions.set(site, region);
  return regions;
}

export function isRecovered({ status }: { readonly status: Status }): boolean {
  return status === 'succeeded' || status === 'succeeded-with-warnings';
}

/** Of servers, or of databases. */
export interface RecoveryCounts {
  readonly total: number;
  readonly recovered: number;
  readonly failed: number;
  /** Of the failed ones, those that were optional. */
  readonly failedOptional: number;
  /** Neither recovered nor failed: not begun, running, skipped. */
  readonly open: number;
}

export function countRecovered(servers: readonly (ServerRecord | DatabaseRecord)[]): RecoveryCounts {
  const failed = servers.filter(hasFailed);
  const recovered = servers.filter(isRecovered).length;
  return {
    total: servers.length,
    recovered,
    failed: failed.length,
    failedOptional: failed.filter(({ criticality }) => criticality === 'optional').length,
    open: servers.length - recovered - failed.length,
  };
}

export function allDatabases(execution: Execution): readonly DatabaseRecord[] {
  return execution.waves.flatMap(databasesOf);
}

/** Time that the execution waited for people: the union of all its gates, in milliseconds; gates still closed count up to `until`. */
export function humanWait(execution: Execution, until: number | undefined): number {
  const spans = execution.waves
    .flatMap((wave) => wave.steps)
    .filter((step) => step.kind === 'gate' && step.startedAt !== undefined)
    .map((step) => ({ from: step.startedAt ?? 0, to: step.endedAt ?? until ?? step.startedAt ?? 0 }))
    .sort((a, b) => a.from - b.from);
  let total = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans) {
    total += Math.max(0, to - Math.max(from, end));
    end = Math.max(end, to);
  }
  return total;
}

/** The last moment that the record speaks of: what is still running is drawn up to it. */
export function lastMoment(execution: Execution): number {
  const steps = [...execution.waves.flatMap((wave) => wave.steps), ...execution.finally];
  const moments = [
    execution.startedAt,
    execution.endedAt,
    ...execution.waves.flatMap((wave) => [wave.startedAt, wave.endedAt]),
    ...steps.flatMap((step) => [step.startedAt, step.endedAt, ...step.changes.map(({ at }) => at)]),
    ...execution.runs.flatMap((run) => [run.startedAt, run.endedAt]),
  ];
  return Math.max(...moments.filter((moment) => moment !== undefined));
}
