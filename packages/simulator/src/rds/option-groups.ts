import type { CallContext, Output } from '../world/call-context.ts';
import { rdsArn } from './arns.ts';
import { invalidCombination, rdsFault } from './faults.ts';
import { type ListRequest, listed } from './listing.ts';
import type { Contents } from './state.ts';

/** Major version as option groups have it: `16` of PostgreSQL, `8.0` of the others. */
function majorOf(engine: string, version: string): string {
  const parts = version.split('.');
  return engine.includes('postgres') ? (parts[0] ?? version) : parts.slice(0, 2).join('.');
}

function isDefault(name: string): boolean {
  return name.toLowerCase().startsWith('default:');
}

/**
 * The option group of a restored instance. One that is asked for must be of the Region, the engine and the major version; left out it is the
 * source's where that is there, and else the default one.
 */
export function optionGroupFor({ world, state }: CallContext, source: Contents, asked: string | undefined): string {
  const { engine, engineVersion } = source;
  const find = (name: string) =>
    world.scenario.optionGroups.find(
      (group) =>
        group.account === state.account && group.region === state.region && group.name.toLowerCase() === name.toLowerCase(),
    );
  const own = source.optionGroup;
  const usual = `default:${engine}`;
  if (asked === undefined) return own !== undefined && (isDefault(own) || find(own) !== undefined) ? own : usual;
  if (isDefault(asked)) {
    if (asked.toLowerCase().startsWith(usual)) return asked;
    throw invalidCombination(`The option group ${asked} is not of engine ${engine}.`);
  }
  const group = find(asked);
  if (group === undefined) throw rdsFault('OptionGroupNotFoundFault', `Specified OptionGroupName: ${asked} not found.`);
  if (group.engine !== engine || group.majorVersion !== majorOf(engine, engineVersion)) {
    throw invalidCombination(
      `The option group ${asked} is of ${group.engine} ${group.majorVersion}, and cannot be used with ${engine} ${engineVersion}.`,
    );
  }
  return group.name;
}

interface OptionGroupRequest extends ListRequest {
  readonly OptionGroupName?: string;
  readonly EngineName?: string;
  readonly MajorEngineVersion?: string;
}

/** Default groups are not listed: AWS makes them when they are first needed. */
export function describeOptionGroups(context: CallContext, input: OptionGroupRequest): Output {
  const { world, state } = context;
  const { OptionGroupName: name, EngineName: engine, MajorEngineVersion: major } = input;
  if (name !== undefined && (engine !== undefined || major !== undefined)) {
    throw invalidCombination('OptionGroupName cannot be given together with EngineName or MajorEngineVersion.');
  }
  if (major !== undefined && engine === undefined) throw invalidCombination('MajorEngineVersion needs EngineName.');
  const groups = world.scenario.optionGroups.filter(
    (group) =>
      group.account === state.account &&
      group.region === state.region &&
      (name === undefined || group.name.toLowerCase() === name.toLowerCase()) &&
      (engine === undefined || group.engine === engine) &&
      (major === undefined || group.majorVersion === major),
  );
  if (name !== undefined && groups.length === 0) {
    throw rdsFault('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`);
  }
  const { items, Marker } = listed(context, input, groups);
  return {
    Marker,
    OptionGroupsList: items.map((group) => ({
      OptionGroupName: group.name,
      OptionGroupDescription: group.name,
      EngineName: group.engine,
      MajorEngineVersion: group.majorVersion,
      Options: [],
      AllowsVpcAndNonVpcInstanceMemberships: true,
      OptionGroupArn: rdsArn(state, 'og', group.name),
    })),
  };
}
