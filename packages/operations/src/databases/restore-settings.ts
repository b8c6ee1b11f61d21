import type { CreateClusterInstanceRequest, RestoreClusterRequest } from '@breakwater/aws';
import type { DatabaseSettings } from '@breakwater/plan';
import { withoutUndefined } from '../boundary.ts';
import { foreignTags } from './cluster-manifest.ts';
import type { ClusterManifest, MemberSettings } from './restore-contracts.ts';

/** What the cluster is built with, and what of the source could not be taken over. */
export interface RestoreDesign {
  readonly settings: DatabaseSettings;
  readonly members: readonly MemberSettings[];
  readonly losses: readonly string[];
}

/**
 * Settings given win over the manifest's. What names a thing of another account or Region (security groups, zones, monitoring roles) is
 * not carried there; names of groups are, because people give them the same names, and AWS refuses one that is missing before anything
 * is made.
 */
export function designRestore(options: {
  readonly manifest: ClusterManifest;
  readonly settings: DatabaseSettings;
  readonly members: readonly Omit<MemberSettings, 'name'>[] | undefined;
  readonly account: string;
  readonly region: string;
  /** Identifier that the cluster ends up with. */
  readonly target: string;
  readonly drill: boolean;
}): RestoreDesign {
  const { manifest, settings, account, region, target, drill } = options;
  const { id, engine: _engine, engineVersion: _version, ...captured } = manifest.cluster;
  const losses: string[] = [];
  const sameRegion = manifest.region === region;
  const sameAccount = manifest.account === account;
  const { securityGroups, ...portable } = captured;
  const here = sameRegion && sameAccount ? captured : portable;
  const lostGroups = securityGroups !== undefined && securityGroups.length > 0 && here === portable;
  if (lostGroups && settings.securityGroups === undefined) {
    losses.push('its security groups are of another account or Region, and none were given: the default one of the VPC is used');
  }
  const given = options.members?.map((member, index) => ({ ...member, name: `${target}-${index + 1}` }));
  const members = (given ?? manifest.members).map((member, index): MemberSettings => {
    const { availabilityZone, monitoringInterval, monitoringRoleArn, ...rest } = member;
    const monitored = monitoringInterval !== undefined && monitoringInterval > 0;
    const monitor = given !== undefined || sameAccount;
    if (monitored && !monitor) losses.push(`enhanced monitoring of ${member.name}: its role is of another account`);
    return {
      ...rest,
      name: given !== undefined || id === target ? member.name : `${target}-${index + 1}`,
      ...withoutUndefined({
        availabilityZone: given !== undefined || sameRegion ? availabilityZone : undefined,
        monitoringInterval: monitor ? monitoringInterval : undefined,
        monitoringRoleArn: monitor ? monitoringRoleArn : undefined,
      }),
    };
  });
  return {
    settings: {
      ...here,
      ...settings,
      tags: { ...captured.tags, ...settings.tags },
      // A drill's cluster must be easy to remove, whatever the source was.
      ...(drill ? { deletionProtection: false } : {}),
    },
    members,
    losses,
  };
}

/** AWS takes 50 tags. */
const MOST_TAGS = 50;

/** Our tags are always there; of the others as many as AWS takes. */
export function tagsOf(
  foreign: Readonly<Record<string, string>> | undefined,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(foreignTags(foreign ?? {})).slice(0, MOST_TAGS - Object.keys(own).length);
  return { ...Object.fromEntries(kept), ...own };
}

export function restoreRequest(
  design: RestoreDesign,
  what: {
    readonly id: string;
    readonly snapshot: string;
    readonly engine: string;
    readonly engineVersion: string;
    readonly kmsKeyId: string | undefined;
    readonly tags: Readonly<Record<string, string>>;
  },
): RestoreClusterRequest {
  const { httpEndpoint: _later, tags, ...settings } = design.settings;
  const { kmsKeyId, ...must } = what;
  return { ...must, ...settings, ...withoutUndefined({ kmsKeyId }), tags: tagsOf(tags, what.tags) };
}

export function instanceRequest(
  member: MemberSettings,
  what: {
    readonly id: string;
    readonly cluster: string;
    readonly engine: string;
    readonly tags: Readonly<Record<string, string>>;
  },
): CreateClusterInstanceRequest {
  const { name: _name, tags, ...settings } = member;
  return { ...settings, ...what, tags: tagsOf(tags, what.tags) };
}
