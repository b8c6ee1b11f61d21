import type { HeldLock, LockOwner, LockTarget, RecoveryLocks } from '@breakwater/history';

const keyOf = ({ account, region, kind, id }: LockTarget) => `${account}/${region}/${kind}/${id}`;

/** Locks in memory, that can be out of reach. */
export class MemoryLocks implements RecoveryLocks {
  readonly #held = new Map<string, HeldLock>();
  readonly #wanted = new Map<string, LockOwner>();
  /** Thrown by whatever is asked, until it is taken away. */
  fault: Error | undefined;

  async take(targets: readonly LockTarget[], owner: LockOwner): Promise<readonly HeldLock[]> {
    this.#reach();
    const others = targets
      .flatMap((target) => this.#held.get(keyOf(target)) ?? [])
      .filter((lock) => lock.owner.execution !== owner.execution);
    if (others.length === 0) {
      for (const target of targets) if (!this.#held.has(keyOf(target))) this.#held.set(keyOf(target), { target, owner });
    }
    return others;
  }

  async held(): Promise<readonly HeldLock[]> {
    this.#reach();
    return [...this.#held.values()];
  }

  async release(execution: string): Promise<void> {
    this.#reach();
    for (const [key, { owner }] of this.#held) if (owner.execution === execution) this.#held.delete(key);
    this.#wanted.delete(execution);
  }

  async break(locks: readonly HeldLock[]): Promise<readonly HeldLock[]> {
    this.#reach();
    for (const { target } of locks) this.#held.delete(keyOf(target));
    return [];
  }

  async want(execution: string, by: LockOwner): Promise<void> {
    this.#reach();
    this.#wanted.set(execution, by);
  }

  async wanted(execution: string): Promise<LockOwner | undefined> {
    this.#reach();
    return this.#wanted.get(execution);
  }

  /** Who holds what, for assertions. */
  get names(): readonly string[] {
    return [...this.#held.values()].map(({ target, owner }) => `${owner.execution} ${target.id}`);
  }

  #reach(): void {
    if (this.fault !== undefined) throw this.fault;
  }
}
