import { asBreakwaterError } from '@breakwater/core';
import type { DatabaseRecord, JournalLine, LockOwner, Reason, ServerRecord } from '@breakwater/history';
import type { Plan } from '@breakwater/plan';
import { CLEAN_UP_PATIENCE } from './conclude.ts';
import type { ExecutionLocks } from './locking.ts';
import type { StepSpec } from './run-step.ts';
import type { Stream } from './stream.ts';
import { waveEnd } from './wave-ends.ts';

/** Why a drill ends when a recovery takes its servers. */
export function preemptedBy({ execution, plan, actor }: LockOwner): Reason {
  return {
    code: 'pre-empted',
    message: `recovery ${execution} of plan ${plan} (${actor}) needed its servers`,
    next: 'Drill again once that recovery is over.',
  };
}

/**
 * Ends every wave of a drill that has no end, for a recovery. Open steps are over too: what AWS still does for them is ended by the
 * clean-up and never taken up again. A wave that another process is at is left to that process, which finds the mark itself.
 */
export async function endPreempted(
  plan: Plan,
  own: ReadonlyMap<string, Stream>,
  open: (stream: string) => Promise<Stream>,
  reason: Reason,
): Promise<void> {
  for (const { name } of plan.waves) {
    const stream = own.get(name) ?? (await openUnlessHeld(`waves/${name}`, open));
    if (stream === undefined) continue;
    const lines = stream.lines();
    if (waveEnd(lines) !== undefined) continue;
    const steps = new Set(lines.flatMap((line) => (line.type === 'step-started' ? [line.step] : [])));
    for (const step of steps) {
      const past = stream.past(step);
      if (past === undefined || past.end !== undefined) continue;
      await stream.append({ type: 'step-finished', step, status: 'cancelled', reason });
    }
    await stream.append({ type: 'wave-finished', status: 'cancelled', reason });
  }
}

async function openUnlessHeld(name: string, open: (stream: string) => Promise<Stream>): Promise<Stream | undefined> {
  try {
    return await open(name);
  } catch (error) {
    if (asBreakwaterError(error).code === 'execution-locked') return undefined;
    throw error;
  }
}

/** Steps that end what drills left whose locks this execution broke, in whichever of its runs. */
export function leftoverSteps(
  streams: ReadonlyMap<string, readonly JournalLine[]>,
  { deedsOf }: Pick<ExecutionLocks, 'deedsOf'>,
): readonly StepSpec[] {
  const broken = [...streams]
    .filter(([name]) => name.startsWith('runs/'))
    .flatMap(([, lines]) => lines)
    .flatMap((line) => (line.type === 'drill-pre-empted' && line.broken !== undefined ? [{ ...line, ...line.broken }] : []));
  const byDrill = new Map(broken.map((one) => [one.drill, one]));
  return [...byDrill.values()].flatMap(({ drill, since, left }): StepSpec[] => {
    const deeds = deedsOf({ execution: drill, since: Date.parse(since) || 0 });
    const step = (id: string, what: string, create: StepSpec['create']): StepSpec => ({
      id,
      kind: 'clean-up',
      name: `end the ${what} of drill ${drill}`,
      patience: CLEAN_UP_PATIENCE,
      ignoreFailure: true,
      create,
    });
    const servers = left.filter(({ kind }) => kind === 'server').map(serverOf);
    const databases = left.filter(({ kind }) => kind === 'database').map(databaseOf);
    return [
      ...(servers.length > 0 ? [step(`end-drill/${drill}`, 'instances', () => deeds.cleanUp(servers))] : []),
      ...(databases.length > 0
        ? [step(`end-drill-databases/${drill}`, 'clusters', () => deeds.cleanUpDatabases(databases))]
        : []),
    ];
  });
}

/** As much of a record as a clean-up looks at. */
function serverOf({ id, site }: { readonly id: string; readonly site: string }): ServerRecord {
  return { id, name: id, site, account: '', region: '', group: '', criticality: 'optional', status: 'pending' };
}

function databaseOf({ id, site }: { readonly id: string; readonly site: string }): DatabaseRecord {
  return { name: id, cluster: id, site, account: '', region: '', strategy: 'new', criticality: 'optional', status: 'pending' };
}
