import { VirtualDrill } from '../test/drill/virtual-drill.ts';
import { awsCriticalPath, makespan } from './critical-path.ts';

export interface OverheadRow {
  readonly plan: string;
  /** Makespan over AWS's own critical path; 1 would be a recovery in which nobody ever had to notice anything. */
  readonly ratio: number;
  readonly bound: number;
  /** Milliseconds. */
  readonly aws: number;
  readonly makespan: number;
  /** All AWS calls of the run, clean-up included. */
  readonly calls: number;
  readonly callsPerServerMinute: number;
}

const BOUND = 1.01;

/** The sample plan, and the two-wave plan of a drill recorded on real AWS. */
const CASES = [
  { plan: 'webshop', files: ['plans/webshop.yaml'], scenario: 'plans/simulation/webshop.yaml' },
  { plan: 'recorded-drill', files: ['plans/recorded-drill.yaml'], scenario: 'plans/simulation/recorded-drill.yaml' },
];

export async function orchestrationOverhead(): Promise<readonly OverheadRow[]> {
  const rows: OverheadRow[] = [];
  for (const { plan, files, scenario } of CASES) {
    const drill = VirtualDrill.of(scenario);
    let restored = drill.world.state();
    const { execution } = await drill.run({
      files,
      execution: `bench-${plan}`,
      onLine: (line) => {
        if (line.type === 'step-finished' && line.databases !== undefined) restored = drill.world.state();
      },
    });
    if (execution.verdict !== 'succeeded') throw new Error(`${plan}: ${execution.verdict}, ${execution.reason.message}`);
    const took = makespan(execution);
    const aws = awsCriticalPath(execution, drill.world.state(), restored);
    const calls = drill.world.calls.length;
    const servers = execution.waves.reduce((sum, wave) => sum + wave.servers.length, 0);
    const minutes = (drill.clock.now() - execution.startedAt) / 60_000;
    rows.push({
      plan,
      ratio: took / aws,
      bound: BOUND,
      aws,
      makespan: took,
      calls,
      callsPerServerMinute: calls / servers / minutes,
    });
  }
  return rows;
}
