import type { RdsCluster, RdsInstance, SnapshotKind } from '@breakwater/aws';

/** A cluster, or an instance that is a database of its own, as a restore sees it. */
export interface LiveDatabase
  extends Pick<
    RdsCluster,
    | 'id'
    | 'arn'
    | 'resourceId'
    | 'status'
    | 'engine'
    | 'engineVersion'
    | 'endpoint'
    | 'readerEndpoint'
    | 'customEndpoints'
    | 'port'
    | 'databaseName'
    | 'masterSecret'
    | 'members'
    | 'httpEndpoint'
    | 'deletionProtection'
    | 'createdAt'
    | 'tags'
  > {
  readonly kind: SnapshotKind;
  /** An instance with a cluster is no database of its own: it only bears the name. */
  readonly memberOf?: string;
  /** An instance: what a restore does not take, and has to be set afterwards. */
  readonly monitoring?: Pick<RdsInstance, 'performanceInsights' | 'monitoringInterval'>;
}

export function liveCluster(cluster: RdsCluster): LiveDatabase {
  return { ...cluster, kind: 'cluster' };
}

export function liveInstance(instance: RdsInstance): LiveDatabase {
  const { cluster, performanceInsights, monitoringInterval, ...rest } = instance;
  return {
    ...rest,
    kind: 'instance',
    readerEndpoint: undefined,
    members: [],
    httpEndpoint: false,
    monitoring: { performanceInsights, monitoringInterval },
    ...(cluster === undefined ? {} : { memberOf: cluster }),
  };
}
