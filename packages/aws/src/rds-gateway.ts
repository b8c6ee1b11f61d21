import type { RdsGateway } from './database-gateways.ts';
import { rdsCaller } from './rds-caller.ts';
import { clusterMethods } from './rds-clusters.ts';
import { groupMethods } from './rds-groups.ts';
import { restoreMethods } from './rds-restores.ts';
import { snapshotMethods } from './rds-snapshots.ts';
import type { Place, Surroundings } from './service-caller.ts';

/** RDS at one site: Aurora, and what shares its calls (DocumentDB, Neptune, RDS instances). */
export function rdsGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): RdsGateway {
  const rds = rdsCaller(surroundings, place);
  return {
    ...snapshotMethods(rds, place),
    ...clusterMethods(rds, surroundings.onSecret),
    ...groupMethods(rds),
    ...restoreMethods(rds, surroundings.onSecret),
  };
}
