import type { SubnetGroupSpec } from '../scenario/database-spec.ts';
import type { CallContext, Output } from '../world/call-context.ts';
import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';
import { rdsArn } from './arns.ts';
import { invalidCombination, rdsFault } from './faults.ts';
import { filtered, type ListRequest, listed } from './listing.ts';

/** What a Region offers: engine versions, subnet groups, parameter groups, global clusters. */

/** Family of parameter groups, as `aurora-postgresql16` or `aurora-mysql8.0`. */
export function parameterFamily(engine: string, version: string): string {
  if (engine === 'aurora-mysql' || engine === 'mysql' || engine === 'mariadb')
    return `${engine}${version.split('.').slice(0, 2).join('.')}`;
  if (engine === 'docdb' || engine === 'neptune') return `${engine}${version.split('.').slice(0, 2).join('.')}`;
  return `${engine}${version.split('.')[0]}`;
}

export function defaultParameterGroup(engine: string, version: string): string {
  return `default.${parameterFamily(engine, version)}`;
}

export function defaultVpc(world: World, { account, region }: Pick<RegionState, 'account' | 'region'>): string {
  return `vpc-0${world.random.hex(16, 'default-vpc', account, region)}`;
}

export function findSubnetGroup(world: World, { account, region }: Pick<RegionState, 'account' | 'region'>, name: string) {
  return world.scenario.subnetGroups.find(
    (group) => group.account === account && group.region === region && group.name.toLowerCase() === name.toLowerCase(),
  );
}

/** VPC of a subnet group; `default` is that of the default VPC. */
export function subnetGroupVpc(world: World, state: Pick<RegionState, 'account' | 'region'>, name: string): string {
  return findSubnetGroup(world, state, name)?.vpcId ?? defaultVpc(world, state);
}

export function versionsOf(world: World, region: string, engine: string) {
  const found = world.scenario.engineVersions.find((entry) => entry.engine === engine);
  return found === undefined || found.regions?.includes(region) === false ? undefined : found;
}

interface VersionRequest extends ListRequest {
  readonly Engine?: string;
  readonly EngineVersion?: string;
  readonly DefaultOnly?: boolean;
}

export function describeEngineVersions(context: CallContext, input: VersionRequest): Output {
  const { world, state } = context;
  const all = world.scenario.engineVersions
    .filter(({ regions }) => regions?.includes(state.region) !== false)
    .flatMap((entry) =>
      entry.versions.map((version) => ({
        engine: entry.engine,
        version,
        isDefault: version === entry.default,
        serverless: entry.serverless,
      })),
    )
    .filter(
      ({ engine, version, isDefault }) =>
        (input.Engine === undefined || engine === input.Engine) &&
        (input.EngineVersion === undefined || version === input.EngineVersion || version.startsWith(`${input.EngineVersion}.`)) &&
        (input.DefaultOnly !== true || isDefault),
    );
  const fitting = filtered(all, input, {
    engine: ({ engine }) => [engine],
    'engine-version': ({ version }) => [version],
    'parameter-group-family': ({ engine, version }) => [parameterFamily(engine, version)],
    status: () => ['available'],
    'engine-mode': () => ['provisioned'],
  });
  const { items, Marker } = listed(context, input, fitting);
  return {
    Marker,
    DBEngineVersions: items.map(({ engine, version, serverless }) => ({
      Engine: engine,
      EngineVersion: version,
      MajorEngineVersion: version.split('.')[0],
      DBParameterGroupFamily: parameterFamily(engine, version),
      DBEngineDescription: engine,
      DBEngineVersionDescription: `${engine} ${version}`,
      Status: 'available',
      SupportedEngineModes: engine.startsWith('aurora') ? ['provisioned'] : undefined,
      SupportsGlobalDatabases: engine.startsWith('aurora'),
      ServerlessV2FeaturesSupport:
        serverless === undefined ? undefined : { MinCapacity: serverless.min, MaxCapacity: serverless.max },
    })),
  };
}

/** AWS makes the group `default`, of the default VPC, with the first database that stands there. */
function subnetGroupsAt({ world, state }: CallContext): readonly Pick<SubnetGroupSpec, 'name' | 'vpcId' | 'subnets'>[] {
  const named = world.scenario.subnetGroups.filter(({ account, region }) => account === state.account && region === state.region);
  const { clusters, instances } = state.rds;
  if (named.some(({ name }) => name === 'default')) return named;
  if (![...clusters, ...instances].some(({ subnetGroup }) => subnetGroup === 'default')) return named;
  const subnets = ['a', 'b', 'c'].map(
    (zone) => `subnet-0${world.random.hex(16, 'default-subnet', state.account, state.region, zone)}`,
  );
  return [...named, { name: 'default', vpcId: defaultVpc(world, state), subnets }];
}

export function describeSubnetGroups(context: CallContext, input: ListRequest & { readonly DBSubnetGroupName?: string }): Output {
  const { state } = context;
  const wanted = input.DBSubnetGroupName?.toLowerCase();
  const groups = subnetGroupsAt(context).filter((group) => wanted === undefined || group.name.toLowerCase() === wanted);
  if (wanted !== undefined && groups.length === 0) throw subnetGroupNotFound(wanted);
  const { items, Marker } = listed(context, input, filtered(groups, input, {}));
  return {
    Marker,
    DBSubnetGroups: items.map((group) => ({
      DBSubnetGroupName: group.name,
      DBSubnetGroupDescription: group.name,
      DBSubnetGroupArn: rdsArn(state, 'subgrp', group.name),
      VpcId: group.vpcId,
      SubnetGroupStatus: 'Complete',
      Subnets: group.subnets.map((subnet, index) => ({
        SubnetIdentifier: subnet,
        SubnetAvailabilityZone: { Name: `${state.region}${'abc'.charAt(index % 3)}` },
        SubnetStatus: 'Active',
      })),
    })),
  };
}

export function subnetGroupNotFound(name: string) {
  return rdsFault('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`);
}

/** A parameter group that is asked for must exist here and fit the engine. Defaults always do. */
export function checkParameterGroup(context: CallContext, kind: 'cluster' | 'instance', name: string, family: string): string {
  const { world, state } = context;
  const group = world.scenario.parameterGroups.find(
    (one) =>
      one.account === state.account &&
      one.region === state.region &&
      one.kind === kind &&
      one.name.toLowerCase() === name.toLowerCase(),
  );
  const itsFamily = name.toLowerCase().startsWith('default.') ? name.toLowerCase().slice('default.'.length) : group?.family;
  if (itsFamily === undefined) {
    throw kind === 'cluster'
      ? rdsFault('DBClusterParameterGroupNotFoundFault', `DBClusterParameterGroup not found: ${name}`)
      : rdsFault('DBParameterGroupNotFoundFault', `DBParameterGroup not found: ${name}`);
  }
  if (itsFamily !== family) {
    throw invalidCombination(
      `The Parameter Group ${name} with DBParameterGroupFamily ${itsFamily} cannot be used for this instance. Please use a Parameter Group with DBParameterGroupFamily ${family}`,
    );
  }
  return group?.name ?? name.toLowerCase();
}

interface ParameterGroupRequest extends ListRequest {
  readonly DBClusterParameterGroupName?: string;
  readonly DBParameterGroupName?: string;
}

/** Cluster parameter groups, or those of instances. Of a missing one of clusters AWS says the same code as of one of instances. */
export function describeParameterGroups(kind: 'cluster' | 'instance') {
  const prefix = kind === 'cluster' ? 'DBClusterParameterGroup' : 'DBParameterGroup';
  return (context: CallContext, input: ParameterGroupRequest): Output => {
    const { world, state } = context;
    const wanted = (kind === 'cluster' ? input.DBClusterParameterGroupName : input.DBParameterGroupName)?.toLowerCase();
    const groups = world.scenario.parameterGroups.filter(
      (group) =>
        group.kind === kind &&
        group.account === state.account &&
        group.region === state.region &&
        (wanted === undefined || group.name.toLowerCase() === wanted),
    );
    if (wanted !== undefined && groups.length === 0) {
      throw rdsFault('DBParameterGroupNotFoundFault', `${prefix} not found: ${wanted}`);
    }
    const { items, Marker } = listed(context, input, filtered(groups, input, {}));
    return {
      Marker,
      [`${prefix}s`]: items.map((group) => ({
        [`${prefix}Name`]: group.name,
        DBParameterGroupFamily: group.family,
        Description: group.name,
        [`${prefix}Arn`]: rdsArn(state, kind === 'cluster' ? 'cluster-pg' : 'pg', group.name),
      })),
    };
  };
}

/** The global cluster that a cluster (by ARN) belongs to. */
export function globalClusterOf(world: World, arn: string) {
  return world.scenario.globalClusters.find(({ members }) => members.some((member) => member.arn === arn));
}

export function describeGlobalClusters(
  context: CallContext,
  input: ListRequest & { readonly GlobalClusterIdentifier?: string },
): Output {
  const { world, state } = context;
  const wanted = input.GlobalClusterIdentifier?.toLowerCase();
  const globals = world.scenario.globalClusters.filter(
    (global) => global.account === state.account && (wanted === undefined || global.id.toLowerCase() === wanted),
  );
  if (wanted !== undefined && globals.length === 0) {
    throw rdsFault('GlobalClusterNotFoundFault', `Global cluster ${wanted} not found.`);
  }
  const fitting = filtered(globals, input, {
    'db-cluster-id': ({ members }) => members.flatMap(({ arn }) => [arn, arn.split(':').at(-1) ?? arn]),
    region: ({ members }) => members.map(({ arn }) => arn.split(':')[3] ?? ''),
  });
  const { items, Marker } = listed(context, input, fitting);
  return {
    Marker,
    GlobalClusters: items.map((global) => ({
      GlobalClusterIdentifier: global.id,
      GlobalClusterArn: `arn:aws:rds::${state.account}:global-cluster:${global.id}`,
      GlobalClusterResourceId: `cluster-${world.random.hex(16, 'global', state.account, global.id)}`,
      Status: 'available',
      Engine: global.engine,
      DeletionProtection: false,
      GlobalClusterMembers: global.members.map((member) => ({
        DBClusterArn: member.arn,
        IsWriter: member.writer,
        Readers: member.writer ? global.members.filter(({ writer }) => !writer).map(({ arn }) => arn) : [],
      })),
    })),
  };
}
