import type { Execution, WaveRecord } from './execution.ts';

/**
 * Recovery time actual: first run's start to the end of the last wave; none while a wave has not ended. A failed or cancelled
 * execution has not met its objective, however soon it ended.
 */
export function measureRecoveryTime(
  objective: number,
  startedAt: number,
  endedAt: number | undefined,
  recovered: boolean,
): Execution['rto'] {
  if (endedAt === undefined) return { objective };
  const actual = endedAt - startedAt;
  return { objective, actual, met: recovered && actual <= objective };
}

/**
 * Recovery point actual: the oldest data among the recovered servers. It is only met once all that was asked for is recovered and every
 * recovered server's recovery point is known; it is missed as soon as one server misses it.
 */
export function measureRecoveryPoint(objective: number, waves: readonly WaveRecord[], recovered: boolean): Execution['rpo'] {
  let actual: number | undefined;
  let server: string | undefined;
  let unknown = 0;
  let known = 0;
  for (const wave of waves) {
    for (const { status, rpa, name } of wave.servers) {
      if (status !== 'succeeded' && status !== 'succeeded-with-warnings') continue;
      if (rpa === undefined) {
        unknown += 1;
        continue;
      }
      known += 1;
      if (actual === undefined || rpa > actual) {
        actual = rpa;
        server = name;
      }
    }
  }
  const missed = actual !== undefined && actual > objective;
  const met = recovered && known > 0 && unknown === 0 ? !missed : missed ? false : undefined;
  return {
    objective,
    ...(actual === undefined ? {} : { actual }),
    ...(met === undefined ? {} : { met }),
    ...(server === undefined ? {} : { server }),
    ...(unknown === 0 ? {} : { unknown }),
  };
}
