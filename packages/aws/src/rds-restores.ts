import { clusterWishes, filled } from './cluster-wishes.ts';
import type { InstanceWishes, PointInTime, RdsGateway, RestoreWindow } from './database-gateways.ts';
import { incomplete, missingIs, raise } from './odd-answers.ts';
import { moment } from './parse.ts';
import type { RdsCaller } from './rds-caller.ts';
import { sameId, toCluster, toInstance } from './rds-read.ts';
import { tagList } from './rds-snapshots.ts';

export type RestoreMethods = Pick<
  RdsGateway,
  'restoreInstance' | 'restoreInstanceToPoint' | 'restoreClusterToPoint' | 'modifyInstance' | 'deleteStandalone' | 'restoreWindow'
>;

const NO_SOURCE = [
  'DBClusterNotFoundFault',
  'DBInstanceNotFound',
  'DBInstanceNotFoundFault',
  'DBInstanceAutomatedBackupNotFound',
  'DBInstanceAutomatedBackupNotFoundFault',
];

/** Instances of no cluster, and points in time. */
export function restoreMethods(rds: RdsCaller, onSecret: (secret: string) => void): RestoreMethods {
  return {
    async restoreInstance(request) {
      const operation = 'RestoreDBInstanceFromDBSnapshot';
      const { DBInstance: made } = await rds.call(operation, 'once', (sdk, client) =>
        client.send(
          new sdk.RestoreDBInstanceFromDBSnapshotCommand({
            DBInstanceIdentifier: request.id,
            DBSnapshotIdentifier: request.snapshot,
            ...wishes(request),
          }),
        ),
      );
      return (made && toInstance(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'an instance'));
    },

    async restoreInstanceToPoint(request) {
      const operation = 'RestoreDBInstanceToPointInTime';
      const { DBInstance: made } = await rds.call(operation, 'once', (sdk, client) =>
        client.send(
          new sdk.RestoreDBInstanceToPointInTimeCommand({
            TargetDBInstanceIdentifier: request.id,
            SourceDBInstanceIdentifier: request.source,
            ...latest(request),
            RestoreTime: exact(request),
            ...wishes(request),
          }),
        ),
      );
      return (made && toInstance(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'an instance'));
    },

    async restoreClusterToPoint(request) {
      const operation = 'RestoreDBClusterToPointInTime';
      const { DBCluster: made } = await rds.call(
        operation,
        'once',
        (sdk, client) =>
          client.send(
            new sdk.RestoreDBClusterToPointInTimeCommand({
              SourceDBClusterIdentifier: request.source,
              ...latest(request),
              RestoreToTime: exact(request),
              ...clusterWishes(request),
            }),
          ),
        { kmsKey: request.kmsKeyId },
      );
      return (made && toCluster(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'a cluster'));
    },

    async modifyInstance({ id, manageMasterPassword, masterPassword, ...changes }) {
      if (masterPassword !== undefined) onSecret(masterPassword);
      const operation = 'ModifyDBInstance';
      const { DBInstance: made } = await rds.call(
        operation,
        'once',
        (sdk, client) =>
          client.send(
            new sdk.ModifyDBInstanceCommand({
              DBInstanceIdentifier: id,
              ApplyImmediately: true,
              DeletionProtection: changes.deletionProtection,
              ManageMasterUserPassword: manageMasterPassword && true,
              MasterUserSecretKmsKeyId: manageMasterPassword?.kmsKeyId,
              MasterUserPassword: masterPassword,
              EnablePerformanceInsights: changes.performanceInsights,
              MonitoringInterval: changes.monitoringInterval,
              MonitoringRoleArn: changes.monitoringRoleArn,
            }),
          ),
        { kmsKey: manageMasterPassword?.kmsKeyId, secrets: masterPassword === undefined ? [] : [masterPassword] },
      );
      return (made && toInstance(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'an instance'));
    },

    async deleteStandalone(id, { finalSnapshot, automatedBackups }) {
      await rds.call('DeleteDBInstance', 'once', (sdk, client) =>
        client.send(
          new sdk.DeleteDBInstanceCommand({
            DBInstanceIdentifier: id,
            SkipFinalSnapshot: finalSnapshot === undefined,
            FinalDBSnapshotIdentifier: finalSnapshot,
            // AWS's default would take the way back to any moment before the deletion with it.
            DeleteAutomatedBackups: automatedBackups === 'deleted',
          }),
        ),
      );
    },

    restoreWindow: (kind, id) =>
      missingIs(NO_SOURCE, undefined, () => (kind === 'cluster' ? clusterWindow(rds, id) : instanceWindow(rds, id))),
  };
}

async function clusterWindow(rds: RdsCaller, id: string): Promise<RestoreWindow | undefined> {
  const { DBClusters = [] } = await rds.call('DescribeDBClusters', 'read', (sdk, client, options) =>
    client.send(new sdk.DescribeDBClustersCommand({ DBClusterIdentifier: id }), options),
  );
  const [cluster] = DBClusters;
  return window(moment(cluster?.EarliestRestorableTime), moment(cluster?.LatestRestorableTime));
}

/** DescribeDBInstances tells only the end of it. The backups of an earlier instance of the same name are told there, too. */
async function instanceWindow(rds: RdsCaller, id: string): Promise<RestoreWindow | undefined> {
  const items = rds.everyItem('DescribeDBInstanceAutomatedBackups', async (sdk, client, Marker, options) => {
    const input = { DBInstanceIdentifier: id, Marker };
    const page = await client.send(new sdk.DescribeDBInstanceAutomatedBackupsCommand(input), options);
    return { items: page.DBInstanceAutomatedBackups ?? [], nextToken: page.Marker };
  });
  for await (const { DBInstanceIdentifier, Status, Region = rds.region, RestoreWindow } of items) {
    // Backups that were replicated from an instance of another Region are told here, too, under that Region.
    if (!sameId(DBInstanceIdentifier ?? '', id) || Status === 'retained' || Region !== rds.region) continue;
    const found = window(moment(RestoreWindow?.EarliestTime), moment(RestoreWindow?.LatestTime));
    if (found !== undefined) return found;
  }
  return undefined;
}

function window(earliest: number | undefined, latestOne: number | undefined): RestoreWindow | undefined {
  return earliest === undefined || latestOne === undefined ? undefined : { earliest, latest: latestOne };
}

/** AWS takes a time or the wish for the latest one, never both. */
function latest({ time }: PointInTime): { readonly UseLatestRestorableTime?: true } {
  return time === 'latest' ? { UseLatestRestorableTime: true } : {};
}

function exact({ time }: PointInTime): Date | undefined {
  return time === 'latest' ? undefined : new Date(time);
}

function wishes(request: Omit<InstanceWishes, 'id'>) {
  return {
    DBInstanceClass: request.instanceClass,
    Port: request.port,
    // AWS chooses the zones of a Multi-AZ instance itself, and refuses to be told one.
    AvailabilityZone: request.multiAz === true ? undefined : request.availabilityZone,
    MultiAZ: request.multiAz,
    DBSubnetGroupName: request.subnetGroup,
    VpcSecurityGroupIds: filled(request.securityGroups),
    DBParameterGroupName: request.parameterGroup,
    OptionGroupName: request.optionGroup,
    PubliclyAccessible: request.publiclyAccessible,
    StorageType: request.storageType,
    Iops: request.iops,
    StorageThroughput: request.storageThroughput,
    EnableIAMDatabaseAuthentication: request.iamAuthentication,
    DeletionProtection: request.deletionProtection,
    EnableCloudwatchLogsExports: filled(request.logExports),
    CopyTagsToSnapshot: request.copyTagsToSnapshot,
    BackupRetentionPeriod: request.backupRetentionDays,
    PreferredBackupWindow: request.backupWindow,
    Tags: tagList(request.tags),
  };
}
