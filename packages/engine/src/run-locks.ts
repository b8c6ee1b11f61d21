import { asBreakwaterError } from '@breakwater/core';
import type { LockOwner, Reason } from '@breakwater/history';
import type { Wave } from '@breakwater/plan';
import type { WaveServer } from './deeds.ts';
import type { ExecuteParts, ExecuteRequest } from './execute.ts';
import type { Halt } from './halts.ts';
import { lockTargets, takeLocks, unlockCommand, watchForRecovery } from './locking.ts';
import { hasNotBegun, isOver } from './recorded.ts';
import type { Stream } from './stream.ts';

/** The locks of one run, if it has any. */
export class RunLocks {
  readonly #request: ExecuteRequest;
  readonly #parts: ExecuteParts;
  readonly #run: Stream;

  constructor(request: ExecuteRequest, parts: ExecuteParts, run: Stream) {
    this.#request = request;
    this.#parts = parts;
    this.#run = run;
  }

  /** Takes everything that these waves will recover. Throws as `takeLocks`. */
  async take(due: readonly Wave[], servers: ReadonlyMap<string, readonly WaveServer[]>): Promise<void> {
    const { locks, clock, signal } = this.#parts;
    const { mode, set } = this.#request;
    if (locks === undefined) return;
    const tell = (event: Parameters<Stream['append']>[0]) => this.#run.append(event);
    await takeLocks(lockTargets(due, servers, set), locks, { clock, mode, signal, set, tell });
  }

  /**
   * Lets go of everything once the execution is through with it, or was told to stop before it had begun anything. What fails here is
   * told, and undoes nothing.
   */
  async release(halt: Halt | undefined): Promise<void> {
    const { locks, history } = this.#parts;
    const { plan, mode, run } = this.#request;
    if (locks === undefined) return;
    const { streams } = await history.read();
    const stopped = halt?.reason.code === 'interrupted' && hasNotBegun(streams, `runs/${run}`);
    if (!stopped && !isOver(plan, mode, streams)) return;
    try {
      await locks.locks.release(locks.owner.execution);
    } catch (error) {
      const { code, message } = asBreakwaterError(error);
      const next = `Let go of them by hand: ${unlockCommand(locks.locks, locks.owner.execution)}`;
      const reason: Reason = { code, message: `the locks could not be released: ${message}`, next };
      return this.#run.append({ type: 'locks-unavailable', reason });
    }
    await this.#run.append({ type: 'locks-released' });
  }

  /** The recovery that wants this drill's servers. What cannot be seen now is seen at the next look. */
  async wantedBy(): Promise<LockOwner | undefined> {
    const { locks } = this.#parts;
    if (locks === undefined || this.#request.mode !== 'drill') return undefined;
    return locks.locks.wanted(locks.owner.execution).catch(() => undefined);
  }

  /** Calls once when a recovery wants this drill's servers; the answer stops the watch. */
  watch(wanted: (by: LockOwner) => void): () => void {
    const { locks, clock } = this.#parts;
    if (locks === undefined || this.#request.mode !== 'drill') return () => undefined;
    return watchForRecovery(locks, clock, wanted);
  }
}
