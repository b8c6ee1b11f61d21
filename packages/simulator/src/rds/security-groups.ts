import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';
import { defaultVpc, subnetGroupVpc } from './catalogue.ts';

type Place = Pick<RegionState, 'account' | 'region'>;

export interface SecurityGroup {
  readonly id: string;
  /** Undefined: a scenario that names no security groups says of none where it is. */
  readonly vpcId: string | undefined;
}

/** As RDS takes ids of security groups. */
export const SECURITY_GROUP_ID = /^sg-[0-9a-z]+$/;

/** The group that AWS makes with a VPC. */
export function defaultSecurityGroup(world: World, vpcId: string): string {
  return `sg-0${world.random.hex(16, 'default-security-group', vpcId)}`;
}

/** Those that a scenario names in its subnet groups and databases, and the default ones. */
export function securityGroupsAt(world: World, place: Place): readonly SecurityGroup[] {
  const { subnetGroups, clusters, dbInstances } = world.scenario;
  const here = <T extends Place>(all: readonly T[]) =>
    all.filter(({ account, region }) => account === place.account && region === place.region);
  const found = new Map<string, string>();
  for (const { vpcId, securityGroups } of here(subnetGroups)) for (const id of securityGroups) found.set(id, vpcId);
  for (const { subnetGroup, securityGroups } of [...here(clusters), ...here(dbInstances)]) {
    const vpcId = subnetGroupVpc(world, place, subnetGroup);
    for (const id of securityGroups) if (!found.has(id)) found.set(id, vpcId);
  }
  for (const vpcId of [...here(subnetGroups).map((group) => group.vpcId), defaultVpc(world, place)]) {
    found.set(defaultSecurityGroup(world, vpcId), vpcId);
  }
  return [...found].map(([id, vpcId]) => ({ id, vpcId }));
}

/** One by its id. Where no subnet group of the account and Region names any, every id will do. */
export function findSecurityGroup(world: World, place: Place, id: string): SecurityGroup | undefined {
  const known = securityGroupsAt(world, place).find((group) => group.id === id);
  if (known !== undefined) return known;
  const named = world.scenario.subnetGroups.some(
    ({ account, region, securityGroups }) => account === place.account && region === place.region && securityGroups.length > 0,
  );
  return named || !SECURITY_GROUP_ID.test(id) ? undefined : { id, vpcId: undefined };
}
