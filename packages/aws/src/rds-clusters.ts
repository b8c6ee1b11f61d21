import { clusterWishes } from './cluster-wishes.ts';
import type { RdsCluster, RdsGateway, RdsInstance } from './database-gateways.ts';
import { incomplete, missingIs, raise } from './odd-answers.ts';
import type { RdsCaller } from './rds-caller.ts';
import type { GroupMethods } from './rds-groups.ts';
import { nameOf, sameId, toCluster, toInstance } from './rds-read.ts';
import type { RestoreMethods } from './rds-restores.ts';
import { type SnapshotMethods, tagList } from './rds-snapshots.ts';

export type ClusterMethods = Omit<RdsGateway, keyof SnapshotMethods | keyof RestoreMethods | keyof GroupMethods>;

const NO_CLUSTER = ['DBClusterNotFoundFault'];
const NO_INSTANCE = ['DBInstanceNotFound', 'DBInstanceNotFoundFault', ...NO_CLUSTER];
const NO_EXPORT = ['ExportTaskNotFound', 'ExportTaskNotFoundFault'];

/** Clusters, their instances and exports. */
export function clusterMethods(rds: RdsCaller, onSecret: (secret: string) => void): ClusterMethods {
  return {
    async describeClusters(id) {
      const found: RdsCluster[] = [];
      const items = rds.everyItem('DescribeDBClusters', async (sdk, client, Marker, options) => {
        const input = { DBClusterIdentifier: id, Marker };
        const page = await client.send(new sdk.DescribeDBClustersCommand(input), options);
        return { items: page.DBClusters ?? [], nextToken: page.Marker };
      });
      await missingIs(NO_CLUSTER, undefined, async () => {
        for await (const item of items) found.push(...present(toCluster(item)));
      });
      return found;
    },

    async describeInstances({ id, cluster } = {}) {
      const found: RdsInstance[] = [];
      const items = rds.everyItem('DescribeDBInstances', async (sdk, client, Marker, options) => {
        const input = {
          DBInstanceIdentifier: id,
          Filters: cluster === undefined ? undefined : [{ Name: 'db-cluster-id', Values: [cluster.toLowerCase()] }],
          Marker,
        };
        const page = await client.send(new sdk.DescribeDBInstancesCommand(input), options);
        return { items: page.DBInstances ?? [], nextToken: page.Marker };
      });
      await missingIs(NO_INSTANCE, undefined, async () => {
        for await (const item of items) found.push(...present(toInstance(item)));
      });
      return found.filter((each) => cluster === undefined || sameId(nameOf(cluster), each.cluster ?? ''));
    },

    async globalClusterOf(clusterArn) {
      // AWS filters global clusters by Region only.
      const items = rds.everyItem('DescribeGlobalClusters', async (sdk, client, Marker, options) => {
        const page = await client.send(new sdk.DescribeGlobalClustersCommand({ Marker }), options);
        return { items: page.GlobalClusters ?? [], nextToken: page.Marker };
      });
      for await (const { GlobalClusterIdentifier, GlobalClusterMembers } of items) {
        const members = (GlobalClusterMembers ?? []).flatMap(({ DBClusterArn, Readers }) => [
          DBClusterArn ?? '',
          ...(Readers ?? []),
        ]);
        if (members.some((member) => sameId(member, clusterArn))) return GlobalClusterIdentifier;
      }
      return undefined;
    },

    async restoreCluster(request) {
      const operation = 'RestoreDBClusterFromSnapshot';
      const { DBCluster: made } = await rds.call(
        operation,
        'once',
        (sdk, client) =>
          client.send(
            new sdk.RestoreDBClusterFromSnapshotCommand({
              SnapshotIdentifier: request.snapshot,
              Engine: request.engine,
              EngineVersion: request.engineVersion,
              DatabaseName: request.databaseName,
              ...clusterWishes(request),
            }),
          ),
        { kmsKey: request.kmsKeyId },
      );
      return (made && toCluster(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'a cluster'));
    },

    async createClusterInstance(request) {
      const operation = 'CreateDBInstance';
      const { DBInstance: made } = await rds.call(operation, 'once', (sdk, client) =>
        client.send(
          new sdk.CreateDBInstanceCommand({
            DBInstanceIdentifier: request.id,
            DBClusterIdentifier: request.cluster,
            DBInstanceClass: request.instanceClass,
            Engine: request.engine,
            DBParameterGroupName: request.parameterGroup,
            PromotionTier: request.promotionTier,
            AvailabilityZone: request.availabilityZone,
            PubliclyAccessible: request.publiclyAccessible,
            EnablePerformanceInsights: request.performanceInsights,
            MonitoringInterval: request.monitoringInterval,
            MonitoringRoleArn: request.monitoringRoleArn,
            Tags: tagList(request.tags),
          }),
        ),
      );
      return (made && toInstance(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'an instance'));
    },

    async modifyCluster({ id, newId, deletionProtection, manageMasterPassword, masterPassword, backupRetentionDays }) {
      if (masterPassword !== undefined) onSecret(masterPassword);
      const operation = 'ModifyDBCluster';
      const { DBCluster: made } = await rds.call(
        operation,
        'once',
        (sdk, client) =>
          client.send(
            new sdk.ModifyDBClusterCommand({
              DBClusterIdentifier: id,
              ApplyImmediately: true,
              NewDBClusterIdentifier: newId,
              DeletionProtection: deletionProtection,
              ManageMasterUserPassword: manageMasterPassword && true,
              MasterUserSecretKmsKeyId: manageMasterPassword?.kmsKeyId,
              MasterUserPassword: masterPassword,
              BackupRetentionPeriod: backupRetentionDays,
            }),
          ),
        { kmsKey: manageMasterPassword?.kmsKeyId, secrets: masterPassword === undefined ? [] : [masterPassword] },
      );
      return (made && toCluster(made)) ?? raise(incomplete(rds.context(operation, 'once'), 'a cluster'));
    },

    async renameInstance(id, newId) {
      await rds.call('ModifyDBInstance', 'once', (sdk, client) =>
        client.send(
          new sdk.ModifyDBInstanceCommand({ DBInstanceIdentifier: id, NewDBInstanceIdentifier: newId, ApplyImmediately: true }),
        ),
      );
    },

    async deleteCluster(id, { finalSnapshot, automatedBackups }) {
      await rds.call('DeleteDBCluster', 'once', (sdk, client) =>
        client.send(
          new sdk.DeleteDBClusterCommand({
            DBClusterIdentifier: id,
            SkipFinalSnapshot: finalSnapshot === undefined,
            FinalDBSnapshotIdentifier: finalSnapshot,
            // AWS's default would take the way back to any moment before the deletion with it.
            DeleteAutomatedBackups: automatedBackups === 'deleted',
          }),
        ),
      );
    },

    async deleteInstance(id) {
      // The data is the cluster's: an instance of one has no snapshot of its own to take.
      await rds.call('DeleteDBInstance', 'once', (sdk, client) =>
        client.send(new sdk.DeleteDBInstanceCommand({ DBInstanceIdentifier: id, SkipFinalSnapshot: true })),
      );
    },

    async enableHttpEndpoint(clusterArn) {
      await rds.call('EnableHttpEndpoint', 'repeatable', (sdk, client) =>
        client.send(new sdk.EnableHttpEndpointCommand({ ResourceArn: clusterArn })),
      );
    },

    async startExport({ id, snapshotArn, bucket, prefix, roleArn, kmsKeyId }) {
      await rds.call(
        'StartExportTask',
        'once',
        (sdk, client) =>
          client.send(
            new sdk.StartExportTaskCommand({
              ExportTaskIdentifier: id,
              SourceArn: snapshotArn,
              S3BucketName: bucket,
              S3Prefix: prefix,
              IamRoleArn: roleArn,
              KmsKeyId: kmsKeyId,
            }),
          ),
        { kmsKey: kmsKeyId },
      );
    },

    async exportStatus(id) {
      const answer = await missingIs(NO_EXPORT, undefined, () =>
        rds.call('DescribeExportTasks', 'read', (sdk, client, options) =>
          client.send(new sdk.DescribeExportTasksCommand({ ExportTaskIdentifier: id }), options),
        ),
      );
      const task = answer?.ExportTasks?.find(({ ExportTaskIdentifier }) => sameId(ExportTaskIdentifier ?? '', id));
      if (task === undefined) return undefined;
      return { status: task.Status ?? 'unknown', progress: task.PercentProgress, failure: task.FailureCause };
    },
  };
}

function present<T>(item: T | undefined): readonly T[] {
  return item === undefined ? [] : [item];
}
