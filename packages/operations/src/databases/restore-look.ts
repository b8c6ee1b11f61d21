import type { LiveDatabase } from './live-database.ts';
import { RESTORE_TAGS, type RestoreState, type RollBack } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

/** What stands at the names that a restore is about. */
export interface RestoreView {
  /** The database that this execution restored, at either of its names. */
  readonly mine: Standing | undefined;
  /** One of somebody else at the target, or the one that a swap has moved aside. */
  readonly theirs: Standing | undefined;
  /** Somebody else's at a name that must be free. */
  readonly intruder: LiveDatabase | undefined;
  /** During a rename RDS may show one database under both names. */
  readonly twofold: boolean;
}

export async function lookAtRestore(state: RestoreState): Promise<RestoreView> {
  const { names, strategy } = state;
  const ids = strategy === 'swap' ? [names.target, names.build, names.old] : [names.target];
  const found: LiveDatabase[] = [];
  for (const id of ids) {
    const database = await state.family.find(id);
    if (database !== undefined) found.push(database);
  }
  const resources = found.flatMap(({ resourceId }) => resourceId ?? []);
  // An instance of a cluster that this execution restored carries its tags, too.
  const own = (database: LiveDatabase) => state.ours(database) && database.memberOf === undefined;
  const mine = found.find((database) => own(database) && database.id !== names.old);
  const foreign = found.filter((database) => !own(database));
  const theirs = foreign.find(({ id }) => id === names.target) ?? foreign.find(({ id }) => id === names.old);
  return {
    mine: mine === undefined ? undefined : await (hasInstances(mine) ? standing(state, mine) : { database: mine, instances: [] }),
    theirs: theirs === undefined ? undefined : await standing(state, theirs),
    intruder: foreign.find((database) => database !== theirs),
    twofold: new Set(resources).size !== resources.length,
  };
}

/** Instances can be created once the cluster is available: until then there is none to ask for. */
function hasInstances({ kind, members, status }: LiveDatabase): boolean {
  return kind === 'cluster' && (members.length > 0 || status === 'available');
}

async function standing(state: RestoreState, database: LiveDatabase): Promise<Standing> {
  return { database, instances: await state.family.instancesOf(database.id) };
}

/** Whether any rename of the swap has been made: everything before it was done and proved then. */
export function swapBegun(state: RestoreState, { mine, theirs }: RestoreView): boolean {
  const { names } = state;
  return (
    mine?.database.id === names.target ||
    theirs?.database.id === names.old ||
    (theirs?.instances.some(({ id }) => id.endsWith(names.oldSuffix)) ?? false)
  );
}

/** The attempt whose swap is being rolled back, by the tag on the new database, or by this process where AWS refused the tag. */
export function rollingBack(state: RestoreState, { mine }: RestoreView): RollBack | undefined {
  const attempt = Number(mine?.database.tags[RESTORE_TAGS.rollBack]);
  if (!(attempt > 0)) return state.turnedBack;
  return { attempt, because: mine?.database.tags[RESTORE_TAGS.rollBackReason] ?? 'an earlier process did not say why' };
}
