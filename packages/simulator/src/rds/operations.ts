import { type Handler, handler } from '../world/call-context.ts';
import { describeAutomatedBackups } from './automated-backups.ts';
import { describeEngineVersions, describeGlobalClusters, describeParameterGroups, describeSubnetGroups } from './catalogue.ts';
import { describeClusters } from './clusters.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { createSnapshot } from './create-snapshot.ts';
import { deleteCluster, deleteInstance } from './delete.ts';
import { deleteSnapshot } from './delete-snapshot.ts';
import { describeSnapshots } from './describe-snapshots.ts';
import { describeExports, startExport } from './exports.ts';
import { createInstance, describeInstances } from './instances.ts';
import { enableHttpEndpoint, modifyCluster } from './modify.ts';
import { modifyInstance } from './modify-instance.ts';
import { describeOptionGroups } from './option-groups.ts';
import { describeOrderable } from './orderable.ts';
import { restoreCluster } from './restore-cluster.ts';
import { restoreInstance } from './restore-instance.ts';
import { restoreClusterToPoint, restoreInstanceToPoint } from './restore-point.ts';
import { describeSnapshotAttributes, modifySnapshotAttribute } from './share-snapshot.ts';
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './tags.ts';

export const RDS_HANDLERS: Readonly<Record<string, Handler>> = {
  DescribeDBClusterSnapshots: handler(describeSnapshots('cluster')),
  DescribeDBSnapshots: handler(describeSnapshots('instance')),
  CreateDBClusterSnapshot: handler(createSnapshot('cluster')),
  CreateDBSnapshot: handler(createSnapshot('instance')),
  CopyDBClusterSnapshot: handler(copySnapshot('cluster')),
  CopyDBSnapshot: handler(copySnapshot('instance')),
  DeleteDBClusterSnapshot: handler(deleteSnapshot('cluster')),
  DeleteDBSnapshot: handler(deleteSnapshot('instance')),
  DescribeDBClusterSnapshotAttributes: handler(describeSnapshotAttributes('cluster')),
  DescribeDBSnapshotAttributes: handler(describeSnapshotAttributes('instance')),
  ModifyDBClusterSnapshotAttribute: handler(modifySnapshotAttribute('cluster')),
  ModifyDBSnapshotAttribute: handler(modifySnapshotAttribute('instance')),
  ListTagsForResource: handler(listTagsForResource),
  AddTagsToResource: handler(addTagsToResource),
  RemoveTagsFromResource: handler(removeTagsFromResource),
  DescribeDBClusters: handler(describeClusters),
  DescribeDBInstances: handler(describeInstances),
  DescribeDBEngineVersions: handler(describeEngineVersions),
  DescribeGlobalClusters: handler(describeGlobalClusters),
  DescribeDBSubnetGroups: handler(describeSubnetGroups),
  DescribeDBClusterParameterGroups: handler(describeParameterGroups('cluster')),
  DescribeDBParameterGroups: handler(describeParameterGroups('instance')),
  DescribeOptionGroups: handler(describeOptionGroups),
  DescribeOrderableDBInstanceOptions: handler(describeOrderable),
  DescribeDBInstanceAutomatedBackups: handler(describeAutomatedBackups),
  RestoreDBClusterFromSnapshot: handler(restoreCluster),
  RestoreDBClusterToPointInTime: handler(restoreClusterToPoint),
  RestoreDBInstanceFromDBSnapshot: handler(restoreInstance),
  RestoreDBInstanceToPointInTime: handler(restoreInstanceToPoint),
  CreateDBInstance: handler(createInstance),
  ModifyDBCluster: handler(modifyCluster),
  ModifyDBInstance: handler(modifyInstance),
  DeleteDBCluster: handler(deleteCluster),
  DeleteDBInstance: handler(deleteInstance),
  EnableHttpEndpoint: handler(enableHttpEndpoint),
  StartExportTask: handler(startExport),
  DescribeExportTasks: handler(describeExports),
};
