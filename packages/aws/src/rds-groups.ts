import type { DatabaseGroup, RdsGateway } from './database-gateways.ts';
import { missingIs } from './odd-answers.ts';
import type { RdsCaller } from './rds-caller.ts';

export type GroupMethods = Pick<
  RdsGateway,
  'describeGroup' | 'engineVersionAvailable' | 'instanceClassAvailable' | 'serverlessRange'
>;

const NO_GROUP = [
  'DBSubnetGroupNotFoundFault',
  'DBParameterGroupNotFound',
  'DBParameterGroupNotFoundFault',
  'DBClusterParameterGroupNotFound',
  'DBClusterParameterGroupNotFoundFault',
  'OptionGroupNotFoundFault',
];

/** What a Region offers, and the groups that a restore names. A cluster's parameter group is told as missing with the code of an instance's. */
export function groupMethods(rds: RdsCaller): GroupMethods {
  const ask = {
    subnets: async (name: string): Promise<DatabaseGroup | undefined> => {
      const { DBSubnetGroups = [] } = await rds.call('DescribeDBSubnetGroups', 'read', (sdk, client, options) =>
        client.send(new sdk.DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: name }), options),
      );
      return named(DBSubnetGroups[0]?.DBSubnetGroupName, { vpc: DBSubnetGroups[0]?.VpcId });
    },
    'cluster-parameters': async (name: string) => {
      const { DBClusterParameterGroups = [] } = await rds.call(
        'DescribeDBClusterParameterGroups',
        'read',
        (sdk, client, options) =>
          client.send(new sdk.DescribeDBClusterParameterGroupsCommand({ DBClusterParameterGroupName: name }), options),
      );
      const [found] = DBClusterParameterGroups;
      return named(found?.DBClusterParameterGroupName, { family: found?.DBParameterGroupFamily });
    },
    'instance-parameters': async (name: string) => {
      const { DBParameterGroups = [] } = await rds.call('DescribeDBParameterGroups', 'read', (sdk, client, options) =>
        client.send(new sdk.DescribeDBParameterGroupsCommand({ DBParameterGroupName: name }), options),
      );
      return named(DBParameterGroups[0]?.DBParameterGroupName, { family: DBParameterGroups[0]?.DBParameterGroupFamily });
    },
    options: async (name: string) => {
      const { OptionGroupsList = [] } = await rds.call('DescribeOptionGroups', 'read', (sdk, client, options) =>
        client.send(new sdk.DescribeOptionGroupsCommand({ OptionGroupName: name }), options),
      );
      const { OptionGroupName, EngineName: engine, MajorEngineVersion: major } = OptionGroupsList[0] ?? {};
      return named(OptionGroupName, {
        engine: engine === undefined || major === undefined ? undefined : { name: engine, major },
      });
    },
  };

  /** The version itself: asked for by a part of it, AWS lists others. */
  const versions = (engine: string, version: string) =>
    rds.everyItem('DescribeDBEngineVersions', async (sdk, client, Marker, options) => {
      const input = { Engine: engine, EngineVersion: version, Marker };
      const page = await client.send(new sdk.DescribeDBEngineVersionsCommand(input), options);
      const items = (page.DBEngineVersions ?? []).filter(({ EngineVersion }) => EngineVersion === version);
      return { items, nextToken: page.Marker };
    });

  return {
    describeGroup: (kind, name) => missingIs(NO_GROUP, undefined, () => ask[kind](name)),

    async engineVersionAvailable(engine, version) {
      // A version that is on its way out is listed for a while, as deprecated: it runs but cannot be created.
      for await (const { Status } of versions(engine, version)) {
        if (Status === undefined || Status === 'available') return true;
      }
      return false;
    },

    async instanceClassAvailable(engine, version, instanceClass) {
      const options = rds.everyItem('DescribeOrderableDBInstanceOptions', async (sdk, client, Marker, send) => {
        const input = { Engine: engine, EngineVersion: version, DBInstanceClass: instanceClass, Marker };
        const page = await client.send(new sdk.DescribeOrderableDBInstanceOptionsCommand(input), send);
        return { items: page.OrderableDBInstanceOptions ?? [], nextToken: page.Marker };
      });
      for await (const { DBInstanceClass } of options) if (DBInstanceClass === instanceClass) return true;
      return false;
    },

    async serverlessRange(engine, version) {
      for await (const { ServerlessV2FeaturesSupport } of versions(engine, version)) {
        const { MinCapacity: min, MaxCapacity: max } = ServerlessV2FeaturesSupport ?? {};
        if (min !== undefined && max !== undefined) return { min, max };
      }
      return undefined;
    },
  };
}

function named(name: string | undefined, more: Partial<Omit<DatabaseGroup, 'name'>>): DatabaseGroup | undefined {
  return name === undefined ? undefined : { name, family: undefined, vpc: undefined, engine: undefined, ...more };
}
