import { manyDatabases, sweepWorld } from '../test/drill/copy-sweep.ts';

export interface SweepRow {
  readonly databases: number;
  /** Makespan over the lower bound that the copy limit gives. */
  readonly ratio: number;
  readonly bound: number;
  /** Milliseconds. */
  readonly least: number;
  readonly makespan: number;
  readonly calls: number;
  readonly callsPerCopy: number;
}

const BOUND = 1.02;
const LIMIT = 5;
const DATABASES = 200;
/** AWS may be so much faster or slower than its usual time: the simulator's own default. */
const JITTER = 0.02;
/** A transit copy of 100 GiB: queued 20 s, then three minutes and a second a GiB. */
const LEAST_TRANSIT = (20_000 + 180_000 + 100_000) * (1 - JITTER);

/**
 * Two hundred encrypted clusters to another account and Region. Nobody can be faster than one transit copy, and then all of AWS's own
 * time for the copies, five at once; both are read from the simulated world's timelines.
 */
export async function copySweep(): Promise<SweepRow> {
  const sweep = sweepWorld(`${manyDatabases(DATABASES)}jitter: ${JITTER}\n`);
  const began = sweep.clock.now();
  const outcome = await sweep.run();
  if (outcome.status !== 'succeeded') throw new Error(`the sweep ended ${outcome.status}: ${outcome.reason.message}`);
  const makespan = sweep.clock.now() - began;
  const copies = copyTimes(sweep.world.state());
  if (copies.length !== DATABASES) throw new Error(`${copies.length} copies`);
  const least = LEAST_TRANSIT + copies.reduce((sum, { from, to }) => sum + to - from, 0) / LIMIT;
  const calls = sweep.world.calls.length;
  return { databases: DATABASES, ratio: makespan / least, bound: BOUND, least, makespan, calls, callsPerCopy: calls / DATABASES };
}

/** When each finished copy was begun and when it was available, by AWS's own clock. */
function copyTimes(state: ReturnType<ReturnType<typeof sweepWorld>['world']['state']>) {
  return state.regions
    .filter(({ region }) => region === 'us-west-2')
    .flatMap(({ databases }) => databases?.snapshots ?? [])
    .flatMap(({ createdAt, readyAt, sourceArn }) =>
      readyAt === null || sourceArn === null ? [] : [{ from: createdAt, to: readyAt }],
    );
}
