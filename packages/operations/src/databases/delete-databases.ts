import type { SnapshotKind } from '@breakwater/aws';
import { AwsError, asBreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';
import { summary } from '../step-result.ts';
import type { DatabaseDeedContext, DatabaseSite } from './contracts.ts';
import { databaseFamily } from './database-family.ts';
import type { LiveDatabase } from './live-database.ts';
import { isNotNow } from './restore-state.ts';

const DELETE_INSTANCE = 'rds:DeleteDBInstance';
/** How long a deletion that AWS has taken may not show, and how long one may be in the way, milliseconds. */
const VISIBLE = 90_000;
const PATIENCE = 20 * 60_000;

export interface Deletion {
  readonly site: DatabaseSite;
  /** The databases that are to go, as they are now. Throws, or gives none, when there is an objection. */
  readonly choose: () => Promise<readonly LiveDatabase[]>;
  /** Name of the final snapshot of one; none: none is taken. */
  readonly finalSnapshot?: (database: LiveDatabase) => string | undefined;
  /** Whether one may go that is protected against deletion; else it stays, and that is a failure. */
  readonly liftProtection: boolean;
  /** Default: kept. */
  readonly automatedBackups?: 'kept' | 'deleted';
  /** What is said when nothing is left to do and nothing was. */
  readonly nothing: string;
}

/**
 * Deletes clusters with their instances (readers, writer, cluster), and instances of their own, one change a look, until AWS no longer
 * knows them. Whose they are is the caller's question. The `result` is `{clusters: [...], instances: [...]}`, the ones it found.
 */
export function deleteDatabases(deletion: Deletion, deed: DatabaseDeedContext): Operation {
  const sent = new Map<string, number>();
  const inTheWay = new Map<string, number>();
  const found = new Map<string, LiveDatabase>();
  const failures = new Map<string, Reason>();
  const { rds } = deletion.site.aws;

  const change = async (
    context: OperationContext,
    operation: string,
    database: LiveDatabase,
    id: string,
    send: () => Promise<unknown>,
  ): Promise<Advance> => {
    const key = `${deed.execution}/${operation}/${id}`;
    await context.intent(operation, key, detailOf(database));
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
      failures.set(nameOf(database), { code: error.code, message: `${id} was not deleted: ${error.message}`, next: error.next });
      return { state: 'waiting', note: error.message, lookAgainIn: 0 };
    }
    sent.set(key, deed.clock.now());
    await context.change({ operation, key, id, adopted: false, site: deletion.site.site.name, detail: detailOf(database) });
    return { state: 'waiting', note: `${id} is being deleted`, lookAgainIn: 1_000 };
  };
  const justSent = (operation: string, id: string) =>
    deed.clock.now() - (sent.get(`${deed.execution}/${operation}/${id}`) ?? Number.NEGATIVE_INFINITY) < VISIBLE;

  return {
    async advance(context) {
      const databases = await deletion.choose();
      for (const database of databases) found.set(nameOf(database), database);
      const left = databases.filter((database) => !failures.has(nameOf(database)));
      for (const database of left) {
        const { id, kind } = database;
        const family = databaseFamily(kind, rds);
        if (database.status === 'deleting') continue;
        if (database.deletionProtection && !deletion.liftProtection) {
          failures.set(nameOf(database), isProtected(id));
          return { state: 'waiting', note: `${id} is protected against deletion`, lookAgainIn: 0 };
        }
        if (database.deletionProtection) {
          return change(context, family.changes.unprotect, database, id, () => family.unprotect(id));
        }
        const instances = (await family.instancesOf(id)).filter(({ status }) => status !== 'deleting');
        const writer = database.members.find((member) => member.writer)?.instance;
        const next = instances.find((instance) => instance.id !== writer) ?? instances[0];
        if (next !== undefined) {
          if (justSent(DELETE_INSTANCE, next.id)) continue;
          return change(context, DELETE_INSTANCE, database, next.id, () => rds.deleteInstance(next.id));
        }
        if (justSent(family.changes.delete, id)) continue;
        const finalSnapshot = deletion.finalSnapshot?.(database);
        const { automatedBackups = 'kept' } = deletion;
        return change(context, family.changes.delete, database, id, () => family.remove(id, { finalSnapshot, automatedBackups }));
      }
      if (left.length > 0) {
        return { state: 'waiting', note: `${left.map(({ id }) => id).join(', ')} being deleted`, lookAgainIn: 10_000 };
      }
      return ending([...found.values()], [...failures.values()], deletion.nothing);
    },
    abandon: async () =>
      found.size === 0 ? undefined : `deletions of ${[...found.values()].map(({ id }) => id).join(', ')} that were begun go on`,
  };
}

function isProtected(id: string): Reason {
  return {
    code: 'deletion-protected',
    message: `${id} was not deleted: somebody has protected it against deletion`,
    next: 'If it may go, turn its deletion protection off, or delete it by hand.',
  };
}

/** A cluster and an instance may bear the same name. */
function nameOf({ kind, id }: LiveDatabase): string {
  return `${kind} ${id}`;
}

function detailOf({ kind, id }: LiveDatabase): JsonObject {
  return kind === 'cluster' ? { cluster: id } : { instance: id };
}

function ending(found: readonly LiveDatabase[], failures: readonly Reason[], nothing: string): Advance {
  const ids = (wanted: SnapshotKind) => found.flatMap(({ kind, id }) => (kind === wanted ? [id] : [])).sort();
  const [clusters, instances] = [ids('cluster'), ids('instance')];
  const result = { clusters, instances };
  const [first] = failures;
  if (first !== undefined) {
    const message = summary(failures.map((failure) => failure.message));
    return { state: 'failed', reason: { ...first, message }, result };
  }
  const all = [...clusters, ...instances];
  const message = all.length === 0 ? nothing : `deleted: ${all.join(', ')}`;
  return { state: 'done', status: 'succeeded', reason: { code: 'ok', message }, result };
}
