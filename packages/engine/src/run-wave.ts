import type { BreakwaterError, Status } from '@breakwater/core';
import type { DatabaseRecord, JournalLine, Reason, ServerRecord } from '@breakwater/history';
import { runStep, type StepOutcome, type StepSpec, type StepSurroundings } from './run-step.ts';
import type { Stream } from './stream.ts';
import { databaseRecord, type WaveRequest, type WaveSteps, waveSteps } from './wave-steps.ts';

export type WaveOutcome =
  | { readonly state: 'ended'; readonly status: Status; readonly reason: Reason; readonly servers: readonly ServerRecord[] }
  | { readonly state: 'halted'; readonly note: string; readonly cause: BreakwaterError | undefined };

/**
 * Runs one wave: pre-wave actions in order; launch and proof of the servers beside the restores of the databases; post-wave actions in
 * order. After a failure that stops, the rest is skipped, but what runs beside it is brought to its end, and the proof still runs when
 * some servers were launched, because whoever is on call must know what is sound.
 */
export async function runWave(request: WaveRequest, around: StepSurroundings): Promise<WaveOutcome> {
  const { stream } = around;
  const progress = new WaveProgress(request, stream);
  const databases = progress.databases();
  await stream.append({
    type: 'wave-started',
    servers: progress.all(),
    ...(databases.length === 0 ? {} : { databases }),
  });

  const steps = waveSteps(request, () => progress.launched());
  const halted =
    (await inOrder(steps.before, progress, around)) ??
    (await recoverAll(steps, progress, around)) ??
    (await inOrder(steps.after, progress, around));
  if (halted !== undefined) return halted;

  const { status, reason } = progress.verdict();
  await stream.append({ type: 'wave-finished', status, reason });
  return { state: 'ended', status, reason, servers: progress.all() };
}

type Halted = Extract<WaveOutcome, { readonly state: 'halted' }>;

/** Runs steps one after the other; once something has failed the rest is skipped. */
async function inOrder(
  specs: readonly StepSpec[],
  progress: WaveProgress,
  around: StepSurroundings,
): Promise<Halted | undefined> {
  for (const spec of specs) {
    const halted = await (progress.failure === undefined ? run(spec, progress, around) : skipStep(spec, progress, around.stream));
    if (halted !== undefined) return halted;
  }
  return undefined;
}

/** Servers and databases side by side; what fails does not stop what runs beside it. */
async function recoverAll(
  { launch, databases }: WaveSteps,
  progress: WaveProgress,
  around: StepSurroundings,
): Promise<Halted | undefined> {
  const begin = progress.failure === undefined;
  // When one of them can no longer be recorded, none of them may go on.
  const broken = new AbortController();
  const beside = { ...around, signal: AbortSignal.any([around.signal, broken.signal]) };
  const branches = databases.map((spec) => (begin ? run(spec, progress, beside) : skipStep(spec, progress, around.stream)));
  if (launch !== undefined) branches.unshift(recoverServers(launch, begin, progress, beside));
  for (const branch of branches) branch.catch((error: unknown) => broken.abort(error));
  const ends = await Promise.allSettled(branches);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return ends.map((end) => (end.status === 'fulfilled' ? end.value : undefined)).find((end) => end !== undefined);
}

async function recoverServers(
  { recover, verify }: NonNullable<WaveSteps['launch']>,
  begin: boolean,
  progress: WaveProgress,
  around: StepSurroundings,
): Promise<Halted | undefined> {
  const halted = await (begin ? run(recover, progress, around) : skipStep(recover, progress, around.stream));
  if (halted !== undefined) return halted;
  // With no server launched there is nothing to prove; the launch step has then already said why.
  return progress.launched().length > 0 ? run(verify, progress, around) : skipStep(verify, progress, around.stream);
}

async function run(spec: StepSpec, progress: WaveProgress, around: StepSurroundings): Promise<Halted | undefined> {
  const outcome = await runStep(spec, around);
  if (outcome.state === 'halted') return outcome;
  progress.take(spec, outcome);
  return undefined;
}

async function skipStep(spec: StepSpec, { failure }: WaveProgress, stream: Stream): Promise<undefined> {
  await stream.append({
    type: 'step-finished',
    step: spec.id,
    status: 'skipped',
    reason: { code: 'dependency-failed', message: `not run: ${failure?.message ?? 'something before it failed'}` },
  });
}

/** What a wave has come to so far. */
class WaveProgress {
  failure: Reason | undefined;
  #failedAs: Status = 'failed';
  readonly #warnings: Reason[] = [];
  readonly #servers: Map<string, ServerRecord>;
  readonly #databases: readonly DatabaseRecord[];

  constructor({ wave, servers, set }: WaveRequest, stream: Stream) {
    const known = lastRecords(stream.lines());
    this.#servers = new Map(servers.map(({ record }) => [record.id, known.servers.get(record.id) ?? record]));
    this.#databases = (wave.databases ?? []).map(
      (database) => known.databases.get(database.name) ?? databaseRecord(database, set),
    );
  }

  /** As they were when the wave began. */
  databases(): readonly DatabaseRecord[] {
    return this.#databases;
  }

  all(): readonly ServerRecord[] {
    return [...this.#servers.values()];
  }

  launched(): readonly ServerRecord[] {
    return this.all().filter((server) => server.instanceId !== undefined);
  }

  take(spec: StepSpec, outcome: Extract<StepOutcome, { readonly state: 'ended' }>): void {
    for (const server of outcome.servers) this.#servers.set(server.id, server);
    if (outcome.status === 'succeeded') return;
    if (outcome.status === 'succeeded-with-warnings' || outcome.status === 'failed-ignored') {
      this.#warnings.push({ ...outcome.reason, message: `${spec.name}: ${outcome.reason.message}` });
      return;
    }
    if (this.failure === undefined) {
      this.failure = { ...outcome.reason, message: `${spec.name}: ${outcome.reason.message}` };
      this.#failedAs = outcome.status;
    }
  }

  verdict(): { readonly status: Status; readonly reason: Reason } {
    if (this.failure !== undefined) return { status: this.#failedAs, reason: this.failure };
    const [first] = this.#warnings;
    if (first !== undefined) {
      const message = this.#warnings.length === 1 ? first.message : `${first.message} (and ${this.#warnings.length - 1} more)`;
      return {
        status: 'succeeded-with-warnings',
        reason: { code: 'degraded', message, ...(first.next ? { next: first.next } : {}) },
      };
    }
    const what = [
      ...(this.#servers.size > 0 || this.#databases.length === 0 ? ['every server launched and proved'] : []),
      ...(this.#databases.length > 0 ? ['every database restored'] : []),
    ];
    return { status: 'succeeded', reason: { code: 'ok', message: `${what.join(', ')}, every action succeeded` } };
  }
}

/** The newest record of each server and database in a wave's journal: a resumed wave knows what it had done. */
function lastRecords(lines: readonly JournalLine[]) {
  const servers = new Map<string, ServerRecord>();
  const databases = new Map<string, DatabaseRecord>();
  for (const line of lines) {
    if (line.type !== 'step-finished') continue;
    for (const server of line.servers ?? []) servers.set(server.id, server);
    for (const database of line.databases ?? []) databases.set(database.name, database);
  }
  return { servers, databases };
}
