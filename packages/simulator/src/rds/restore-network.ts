import type { CallContext } from '../world/call-context.ts';
import { defaultVpc, findSubnetGroup, subnetGroupNotFound } from './catalogue.ts';
import { invalidCombination, invalidValue } from './faults.ts';

/** Where it shall stand; the default VPC where nothing is asked for. */
export function network(
  { world, state }: CallContext,
  {
    DBSubnetGroupName: name,
    VpcSecurityGroupIds: groups = [],
  }: { readonly DBSubnetGroupName?: string; readonly VpcSecurityGroupIds?: readonly string[] },
) {
  const group = name === undefined ? undefined : findSubnetGroup(world, state, name);
  if (name !== undefined && group === undefined && name !== 'default') throw subnetGroupNotFound(name);
  const vpcId = group?.vpcId ?? defaultVpc(world, state);
  const malformed = groups.find((id) => !/^sg-[0-9a-z]+$/.test(id));
  if (malformed !== undefined) throw invalidValue(`Invalid security group , groupId= ${malformed}, groupName=.`);
  const elsewhere = world.scenario.subnetGroups.find(
    (other) => other.vpcId !== vpcId && other.securityGroups.some((id) => groups.includes(id)),
  );
  const known =
    group === undefined || group.securityGroups.length === 0 || groups.every((id) => group.securityGroups.includes(id));
  if (elsewhere !== undefined) {
    throw invalidCombination(
      `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${vpcId} and the EC2 security group is in ${elsewhere.vpcId}`,
    );
  }
  if (!known) throw invalidValue(`Invalid security group , groupId= ${groups.join()}, groupName=.`);
  return { subnetGroup: group?.name ?? 'default', vpcId, securityGroups: groups };
}
