import type { RdsCluster, RdsInstance } from '@breakwater/aws';

/** A cluster as RDS shows it, with everything at something plausible. */
export function rdsCluster(over: Partial<RdsCluster> = {}): RdsCluster {
  const id = over.id ?? 'webshop';
  return {
    id,
    arn: `arn:aws:rds:us-west-2:111122223333:cluster:${id}`,
    resourceId: `cluster-${id}`,
    status: 'available',
    engine: 'aurora-postgresql',
    engineVersion: '16.4',
    engineMode: 'provisioned',
    endpoint: `${id}.cluster-abc.us-west-2.rds.amazonaws.com`,
    readerEndpoint: `${id}.cluster-ro-abc.us-west-2.rds.amazonaws.com`,
    port: 5432,
    databaseName: 'shop',
    masterUsername: 'postgres',
    masterSecret: undefined,
    members: [],
    subnetGroup: 'private',
    securityGroups: ['sg-1'],
    parameterGroup: 'webshop-pg16',
    kmsKeyId: undefined,
    encrypted: true,
    iamAuthentication: true,
    deletionProtection: true,
    httpEndpoint: false,
    logExports: ['postgresql'],
    backupRetentionDays: 14,
    backupWindow: '03:00-03:30',
    maintenanceWindow: 'sun:04:00-sun:04:30',
    copyTagsToSnapshot: true,
    storageType: 'aurora',
    serverless: undefined,
    createdAt: 0,
    pending: false,
    tags: {},
    ...over,
  };
}

export function rdsInstance(over: Partial<RdsInstance> & Pick<RdsInstance, 'id'>): RdsInstance {
  return {
    arn: `arn:aws:rds:us-west-2:111122223333:db:${over.id}`,
    status: 'available',
    cluster: 'webshop',
    instanceClass: 'db.r6g.large',
    engine: 'aurora-postgresql',
    engineVersion: '16.4',
    availabilityZone: 'us-west-2a',
    promotionTier: 1,
    parameterGroup: 'default.aurora-postgresql16',
    publiclyAccessible: false,
    performanceInsights: true,
    monitoringInterval: 0,
    monitoringRoleArn: undefined,
    endpoint: undefined,
    tags: {},
    ...over,
  };
}
