import { asBreakwaterError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import { tagValue } from '../ownership.ts';
import type { LiveDatabase } from './live-database.ts';
import { RESTORE_TAGS, type RestoreState } from './restore-state.ts';

/** How long a claim is left to settle: two that were written at once are then both seen, and the later one counts. Milliseconds. */
const SETTLES = 10_000;
/** How long the claim of a restore that has shown no deed holds others back, milliseconds. */
const HOLDS = 60 * 60_000;

/** Which database it is, whatever it is called: another one may bear the name later. */
export function identityOf({ resourceId, arn, createdAt }: Pick<LiveDatabase, 'resourceId' | 'arn' | 'createdAt'>): string {
  return resourceId ?? `${arn} ${createdAt ?? ''}`;
}

/**
 * Before the first step against somebody else's database it is claimed by a tag, so that of two restores with different keys only one
 * renames or deletes it; nothing once the claim stands. Only that database is taken which bore the name when this restore first looked: what
 * another restore has put there meanwhile is not what was asked to be taken away.
 */
export async function claim(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { names, noun, deed } = state;
  if (state.against !== identityOf(database)) {
    return refused(state, `"${database.id}" is not the ${noun} any more that stood there when this restore began`);
  }
  const now = deed.clock.now();
  const held = heldBy(database);
  if (held?.hash === names.hash) return settling(state, now);
  const written = state.claimedAt;
  if (held !== undefined && (written !== undefined || now - held.since < HOLDS)) {
    return refused(state, `another restore (execution ${held.execution}) has claimed "${database.id}"`);
  }
  if (written !== undefined) {
    // A tag that AWS does not take, or does not show, must not keep a recovery from going on.
    return now - written < HOLDS / 40 && !state.done.has('claim refused') ? settling(state, written) : undefined;
  }
  const value = tagValue(`${names.hash} ${new Date(now).toISOString()} ${deed.execution}`);
  try {
    await state.rds.addTags(database.arn, { [RESTORE_TAGS.claimed]: value });
  } catch (cause) {
    const error = asBreakwaterError(cause);
    if (error.kind !== 'aws' || ['throttled', 'aws-unavailable', 'credentials-expired'].includes(error.code)) throw cause;
    state.done.add('claim refused');
    await state.lose(context, `"${database.id}" was not claimed against other restores: ${error.message}`, error.next);
  }
  state.claimedAt = now;
  return state.done.has('claim refused') ? undefined : settling(state, now);
}

/** After a roll-back the old database is free again for a restore with another key. */
export async function release(state: RestoreState, database: LiveDatabase | undefined): Promise<void> {
  if (database === undefined || heldBy(database)?.hash !== state.names.hash) return;
  try {
    await state.rds.addTags(database.arn, { [RESTORE_TAGS.claimed]: '' });
  } catch (cause) {
    // It runs out by itself.
    if (asBreakwaterError(cause).kind !== 'aws') throw cause;
  }
}

function settling(state: RestoreState, written: number): Advance | undefined {
  const since = state.claimedAt ?? written;
  state.claimedAt = since;
  const left = since + SETTLES - state.deed.clock.now();
  return left <= 0 ? undefined : { state: 'waiting', note: `the old ${state.noun} is being claimed`, lookAgainIn: left };
}

function heldBy({ tags }: LiveDatabase) {
  const [hash = '', time = '', ...execution] = (tags[RESTORE_TAGS.claimed] ?? '').split(' ');
  const since = Date.parse(time);
  return Number.isNaN(since) ? undefined : { hash, since, execution: execution.join(' ') };
}

function refused(state: RestoreState, what: string): Advance {
  const kept = state.strategy === 'swap' ? ` The restored one is kept as ${state.names.build}.` : '';
  return state.fail(
    'cluster-exists',
    `${what}: it is left alone`,
    `Look at what stands there now. If it is to go all the same and no other restore is at work, run this again after an hour, or remove the tag ${RESTORE_TAGS.claimed} from it.${kept}`,
  );
}
