import type { CallContext, Output } from '../world/call-context.ts';
import { rdsFault } from './faults.ts';
import { findInstance, instanceArn } from './instances.ts';
import { filtered, type ListRequest, listed } from './listing.ts';
import { restoreWindow } from './restore-window.ts';
import { currentId, statusOf } from './state.ts';
import { refuseUnsimulated } from './unsimulated.ts';

interface BackupsRequest extends ListRequest {
  readonly DBInstanceIdentifier?: string;
  readonly DbiResourceId?: string;
}

/** DescribeDBInstanceAutomatedBackups, of instances that still exist: the only place where AWS tells the beginning of their window. */
export function describeAutomatedBackups(context: CallContext, input: BackupsRequest): Output {
  const { state, now } = context;
  refuseUnsimulated(input, ['DBInstanceIdentifier', 'DbiResourceId', 'Filters', 'MaxRecords', 'Marker']);
  const { DBInstanceIdentifier: id, DbiResourceId: resource } = input;
  const instances = id === undefined ? state.rds.instances : [findInstance(context, id)];
  const kept = instances.filter(
    (one) =>
      one.cluster === undefined &&
      one.backupRetentionDays > 0 &&
      one.visibleAt <= now &&
      now < one.goneAt &&
      (resource === undefined || one.resourceId === resource),
  );
  if (resource !== undefined && kept.length === 0) {
    throw rdsFault('DBInstanceAutomatedBackupNotFoundFault', `No automated backup of ${resource} was found.`);
  }
  const fitting = filtered(kept, input, {
    'db-instance-id': (one) => [currentId(one, now), instanceArn(one, now)],
    'dbi-resource-id': (one) => [one.resourceId],
    status: (one) => [statusOf(one, now) === 'creating' ? 'creating' : 'active'],
  });
  const { items, Marker } = listed(context, input, fitting);
  return {
    Marker,
    DBInstanceAutomatedBackups: items.map((one) => {
      const window = restoreWindow(one, now);
      return {
        DBInstanceArn: instanceArn(one, now),
        DbiResourceId: one.resourceId,
        Region: one.region,
        DBInstanceIdentifier: currentId(one, now),
        RestoreWindow: window === undefined ? undefined : { EarliestTime: window.earliest, LatestTime: window.latest },
        AllocatedStorage: one.contents.gib,
        Status: window === undefined ? 'creating' : 'active',
        Port: one.contents.port,
        AvailabilityZone: one.zone,
        VpcId: one.contents.vpcId,
        InstanceCreateTime: one.createdAt,
        MasterUsername: one.contents.masterUsername,
        Engine: one.contents.engine,
        EngineVersion: one.contents.engineVersion,
        OptionGroupName: one.contents.optionGroup,
        Encrypted: one.contents.encryption !== 'none',
        StorageType: one.contents.storageType,
        KmsKeyId: one.contents.keyArn,
        IAMDatabaseAuthenticationEnabled: one.iamAuthentication,
        BackupRetentionPeriod: one.backupRetentionDays,
        PreferredBackupWindow: one.contents.backupWindow,
        BackupTarget: 'region',
      };
    }),
  };
}
