import type { CallContext, Output } from '../world/call-context.ts';
import { invalidCombination, invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { findInstance, instanceOutput } from './instances.ts';
import { secretEncryptionKey } from './kms-access.ts';
import { jittered } from './make-snapshot.ts';
import { makeManagedSecret } from './master-secret.ts';
import { checkPassword, rename } from './modify.ts';
import { requireBeside } from './permissions.ts';
import { currentId, occupies, statusOf } from './state.ts';
import { refuseUnsimulated } from './unsimulated.ts';

const DAY = 86_400_000;

interface ModifyInstanceRequest {
  readonly DBInstanceIdentifier: string;
  readonly NewDBInstanceIdentifier?: string;
  readonly ApplyImmediately?: boolean;
  readonly DeletionProtection?: boolean;
  readonly MasterUserPassword?: string;
  readonly ManageMasterUserPassword?: boolean;
  readonly MasterUserSecretKmsKeyId?: string;
  readonly BackupRetentionPeriod?: number;
  readonly EnablePerformanceInsights?: boolean;
  readonly MonitoringInterval?: number;
  readonly MonitoringRoleArn?: string;
}

const MODIFIABLE = [
  'DBInstanceIdentifier',
  'NewDBInstanceIdentifier',
  'ApplyImmediately',
  'DeletionProtection',
  'MasterUserPassword',
  'ManageMasterUserPassword',
  'MasterUserSecretKmsKeyId',
  'BackupRetentionPeriod',
  'EnablePerformanceInsights',
  'MonitoringInterval',
  'MonitoringRoleArn',
];

/** ModifyDBInstance: the name, which reboots it; protection, password and retention of a database of its own; monitoring. */
export function modifyInstance(context: CallContext, input: ModifyInstanceRequest): Output {
  const { world, state, now } = context;
  refuseUnsimulated(input, MODIFIABLE);
  const instance = findInstance(context, input.DBInstanceIdentifier);
  const status = statusOf(instance, now);
  if (status !== 'available') {
    throw rdsFault('InvalidDBInstanceStateFault', `Database instance is not in available state. Current status: ${status}`);
  }
  const { MasterUserPassword: password, ManageMasterUserPassword: manage, BackupRetentionPeriod: retention } = input;
  const newId =
    input.NewDBInstanceIdentifier === undefined
      ? undefined
      : newIdentifier(input.NewDBInstanceIdentifier, 'NewDBInstanceIdentifier');
  if (newId !== undefined && state.rds.instances.some((one) => occupies(one, newId, now))) {
    throw rdsFault('DBInstanceAlreadyExistsFault', 'DB instance already exists');
  }
  if (input.DeletionProtection !== undefined && instance.cluster !== undefined) {
    throw invalidCombination('You must change the deletion protection setting at the DB cluster level.');
  }
  if (instance.cluster !== undefined && [password, manage, retention].some((value) => value !== undefined)) {
    throw invalidCombination('The specified DB Instance is a member of a cluster. Modify the DB Cluster instead.');
  }
  if (password !== undefined) checkPassword(password, instance.contents.engine);
  if (password !== undefined && (manage === true || instance.masterSecret !== undefined)) {
    throw invalidCombination('MasterUserPassword cannot be specified while RDS manages the master user password.');
  }
  if (retention !== undefined && (retention < 0 || retention > 35)) {
    throw invalidValue(`Invalid backup retention period: ${retention}.`);
  }
  const interval = input.MonitoringInterval ?? 0;
  if (interval > 0 && input.MonitoringRoleArn === undefined && instance.monitoringRole === undefined) {
    throw invalidCombination('A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.');
  }
  const secretKey =
    input.MasterUserSecretKmsKeyId === undefined ? undefined : secretEncryptionKey(context, input.MasterUserSecretKmsKeyId).arn;
  requireBeside(context, {
    role:
      input.MonitoringRoleArn === undefined ? undefined : { arn: input.MonitoringRoleArn, to: 'monitoring.rds.amazonaws.com' },
    secret: manage === true ? 'instance' : undefined,
  });
  context.changed();
  if (input.DeletionProtection !== undefined) instance.deletionProtection = input.DeletionProtection;
  if (retention !== undefined) {
    instance.backupRetentionDays = retention;
    const at = instance.automated?.at ?? 2 * 3_600_000 + 600_000;
    instance.automated = retention === 0 ? undefined : { at, keep: retention * DAY };
  }
  if (input.EnablePerformanceInsights !== undefined) instance.performanceInsights = input.EnablePerformanceInsights;
  if (input.MonitoringInterval !== undefined) {
    instance.monitoringInterval = interval;
    instance.monitoringRole = interval === 0 ? undefined : (input.MonitoringRoleArn ?? instance.monitoringRole);
  }
  const newSecret = manage === true && instance.masterSecret === undefined;
  if (newSecret) instance.masterSecret = makeManagedSecret(world, instance, secretKey, now);
  if (password !== undefined) instance.masterPassword = password;
  if (newSecret || password !== undefined) {
    const until = now + jittered(world, instance.durations.password, 'password', instance.resourceId, now);
    instance.phases.push({ status: 'resetting-master-credentials', from: now, until });
  }
  const changed = [retention, input.EnablePerformanceInsights, input.MonitoringInterval].some((value) => value !== undefined);
  if (changed && newId === undefined) {
    const until = now + jittered(world, instance.durations.reboot, 'modify', instance.resourceId, now);
    instance.phases.push({ status: 'modifying', from: now, until });
  }
  if (newId !== undefined) {
    if (input.ApplyImmediately === true) {
      const until = now + jittered(world, instance.durations.rename, 'rename', instance.resourceId, newId, now);
      const rebooted = until + jittered(world, instance.durations.reboot, 'reboot', instance.resourceId, newId, now);
      instance.renames.push(rename(currentId(instance, now), newId, now, until));
      instance.phases.push({ status: 'renaming', from: now, until }, { status: 'rebooting', from: until, until: rebooted });
    } else instance.pendingId = newId;
  }
  return { DBInstance: instanceOutput(context, instance) };
}
