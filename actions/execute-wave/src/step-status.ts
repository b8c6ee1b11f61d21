import { isFinal, type Status, type Verdict } from '@breakwater/core';
import type { Part } from '@breakwater/engine';
import type { Execution, Reason, ServerRecord, StepRecord, WaveRecord } from '@breakwater/history';

/** How the waves that this step was asked for ended. */
export interface StepStatus {
  readonly status: Verdict;
  readonly reason: Reason;
}

/**
 * The status of a step that was asked for some waves of a plan, which is not the execution's verdict: that one is `in-progress` until
 * every wave has ended. It is never better than the worst of the waves asked for, and of the finally work if this step came to it. A step
 * that was asked for waves alone does not answer for what comes last.
 */
export function stepStatus(execution: Execution, asked: readonly string[], part: Part = 'whole'): StepStatus {
  const waves = wavesOf(execution, asked);
  if (part !== 'waves' && waves.length === execution.waves.length) return { status: execution.verdict, reason: execution.reason };
  if (execution.verdict === 'cancelled') return { status: 'cancelled', reason: execution.reason };
  const units = part === 'waves' ? waves : [...waves, ...execution.finally];
  const unfinished = units.find((unit) => !isFinal(unit.status));
  if (unfinished !== undefined) return { status: 'in-progress', reason: execution.reason };
  const worst = waves.find((wave) => verdictOf(wave.status) === 'failed') ?? waves.find((wave) => wave.status === 'cancelled');
  if (worst !== undefined) return { status: verdictOf(worst.status), reason: reasonOf(worst) };
  const blemished = units.find((unit) => verdictOf(unit.status) !== 'succeeded');
  if (blemished !== undefined) return { status: 'degraded', reason: { ...reasonOf(blemished), code: 'degraded' } };
  return { status: 'succeeded', reason: { code: 'ok', message: 'everything asked for was done and proved' } };
}

/** The waves asked for, in the plan's order; all when none was named. */
export function wavesOf(execution: Execution, asked: readonly string[]): readonly WaveRecord[] {
  return asked.length === 0 ? execution.waves : execution.waves.filter((wave) => asked.includes(wave.name));
}

/** One thing that went wrong, for one annotation. */
export interface Failing {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly reason: Reason;
}

/** What went wrong in the given waves and in the finally work: each server, each action, and waves that never began; failures first. */
export function failuresIn(execution: Execution, waves: readonly WaveRecord[]): readonly Failing[] {
  const failing: Failing[] = [];
  for (const wave of waves) {
    const servers = wave.servers.filter((server) => isBad(server.status)).map((server) => failingServer(server, wave));
    const steps = wave.steps.filter((step) => isBad(step.status)).map((step) => failingStep(step, wave.name));
    // A failed server is told once: the step that tried to recover it would only say it again.
    const own = servers.length > 0 ? steps.filter(({ kind }) => kind !== 'recover' && kind !== 'verify') : steps;
    failing.push(...servers, ...own);
    if (servers.length + own.length === 0 && isBad(wave.status)) {
      failing.push({ level: levelOf(wave.status), title: `wave ${wave.name}: ${wave.status}`, reason: reasonOf(wave) });
    }
  }
  for (const step of execution.finally) if (isBad(step.status)) failing.push(failingStep(step, 'finally'));
  return failing.sort((a, b) => Number(a.level === 'warning') - Number(b.level === 'warning'));
}

function failingServer(server: ServerRecord, wave: WaveRecord): Failing {
  const optional = server.criticality === 'optional';
  return {
    level: optional ? 'warning' : 'error',
    title: `wave ${wave.name}: ${optional ? 'optional server' : 'server'} ${server.name} ${server.status}`,
    reason: reasonOf(server),
  };
}

function failingStep(step: StepRecord, place: string): Failing & { readonly kind: StepRecord['kind'] } {
  const title = `${place === 'finally' ? place : `wave ${place}`}: ${step.name} ${step.status}`;
  return { level: levelOf(step.status), title, reason: reasonOf(step), kind: step.kind };
}

function levelOf(status: Status): 'error' | 'warning' {
  return status === 'failed-ignored' || status === 'skipped' ? 'warning' : 'error';
}

function isBad(status: Status): boolean {
  return status === 'failed' || status === 'timed-out' || status === 'failed-ignored' || status === 'cancelled';
}

function verdictOf(status: Status): Verdict {
  switch (status) {
    case 'succeeded':
      return 'succeeded';
    case 'succeeded-with-warnings':
    case 'failed-ignored':
      return 'degraded';
    case 'failed':
    case 'timed-out':
    case 'skipped':
      return 'failed';
    case 'cancelled':
      return 'cancelled';
    default:
      return 'in-progress';
  }
}

function reasonOf(unit: { readonly status: Status; readonly reason?: Reason }): Reason {
  return unit.reason ?? { code: 'internal', message: `ended ${unit.status} without a recorded reason` };
}
