import {
  allowsDependents,
  asBreakwaterError,
  type BreakwaterError,
  type Clock,
  type Mode,
  RefusedError,
  type Status,
  type Verdict,
} from '@breakwater/core';
import { CLEAN_UP_DATABASES, databaseStep, type ExecutionHistory, type JournalLine, type Reason } from '@breakwater/history';
import { databaseSites, type Plan, type PlanSet, type Site, type Wave } from '@breakwater/plan';
import { conclude } from './conclude.ts';
import { weighDoubts } from './database-doubts.ts';
import type { Deeds, WaveServer } from './deeds.ts';
import { Pacer } from './pacer.ts';
import { databasesIn, serversIn } from './recorded.ts';
import type { StepSurroundings } from './run-step.ts';
import { runWave, type WaveOutcome } from './run-wave.ts';
import { type Observe, Stream } from './stream.ts';

export interface ExecuteRequest {
  readonly set: PlanSet;
  readonly plan: Plan;
  readonly mode: Mode;
  /** Waves to run now, by name; what is not here must have been run before if something here depends on it. */
  readonly waves: readonly string[];
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
}

/** Why a run ended without an end of the execution. */
export interface Halt {
  readonly reason: Reason;
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
    const waves = request.plan.waves.filter((wave) => request.waves.includes(wave.name));
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
  /** Aborts when the caller says so, or when the record can no longer be kept. */
  readonly #stop = new AbortController();
  readonly #ends = new Map<string, Promise<WaveEnd>>();
  #broken: unknown;

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
      const servers = await this.#prepare(past.streams);
      const halt = (await this.#runWaves(servers, past.streams)) ?? (await this.#finish());
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

  /** Everything that may refuse, before anything is changed. */
  async #prepare(past: ReadonlyMap<string, readonly JournalLine[]>): Promise<ReadonlyMap<string, readonly WaveServer[]>> {
    const { plan, set, mode } = this.#request;
    const due = this.#waves.filter((wave) => !endedWell(past.get(`waves/${wave.name}`)));
    for (const wave of due) this.#demandDependencies(wave, past);
    if (due.length > 0) this.#demandDrillStands(past.get('finally'));
    if (due.length === 0) return new Map();
    const groups = new Set(due.flatMap((wave) => wave.groups));
    const sites = new Set(
      [...groups]
        .map((name) => set.groups.get(name)?.site)
        .concat([...due.flatMap(actionsOf), ...plan.finally].map((action) => action.site))
        .concat(due.flatMap((wave) => wave.databases ?? []).flatMap(databaseSites)),
    );
    const proved = await this.#parts.deeds.proveIdentities([...sites].map((name) => set.sites.get(name ?? '')).filter(isSite));
    for (const identity of proved) await this.#run.append({ type: 'identity-proved', ...identity });
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
    return waves;
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
      if (this.#stop.signal.aborted) return { state: 'not-reached' };
      const closed = await this.#passGate(wave, stream);
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

  /** The reason, if a human still has to approve. */
  async #passGate(wave: Wave, stream: Stream): Promise<Reason | undefined> {
    const { gate } = wave;
    if (gate === undefined || !gate.when.includes(this.#request.mode)) return undefined;
    const past = stream.past('gate');
    if (past?.end !== undefined && allowsDependents(past.end.status)) return undefined;
    if (past === undefined) {
      await stream.append({
        type: 'step-started',
        step: 'gate',
        kind: 'gate',
        name: gate.description ?? 'approval',
        attempt: 1,
        deadline: 0,
      });
    }
    if (this.#request.approvals.includes(wave.name)) {
      await stream.append({
        type: 'step-finished',
        step: 'gate',
        status: 'succeeded',
        reason: { code: 'ok', message: `approved by ${this.#request.actor}` },
        result: { approvedBy: this.#request.actor },
      });
      return undefined;
    }
    return {
      code: 'gate-closed',
      message: `wave "${wave.name}" waits for approval${gate.description === undefined ? '' : `: ${gate.description}`}`,
      next: `Once it is approved, run the same execution again with the approval of "${wave.name}".`,
    };
  }

  #markInterruption(): { readonly done: () => Promise<void>; readonly halt: () => Halt | undefined } {
    const { signal } = this.#stop;
    let writing: Promise<void> = Promise.resolve();
    let reason: Reason | undefined;
    const mark = () => {
      if (this.#broken !== undefined) return;
      const cause = String(this.#parts.signal.reason);
      reason = {
        code: 'interrupted',
        message: `stopped by ${cause}; what AWS was doing goes on`,
        next: 'Run the same execution again to resume: it adopts what was begun.',
      };
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
    const of = (wave: Wave) => streams.get(`waves/${wave.name}`) ?? [];
    const servers = plan.waves.flatMap((wave) => serversIn(of(wave)));
    const databases = plan.waves.flatMap((wave) => databasesIn(of(wave)));
    const stream = await this.#openStream('finally');
    const around: StepSurroundings = { clock: this.#parts.clock, signal: this.#stop.signal, pacer: this.#pacer, stream };
    const halted = await conclude({ plan, mode: this.#request.mode, servers, databases, deeds: this.#parts.deeds }, around);
    return halted === undefined ? undefined : haltOf(halted);
  }
}

type WaveEnd =
  | { readonly state: 'ended'; readonly status: Status }
  | Extract<WaveOutcome, { readonly state: 'halted' }>
  | { readonly state: 'gate-closed'; readonly reason: Reason }
  /** Not begun, because something before it has no end yet. */
  | { readonly state: 'not-reached' };

function haltOf(
  end: WaveEnd | { readonly state: 'halted'; readonly note: string; readonly cause: BreakwaterError | undefined },
): Halt | undefined {
  if (end.state === 'gate-closed') return { reason: end.reason };
  if (end.state !== 'halted') return undefined;
  const next = 'Run the same execution again to resume: it adopts what was begun.';
  if (end.cause === undefined) return { reason: { code: 'interrupted', message: end.note, next } };
  return { reason: { code: end.cause.code, message: end.note, next: `${end.cause.next} ${next}` } };
}

/** The status with which a wave's journal ends; `undefined` while it runs, or if it never began. */
function waveEnd(lines: readonly JournalLine[] | undefined): Status | undefined {
  const last = lines?.findLast((line) => line.type === 'wave-started' || line.type === 'wave-finished');
  return last?.type === 'wave-finished' ? last.status : undefined;
}

function endedWell(lines: readonly JournalLine[] | undefined): boolean {
  const end = waveEnd(lines);
  return end !== undefined && allowsDependents(end);
}

function actionsOf(wave: Wave) {
  return [...wave.preWaveActions, ...wave.postWaveActions];
}

function isSite(site: Site | undefined): site is Site {
  return site !== undefined;
}
