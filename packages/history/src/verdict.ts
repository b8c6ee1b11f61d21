import { formatDuration, isFinal, type ReasonCode, type Verdict } from '@breakwater/core';
import type { Reason } from './events.ts';
import type { Execution, ExecutionHeader, RunRecord, StepRecord, WaveRecord } from './execution.ts';
import { lastWorkDue } from './last-work.ts';
import { measureRecoveryPoint, measureRecoveryTime } from './objectives.ts';
import { type WaveEvidence, weighFinally } from './wave-evidence.ts';

/** Everything that a verdict is made from. `evidence` goes with `waves`, one each; runs are in the order of their starts. */
export interface Findings {
  readonly header: ExecutionHeader;
  readonly waves: readonly WaveRecord[];
  readonly evidence: readonly WaveEvidence[];
  readonly finally: readonly StepRecord[];
  readonly runs: readonly RunRecord[];
  readonly problems: readonly string[];
}

type Objectives = Pick<Execution, 'rto' | 'rpo'>;

interface Judgement {
  readonly verdict: Verdict;
  readonly reason: Reason;
}

const RESUME = 'Run the same execution again: it resumes.';

/** Completes an execution: its times, its objectives, and a verdict that is never better than the worst evidence. */
export function judge(findings: Findings): Execution {
  const { header, waves, evidence, runs, problems } = findings;
  const startedAt = runs[0]?.startedAt ?? header.createdAt;
  const ended = waves.length > 0 && waves.every(({ status }) => isFinal(status));
  const endedAt = ended ? Math.max(startedAt, ...waves.map((wave) => wave.endedAt ?? startedAt)) : undefined;
  const recovered = ended && evidence.every(({ failed, cancelled }) => failed.length + cancelled.length === 0);
  const rto = measureRecoveryTime(header.plan.objectives.rto, startedAt, endedAt, recovered);
  const rpo = measureRecoveryPoint(header.plan.objectives.rpo, waves, recovered);
  const { verdict, reason } = decide(findings, ended, { rto, rpo });
  return {
    header,
    verdict,
    reason,
    startedAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    rto,
    rpo,
    waves,
    finally: findings.finally,
    runs,
    problems,
  };
}

/**
 * The rules, strongest first: something of ours goes on; something failed; something was cancelled; not all has ended; something was
 * less than asked for; all is well.
 */
function decide(findings: Findings, ended: boolean, objectives: Objectives): Judgement {
  const { waves, evidence, runs } = findings;
  const failed = gather(evidence, 'failed');
  const current = currentRuns(runs, waves);
  const interrupted = current.filter((run) => run.interruptedBy !== undefined);
  const left = interrupted.filter((run) => (run.stillRunning?.length ?? 0) > 0);
  if (left.length > 0) return inProgress(interruption(left), failed);
  const active = waves.filter(({ status }) => status === 'running' || status === 'waiting');
  const somebodyWorks = current.length === 0 || current.some((run) => run.endedAt === undefined);
  if (active.length > 0 && somebodyWorks) return inProgress(notEnded(active, 'still going on'), failed);
  if (failed !== undefined) return { verdict: 'failed', reason: failed };
  const cancelled = gather(evidence, 'cancelled');
  if (cancelled !== undefined) return { verdict: 'cancelled', reason: cancelled };
  return ended ? decideEnded(findings, objectives, interrupted) : decideUnfinished(findings, interrupted);
}

function decideUnfinished({ waves, runs }: Findings, interrupted: readonly RunRecord[]): Judgement {
  if (interrupted.length > 0) return { verdict: 'cancelled', reason: interruption(interrupted) };
  const outcome = runs.at(-1)?.outcome;
  if (outcome?.verdict === 'failed' || outcome?.verdict === 'cancelled') return outcome;
  const open = waves.filter(({ status }) => !isFinal(status));
  return inProgress(notEnded(open, 'not ended yet'), undefined);
}

/** All waves have ended and none of them failed. */
function decideEnded(findings: Findings, { rto, rpo }: Objectives, interrupted: readonly RunRecord[]): Judgement {
  const { header, waves, evidence, runs, problems } = findings;
  const outcome = runs.at(-1)?.outcome;
  if (outcome?.verdict === 'failed' || outcome?.verdict === 'cancelled') return outcome;
  const due = lastWorkDue(header, findings.finally, waves);
  if (due !== undefined) {
    return {
      verdict: 'in-progress',
      reason: interrupted.length > 0 ? interruption(interrupted) : { code: 'in-progress', message: due, next: RESUME },
    };
  }
  const causes: Reason[] = [...evidence.flatMap(({ degraded }) => degraded), ...weighFinally(findings.finally)];
  if (problems.length > 0) {
    causes.push({
      code: 'history-corrupt',
      message: `the record was damaged or altered: ${problems[0]}${more(problems.length - 1)}`,
      next: 'Compare the history with a copy before you rely on this record.',
    });
  }
  const missed: Reason[] = [];
  if (rto.met === false) missed.push(miss('rto-missed', 'recovery took', rto.actual, rto.objective));
  if (rpo.met === false)
    missed.push(miss('rpo-missed', `the data of ${rpo.server ?? 'a server'} is older by`, rpo.actual, rpo.objective));
  const [cause] = [...causes, ...missed];
  if (cause !== undefined) return { verdict: 'degraded', reason: combine(causes, missed, cause) };
  if (outcome?.verdict === 'degraded') return outcome;
  const servers = waves.reduce((sum, wave) => sum + wave.servers.length, 0);
  return {
    verdict: 'succeeded',
    reason: { code: 'ok', message: `${count(waves.length, 'wave')} and ${count(servers, 'server')} succeeded` },
  };
}

function miss(code: ReasonCode, what: string, actual: number | undefined, objective: number): Reason {
  return {
    code,
    message: `${what} ${formatDuration(actual ?? 0)}, the objective is ${formatDuration(objective)}`,
    next: code === 'rto-missed' ? 'Look in the timeline where the time went.' : 'Look at the replication lag of that server.',
  };
}

/** One reason for many. A missed objective has a code of its own only when nothing else was wrong. */
function combine(causes: readonly Reason[], missed: readonly Reason[], cause: Reason): Reason {
  const all = [...causes, ...missed];
  const shown = all.slice(0, 3).map(({ message }) => message);
  const altered = causes.find(({ code }) => code === 'history-corrupt');
  const code = altered?.code ?? (causes.length > 0 ? 'degraded' : cause.code);
  const next = altered?.next ?? cause.next;
  return { code, message: `${shown.join('; ')}${more(all.length - shown.length)}`, ...(next === undefined ? {} : { next }) };
}

/** The worst of one kind: the first wave's, but what only follows from another failure comes after it. */
function gather(evidence: readonly WaveEvidence[], weight: 'failed' | 'cancelled'): Reason | undefined {
  const firsts = evidence.map((wave) => wave[weight][0]).filter((reason) => reason !== undefined);
  const chosen = firsts.find(({ code }) => code !== 'dependency-failed' && code !== 'dependency-unmet') ?? firsts[0];
  return chosen === undefined ? undefined : { ...chosen, message: `${chosen.message}${more(firsts.length - 1, 'wave')}` };
}

function inProgress(reason: Reason, failed: Reason | undefined): Judgement {
  const message = failed === undefined ? reason.message : `${reason.message}; already failed: ${failed.message}`;
  return { verdict: 'in-progress', reason: { ...reason, message } };
}

function interruption(runs: readonly RunRecord[]): Reason {
  const run = runs.at(-1);
  const going = runs.flatMap((one) => one.stillRunning ?? []);
  const what = going.length === 0 ? 'nothing of it goes on in AWS' : `AWS goes on with ${going.join(', ')}`;
  return {
    code: 'interrupted',
    message: `the run was told to stop (${run?.interruptedBy ?? 'signal unknown'}); ${what}`,
    next: run?.resume ? `To resume: ${run.resume}` : RESUME,
  };
}

function notEnded(waves: readonly WaveRecord[], how: string): Reason {
  // A wave that waits for something (a gate) says so itself.
  const told = waves.find((wave) => wave.reason !== undefined);
  if (told?.reason !== undefined) return { ...told.reason, message: `wave ${told.name}: ${told.reason.message}` };
  const names = waves.map(({ name }) => name);
  const shown = names.slice(0, 5).join(', ');
  const message = names.length === 0 ? 'no wave has ended yet' : `${how}: ${shown}${more(names.length - 5, 'wave')}`;
  return { code: 'in-progress', message, next: RESUME };
}

/** Runs whose end still matters: later runs have not taken up the same waves since. */
function currentRuns(runs: readonly RunRecord[], waves: readonly WaveRecord[]): readonly RunRecord[] {
  const all = waves.map(({ name }) => name);
  return runs.filter((run, index) => {
    const since = run.endedAt ?? run.startedAt;
    const later = runs.slice(index + 1).filter(({ startedAt }) => startedAt >= since);
    const taken = new Set(later.flatMap((one) => (one.waves.length === 0 ? all : one.waves)));
    const own = run.waves.length === 0 ? all : run.waves;
    return later.length === 0 || !own.every((name) => taken.has(name));
  });
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

function more(n: number, what?: string): string {
  return n > 0
    ? ` (and ${what === undefined ? n : `${n} other ${what}${n === 1 ? '' : 's'}`}${what === undefined ? ' more' : ''})`
    : '';
}
