import type { RdsCluster } from '@breakwater/aws';
import { RESTORE_TAGS, type RestoreState } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

/** What stands at the names that a restore is about. */
export interface RestoreView {
  /** The cluster that this execution restored, at either of its names. */
  readonly mine: Standing | undefined;
  /** A cluster of somebody else at the target, or the one that a swap has moved aside. */
  readonly theirs: Standing | undefined;
  /** Somebody else's cluster at a name that must be free. */
  readonly intruder: RdsCluster | undefined;
  /** During a rename RDS may show one cluster under both names. */
  readonly twofold: boolean;
}

export async function lookAtRestore(state: RestoreState): Promise<RestoreView> {
  const { names, strategy } = state;
  const ids = strategy === 'swap' ? [names.target, names.build, names.old] : [names.target];
  const found: RdsCluster[] = [];
  for (const id of ids) {
    const [cluster] = await state.rds.describeClusters(id);
    if (cluster !== undefined) found.push(cluster);
  }
  const resources = found.flatMap(({ resourceId }) => resourceId ?? []);
  const mine = found.find((cluster) => state.ours(cluster) && cluster.id !== names.old);
  const foreign = found.filter((cluster) => !state.ours(cluster));
  const theirs = foreign.find(({ id }) => id === names.target) ?? foreign.find(({ id }) => id === names.old);
  return {
    mine: mine === undefined ? undefined : await (hasInstances(mine) ? standing(state, mine) : { cluster: mine, instances: [] }),
    theirs: theirs === undefined ? undefined : await standing(state, theirs),
    intruder: foreign.find((cluster) => cluster !== theirs),
    twofold: new Set(resources).size !== resources.length,
  };
}

/** Instances can be created once the cluster is available: until then there is none to ask for. */
function hasInstances({ members, status }: RdsCluster): boolean {
  return members.length > 0 || status === 'available';
}

async function standing(state: RestoreState, cluster: RdsCluster): Promise<Standing> {
  return { cluster, instances: await state.rds.describeInstances({ cluster: cluster.id }) };
}

/** Whether any rename of the swap has been made: everything before it was done and proved then. */
export function swapBegun(state: RestoreState, { mine, theirs }: RestoreView): boolean {
  const { names } = state;
  return (
    mine?.cluster.id === names.target ||
    theirs?.cluster.id === names.old ||
    (theirs?.instances.some(({ id }) => id.endsWith(names.oldSuffix)) ?? false)
  );
}

/** The attempt whose swap is being rolled back, by the tag on the new cluster. */
export function rollingBack({ mine }: RestoreView): { readonly attempt: number; readonly because: string } | undefined {
  const attempt = Number(mine?.cluster.tags[RESTORE_TAGS.rollBack]);
  if (!(attempt > 0)) return undefined;
  return { attempt, because: mine?.cluster.tags[RESTORE_TAGS.rollBackReason] ?? 'an earlier process did not say why' };
}
