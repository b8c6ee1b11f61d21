import type { RegionState } from '../world/region-state.ts';
import { rdsArn } from './arns.ts';
import type { DbInstance } from './state.ts';

/** Tells EventBridge of an instance that was made, unless it `fails` or is deleted before. */
export function tellCreation(state: RegionState, instance: DbInstance, id: string, at: number, fails: boolean): void {
  state.rds.events.push({
    at,
    id: 'RDS-EVENT-0005',
    type: 'DB_INSTANCE',
    arn: rdsArn(state, 'db', id),
    source: id,
    categories: ['creation'],
    message: 'DB instance created',
    tags: instance.tags,
    holds: () => !fails && (instance.deletedAt === undefined || instance.deletedAt > at),
  });
}
