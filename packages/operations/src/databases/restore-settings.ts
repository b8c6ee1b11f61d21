import type {
  CreateClusterInstanceRequest,
  PointInTime,
  RestoreClusterRequest,
  RestoreClusterToPointRequest,
} from '@breakwater/aws';
import type { DatabaseSettings } from '@breakwater/plan';
import { withoutUndefined } from '../boundary.ts';
import { foreignTags, ownGroup } from './cluster-manifest.ts';
import type { InstanceDesign } from './instance-settings.ts';
import type { ClusterManifest, MemberSettings } from './restore-contracts.ts';

/** What the cluster is built with, and what of the source could not be taken over. */
export interface ClusterDesign {
  readonly kind: 'cluster';
  readonly settings: DatabaseSettings;
  readonly members: readonly MemberSettings[];
  readonly losses: readonly string[];
}

export type RestoreDesign = ClusterDesign | InstanceDesign;

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
}): ClusterDesign {
  const { manifest, settings, account, region, target, drill } = options;
  const { id, engine: _engine, engineVersion: _version, ...captured } = manifest.cluster;
  const sameRegion = manifest.region === region;
  const sameAccount = manifest.account === account;
  const { parameterGroup, ...rest } = captured;
  const portableOf = { ...rest, ...withoutUndefined({ parameterGroup: ownGroup(parameterGroup) }) };
  const { here, losses: lost } = portable(portableOf, settings, { sameRegion, sameAccount });
  const losses = [...lost];
  const given = options.members?.map((member, index) => ({ ...member, name: `${target}-${index + 1}` }));
  const members = (given ?? manifest.members).map((member, index): MemberSettings => {
    const { availabilityZone, monitoringInterval, monitoringRoleArn, parameterGroup: group, ...rest } = member;
    const monitored = monitoringInterval !== undefined && monitoringInterval > 0;
    const monitor = given !== undefined || sameAccount;
    if (monitored && !monitor) losses.push(`enhanced monitoring of ${member.name}: its role is of another account`);
    return {
      ...rest,
      name: given !== undefined || id === target ? member.name : `${target}-${index + 1}`,
      ...withoutUndefined({
        parameterGroup: given === undefined ? ownGroup(group) : group,
        availabilityZone: given !== undefined || sameRegion ? availabilityZone : undefined,
        monitoringInterval: monitor ? monitoringInterval : undefined,
        monitoringRoleArn: monitor ? monitoringRoleArn : undefined,
      }),
    };
  });
  return {
    kind: 'cluster',
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

/** What was captured without what names a thing of its own place, and whether that leaves a hole. */
export function portable<T extends { readonly securityGroups?: readonly string[] }>(
  captured: T,
  given: { readonly securityGroups?: readonly string[] },
  place: { readonly sameRegion: boolean; readonly sameAccount: boolean },
): { readonly here: Omit<T, 'securityGroups'>; readonly losses: readonly string[] } {
  if (place.sameRegion && place.sameAccount) return { here: captured, losses: [] };
  const { securityGroups = [], ...here } = captured;
  const lost = securityGroups.length > 0 && given.securityGroups === undefined;
  return {
    here,
    losses: lost
      ? ['its security groups are of another account or Region, and none were given: the default one of the VPC is used']
      : [],
  };
}

/** AWS takes 50 tags. Room is left for those that are set later: without it a roll-back could not be decided for good. */
const MOST_TAGS = 50;
const LATER_TAGS = 7;

/** How many tags do not fit beside ours. */
export function tagsLeftOut(
  foreign: Readonly<Record<string, string>> | undefined,
  own: Readonly<Record<string, string>>,
): number {
  return Math.max(0, Object.keys(foreignTags(foreign ?? {})).length - roomFor(own));
}

function roomFor(own: Readonly<Record<string, string>>): number {
  return MOST_TAGS - LATER_TAGS - Object.keys(own).length;
}

/** Our tags are always there; of the others as many as AWS takes. */
export function tagsOf(
  foreign: Readonly<Record<string, string>> | undefined,
  own: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const kept = Object.entries(foreignTags(foreign ?? {})).slice(0, roomFor(own));
  return { ...Object.fromEntries(kept), ...own };
}

/** What RestoreDBClusterFromSnapshot takes. */
export function restoreRequest(
  design: ClusterDesign,
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

/** What RestoreDBClusterToPointInTime takes: engine and version are always the source's. */
export function pointRequest(
  design: ClusterDesign,
  what: PointInTime & {
    readonly id: string;
    readonly kmsKeyId: string | undefined;
    readonly tags: Readonly<Record<string, string>>;
  },
): RestoreClusterToPointRequest {
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
