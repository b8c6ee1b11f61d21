import type { CallContext } from '../world/call-context.ts';
import { defaultVpc, findSubnetGroup, subnetGroupNotFound } from './catalogue.ts';
import { invalidCombination, invalidValue } from './faults.ts';
import { findSecurityGroup, SECURITY_GROUP_ID } from './security-groups.ts';

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
  for (const id of groups) {
    const found = SECURITY_GROUP_ID.test(id) ? findSecurityGroup(world, state, id) : undefined;
    if (found === undefined) throw invalidValue(`Invalid security group , groupId= ${id}, groupName=.`);
    if (found.vpcId === undefined || found.vpcId === vpcId) continue;
    throw invalidCombination(
      `The DB instance and EC2 security group are in different VPCs. The DB instance is in ${vpcId} and the EC2 security group is in ${found.vpcId}`,
    );
  }
  return { subnetGroup: group?.name ?? 'default', vpcId, securityGroups: groups };
}
