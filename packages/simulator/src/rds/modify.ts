import type { CallContext, Output } from '../world/call-context.ts';
import { rdsArn } from './arns.ts';
import { globalClusterOf } from './catalogue.ts';
import { clusterArn, clusterOutput, findCluster } from './clusters.ts';
import { invalidCombination, invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { secretEncryptionKey } from './kms-access.ts';
import { jittered } from './make-snapshot.ts';
import { makeManagedSecret } from './master-secret.ts';
import { requireBeside } from './permissions.ts';
import { currentId, occupies, type Rename, statusOf } from './state.ts';
import { refuseUnsimulated } from './unsimulated.ts';

const DAY = 86_400_000;

interface ModifyClusterRequest {
  readonly DBClusterIdentifier: string;
  readonly NewDBClusterIdentifier?: string;
  readonly ApplyImmediately?: boolean;
  readonly DeletionProtection?: boolean;
  readonly ManageMasterUserPassword?: boolean;
  readonly MasterUserSecretKmsKeyId?: string;
  readonly MasterUserPassword?: string;
  readonly RotateMasterUserPassword?: boolean;
  readonly BackupRetentionPeriod?: number;
  readonly EnableIAMDatabaseAuthentication?: boolean;
}

/** ModifyDBCluster: name, deletion protection, master password, retention, IAM authentication. */
export function modifyCluster(context: CallContext, input: ModifyClusterRequest): Output {
  const { world, state, now } = context;
  refuseUnsimulated(input, MODIFIABLE);
  const cluster = findCluster(context, input.DBClusterIdentifier);
  const status = statusOf(cluster, now);
  if (status !== 'available') {
    throw rdsFault(
      'InvalidDBClusterStateFault',
      `DB cluster ${currentId(cluster, now)} is not in available state: it is ${status}.`,
    );
  }
  const { MasterUserPassword: password, ManageMasterUserPassword: manage, BackupRetentionPeriod: retention } = input;
  const newId =
    input.NewDBClusterIdentifier === undefined
      ? undefined
      : newIdentifier(input.NewDBClusterIdentifier, 'NewDBClusterIdentifier');
  if (newId !== undefined) {
    if (state.rds.clusters.some((one) => occupies(one, newId, now))) {
      throw rdsFault('DBClusterAlreadyExistsFault', 'DB Cluster already exists');
    }
    if (globalClusterOf(world, clusterArn(cluster, now)) !== undefined) {
      throw rdsFault('InvalidGlobalClusterStateFault', 'This cluster is a member of a global cluster and cannot be renamed.');
    }
  }
  if (password !== undefined) checkPassword(password, cluster.contents.engine);
  if (password !== undefined && (manage === true || (cluster.masterSecret !== undefined && manage !== false))) {
    throw invalidCombination('MasterUserPassword cannot be specified while RDS manages the master user password.');
  }
  if (manage === false && cluster.masterSecret !== undefined && password === undefined) {
    throw invalidCombination('A MasterUserPassword is required to turn off ManageMasterUserPassword.');
  }
  if (input.RotateMasterUserPassword === true && input.ApplyImmediately !== true) {
    throw invalidCombination('RotateMasterUserPassword needs ApplyImmediately.');
  }
  if (retention !== undefined && (retention < 1 || retention > 35))
    throw invalidValue(`Invalid backup retention period: ${retention}.`);
  const secretKey =
    input.MasterUserSecretKmsKeyId === undefined ? undefined : secretEncryptionKey(context, input.MasterUserSecretKmsKeyId).arn;
  if (manage === true) requireBeside(context, { secret: 'cluster' });
  context.changed();
  if (input.DeletionProtection !== undefined) cluster.deletionProtection = input.DeletionProtection;
  if (retention !== undefined) {
    cluster.backupRetentionDays = retention;
    if (cluster.automated !== undefined) cluster.automated = { at: cluster.automated.at, keep: retention * DAY };
  }
  if (input.EnableIAMDatabaseAuthentication !== undefined) cluster.iamAuthentication = input.EnableIAMDatabaseAuthentication;
  const newSecret = manage === true && (cluster.masterSecret === undefined || input.RotateMasterUserPassword === true);
  if (newSecret) cluster.masterSecret = makeManagedSecret(world, cluster, secretKey, now);
  if (password !== undefined) {
    cluster.masterPassword = password;
    if (manage === false) cluster.masterSecret = undefined;
  }
  if (newSecret || password !== undefined) {
    cluster.phases.push({
      status: 'resetting-master-credentials',
      from: now,
      until: now + jittered(world, cluster.durations.password, 'password', cluster.resourceId, now),
    });
  }
  if (newId !== undefined) {
    // Without ApplyImmediately a new name waits for the maintenance window.
    if (input.ApplyImmediately === true) {
      const until = now + jittered(world, cluster.durations.rename, 'rename', cluster.resourceId, newId, now);
      cluster.renames.push(rename(currentId(cluster, now), newId, now, until));
      cluster.phases.push({ status: 'renaming', from: now, until });
      state.rds.events.push({
        at: until,
        id: 'RDS-EVENT-0172',
        type: 'CLUSTER',
        arn: rdsArn(state, 'cluster', newId),
        source: newId,
        categories: ['notification'],
        message: `Renamed cluster from ${currentId(cluster, now)} to ${newId}.`,
        tags: cluster.tags,
        holds: () => true,
      });
    } else cluster.pendingId = newId;
  }
  return { DBCluster: clusterOutput(context, cluster) };
}

const MODIFIABLE = [
  'DBClusterIdentifier',
  'NewDBClusterIdentifier',
  'ApplyImmediately',
  'DeletionProtection',
  'ManageMasterUserPassword',
  'MasterUserSecretKmsKeyId',
  'MasterUserPassword',
  'RotateMasterUserPassword',
  'BackupRetentionPeriod',
  'EnableIAMDatabaseAuthentication',
];
export function rename(oldId: string, newId: string, from: number, until: number): Rename {
  return { oldId, newId, from, both: from + (until - from) / 2, until };
}

/** From 8 characters to 41, or to what an engine of instances takes. */
export function checkPassword(password: string, engine: string): void {
  const longest = /^postgres$|^sqlserver/.test(engine) ? 128 : /oracle/.test(engine) ? 30 : /^db2/.test(engine) ? 255 : 41;
  if (password.length < 8 || password.length > longest) {
    throw invalidValue(
      `The parameter MasterUserPassword is not a valid password because it is not from 8 to ${longest} characters long.`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(password) || /[/@"]/.test(password)) {
    throw invalidValue(
      `The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`,
    );
  }
}

/** EnableHttpEndpoint: the Data API of a provisioned or Serverless v2 cluster, by ARN. */
export function enableHttpEndpoint(context: CallContext, input: { readonly ResourceArn: string }): Output {
  const { state, now } = context;
  const cluster = state.rds.clusters.find((one) => now < one.goneAt && clusterArn(one, now) === input.ResourceArn);
  if (cluster === undefined)
    throw rdsFault('ResourceNotFoundFault', `The specified resource ${input.ResourceArn} was not found.`);
  const status = statusOf(cluster, now);
  if (status !== 'available') {
    throw rdsFault(
      'InvalidResourceStateFault',
      `The HTTP endpoint cannot be enabled while the cluster is in the ${status} state.`,
    );
  }
  if (!cluster.contents.engine.startsWith('aurora')) {
    throw invalidCombination(`The HTTP endpoint is not supported for engine ${cluster.contents.engine}.`);
  }
  context.changed();
  cluster.httpEndpoint = true;
  return { ResourceArn: input.ResourceArn, HttpEndpointEnabled: true };
}
