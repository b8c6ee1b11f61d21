import { isFinal } from '@breakwater/core';
import type { Reason } from './events.ts';
import type { DatabaseRecord, ServerRecord, StepRecord, WaveRecord } from './execution.ts';
import { databaseStep } from './fold-steps.ts';

/** What one wave says against a good verdict. Each list is empty when there is nothing of that kind. */
export interface WaveEvidence {
  readonly failed: readonly Reason[];
  readonly cancelled: readonly Reason[];
  readonly degraded: readonly Reason[];
}

interface Weighed {
  readonly weight: keyof WaveEvidence;
  readonly reason: Reason;
}

/**
 * Weighs an ended wave by everything in it, not only by what its last line claims: a wave that says it succeeded while a critical
 * server failed has failed. A wave that has not ended weighs nothing; it keeps the verdict open instead.
 */
export function weighWave(wave: WaveRecord): WaveEvidence {
  const weighed = isFinal(wave.status) ? weighEnded(wave) : [];
  const of = (weight: keyof WaveEvidence): readonly Reason[] =>
    weighed
      .filter((one) => one.weight === weight)
      .map(({ reason }) => ({ ...reason, message: `wave ${wave.name}: ${reason.message}` }));
  return { failed: of('failed'), cancelled: of('cancelled'), degraded: of('degraded') };
}

/** The wave's own word first, then its servers and databases, then its steps; what only repeats the rest ("with warnings") is left out. */
function weighEnded(wave: WaveRecord): readonly Weighed[] {
  const servers = wave.servers.flatMap((server) => weighRecovered('server', server, wave));
  const databases = (wave.databases ?? []).map((database) => ({ database, weighed: weighRecovered('database', database, wave) }));
  const told = new Map(databases.map(({ database, weighed }) => [databaseStep(database.name), weighed]));
  const repeats = (step: StepRecord) => {
    const of = told.get(step.id);
    if (of !== undefined)
      return weighStep(step).every(({ weight }) => of.some((one) => one.weight === weight || one.weight === 'failed'));
    return servers.length > 0 && (step.kind === 'recover' || step.kind === 'verify') && step.status === 'succeeded-with-warnings';
  };
  const steps = wave.steps.filter((step) => !repeats(step)).flatMap(weighStep);
  const details = [...servers, ...databases.flatMap(({ weighed }) => weighed), ...steps];
  const repeated = wave.status === 'succeeded-with-warnings' && isRecovery(wave) && details.length > 0;
  return repeated ? details : [...weighStatus(wave), ...details];
}

function weighStatus(wave: WaveRecord): readonly Weighed[] {
  const reason = wave.reason ?? { code: 'internal', message: `it ended as ${wave.status} without a reason` };
  switch (wave.status) {
    case 'succeeded':
    case 'succeeded-with-warnings': {
      if (!isRecovery(wave)) return [{ weight: 'failed', reason: NOTHING_RECOVERED }];
      return wave.status === 'succeeded' ? [] : [{ weight: 'degraded', reason }];
    }
    case 'failed-ignored':
      return [{ weight: 'degraded', reason }];
    case 'skipped':
      // Skipped by choice is less than asked for. For any other cause a wave that was never begun is a wave that was not recovered.
      return [{ weight: reason.code === 'not-applicable' ? 'degraded' : 'failed', reason }];
    case 'cancelled':
      return [{ weight: 'cancelled', reason }];
    default:
      return [{ weight: 'failed', reason }];
  }
}

const NOTHING_RECOVERED: Reason = {
  code: 'no-participants',
  message: 'it says it succeeded, but its record names no server and no database',
  next: 'Look in AWS what was launched, then run the same execution again.',
};

/** Whether the record names anything that the wave was to recover. */
function isRecovery({ servers, databases = [] }: WaveRecord): boolean {
  return servers.length + databases.length > 0;
}

const FAILED = { server: 'server-failed', database: 'restore-failed' } as const;

function weighRecovered(
  what: 'server' | 'database',
  recovered: ServerRecord | DatabaseRecord,
  { status: waveStatus }: WaveRecord,
): readonly Weighed[] {
  const { name, status, criticality } = recovered;
  if (status === 'succeeded') return [];
  const why = recovered.reason ?? { code: FAILED[what], message: `its status is ${status}` };
  const reason = { ...why, message: `${criticality} ${what} ${name} ${describe(status)}: ${why.message}` };
  if (status === 'succeeded-with-warnings' || status === 'skipped' || status === 'failed-ignored' || criticality === 'optional') {
    return [{ weight: 'degraded', reason }];
  }
  // A wave that was cancelled leaves things unproved without anything having gone wrong.
  const stopped = status === 'cancelled' || (waveStatus === 'cancelled' && !isFinal(status));
  return [{ weight: stopped ? 'cancelled' : 'failed', reason }];
}

function weighStep(step: StepRecord): readonly Weighed[] {
  const { name, kind, status } = step;
  // A step that never began (only an earlier warning is known of it) claims nothing.
  if (status === 'succeeded' || status === 'pending') return [];
  const why = step.reason ?? { code: 'internal' as const, message: `its status is ${status}` };
  // A choice the plan made beforehand is no flaw of this execution.
  if (status === 'skipped' && why.code === 'not-applicable') return [];
  const reason = { ...why, message: `${kind} ${name} ${describe(status)}: ${why.message}` };
  if (status === 'succeeded-with-warnings' || status === 'skipped' || status === 'failed-ignored')
    return [{ weight: 'degraded', reason }];
  return [{ weight: status === 'cancelled' ? 'cancelled' : 'failed', reason }];
}

function describe(status: string): string {
  const words: Readonly<Record<string, string>> = {
    'succeeded-with-warnings': 'succeeded with warnings',
    failed: 'failed',
    'failed-ignored': 'failed, which the plan allows',
    'timed-out': 'timed out',
    skipped: 'was skipped',
    cancelled: 'was cancelled',
  };
  return words[status] ?? 'never ended';
}

/** What the finally stream says: never more than `degraded`, because clean-up cannot undo a recovery; never nothing, if it failed. */
export function weighFinally(steps: readonly StepRecord[]): readonly Reason[] {
  return steps.filter((step) => isFinal(step.status)).flatMap((step) => weighStep(step).map(({ reason }) => reason));
}
