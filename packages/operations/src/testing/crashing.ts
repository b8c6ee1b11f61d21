import type { Operation } from '@breakwater/engine';
import { type Drive, drive } from './drive.ts';
import { type Crash, Crashed, StepJournal } from './recording-context.ts';
import type { Simulated } from './simulated.ts';

/** Where a process dies: around a journal entry, or between two looks. */
export type Death = Crash | { readonly look: number };

export interface Survival extends Drive {
  readonly journal: StepJournal;
  /** Whether the process really died: a run shorter than the chosen moment does not. */
  readonly died: boolean;
}

/**
 * Runs an operation in a process that dies at the given moment, and lets a new one carry it on to the end, a while later, with the
 * journal that is left or (`recordLost`) with none.
 */
export async function dieAndCarryOn(
  aws: Pick<Simulated, 'clock'>,
  create: () => Operation,
  death: Death,
  { recordLost = false, later = 7_000 }: { readonly recordLost?: boolean; readonly later?: number } = {},
): Promise<Survival> {
  const journal = new StepJournal(aws.clock);
  journal.crash = 'entry' in death ? death : undefined;
  try {
    const driven = await drive(create(), journal.context(), {
      onLook: (advance, look) => {
        if ('look' in death && look === death.look && advance.state === 'waiting') throw new Crashed(`after look ${look}`);
      },
    });
    return { ...driven, journal, died: false };
  } catch (error) {
    if (!(error instanceof Crashed)) throw error;
  }
  journal.crash = undefined;
  await aws.clock.sleep(later);
  const driven = await drive(create(), recordLost ? journal.context(1, []) : journal.context());
  return { ...driven, journal, died: true };
}

/** Later moments are alike: one progress note, or one look at what is still in the making, follows another. */
const THOROUGH = 8;
const SAMPLED = 32;

/**
 * Every moment (later on every third, then every eighth) at which a process can die, one after the other, until one lies beyond its end. `examine` is called with each; it
 * makes a new world and returns whether the process died.
 */
export async function everyDeath(examine: (death: Death) => Promise<boolean>): Promise<number> {
  let deaths = 0;
  const series: readonly ((moment: number) => Death)[] = [
    (look) => ({ look }),
    (entry) => ({ entry, when: 'before' }),
    (entry) => ({ entry, when: 'after' }),
  ];
  for (const death of series) {
    for (let moment = 1; await examine(death(moment)); moment += moment < THOROUGH ? 1 : moment < SAMPLED ? 3 : 8) deaths += 1;
  }
  return deaths;
}
