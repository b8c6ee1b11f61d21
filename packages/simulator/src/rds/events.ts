import type { World } from '../world/world.ts';
import type { RdsEvent } from './state.ts';

/** An event as EventBridge delivers it: `source` aws.rds. */
export interface EventBridgeEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: 'aws.rds';
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: {
    readonly EventCategories: readonly string[];
    readonly SourceType: string;
    readonly SourceArn: string;
    readonly Date: string;
    readonly Message: string;
    readonly SourceIdentifier: string;
    readonly EventID: string;
    readonly Tags: Readonly<Record<string, string>>;
  };
}

const DETAIL_TYPES: Readonly<Record<RdsEvent['type'], string>> = {
  CLUSTER_SNAPSHOT: 'RDS DB Cluster Snapshot Event',
  SNAPSHOT: 'RDS DB Snapshot Event',
  CLUSTER: 'RDS DB Cluster Event',
  DB_INSTANCE: 'RDS DB Instance Event',
};

/**
 * What EventBridge has sent of RDS until now, oldest first, of every account and Region. As in AWS, the copy of a cluster snapshot has
 * no event of its own when it ends.
 */
export function eventBridgeEvents(world: World): readonly EventBridgeEvent[] {
  const now = world.clock.now();
  return world.regions
    .flatMap((state) => state.rds.events.filter((event) => event.at <= now && event.holds()).map((event) => ({ state, event })))
    .sort((a, b) => a.event.at - b.event.at)
    .map(({ state, event }) => {
      const time = new Date(Math.round(event.at)).toISOString();
      return {
        version: '0',
        id: world.random.uuid('event', state.account, state.region, event.id, event.arn, Math.round(event.at)),
        'detail-type': DETAIL_TYPES[event.type],
        source: 'aws.rds',
        account: state.account,
        time: time.replace(/\.\d{3}Z$/, 'Z'),
        region: state.region,
        resources: [event.arn],
        detail: {
          EventCategories: event.categories,
          SourceType: event.type,
          SourceArn: event.arn,
          Date: time,
          Message: event.message,
          SourceIdentifier: event.source,
          EventID: event.id,
          Tags: event.tags,
        },
      };
    });
}
