import type { RdsInstance } from '@breakwater/aws';
import { databaseStanding, instanceStanding } from './database-standing.ts';
import type { LiveDatabase } from './live-database.ts';
import type { RestoreNames } from './restore-names.ts';
import { withoutSuffix } from './restore-names.ts';

/** A cluster with its instances, or an instance of its own, which has none. */
export interface Standing {
  readonly database: LiveDatabase;
  readonly instances: readonly RdsInstance[];
}

/** The two databases of a swap, whatever they are called right now. */
export interface SwapView {
  readonly mine: Standing;
  /** The one that is to make room; none when somebody deleted it meanwhile. */
  readonly theirs: Standing | undefined;
}

export type SwapMove =
  | { readonly kind: 'rename'; readonly what: 'database' | 'member'; readonly from: string; readonly to: string }
  | { readonly kind: 'wait'; readonly note: string }
  /** Renaming cannot get any further by itself. */
  | { readonly kind: 'stuck'; readonly note: string }
  | { readonly kind: 'done' };

/**
 * The next rename, one at a time, decided from nothing but what AWS shows: any process goes on where another stopped, in either
 * direction. Forward: the old instances make room, then the old cluster; the new instances take their names, then the new cluster.
 * Back: the same in reverse, so that no name is ever wanted by two.
 */
export function nextSwapMove({ mine, theirs }: SwapView, names: RestoreNames, direction: 'forward' | 'back'): SwapMove {
  const unrest = [
    ...(theirs === undefined ? [] : unrestOf(theirs)),
    ...unrestOf(mine).filter(({ kind }) => kind === 'wait' || direction === 'forward'),
  ];
  const first = unrest.find(({ kind }) => kind === 'stuck') ?? unrest[0];
  if (first !== undefined) return first;
  const moves = direction === 'forward' ? forward(mine, theirs, names) : back(mine, theirs, names);
  return moves ?? { kind: 'done' };
}

/** Nothing is renamed while anything is in between. What has failed stops the way forward; on the way back only the old cluster counts. */
function unrestOf({ database, instances }: Standing): readonly SwapMove[] {
  const found: SwapMove[] = [];
  const { kind, id, status } = database;
  const standing = databaseStanding(database);
  if (standing === 'failed') found.push({ kind: 'stuck', note: `${kind} ${id} is ${status}` });
  if (standing === 'underway') found.push({ kind: 'wait', note: `${kind} ${id} is ${status}` });
  for (const { id, status } of instances) {
    const instance = instanceStanding(status);
    if (instance === 'failed') found.push({ kind: 'stuck', note: `instance ${id} is ${status}` });
    if (instance === 'underway') found.push({ kind: 'wait', note: `instance ${id} is ${status}` });
  }
  return found;
}

function forward(mine: Standing, theirs: Standing | undefined, names: RestoreNames): SwapMove | undefined {
  if (theirs !== undefined && theirs.database.id === names.target) {
    const instance = theirs.instances.find(({ id }) => !id.endsWith(names.oldSuffix));
    if (instance !== undefined) return rename('member', instance.id, `${instance.id}${names.oldSuffix}`);
    return rename('database', names.target, names.old);
  }
  const instance = mine.instances.find(({ id }) => id.endsWith(names.newSuffix));
  if (instance !== undefined) return rename('member', instance.id, withoutSuffix(instance.id, names.newSuffix));
  return mine.database.id === names.target ? undefined : rename('database', names.build, names.target);
}

function back(mine: Standing, theirs: Standing | undefined, names: RestoreNames): SwapMove | undefined {
  if (mine.database.id === names.target) return rename('database', names.target, names.build);
  const own = mine.instances.find(({ id }) => !id.endsWith(names.newSuffix));
  if (own !== undefined) return rename('member', own.id, `${own.id}${names.newSuffix}`);
  if (theirs === undefined)
    return { kind: 'stuck', note: `the old ${mine.database.kind} is neither ${names.target} nor ${names.old}` };
  if (theirs.database.id === names.old) return rename('database', names.old, names.target);
  const old = theirs.instances.find(({ id }) => id.endsWith(names.oldSuffix));
  return old === undefined ? undefined : rename('member', old.id, withoutSuffix(old.id, names.oldSuffix));
}

function rename(what: 'database' | 'member', from: string, to: string): SwapMove {
  return { kind: 'rename', what, from, to };
}
