import type { Status } from '@breakwater/core';
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

/** A recovered server or database, and what it is measured against. */
interface Point {
  readonly kind: 'server' | 'database';
  readonly name: string;
  readonly rpa: number | undefined;
}

/**
 * Recovery point actual: the oldest data among what was recovered. It is only met once all that was asked for is recovered and every
 * recovery point is known; it is missed as soon as one server or database misses it. A database with an objective of its own is
 * measured against that one, and not against the plan's.
 */
export function measureRecoveryPoint(objective: number, waves: readonly WaveRecord[], recovered: boolean): Execution['rpo'] {
  const restored = waves.flatMap(({ databases = [] }) => databases.filter(isRecovered));
  const points: Point[] = [
    ...waves
      .flatMap(({ servers }) => servers.filter(isRecovered))
      .map(({ name, rpa }) => ({ kind: 'server' as const, name, rpa })),
    ...restored.filter(({ rpo }) => rpo === undefined).map(({ name, rpa }) => ({ kind: 'database' as const, name, rpa })),
  ];
  const databases = restored.flatMap(({ name, rpo, rpa }) => {
    if (rpo === undefined) return [];
    const met = rpa === undefined ? undefined : rpa > rpo ? false : recovered ? true : undefined;
    return [{ name, objective: rpo, ...(rpa === undefined ? {} : { actual: rpa }), ...(met === undefined ? {} : { met }) }];
  });
  const known = points.flatMap((point) => (point.rpa === undefined ? [] : [{ ...point, rpa: point.rpa }]));
  const worst = known.reduce<(typeof known)[number] | undefined>((a, b) => (a === undefined || b.rpa > a.rpa ? b : a), undefined);
  const unknown = points.filter(({ kind, rpa }) => kind === 'server' && rpa === undefined).length;
  const unknownDatabases = restored.filter(({ rpa }) => rpa === undefined).length;
  const missed = (worst !== undefined && worst.rpa > objective) || databases.some(({ met }) => met === false);
  const complete = recovered && known.length + databases.length > 0 && unknown + unknownDatabases === 0;
  const met = missed ? false : complete ? true : undefined;
  return {
    objective,
    ...(worst === undefined ? {} : { actual: worst.rpa, [worst.kind]: worst.name }),
    ...(met === undefined ? {} : { met }),
    ...(unknown === 0 ? {} : { unknown }),
    ...(unknownDatabases === 0 ? {} : { unknownDatabases }),
    ...(databases.length === 0 ? {} : { databases }),
  };
}

function isRecovered({ status }: { readonly status: Status }): boolean {
  return status === 'succeeded' || status === 'succeeded-with-warnings';
}
