import { allowsDependents, asBreakwaterError, type Clock, type Mode, RefusedError, type Verdict } from '@breakwater/core';
import {
  CLEAN_UP_DATABASES,
  databaseStep,
  type ExecutionHistory,
  type JournalLine,
  type LockOwner,
  type Reason,
} from '@breakwater/history';
import { databaseSites, type Plan, type PlanSet, type Site, type Wave } from '@breakwater/plan';
import { conclude } from './conclude.ts';
import { weighDoubts } from './database-doubts.ts';
import type { Deeds, WaveServer } from './deeds.ts';
import { type Proofs, type ProveGate, passGate, proveGates } from './gates.ts';
import { type Halt, haltOf, type WaveEnd, whyStopped } from './halts.ts';
import type { ExecutionLocks } from './locking.ts';
import { Pacer } from './pacer.ts';
import { endPreempted, leftoverSteps, preemptedBy } from './pre-emption.ts';
import { databasesIn, serversIn } from './recorded.ts';
import { RunLocks } from './run-locks.ts';
import type { StepSurroundings } from './run-step.ts';
import { runWave } from './run-wave.ts';
import { type Observe, Stream } from './stream.ts';
import { endedWell, endUnbegun, hasBegun, waveEnd } from './wave-ends.ts';

/**
 * How much of an execution one process does. `whole`: the waves asked for, and what comes last once every wave of the plan has ended.
 * `waves`: the waves alone, because another job does what comes last. `end`: no wave, only what comes last; waves that can no longer
 * begin are recorded as skipped.
 */
export const PARTS = ['whole', 'waves', 'end'] as const;
export type Part = (typeof PARTS)[number];

export interface ExecuteRequest {
  readonly set: PlanSet;
  readonly plan: Plan;
  readonly mode: Mode;
  /** Waves to run now, by name; what is not here must have been run before if something here depends on it. Not heeded by `end`. */
  readonly waves: readonly string[];
  /** Left out: `whole`. */
  readonly part?: Part;
  /** Waves whose gate was approved. */
  readonly approvals: readonly string[];
  /** Name of this process's own stream, as `20261120T031500Z-1`. */
  readonly run: string;
  readonly actor: string;
  readonly tool: string;
}

export interface ExecuteParts {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly history: ExecutionHistory;
  readonly deeds: Deeds;
  readonly observe: Observe;
  /** The verdict of all that is journalled so far, for the line that ends the run. */
  readonly judge: () => { readonly verdict: Verdict; readonly reason: Reason };
  /** Proves the gates that `approvals` says are open. None: no platform keeps approvals here, and the actor vouches. */
  readonly proveGate?: ProveGate;
  /** Keeps other executions off the same servers and databases. None: nobody else can be at them. */
  readonly locks?: ExecutionLocks;
}

/**
 * Runs the waves of a plan as soon as their dependencies allow, in parallel where the plan does, then the finally actions and the
 * drill's clean-up once every wave of the plan has ended. All of it is journalled; what earlier runs did is adopted, not repeated.
 *
 * Throws `UserError` or `RefusedError` when a guard says no (nothing was started then; the refusal is journalled), and
 * `InternalError` `history-unwritable` when the record cannot be kept. Returns the halt when it stopped waiting, `undefined` when
 * everything asked for has ended, well or badly: the fold of the journals says which.
 */
export async function execute(request: ExecuteRequest, parts: ExecuteParts): Promise<Halt | undefined> {
  const damaged = request.mode === 'drill' ? 'refuse' : 'set-aside';
  const open: Stream[] = [];
  const openStream = async (name: string): Promise<Stream> => {
    const stream = new Stream(await parts.history.journal(name, damaged), parts.observe);
    open.push(stream);
    return stream;
  };
  try {
    const waves = request.part === 'end' ? [] : request.plan.waves.filter((wave) => request.waves.includes(wave.name));
    const streams = new Map<string, Stream>();
    for (const wave of waves) streams.set(wave.name, await openStream(`waves/${wave.name}`));
    const run = await openStream(`runs/${request.run}`);
    return await new Run(request, parts, waves, streams, run, openStream).go();
  } finally {
    for (const stream of open.reverse()) await stream.close();
  }
}

class Run {
  readonly #request: ExecuteRequest;
  readonly #parts: ExecuteParts;
  readonly #waves: readonly Wave[];
  readonly #streams: ReadonlyMap<string, Stream>;
  readonly #run: Stream;
  readonly #openStream: (name: string) => Promise<Stream>;
  readonly #pacer: Pacer;
  readonly #locks: RunLocks;
  /** Aborts when the caller says so, or when the record can no longer be kept. */
  readonly #stop = new AbortController();
  readonly #ends = new Map<string, Promise<WaveEnd>>();
  #proofs: Proofs = new Map();
  #broken: unknown;
  /** Why this drill makes way for a recovery. */
  #preempted: Reason | undefined;

  constructor(
    request: ExecuteRequest,
    parts: ExecuteParts,
    waves: readonly Wave[],
    streams: ReadonlyMap<string, Stream>,
    run: Stream,
    openStream: (name: string) => Promise<Stream>,
  ) {
    this.#request = request;
    this.#parts = parts;
    this.#waves = waves;
    this.#streams = streams;
    this.#run = run;
    this.#openStream = openStream;
    this.#pacer = new Pacer(parts.clock);
    this.#locks = new RunLocks(request, parts, run);
  }

  async go(): Promise<Halt | undefined> {
    const { request, parts } = { request: this.#request, parts: this.#parts };
    const past = await parts.history.read();
    await this.#run.append({
      type: 'run-started',
      run: request.run,
      // Opening a wave's stream makes an empty one: only lines say that an earlier run was here.
      resumed: [...past.streams].some(([name, lines]) => name.startsWith('waves/') && lines.length > 0),
      waves: this.#waves.map((wave) => wave.name),
      actor: request.actor,
      tool: request.tool,
      approvals: request.approvals,
    });
    const forward = () => this.#stop.abort(parts.signal.reason);
    if (parts.signal.aborted) forward();
    else parts.signal.addEventListener('abort', forward, { once: true });
    try {
      const halt = await this.#work(past.streams);
      await this.#locks.release(halt);
      const { verdict, reason } = parts.judge();
      await this.#run.append({ type: 'run-finished', verdict, reason: halt?.reason ?? reason });
      return halt;
    } catch (error) {
      const { code, message, next } = asBreakwaterError(error);
      // Best effort: when the record itself cannot be kept, the error that says so is the one to show.
      await this.#run.append({ type: 'run-finished', verdict: 'failed', reason: { code, message, next } }).catch(() => undefined);
      throw error;
    } finally {
      parts.signal.removeEventListener('abort', forward);
    }
  }

  async #work(past: ReadonlyMap<string, readonly JournalLine[]>): Promise<Halt | undefined> {
    const { part = 'whole', plan } = this.#request;
    const by = await this.#locks.wantedBy();
    if (by !== undefined) return this.#endForRecovery(by);
    if (part === 'end') {
      const open = await endUnbegun(plan, past, this.#openStream);
      // Where every wave was refused before it began, nothing is to be notified, undone or cleaned up.
      if (open !== undefined || !plan.waves.some(({ name }) => hasBegun(past.get(`waves/${name}`)))) return open;
      await this.#proveSites(plan.waves);
      return this.#finish();
    }
    const servers = await this.#prepare(past);
    const unwatch = this.#locks.watch((by) => this.#makeWay(by));
    const halt = await this.#runWaves(servers, past).finally(unwatch);
    if (this.#preempted !== undefined) return this.#concludePreempted(this.#preempted);
    return halt ?? (part === 'waves' ? undefined : await this.#finish());
  }

  /** Everything that may refuse, before anything is changed. */
  async #prepare(past: ReadonlyMap<string, readonly JournalLine[]>): Promise<ReadonlyMap<string, readonly WaveServer[]>> {
    const { mode } = this.#request;
    const due = this.#waves.filter((wave) => !endedWell(past.get(`waves/${wave.name}`)));
    for (const wave of due) this.#demandDependencies(wave, past);
    if (due.length > 0) this.#demandDrillStands(past.get('finally'));
    if (due.length === 0) return new Map();
    this.#proofs = await proveGates(due, this.#streams, this.#request, this.#parts.proveGate);
    await this.#proveSites(due);
    const { waves, warnings, doubts = [] } = await this.#parts.deeds.inspect(due);
    const begun = (wave: string, database: string) => this.#streams.get(wave)?.past(databaseStep(database)) !== undefined;
    weighDoubts({ mode, waves: due, servers: waves, doubts, begun });
    for (const { wave, database, reason } of doubts) {
      await this.#streams.get(wave)?.append({ type: 'warning', step: databaseStep(database), reason });
    }
    for (const { wave, server, message } of warnings) {
      await this.#streams.get(wave)?.append({
        type: 'warning',
        step: 'recover',
        server,
        reason: { code: mode === 'drill' ? 'degraded' : 'not-ready', message },
      });
    }
    await this.#locks.take(due, waves);
    return waves;
  }

  /** A recovery came while no process of this drill was there: all that is left to do is to end it. */
  async #endForRecovery(by: LockOwner): Promise<Halt> {
    const reason = preemptedBy(by);
    this.#preempted = reason;
    await this.#run.append({
      type: 'run-interrupted',
      signal: PRE_EMPTION,
      stillRunning: this.#running(),
      resume: reason.next ?? '',
    });
    await this.#proveSites(this.#request.plan.waves);
    return this.#concludePreempted(reason);
  }

  async #concludePreempted(reason: Reason): Promise<Halt> {
    const { plan, part } = this.#request;
    await endPreempted(plan, this.#streams, this.#openStream, reason);
    if (part !== 'waves') await this.#finish();
    return { reason };
  }

  #makeWay(by: LockOwner): void {
    if (this.#stop.signal.aborted) return;
    this.#preempted = preemptedBy(by);
    this.#stop.abort(PRE_EMPTION);
  }

  /** Account and Region of every site that these waves, and what comes last, will touch. */
  async #proveSites(waves: readonly Wave[]): Promise<void> {
    const { plan, set } = this.#request;
    const groups = new Set(waves.flatMap((wave) => wave.groups));
    const sites = new Set(
      [...groups]
        .map((name) => set.groups.get(name)?.site)
        .concat([...waves.flatMap(actionsOf), ...plan.finally].map((action) => action.site))
        .concat(waves.flatMap((wave) => wave.databases ?? []).flatMap(databaseSites)),
    );
    const proved = await this.#parts.deeds.proveIdentities([...sites].map((name) => set.sites.get(name ?? '')).filter(isSite));
    for (const identity of proved) await this.#run.append({ type: 'identity-proved', ...identity });
  }

  /** What a clean-up has ended cannot be built upon. */
  #demandDrillStands(lines: readonly JournalLine[] | undefined): void {
    const ended = [
      ['clean-up', 'the instances that it launched were terminated'],
      [CLEAN_UP_DATABASES, 'the databases that it restored were deleted'],
    ].find(([step]) => {
      const end = lines?.findLast((line) => line.type === 'step-finished' && line.step === step);
      return end?.type === 'step-finished' && allowsDependents(end.status);
    });
    if (ended === undefined) return;
    throw new RefusedError('execution-ended', `this drill is over: ${ended[1]}`, {
      next: 'Start a new execution (leave the execution id out). Its report still stands.',
    });
  }

  #demandDependencies(wave: Wave, past: ReadonlyMap<string, readonly JournalLine[]>): void {
    for (const name of wave.dependsOn) {
      if (this.#waves.some((other) => other.name === name) || endedWell(past.get(`waves/${name}`))) continue;
      throw new RefusedError(
        'dependency-unmet',
        `wave "${wave.name}" depends on wave "${name}", which has not succeeded in this execution`,
        {
          next: `Run wave "${name}" first under the same execution id, or run both together.`,
        },
      );
    }
  }

  async #runWaves(
    servers: ReadonlyMap<string, readonly WaveServer[]>,
    past: ReadonlyMap<string, readonly JournalLine[]>,
  ): Promise<Halt | undefined> {
    for (const wave of this.#waves) {
      const end = waveEnd(past.get(`waves/${wave.name}`));
      const done =
        end !== undefined && allowsDependents(end) ? Promise.resolve<WaveEnd>({ state: 'ended', status: end }) : undefined;
      this.#ends.set(wave.name, done ?? this.#startWave(wave, servers.get(wave.name) ?? []));
    }
    // The marker must be durable within seconds of the signal, before the operations have let go.
    const interrupted = this.#markInterruption();
    const ends = await Promise.all([...this.#ends.values()]);
    await interrupted.done();
    if (this.#broken !== undefined) throw this.#broken;
    return interrupted.halt() ?? ends.map(haltOf).find((halt) => halt !== undefined);
  }

  async #startWave(wave: Wave, servers: readonly WaveServer[]): Promise<WaveEnd> {
    const stream = this.#streams.get(wave.name);
    if (stream === undefined) throw new Error(`no stream for wave ${wave.name}`);
    try {
      // Let every wave be in the map before any looks for its dependencies there.
      await Promise.resolve();
      for (const name of wave.dependsOn) {
        const end = await this.#ends.get(name);
        if (end === undefined) continue;
        if (end.state !== 'ended') return { state: 'not-reached' };
        if (!allowsDependents(end.status)) {
          const reason: Reason = {
            code: 'dependency-failed',
            message: `wave "${name}" ${end.status === 'skipped' ? 'was skipped' : `ended ${end.status}`}`,
          };
          await stream.append({ type: 'wave-finished', status: 'skipped', reason });
          return { state: 'ended', status: 'skipped' };
        }
      }
      const by = await this.#locks.wantedBy();
      if (by !== undefined) this.#makeWay(by);
      if (this.#stop.signal.aborted) return { state: 'not-reached' };
      const closed = await passGate(wave, stream, this.#request, this.#proofs);
      if (closed !== undefined) return { state: 'gate-closed', reason: closed };
      const around: StepSurroundings = { clock: this.#parts.clock, signal: this.#stop.signal, pacer: this.#pacer, stream };
      const { set, mode } = this.#request;
      return await runWave({ wave, servers, set, mode, deeds: this.#parts.deeds }, around);
    } catch (error) {
      // Without a record nothing more may be begun anywhere: the other waves stop watching too.
      this.#broken ??= error;
      this.#stop.abort(error);
      return { state: 'not-reached' };
    }
  }

  #markInterruption(): { readonly done: () => Promise<void>; readonly halt: () => Halt | undefined } {
    const { signal } = this.#stop;
    let writing: Promise<void> = Promise.resolve();
    let reason: Reason | undefined;
    const mark = () => {
      if (this.#broken !== undefined) return;
      const cause = String(signal.reason);
      reason = this.#preempted ?? whyStopped(cause);
      writing = this.#run
        .append({ type: 'run-interrupted', signal: cause, stillRunning: this.#running(), resume: reason.next ?? '' })
        .catch((error) => {
          this.#broken ??= error;
        });
    };
    if (signal.aborted) mark();
    else signal.addEventListener('abort', mark, { once: true });
    return {
      done: () => {
        signal.removeEventListener('abort', mark);
        return writing;
      },
      halt: () => (reason === undefined ? undefined : { reason }),
    };
  }

  /** Waves that have begun and not ended. */
  #running(): readonly string[] {
    return this.#waves
      .map((wave) => wave.name)
      .filter((name) => {
        const lines = this.#streams.get(name)?.lines() ?? [];
        return (
          lines.findLastIndex((line) => line.type === 'wave-started') >
          lines.findLastIndex((line) => line.type === 'wave-finished')
        );
      });
  }

  /** Finally actions and clean-up, once every wave of the plan has ended. */
  async #finish(): Promise<Halt | undefined> {
    const { streams } = await this.#parts.history.read();
    const { plan } = this.#request;
    if (plan.waves.some((wave) => waveEnd(streams.get(`waves/${wave.name}`)) === undefined)) return undefined;
    const servers = serversIn(plan, streams);
    const databases = databasesIn(plan, streams);
    const stream = await this.#openStream('finally');
    const { clock, deeds, locks } = this.#parts;
    // A drill that makes way has stopped its waves, and cleans up all the same.
    const signal = this.#preempted === undefined ? this.#stop.signal : this.#parts.signal;
    const around: StepSurroundings = { clock, signal, pacer: this.#pacer, stream };
    const leftovers = locks === undefined ? [] : leftoverSteps(streams, locks);
    const halted = await conclude({ plan, mode: this.#request.mode, servers, databases, deeds, leftovers }, around);
    return halted === undefined ? undefined : haltOf(halted);
  }
}

/** What a drill that makes way says that it was stopped by. */
const PRE_EMPTION = 'pre-emption by a recovery';

function actionsOf(wave: Wave) {
  return [...wave.preWaveActions, ...wave.postWaveActions];
}

function isSite(site: Site | undefined): site is Site {
  return site !== undefined;
}
