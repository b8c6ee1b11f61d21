import type { DatabaseGroup, RdsGateway } from './database-gateways.ts';
import { missingIs } from './odd-answers.ts';
import type { RdsCaller } from './rds-caller.ts';

export type GroupMethods = Pick<RdsGateway, 'describeGroup'>;

const NO_GROUP = [
  'DBSubnetGroupNotFoundFault',
  'DBParameterGroupNotFound',
  'DBParameterGroupNotFoundFault',
  'DBClusterParameterGroupNotFound',
  'DBClusterParameterGroupNotFoundFault',
];

/** Groups that a restore names. A cluster's parameter group is told as missing with the code of an instance's. */
export function groupMethods(rds: RdsCaller): GroupMethods {
  const ask = {
    subnets: async (name: string): Promise<DatabaseGroup | undefined> => {
      const { DBSubnetGroups = [] } = await rds.call('DescribeDBSubnetGroups', 'read', (sdk, client, options) =>
        client.send(new sdk.DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name }), options),
      );
      return named(DBSubnetGroups[0]?.DBSubnetGroupName, undefined);
    },
    'cluster-parameters': async (name: string) => {
      const { DBClusterParameterGroups = [] } = await rds.call(
        'DescribeDBClusterParameterGroups',
        'read',
        (sdk, client, options) =>
          client.send(new sdk.DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: name }), options),
      );
      const [found] = DBClusterParameterGroups;
      return named(found?.DBClusterParameterGroupName, found?.DBParameterGroupFamily);
    },
    'instance-parameters': async (name: string) => {
      const { DBParameterGroups = [] } = await rds.call('DescribeDBParameterGroups', 'read', (sdk, client, options) =>
        client.send(new sdk.DescribeDBParameterGroupsCommand({ DBParameterGroupName: name }), options),
      );
      return named(DBParameterGroups[0]?.DBParameterGroupName, DBParameterGroups[0]?.DBParameterGroupFamily);
    },
  };
  return { describeGroup: (kind, name) => missingIs(NO_GROUP, undefined, () => ask[kind](name)) };
}

function named(name: string | undefined, family: string | undefined): DatabaseGroup | undefined {
  return name === undefined ? undefined : { name, family };
}
