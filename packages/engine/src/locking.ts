import { asBreakwaterError, type BreakwaterError, CancelledError, type Clock, type Mode, RefusedError } from '@breakwater/core';
import type { HeldLock, JournalEvent, LockOwner, LockTarget, Reason, RecoveryLocks } from '@breakwater/history';
import type { PlanSet, Wave } from '@breakwater/plan';
import type { Deeds, WaveServer } from './deeds.ts';

/** What keeps other executions off the same servers. */
export interface ExecutionLocks {
  readonly locks: RecoveryLocks;
  /** This execution, as whoever wants the same servers will read it. */
  readonly owner: LockOwner;
  /** Stops the process of a drill, where its platform can (cancels the workflow run). It may fail: the drill's own looks come anyway. */
  readonly stopDrill?: (drill: LockOwner) => Promise<void>;
  /** The deeds that end what another drill left, by its ownership tags and nothing else. `since`: when it began, epoch milliseconds. */
  readonly deedsOf: (drill: {
    readonly execution: string;
    readonly since: number;
  }) => Pick<Deeds, 'cleanUp' | 'cleanUpDatabases'>;
}

/** How long a recovery waits for a drill to let go before it takes the servers. */
const PATIENCE = 120_000;
/** How often it looks meanwhile. */
const LOOK = 5_000;
/** How often it breaks the locks of drills that come one after the other. */
const MOST_BROKEN = 3;
/** How often a drill looks whether a recovery wants its servers. */
const WATCH = 30_000;

export interface LockSurroundings {
  readonly clock: Clock;
  readonly mode: Mode;
  readonly signal: AbortSignal;
  readonly set: PlanSet;
  /** Journals in the run's own stream. */
  readonly tell: (event: JournalEvent) => Promise<void>;
}

/** Everything that the waves will recover, as it is locked. */
export function lockTargets(
  waves: readonly Wave[],
  servers: ReadonlyMap<string, readonly WaveServer[]>,
  set: PlanSet,
): readonly LockTarget[] {
  return waves.flatMap((wave) => [
    ...(servers.get(wave.name) ?? []).map(
      ({ record: { id, account, region } }): LockTarget => ({ kind: 'server', account, region, id }),
    ),
    ...(wave.databases ?? []).map(({ target, cluster, instance, site }): LockTarget => {
      const { account = '', region = '' } = set.sites.get(site) ?? {};
      // A drill restores beside, under another name; it takes the same lock, so that both are not at it at once.
      return { kind: 'database', account, region, id: (target ?? cluster ?? instance ?? '').toLowerCase() };
    }),
  ]);
}

/**
 * Takes the locks, all or none. Throws `RefusedError` `servers-locked` if another execution holds one; but a recovery asks drills to let
 * go, waits two minutes at most, and then breaks their locks. If the locks cannot be reached at all, a drill is refused with that error
 * and a recovery goes on, which is recorded.
 */
export async function takeLocks(targets: readonly LockTarget[], parts: ExecutionLocks, around: LockSurroundings): Promise<void> {
  if (targets.length === 0) return;
  try {
    const others = await parts.locks.take(targets, parts.owner);
    if (others.length > 0) await preempt(others, targets, parts, around);
  } catch (error) {
    const fault = asBreakwaterError(error);
    if (around.mode === 'drill' || fault.code === 'servers-locked' || fault.kind === 'cancelled') throw error;
    await around.tell({ type: 'locks-unavailable', reason: withoutLocks(fault) });
    return;
  }
  await around.tell({ type: 'locks-taken', locks: targets.map(nameOf) });
}

function withoutLocks({ code, message }: BreakwaterError): Reason {
  return {
    code,
    message: `the locks cannot be had, and a recovery does not wait for them: ${message}`,
    next: 'Make sure that nobody else recovers or drills these servers now.',
  };
}

/** Only a recovery, and only from drills. */
async function preempt(
  others: readonly HeldLock[],
  targets: readonly LockTarget[],
  parts: ExecutionLocks,
  around: LockSurroundings,
): Promise<void> {
  const { clock, mode, signal, set, tell } = around;
  const { locks, owner } = parts;
  if (mode !== 'recovery' || others.some((other) => other.owner.mode !== 'drill')) throw serversLocked(others, locks);
  const asked = new Set<string>();
  const ask = async (held: readonly HeldLock[]) => {
    for (const { execution, own } of byExecution(held)) {
      if (asked.has(execution.execution)) continue;
      asked.add(execution.execution);
      await tell(preempted(execution, own));
      await locks.want(execution.execution, owner);
      // Not waited for: its platform may be as dead as what is recovered here.
      void parts.stopDrill?.(execution).catch(() => undefined);
    }
  };
  const until = clock.now() + PATIENCE;
  let broken = 0;
  for (let left = others; left.length > 0; left = await locks.take(targets, owner)) {
    if (left.some((other) => other.owner.mode !== 'drill') || broken > MOST_BROKEN) throw serversLocked(left, locks);
    await ask(left);
    if (clock.now() < until) {
      await clock.sleep(LOOK, signal).catch(() => {
        throw new CancelledError('interrupted', 'stopped while a drill was asked to let go of the servers', {
          next: 'Run the same execution again.',
        });
      });
      continue;
    }
    const theirs = new Set(left.map((other) => other.owner.execution));
    const held = (await locks.held()).filter((lock) => theirs.has(lock.owner.execution));
    for (const { execution, own } of byExecution(held)) {
      await tell({ ...preempted(execution, own), broken: { since: execution.at, left: leftBy(own, set) } });
    }
    await locks.break(held);
    broken += 1;
  }
}

function preempted(drill: LockOwner, own: readonly HeldLock[]): Extract<JournalEvent, { type: 'drill-pre-empted' }> {
  const { execution, plan, actor, host } = drill;
  return {
    type: 'drill-pre-empted',
    drill: execution,
    plan,
    owner: `${actor} on ${host}`,
    servers: own.map(({ target }) => target.id),
  };
}

/** Where this execution's own plan files know a site: elsewhere nothing can be ended from here. */
function leftBy(own: readonly HeldLock[], set: PlanSet): readonly { kind: 'server' | 'database'; id: string; site: string }[] {
  return own.flatMap(({ target: { kind, id, account, region } }) => {
    const site = [...set.sites.values()].find((one) => one.account === account && one.region === region);
    return site === undefined ? [] : [{ kind, id, site: site.name }];
  });
}

function byExecution(
  locks: readonly HeldLock[],
): readonly { readonly execution: LockOwner; readonly own: readonly HeldLock[] }[] {
  const executions = new Map(locks.map(({ owner }) => [owner.execution, owner]));
  return [...executions.values()].map((execution) => ({
    execution,
    own: locks.filter(({ owner }) => owner.execution === execution.execution),
  }));
}

/** How a person takes its locks away from an execution that is surely dead. */
export function unlockCommand(locks: RecoveryLocks, execution: string): string {
  return locks.unlockCommand?.(execution) ?? `breakwater unlock ${execution}`.trimEnd();
}

function serversLocked(others: readonly HeldLock[], locks: RecoveryLocks): RefusedError {
  const told = byExecution(others).map(({ execution, own }) => {
    const { mode, plan, actor, host, at, run } = execution;
    const ids = own.map(({ target }) => target.id);
    const shown = ids.length > 5 ? `${ids.slice(0, 5).join(', ')} and ${ids.length - 5} more` : ids.join(', ');
    const page = run === undefined ? '' : `, ${run}`;
    return `${mode} ${execution.execution} of plan ${plan} (${actor} on ${host}, since ${at}${page}) holds ${shown}`;
  });
  const [first] = others;
  return new RefusedError('servers-locked', `another execution recovers the same: ${told.join('; ')}`, {
    next: `Wait until it has ended, or resume it. If it is surely dead: ${unlockCommand(locks, first?.owner.execution ?? '')}`,
  });
}

function nameOf({ account, region, kind, id }: LockTarget): string {
  return `${account}/${region}/${kind}/${id}`;
}

/** Looks now and then whether a recovery wants the drill's servers; calls once. The answer stops it. */
export function watchForRecovery({ locks, owner }: ExecutionLocks, clock: Clock, wanted: (by: LockOwner) => void): () => void {
  const stop = new AbortController();
  const look = async () => {
    for (;;) {
      await clock.sleep(WATCH, stop.signal);
      // What cannot be seen now is seen at the next look.
      const by = await locks.wanted(owner.execution).catch(() => undefined);
      if (stop.signal.aborted) return;
      if (by !== undefined) return wanted(by);
    }
  };
  look().catch(() => undefined);
  return () => stop.abort();
}
