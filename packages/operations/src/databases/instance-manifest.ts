import type { RdsInstance } from '@breakwater/aws';
import { UserError } from '@breakwater/core';
import { withoutUndefined } from '../boundary.ts';
import { foreignTags, ownGroup } from './cluster-manifest.ts';
import type { DatabaseSite } from './contracts.ts';
import { INSTANCE_MANIFEST_SCHEMA, type InstanceManifest } from './restore-contracts.ts';

/**
 * Reads how an instance of its own looks, so that it can be built again where it cannot be asked. Throws `UserError` `cluster-unknown`, or
 * `engine-unavailable` when it is one of a cluster.
 */
export async function captureInstance({ site, aws }: DatabaseSite, id: string, now: number): Promise<InstanceManifest> {
  const [instance] = await aws.rds.describeInstances({ id: id.toLowerCase() });
  if (instance === undefined) {
    throw new UserError('cluster-unknown', `no instance "${id}" is in account ${site.account}, ${site.region}`, {
      next: 'Correct the name, the account or the Region. Nothing was changed.',
    });
  }
  return instanceManifestOf(instance, { account: site.account, region: site.region, capturedAt: now });
}

export function instanceManifestOf(
  instance: RdsInstance,
  where: { readonly account: string; readonly region: string; readonly capturedAt: number },
): InstanceManifest {
  const { id, engine, engineVersion, cluster } = instance;
  if (cluster !== undefined) {
    throw new UserError('engine-unavailable', `"${id}" is an instance of cluster "${cluster}"`, {
      next: `Its data is the cluster's: capture or restore cluster "${cluster}". Nothing was changed.`,
    });
  }
  if (engineVersion === undefined) {
    throw new UserError('engine-unavailable', `AWS does not say which version "${id}" has`, {
      next: 'Wait until the instance is available. Nothing was changed.',
    });
  }
  const monitored = (instance.monitoringInterval ?? 0) > 0;
  return {
    schema: INSTANCE_MANIFEST_SCHEMA,
    capturedAt: new Date(where.capturedAt).toISOString(),
    account: where.account,
    region: where.region,
    instance: {
      id,
      engine,
      engineVersion,
      instanceClass: instance.instanceClass,
      ...withoutUndefined({
        port: instance.port,
        subnetGroup: instance.subnetGroup,
        parameterGroup: ownGroup(instance.parameterGroup),
        optionGroup: ownGroup(instance.optionGroup),
        availabilityZone: instance.multiAz ? undefined : instance.availabilityZone,
        storageType: instance.storageType,
        ...performance(instance),
        backupRetentionDays: instance.backupRetentionDays,
        backupWindow: instance.backupWindow,
        monitoringInterval: monitored ? instance.monitoringInterval : undefined,
        monitoringRoleArn: monitored ? instance.monitoringRoleArn : undefined,
      }),
      securityGroups: instance.securityGroups,
      multiAz: instance.multiAz,
      publiclyAccessible: instance.publiclyAccessible,
      performanceInsights: instance.performanceInsights,
      iamAuthentication: instance.iamAuthentication,
      deletionProtection: instance.deletionProtection,
      logExports: instance.logExports,
      copyTagsToSnapshot: instance.copyTagsToSnapshot,
      tags: foreignTags(instance.tags),
    },
  };
}

/** What every gp3 disk has, however small: RDS tells it, and refuses to be told it of a disk that is too small for more. */
const GP3_IOPS = 3_000;
const GP3_THROUGHPUT = 125;

function performance({ storageType, iops, storageThroughput }: RdsInstance) {
  if (storageType === 'io1' || storageType === 'io2') return { iops };
  if (storageType !== 'gp3') return {};
  const more = (iops ?? 0) > GP3_IOPS || (storageThroughput ?? 0) > GP3_THROUGHPUT;
  return more ? { iops, storageThroughput } : {};
}
