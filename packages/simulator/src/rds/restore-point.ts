import type { CallContext, Output } from '../world/call-context.ts';
import { contentsOf } from './automated-snapshots.ts';
import { clusterArn, clusterOutput, findCluster } from './clusters.ts';
import { invalidCombination, invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { findInstance, instanceArn, instanceOutput } from './instances.ts';
import { checkSourceKey, encryptionKey } from './kms-access.ts';
import { CLUSTER_WISHES, type ClusterWishes, makeCluster } from './restore-cluster.ts';
import { INSTANCE_WISHES, type InstanceWishes, makeInstance } from './restore-instance.ts';
import { restoreWindow } from './restore-window.ts';
import { type Cluster, currentId, type DbInstance, statusOf } from './state.ts';
import { refuseUnsimulated } from './unsimulated.ts';

interface ClusterRequest extends ClusterWishes {
  readonly DBClusterIdentifier: string;
  readonly SourceDBClusterIdentifier?: string;
  readonly RestoreType?: string;
  readonly RestoreToTime?: string | number;
  readonly UseLatestRestorableTime?: boolean;
}

interface InstanceRequest extends InstanceWishes {
  readonly TargetDBInstanceIdentifier: string;
  readonly SourceDBInstanceIdentifier?: string;
  readonly RestoreTime?: string | number;
  readonly UseLatestRestorableTime?: boolean;
}

const CLUSTER_POINTS = [
  ...CLUSTER_WISHES,
  'DBClusterIdentifier',
  'SourceDBClusterIdentifier',
  'RestoreType',
  'RestoreToTime',
  'UseLatestRestorableTime',
];
const INSTANCE_POINTS = [
  ...INSTANCE_WISHES,
  'TargetDBInstanceIdentifier',
  'SourceDBInstanceIdentifier',
  'RestoreTime',
  'UseLatestRestorableTime',
];

/** RestoreDBClusterToPointInTime: in the source's own account and Region, without instances. */
export function restoreClusterToPoint(context: CallContext, input: ClusterRequest): Output {
  const { now } = context;
  refuseUnsimulated(input, CLUSTER_POINTS);
  const id = newIdentifier(input.DBClusterIdentifier, 'DBClusterIdentifier');
  if (input.RestoreType !== undefined && input.RestoreType !== 'full-copy') {
    throw invalidCombination(`The simulator knows no restore type ${input.RestoreType}.`);
  }
  if (input.SourceDBClusterIdentifier === undefined) throw invalidCombination('SourceDBClusterIdentifier is required.');
  const source = findCluster(context, input.SourceDBClusterIdentifier);
  checkPoint(source, input.RestoreToTime, input.UseLatestRestorableTime, now);
  if (input.KmsKeyId !== undefined && source.contents.encryption === 'none') {
    throw invalidCombination('A KMS key cannot be given: the source DB cluster is not encrypted.');
  }
  const { KmsKeyId: key } = input;
  const { contents } = source;
  const cluster = makeCluster(context, id, input, {
    contents: contentsOf(source, now),
    engineVersion: contents.engineVersion,
    id: currentId(source, now),
    arn: clusterArn(source, now),
    encryption: () => {
      if (contents.keyArn !== undefined) checkSourceKey(context, contents.keyArn);
      if (key === undefined) return { encryption: contents.encryption, keyArn: contents.keyArn };
      return { encryption: 'sse-kms', keyArn: encryptionKey(context, key).arn };
    },
  });
  return { DBCluster: clusterOutput(context, cluster) };
}

/** RestoreDBInstanceToPointInTime: in the source's own account and Region, under its key. */
export function restoreInstanceToPoint(context: CallContext, input: InstanceRequest): Output {
  const { now } = context;
  refuseUnsimulated(input, INSTANCE_POINTS);
  const id = newIdentifier(input.TargetDBInstanceIdentifier, 'TargetDBInstanceIdentifier');
  if (input.SourceDBInstanceIdentifier === undefined) throw invalidCombination('SourceDBInstanceIdentifier is required.');
  const source = findInstance(context, input.SourceDBInstanceIdentifier);
  if (source.cluster !== undefined) {
    throw invalidCombination('Point-in-time restore of a member of a DB cluster is done with RestoreDBClusterToPointInTime.');
  }
  checkPoint(source, input.RestoreTime, input.UseLatestRestorableTime, now);
  const instance = makeInstance(context, id, input, {
    contents: contentsOf(source, now),
    instanceClass: source.instanceClass,
    id: currentId(source, now),
    arn: instanceArn(source, now),
  });
  return { DBInstance: instanceOutput(context, instance) };
}

/** Either a time or the latest one, and within what the backups reach. */
function checkPoint(source: Cluster | DbInstance, time: string | number | undefined, latest: boolean | undefined, now: number) {
  if (time !== undefined && latest === true) {
    throw invalidCombination('A restore time cannot be specified together with UseLatestRestorableTime.');
  }
  if (time === undefined && latest !== true) {
    throw invalidCombination('Either a restore time or UseLatestRestorableTime must be specified.');
  }
  const status = statusOf(source, now);
  const window = restoreWindow(source, now);
  const instance = 'instanceClass' in source;
  if (window === undefined) {
    if (status === 'creating') {
      throw rdsFault(
        instance ? 'InvalidDBInstanceStateFault' : 'InvalidDBClusterStateFault',
        `The source ${currentId(source, now)} is in the ${status} state.`,
      );
    }
    throw rdsFault('PointInTimeRestoreNotEnabledFault', `Automated backups are not enabled for ${currentId(source, now)}.`);
  }
  if (time === undefined) return;
  const at = typeof time === 'number' ? time * 1_000 : Date.parse(time);
  if (Number.isNaN(at)) throw invalidValue(`Invalid restore time: ${time}`);
  if (at > window.latest) {
    throw invalidValue(
      `The specified restore time ${new Date(at).toISOString()} is later than the latest restorable time ${new Date(window.latest).toISOString()}.`,
    );
  }
  if (at < window.earliest) {
    throw invalidValue(
      `The specified restore time ${new Date(at).toISOString()} is earlier than the earliest restorable time ${new Date(window.earliest).toISOString()}.`,
    );
  }
}
