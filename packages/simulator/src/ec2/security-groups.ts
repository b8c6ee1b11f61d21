import { AwsFault } from '../aws-fault.ts';
import { page } from '../paging.ts';
import { findSecurityGroup, SECURITY_GROUP_ID, type SecurityGroup, securityGroupsAt } from '../rds/security-groups.ts';
import { type CallContext, handler } from '../world/call-context.ts';

interface DescribeRequest {
  readonly GroupIds?: readonly string[];
  readonly GroupNames?: readonly string[];
  readonly Filters?: readonly { readonly Name?: string; readonly Values?: readonly string[] }[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Those of AWS that the simulator knows. */
const FILTERS = ['group-id', 'vpc-id'];

/** By id an unknown group fails the whole call, as in AWS; by filter it is missing from the answer. */
export const describeSecurityGroups = handler<DescribeRequest>((context, input) => {
  const { world, state } = context;
  if (input.GroupNames !== undefined) {
    throw new AwsFault('InvalidParameterValue', 400, 'The simulator knows security groups by id only.');
  }
  const { items, nextToken } = page(shown(context, input), {
    listing: 'DescribeSecurityGroups',
    token: input.NextToken,
    size: input.MaxResults === undefined ? Number.POSITIVE_INFINITY : Math.min(input.MaxResults, world.scenario.pageSize),
    invalidToken: () => new AwsFault('InvalidParameterValue', 400, 'Unable to parse pagination token'),
  });
  return {
    SecurityGroups: items.map(({ id, vpcId }) => ({
      GroupId: id,
      GroupName: id,
      Description: id,
      OwnerId: state.account,
      VpcId: vpcId,
    })),
    NextToken: nextToken,
  };
});

function shown({ world, state }: CallContext, { GroupIds: ids = [], Filters: filters = [] }: DescribeRequest) {
  for (const { Name: name = '' } of filters) {
    if (!FILTERS.includes(name)) throw new AwsFault('InvalidParameterValue', 400, `The filter '${name}' is invalid`);
  }
  const valuesOf = (name: string) => filters.flatMap((filter) => (filter.Name === name ? [filter.Values ?? []] : []));
  const find = (id: string): readonly SecurityGroup[] => {
    const group = findSecurityGroup(world, state, id);
    return group === undefined ? [] : [group];
  };
  for (const id of ids) {
    if (!SECURITY_GROUP_ID.test(id)) {
      throw new AwsFault('InvalidGroupId.Malformed', 400, `Invalid id: "${id}" (expecting "sg-...")`);
    }
    if (find(id).length === 0) throw new AwsFault('InvalidGroup.NotFound', 400, `The security group '${id}' does not exist`);
  }
  const [asked] = valuesOf('group-id');
  const named = ids.length > 0 ? ids : asked;
  const all = named === undefined ? securityGroupsAt(world, state) : [...new Set(named)].flatMap(find);
  return all.filter(
    ({ id, vpcId }) =>
      valuesOf('group-id').every((values) => values.includes(id)) &&
      valuesOf('vpc-id').every((values) => vpcId !== undefined && values.includes(vpcId)),
  );
}
