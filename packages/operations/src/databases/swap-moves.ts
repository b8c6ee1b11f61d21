import type { RdsCluster, RdsInstance } from '@breakwater/aws';
import { clusterStanding, instanceStanding } from './database-standing.ts';
import type { RestoreNames } from './restore-names.ts';
import { withoutSuffix } from './restore-names.ts';

/** A cluster with its instances. */
export interface Standing {
  readonly cluster: RdsCluster;
  readonly instances: readonly RdsInstance[];
}

/** The two clusters of a swap, whatever they are called right now. */
export interface SwapView {
  readonly mine: Standing;
  /** The cluster that is to make room; none when somebody deleted it meanwhile. */
  readonly theirs: Standing | undefined;
}

export type SwapMove =
  | { readonly kind: 'rename'; readonly what: 'cluster' | 'instance'; readonly from: string; readonly to: string }
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
function unrestOf({ cluster, instances }: Standing): readonly SwapMove[] {
  const found: SwapMove[] = [];
  const standing = clusterStanding(cluster.status);
  if (standing === 'failed') found.push({ kind: 'stuck', note: `cluster ${cluster.id} is ${cluster.status}` });
  if (standing === 'underway') found.push({ kind: 'wait', note: `cluster ${cluster.id} is ${cluster.status}` });
  for (const { id, status } of instances) {
    const instance = instanceStanding(status);
    if (instance === 'failed') found.push({ kind: 'stuck', note: `instance ${id} is ${status}` });
    if (instance === 'underway') found.push({ kind: 'wait', note: `instance ${id} is ${status}` });
  }
  return found;
}

function forward(mine: Standing, theirs: Standing | undefined, names: RestoreNames): SwapMove | undefined {
  if (theirs !== undefined && theirs.cluster.id === names.target) {
    const instance = theirs.instances.find(({ id }) => !id.endsWith(names.oldSuffix));
    if (instance !== undefined) return rename('instance', instance.id, `${instance.id}${names.oldSuffix}`);
    return rename('cluster', names.target, names.old);
  }
  const instance = mine.instances.find(({ id }) => id.endsWith(names.newSuffix));
  if (instance !== undefined) return rename('instance', instance.id, withoutSuffix(instance.id, names.newSuffix));
  return mine.cluster.id === names.target ? undefined : rename('cluster', names.build, names.target);
}

function back(mine: Standing, theirs: Standing | undefined, names: RestoreNames): SwapMove | undefined {
  if (mine.cluster.id === names.target) return rename('cluster', names.target, names.build);
  const own = mine.instances.find(({ id }) => !id.endsWith(names.newSuffix));
  if (own !== undefined) return rename('instance', own.id, `${own.id}${names.newSuffix}`);
  if (theirs === undefined) return { kind: 'stuck', note: `the old cluster is neither ${names.target} nor ${names.old}` };
  if (theirs.cluster.id === names.old) return rename('cluster', names.old, names.target);
  const old = theirs.instances.find(({ id }) => id.endsWith(names.oldSuffix));
  return old === undefined ? undefined : rename('instance', old.id, withoutSuffix(old.id, names.oldSuffix));
}

function rename(what: 'cluster' | 'instance', from: string, to: string): SwapMove {
  return { kind: 'rename', what, from, to };
}
