import type { RdsCluster } from '@breakwater/aws';
import type { Operation } from '@breakwater/engine';
import { tagValue } from '../ownership.ts';
import { DATABASE_TAGS, type DatabaseDeedContext } from './contracts.ts';
import { deleteClusters } from './delete-clusters.ts';
import type { EndDatabaseDrillRequest } from './restore-contracts.ts';
import { OWNER, RESTORE_TAGS } from './restore-state.ts';

/**
 * Deletes the clusters that drills have left at a site, with their instances and without a final snapshot: those of one execution, or
 * all whose time is over. Only what carries our owner tag, the mode drill and an expiry is touched; a cluster of a recovery never.
 * Done when they are gone. The `result` is `{clusters: [...]}`, the ones it found.
 */
export function endDatabaseDrill(request: EndDatabaseDrillRequest, deed: DatabaseDeedContext): Operation {
  const { site } = request;
  const choose = async () =>
    (await site.aws.rds.describeClusters()).filter((cluster) => isLeftover(cluster, request, deed.clock.now()));
  return deleteClusters({ site, choose, nothing: 'no cluster of a drill was left' }, deed);
}

function isLeftover({ tags }: RdsCluster, { which }: EndDatabaseDrillRequest, now: number): boolean {
  const expires = Date.parse(tags[DATABASE_TAGS.expires] ?? '');
  if (tags[DATABASE_TAGS.owner] !== OWNER || tags[RESTORE_TAGS.mode] !== 'drill' || Number.isNaN(expires)) return false;
  return which.kind === 'expired' ? expires <= now : tags[DATABASE_TAGS.execution] === tagValue(which.execution);
}
