import type { InstanceWishes } from '@breakwater/aws';
import type { InstanceSettings } from '@breakwater/plan';
import { withoutUndefined } from '../boundary.ts';
import type { InstanceManifest } from './restore-contracts.ts';
import { portable, tagsOf } from './restore-settings.ts';

/** What an instance is built with, and what of the source could not be taken over. */
export interface InstanceDesign {
  readonly kind: 'instance';
  readonly settings: InstanceSettings;
  readonly losses: readonly string[];
}

/** Settings given win over the manifest's; what names a thing of another account or Region is not carried there. */
export function designInstance(options: {
  readonly manifest: InstanceManifest;
  readonly settings: InstanceSettings;
  readonly account: string;
  readonly region: string;
  readonly drill: boolean;
}): InstanceDesign {
  const { manifest, settings, account, region, drill } = options;
  const { id: _id, engine: _engine, engineVersion: _version, ...captured } = manifest.instance;
  const { here, losses } = portable(captured, settings, {
    sameRegion: manifest.region === region,
    sameAccount: manifest.account === account,
  });
  const { availabilityZone, monitoringInterval, monitoringRoleArn, ...rest } = here;
  const monitor = manifest.account === account;
  const lost = !monitor && (monitoringInterval ?? 0) > 0 && settings.monitoringRoleArn === undefined;
  const merged = {
    ...rest,
    ...withoutUndefined({
      availabilityZone: manifest.region === region ? availabilityZone : undefined,
      monitoringInterval: monitor || settings.monitoringRoleArn !== undefined ? monitoringInterval : undefined,
      monitoringRoleArn: monitor ? monitoringRoleArn : undefined,
    }),
    ...settings,
    tags: { ...captured.tags, ...settings.tags },
    // A drill's instance must be easy to remove, whatever the source was.
    ...(drill ? { deletionProtection: false } : {}),
  };
  return {
    kind: 'instance',
    settings: diskOf(merged, settings),
    losses: lost ? [...losses, 'enhanced monitoring: its role is of another account'] : losses,
  };
}

/** IOPS and throughput were the captured disk's: another type of disk has its own. */
function diskOf(merged: InstanceSettings, given: InstanceSettings): InstanceSettings {
  if (given.storageType === undefined) return merged;
  const { iops: _iops, storageThroughput: _throughput, ...rest } = merged;
  return { ...rest, ...withoutUndefined({ iops: given.iops, storageThroughput: given.storageThroughput }) };
}

/** What a restore takes. The rest (Performance Insights, enhanced monitoring) is set once the instance is there. */
export function instanceWishes(
  design: InstanceDesign,
  what: { readonly id: string; readonly tags: Readonly<Record<string, string>> },
): InstanceWishes {
  const { performanceInsights: _later, monitoringInterval: _interval, monitoringRoleArn: _role, ...settings } = design.settings;
  return { ...settings, id: what.id, tags: tagsOf(settings.tags, what.tags) };
}
