import { type Mode, RefusedError } from '@breakwater/core';
import type { Wave } from '@breakwater/plan';
import type { DatabaseDoubt, WaveServer } from './deeds.ts';

export interface Doubted {
  readonly mode: Mode;
  /** Those that are run now. */
  readonly waves: readonly Wave[];
  readonly servers: ReadonlyMap<string, readonly WaveServer[]>;
  readonly doubts: readonly DatabaseDoubt[];
  /** Whether this execution has begun to restore it: then it must be able to end what it began. */
  readonly begun: (wave: string, database: string) => boolean;
}

/**
 * Refuses a drill for every doubt, before any server is launched: a drill that cannot prove its databases proves little, and costs. A
 * recovery is refused only when nothing at all could be begun; otherwise what lacks is told, and everything else is recovered. Throws
 * `RefusedError`.
 */
export function weighDoubts(doubted: Doubted): void {
  const { mode, doubts, begun } = doubted;
  const fresh = doubts.filter(({ wave, database }) => !begun(wave, database));
  const [first] = fresh;
  if (first === undefined) return;
  const message = fresh.map(({ database, reason }) => `database "${database}": ${reason.message}`).join('; ');
  const next = [...new Set(fresh.map(({ reason }) => reason.next ?? ''))].filter((text) => text !== '').join(' ');
  if (mode === 'drill') {
    throw new RefusedError('not-ready', `not ready for a drill: ${message}`, {
      next: `${next} A recovery is not held back by this.`.trim(),
    });
  }
  if (!nothingCanBegin(doubted, fresh)) return;
  throw new RefusedError(first.reason.code, `nothing could be begun: ${message}`, { next });
}

/** Waves that wait for none of the others only restore databases, and every one of these is known to lack something. */
function nothingCanBegin({ waves, servers, mode }: Doubted, fresh: readonly DatabaseDoubt[]): boolean {
  const names = new Set(waves.map(({ name }) => name));
  const first = waves.filter(({ dependsOn }) => !dependsOn.some((name) => names.has(name)));
  return first.every((wave) => {
    const databases = wave.databases ?? [];
    const acts = wave.preWaveActions.some(({ when }) => when.includes(mode));
    if (acts || databases.length === 0 || (servers.get(wave.name) ?? []).length > 0) return false;
    return databases.every(({ name }) =>
      fresh.some((doubt) => doubt.certain && doubt.wave === wave.name && doubt.database === name),
    );
  });
}
