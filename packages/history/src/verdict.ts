import { formatDuration, HAND_OVER, isFinal, type ReasonCode, type Verdict } from '@breakwater/core';
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
  const running = waves.filter(({ status }) => status === 'running');
  const somebodyWorks = current.length === 0 || current.some((run) => run.endedAt === undefined);
  if (running.length > 0 && somebodyWorks) return inProgress(notEnded(running, 'still going on'), failed);
  const left = [...running.filter(hasOpenDeed).map(({ name }) => name), ...foreignWork(interrupted, findings, ended)];
  if (left.length > 0) return inProgress(leftBehind(left, interrupted, runs.at(-1)), failed);
  if (failed !== undefined) return { verdict: 'failed', reason: failed };
  const cancelled = gather(evidence, 'cancelled');
  if (cancelled !== undefined) return { verdict: 'cancelled', reason: cancelled };
  return ended ? decideEnded(findings, objectives, interrupted) : decideUnfinished(findings, interrupted);
}

/** Whether something of the wave may be going on in AWS: a step without an end, other than a gate, which is people's. */
function hasOpenDeed(wave: WaveRecord): boolean {
  return wave.steps.some((step) => (step.status === 'running' || step.status === 'waiting') && step.kind !== 'gate');
}

/** What an interrupted run said goes on, and that no wave's record can confirm or end. */
function foreignWork(interrupted: readonly RunRecord[], findings: Findings, ended: boolean): readonly string[] {
  if (ended && lastWorkDue(findings.header, findings.finally, findings.waves) === undefined) return [];
  const waves = new Set(findings.waves.map(({ name }) => name));
  return interrupted.flatMap((run) => run.stillRunning ?? []).filter((name) => !waves.has(name));
}

function leftBehind(left: readonly string[], interrupted: readonly RunRecord[], latest: RunRecord | undefined): Reason {
  if (interrupted.length > 0) return interruption(interrupted, left);
  const told = latest?.outcome?.reason;
  return told ?? { code: 'in-progress', message: `nobody watches any more; AWS may go on with ${list(left)}`, next: RESUME };
}

function decideUnfinished({ waves, runs }: Findings, interrupted: readonly RunRecord[]): Judgement {
  // A run that handed over was not cancelled: another one goes on.
  if (interrupted.some((run) => run.interruptedBy !== HAND_OVER)) {
    return { verdict: 'cancelled', reason: interruption(interrupted, []) };
  }
  if (interrupted.length > 0) return inProgress(interruption(interrupted, []), undefined);
  const open = waves.filter(({ status }) => !isFinal(status));
  const outcome = runs.at(-1)?.outcome;
  if (outcome === undefined) return inProgress(notEnded(open, 'not ended yet'), undefined);
  const begun = waves.some(({ status }) => status !== 'pending');
  // A run that was refused changed nothing: it is the whole execution's end only if nothing was begun before it.
  if (!begun && (outcome.verdict === 'failed' || outcome.verdict === 'cancelled')) return outcome;
  return inProgress(outcome.verdict === 'succeeded' ? notEnded(open, 'not ended yet') : outcome.reason, undefined);
}

/** All waves have ended and none of them failed. */
function decideEnded(findings: Findings, { rto, rpo }: Objectives, interrupted: readonly RunRecord[]): Judgement {
  const { header, waves, evidence, runs, problems } = findings;
  const due = lastWorkDue(header, findings.finally, waves);
  if (due !== undefined) {
    const reason =
      interrupted.length > 0 ? interruption(interrupted, []) : { code: 'in-progress' as const, message: due, next: RESUME };
    return inProgress(reason, undefined);
  }
  const causes: Reason[] = [...evidence.flatMap(({ degraded }) => degraded), ...weighFinally(findings.finally)];
  if (problems.length > 0) {
    causes.push({
      code: 'history-corrupt',
      message: `the record was damaged or altered: ${problems[0]}${more(problems.length - 1)}`,
      next: 'Compare the history with a copy before you rely on this record.',
    });
  }
  const outcome = runs.at(-1)?.outcome;
  if ((outcome?.verdict === 'failed' || outcome?.verdict === 'cancelled') && outcome.reason.code !== 'execution-ended') {
    causes.push({ ...outcome.reason, message: `the last run ended badly: ${outcome.reason.message}` });
  }
  const missed: Reason[] = [];
  if (rto.met === false) missed.push(miss('rto-missed', 'recovery took', rto.actual, rto.objective));
  const late = (rpo.databases ?? []).filter(({ met }) => met === false);
  if (rpo.actual !== undefined && rpo.actual > rpo.objective) {
    const who = rpo.database === undefined ? (rpo.server ?? 'a server') : `database ${rpo.database}`;
    missed.push(miss('rpo-missed', `${who} lost data of`, rpo.actual, rpo.objective));
  }
  for (const { name, actual, objective } of late) {
    missed.push(miss('rpo-missed', `database ${name} lost data of`, actual, objective));
  }
  const [cause] = [...causes, ...missed];
  if (cause !== undefined) return { verdict: 'degraded', reason: combine(causes, missed, cause) };
  if (outcome?.verdict === 'degraded') return outcome;
  const servers = waves.reduce((sum, wave) => sum + wave.servers.length, 0);
  const databases = waves.reduce((sum, wave) => sum + (wave.databases?.length ?? 0), 0);
  const parts = [count(waves.length, 'wave')];
  if (servers > 0 || databases === 0) parts.push(count(servers, 'server'));
  if (databases > 0) parts.push(count(databases, 'database'));
  return {
    verdict: 'succeeded',
    reason: { code: 'ok', message: `${inWords(parts)} succeeded` },
  };
}

function miss(code: ReasonCode, what: string, actual: number | undefined, objective: number): Reason {
  return {
    code,
    message: `${what} ${formatDuration(actual ?? 0)}, the objective is ${formatDuration(objective)}`,
    next:
      code === 'rto-missed'
        ? 'Look in the timeline where the time went.'
        : 'Look at the replication lag of that server, or at how often snapshots of that database are taken and copied.',
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

function interruption(runs: readonly RunRecord[], left: readonly string[]): Reason {
  const run = runs.at(-1);
  const what = left.length === 0 ? 'nothing of it goes on in AWS' : `AWS goes on with ${list(left)}`;
  if (run?.interruptedBy === HAND_OVER) {
    return { code: 'handed-over', message: `the time of the job was over; ${what}`, next: run.resume || RESUME };
  }
  return {
    code: 'interrupted',
    message: `the run was told to stop (${run?.interruptedBy ?? 'signal unknown'}); ${what}`,
    next: run?.resume || RESUME,
  };
}

function notEnded(waves: readonly WaveRecord[], how: string): Reason {
  const waiting = waves.find(({ status }) => status === 'waiting');
  const gate = waiting?.steps.find((step) => step.kind === 'gate' && !isFinal(step.status));
  if (waiting !== undefined && gate !== undefined) {
    return {
      code: 'gate-closed',
      message: `wave ${waiting.name} waits for approval: ${gate.name}`,
      next: `Once it is approved, run the same execution again with the approval of ${waiting.name}.`,
    };
  }
  const told = waves.find((wave) => wave.reason !== undefined);
  if (told?.reason !== undefined) return { ...told.reason, message: `wave ${told.name}: ${told.reason.message}` };
  if (waves.length === 0) return { code: 'in-progress', message: 'no wave has ended yet', next: RESUME };
  return { code: 'in-progress', message: `${how}: ${list(waves.map(({ name }) => name))}`, next: RESUME };
}

function list(names: readonly string[]): string {
  return `${names.slice(0, 5).join(', ')}${more(names.length - 5)}`;
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

/** As `a and b`, or `a, b and c`. */
function inWords(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** As ` (and 3 more)`, or with a noun ` (and 1 other wave)`; nothing for 0. */
function more(n: number, noun?: string): string {
  if (n <= 0) return '';
  return noun === undefined ? ` (and ${n} more)` : ` (and ${n} other ${noun}${n === 1 ? '' : 's'})`;
}
