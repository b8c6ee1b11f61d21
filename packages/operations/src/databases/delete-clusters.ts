import type { RdsCluster } from '@breakwater/aws';
import { AwsError, asBreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { Reason } from '@breakwater/history';
import { summary } from '../step-result.ts';
import type { DatabaseDeedContext, DatabaseSite } from './contracts.ts';
import { isNotNow } from './restore-state.ts';

const DELETE_CLUSTER = 'rds:DeleteDBCluster';
const DELETE_INSTANCE = 'rds:DeleteDBInstance';
const UNPROTECT = 'rds:ModifyDBCluster(DeletionProtection)';
/** How long a deletion that AWS has taken may not show, and how long one may be in the way, milliseconds. */
const VISIBLE = 90_000;
const PATIENCE = 20 * 60_000;

export interface Deletion {
  readonly site: DatabaseSite;
  /** The clusters that are to go, as they are now. Throws, or gives none, when there is an objection. */
  readonly choose: () => Promise<readonly RdsCluster[]>;
  /** Name of the final snapshot of a cluster; none: none is taken. */
  readonly finalSnapshot?: (cluster: RdsCluster) => string | undefined;
  /** What is said when nothing is left to do and nothing was. */
  readonly nothing: string;
}

/**
 * Deletes clusters with their instances: readers, writer, cluster, one change a look, until AWS no longer knows them. Whose they are is
 * the caller's question. The `result` is `{clusters: [...]}`, the ones it found.
 */
export function deleteClusters(deletion: Deletion, deed: DatabaseDeedContext): Operation {
  const sent = new Map<string, number>();
  const inTheWay = new Map<string, number>();
  const found = new Set<string>();
  const failures = new Map<string, Reason>();
  const { rds } = deletion.site.aws;

  const change = async (
    context: OperationContext,
    operation: string,
    cluster: RdsCluster,
    id: string,
    send: () => Promise<unknown>,
  ): Promise<Advance> => {
    const key = `${deed.execution}/${operation}/${id}`;
    await context.intent(operation, key, { cluster: cluster.id });
    try {
      await send();
    } catch (cause) {
      const error = asBreakwaterError(cause);
      if (!(error instanceof AwsError) || ['throttled', 'aws-unavailable', 'credentials-expired'].includes(error.code))
        throw cause;
      const now = deed.clock.now();
      const since = inTheWay.get(key) ?? now;
      inTheWay.set(key, since);
      if (isNotNow(error) && now - since < PATIENCE) {
        return { state: 'waiting', note: `${id} cannot be deleted yet (${error.call.awsCode})`, lookAgainIn: 5_000 };
      }
      failures.set(cluster.id, { code: error.code, message: `${id} was not deleted: ${error.message}`, next: error.next });
      return { state: 'waiting', note: error.message, lookAgainIn: 0 };
    }
    sent.set(key, deed.clock.now());
    await context.change({ operation, key, id, adopted: false, site: deletion.site.site.name, detail: { cluster: cluster.id } });
    return { state: 'waiting', note: `${id} is being deleted`, lookAgainIn: 1_000 };
  };
  const justSent = (operation: string, id: string) =>
    deed.clock.now() - (sent.get(`${deed.execution}/${operation}/${id}`) ?? Number.NEGATIVE_INFINITY) < VISIBLE;

  return {
    async advance(context) {
      const clusters = await deletion.choose();
      for (const { id } of clusters) found.add(id);
      const left = clusters.filter(({ id }) => !failures.has(id));
      for (const cluster of left) {
        if (cluster.status === 'deleting') continue;
        if (cluster.deletionProtection) {
          return change(context, UNPROTECT, cluster, cluster.id, () =>
            rds.modifyCluster({ id: cluster.id, deletionProtection: false }),
          );
        }
        const instances = (await rds.describeInstances({ cluster: cluster.id })).filter(({ status }) => status !== 'deleting');
        const writer = cluster.members.find((member) => member.writer)?.instance;
        const next = instances.find(({ id }) => id !== writer) ?? instances[0];
        if (next !== undefined) {
          if (justSent(DELETE_INSTANCE, next.id)) continue;
          return change(context, DELETE_INSTANCE, cluster, next.id, () => rds.deleteInstance(next.id));
        }
        if (justSent(DELETE_CLUSTER, cluster.id)) continue;
        return change(context, DELETE_CLUSTER, cluster, cluster.id, () =>
          rds.deleteCluster(cluster.id, { finalSnapshot: deletion.finalSnapshot?.(cluster) }),
        );
      }
      if (left.length > 0) {
        return { state: 'waiting', note: `${left.map(({ id }) => id).join(', ')} being deleted`, lookAgainIn: 10_000 };
      }
      return ending([...found].sort(), [...failures.values()], deletion.nothing);
    },
    abandon: async () => (found.size === 0 ? undefined : `deletions of ${[...found].join(', ')} that were begun go on`),
  };
}

function ending(clusters: readonly string[], failures: readonly Reason[], nothing: string): Advance {
  const result = { clusters };
  const [first] = failures;
  if (first !== undefined) {
    const message = summary(failures.map((failure) => failure.message));
    return { state: 'failed', reason: { ...first, message }, result };
  }
  const message = clusters.length === 0 ? nothing : `deleted: ${clusters.join(', ')}`;
  return { state: 'done', status: 'succeeded', reason: { code: 'ok', message }, result };
}
