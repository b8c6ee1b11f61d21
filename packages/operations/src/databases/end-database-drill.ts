import type { Operation } from '@breakwater/engine';
import { tagValue } from '../ownership.ts';
import { DATABASE_TAGS, type DatabaseDeedContext } from './contracts.ts';
import { databaseFamily } from './database-family.ts';
import { deleteDatabases } from './delete-databases.ts';
import type { LiveDatabase } from './live-database.ts';
import type { EndDatabaseDrillRequest } from './restore-contracts.ts';
import { OWNER, RESTORE_TAGS } from './restore-state.ts';

/**
 * Deletes the databases that drills have left at a site, clusters with their instances, and without a final snapshot: those of one
 * execution, or all whose time is over. Only what carries our owner tag, the mode drill and an expiry is touched; a database of a recovery
 * never, nor one that somebody has protected against deletion since: `deletion-protected`. Done when they are gone. The `result` is `{clusters: [...], instances: [...]}`, the ones it found.
 */
export function endDatabaseDrill(request: EndDatabaseDrillRequest, deed: DatabaseDeedContext): Operation {
  const { site } = request;
  const families = (['cluster', 'instance'] as const).map((kind) => databaseFamily(kind, site.aws.rds));
  const choose = async () => {
    const all = (await Promise.all(families.map((family) => family.all()))).flat();
    return all.filter((database) => isLeftover(database, request, deed.clock.now()));
  };
  return deleteDatabases(
    {
      site,
      choose,
      // No drill protects what it restores: somebody wants to keep it.
      liftProtection: false,
      // Backups of a drill would outlive it: a copy of the data that nobody needs, and one of the 40 that AWS keeps in a Region.
      automatedBackups: 'deleted',
      nothing: 'no database of a drill was left',
    },
    deed,
  );
}

function isLeftover({ tags }: LiveDatabase, { which }: EndDatabaseDrillRequest, now: number): boolean {
  const expires = Date.parse(tags[DATABASE_TAGS.expires] ?? '');
  if (tags[DATABASE_TAGS.owner] !== OWNER || tags[RESTORE_TAGS.mode] !== 'drill' || Number.isNaN(expires)) return false;
  return which.kind === 'expired' ? expires <= now : tags[DATABASE_TAGS.execution] === tagValue(which.execution);
}
