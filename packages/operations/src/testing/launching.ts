import type { WaveServer } from '@breakwater/engine';
import { type Drive, drive } from './drive.ts';
import { StepJournal } from './recording-context.ts';
import type { Simulated } from './simulated.ts';

/** The wave's servers, as an inspection finds them now. */
export async function waveServers(aws: Simulated): Promise<readonly WaveServer[]> {
  const { waves } = await aws.deeds().inspect([aws.wave]);
  return waves.get(aws.wave.name) ?? [];
}

export interface Launch extends Drive {
  readonly journal: StepJournal;
  readonly records: ReadonlyMap<string, NonNullable<Drive['end']['servers']>[number]>;
}

/** Launches the wave to its end, in a process of its own. */
export async function launch(
  aws: Simulated,
  options: {
    readonly servers?: readonly WaveServer[];
    readonly attempt?: number;
    readonly journal?: StepJournal;
    readonly patience?: number;
  } = {},
): Promise<Launch> {
  const servers = options.servers ?? (await waveServers(aws));
  const journal = options.journal ?? new StepJournal(aws.clock);
  const operation = aws.deeds().recover(aws.wave, servers);
  let before = changesOf(aws);
  const driven = await drive(operation, journal.context(options.attempt ?? 1), {
    ...(options.patience === undefined ? {} : { patience: options.patience }),
    onLook: (_, look) => {
      const after = changesOf(aws);
      if (after - before > 1) throw new Error(`look ${look} made ${after - before} changes`);
      before = after;
    },
  });
  return { ...driven, journal, records: new Map((driven.end.servers ?? []).map((record) => [record.id, record])) };
}

const CHANGING = ['StartRecovery', 'TerminateRecoveryInstances', 'TagResource', 'StartAutomationExecution', 'SendCommand'];

/** Calls so far that may have changed something, answered or not. */
export function changesOf(aws: Simulated): number {
  return aws.world.calls.filter(({ operation }) => CHANGING.includes(operation)).length;
}
