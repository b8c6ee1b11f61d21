import { type ReasonCode, RefusedError } from '@breakwater/core';
import type { Advance, Operation } from '@breakwater/engine';
import { tagValue } from '../ownership.ts';
import { DATABASE_TAGS, type DatabaseDeedContext } from './contracts.ts';
import { databaseFamily } from './database-family.ts';
import { deleteDatabases } from './delete-databases.ts';
import type { LiveDatabase } from './live-database.ts';
import type { DeleteOldClusterRequest } from './restore-contracts.ts';
import { derivedName, restoreNames } from './restore-names.ts';
import { OWNER, RESTORE_TAGS } from './restore-state.ts';

const SERVES: ReadonlySet<string> = new Set(['available', 'backing-up', 'modifying']);

/**
 * Deletes the old cluster, or instance, that a swap of this execution has kept aside, when somebody asks for it. Refused unless the restored one
 * bears the name and serves: then the old one is the way back. A final snapshot is taken unless declined; protection is lifted only with
 * leave. The `result` is `{clusters: [...], instances: [...]}`.
 */
export function deleteOldCluster(request: DeleteOldClusterRequest, deed: DatabaseDeedContext): Operation {
  const { site, kind = 'cluster' } = request;
  const family = databaseFamily(kind, site.aws.rds);
  const names = restoreNames({
    execution: deed.execution,
    mode: 'recovery',
    database: request.database,
    target: request.target,
    strategy: 'swap',
  });
  const final = derivedName(names.target, 'final', names.hash);
  let begun = false;
  const choose = async (): Promise<readonly LiveDatabase[]> => {
    const old = await family.find(names.old);
    if (old === undefined || begun) return old === undefined ? [] : [old];
    const live = await family.find(names.target);
    const ours =
      live !== undefined &&
      live.tags[DATABASE_TAGS.owner] === OWNER &&
      live.tags[DATABASE_TAGS.execution] === tagValue(deed.execution) &&
      !(Number(live.tags[RESTORE_TAGS.rollBack]) > 0);
    // An earlier restore may have made the old one; only what this very execution made is the new one.
    if (!ours || old.tags[DATABASE_TAGS.execution] === tagValue(deed.execution)) {
      refuse('cluster-exists', `"${names.target}" is not the ${kind} that this execution restored: "${names.old}" may be needed`);
    }
    if (
      !SERVES.has(live.status) ||
      live.endpoint === undefined ||
      (kind === 'cluster' && !live.members.some(({ writer }) => writer))
    ) {
      refuse('restore-failed', `"${names.target}" does not serve (it is ${live.status}): "${names.old}" is the way back`);
    }
    if (old.deletionProtection && request.liftProtection !== true) {
      refuse('deletion-protected', `"${names.old}" is protected against deletion`);
    }
    begun = true;
    return [old];
  };
  const deletion = deleteDatabases(
    {
      site,
      choose,
      liftProtection: request.liftProtection === true,
      nothing: `no ${kind} "${names.old}" is there`,
      finalSnapshot: () => (request.finalSnapshot === false ? undefined : final),
    },
    deed,
  );
  return {
    ...deletion,
    async advance(context): Promise<Advance> {
      try {
        return await deletion.advance(context);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        return { state: 'failed', reason: { code: error.code, message: error.message, next: error.next } };
      }
    },
  };
}

function refuse(code: ReasonCode, message: string): never {
  throw new RefusedError(code, message, {
    next: 'Look at both in the RDS console. If the old one may go all the same, delete it there. Nothing was deleted.',
  });
}
