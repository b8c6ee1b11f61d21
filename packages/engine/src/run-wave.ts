import type { BreakwaterError, Mode, Status } from '@breakwater/core';
import type { JournalLine, Reason, ServerRecord } from '@breakwater/history';
import type { Wave } from '@breakwater/plan';
import type { Deeds, WaveServer } from './deeds.ts';
import { runStep, type StepOutcome, type StepSpec, type StepSurroundings } from './run-step.ts';
import type { Stream } from './stream.ts';
import { waveSteps } from './wave-steps.ts';

export type WaveOutcome =
  | { readonly state: 'ended'; readonly status: Status; readonly reason: Reason; readonly servers: readonly ServerRecord[] }
  | { readonly state: 'halted'; readonly note: string; readonly cause: BreakwaterError | undefined };

export interface WaveRequest {
  readonly wave: Wave;
  readonly servers: readonly WaveServer[];
  readonly mode: Mode;
  readonly deeds: Deeds;
}

/**
 * Runs one wave: pre-wave actions in order, launch, proof, post-wave actions in order. After a failure that stops, the rest is
 * skipped; only the proof still runs when some servers were launched, because whoever is on call must know which of them are sound.
 */
export async function runWave(request: WaveRequest, around: StepSurroundings): Promise<WaveOutcome> {
  const { wave, servers, mode, deeds } = request;
  const { stream } = around;
  const progress = new WaveProgress(servers, stream);
  await stream.append({ type: 'wave-started', servers: progress.all() });

  const steps = waveSteps(wave, servers, mode, deeds, () => progress.launched());
  for (const spec of [...steps.before, steps.recover, steps.verify, ...steps.after]) {
    const due = progress.failure === undefined || (spec === steps.verify && progress.launched().length > 0);
    if (!due || progress.onlyProofLeft(spec, steps.verify)) {
      await skipStep(spec, progress.failure, stream);
      continue;
    }
    const outcome = await runStep(spec, around);
    if (outcome.state === 'halted') return outcome;
    progress.take(spec, outcome);
  }

  const { status, reason } = progress.verdict();
  await stream.append({ type: 'wave-finished', status, reason });
  return { state: 'ended', status, reason, servers: progress.all() };
}

async function skipStep(spec: StepSpec, because: Reason | undefined, stream: Stream): Promise<void> {
  await stream.append({
    type: 'step-finished',
    step: spec.id,
    status: 'skipped',
    reason: { code: 'dependency-failed', message: `not run: ${because?.message ?? 'something before it failed'}` },
  });
}

/** What a wave has come to so far. */
class WaveProgress {
  failure: Reason | undefined;
  #failedAs: Status = 'failed';
  readonly #warnings: Reason[] = [];
  readonly #servers: Map<string, ServerRecord>;

  constructor(servers: readonly WaveServer[], stream: Stream) {
    const known = lastRecords(stream.lines());
    this.#servers = new Map(servers.map(({ record }) => [record.id, known.get(record.id) ?? record]));
  }

  all(): readonly ServerRecord[] {
    return [...this.#servers.values()];
  }

  launched(): readonly ServerRecord[] {
    return this.all().filter((server) => server.instanceId !== undefined);
  }

  /** With no server launched there is nothing to prove; the launch step has then already said why. */
  onlyProofLeft(spec: StepSpec, verify: StepSpec): boolean {
    return spec === verify && this.launched().length === 0;
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
    return { status: 'succeeded', reason: { code: 'ok', message: 'every server launched and proved, every action succeeded' } };
  }
}

/** The newest record of each server in a wave's journal: a resumed wave knows what it had launched. */
function lastRecords(lines: readonly JournalLine[]): ReadonlyMap<string, ServerRecord> {
  const records = new Map<string, ServerRecord>();
  for (const line of lines) {
    if (line.type !== 'step-finished') continue;
    for (const server of line.servers ?? []) records.set(server.id, server);
  }
  return records;
}
