import { AwsFault } from '../aws-fault.ts';
import { page } from '../paging.ts';
import { epochSeconds } from '../wire-time.ts';
import { type CallContext, handler } from '../world/call-context.ts';
import { type Instance, instanceState } from '../world/instance.ts';
import { invalidNextToken } from './automations.ts';

/** An agent reports every five minutes. */
const PING_EVERY = 300_000;

/** When the instance's agent came online; undefined if it has not. */
export function agentOnlineAt({ world, now }: CallContext, instance: Instance): number | undefined {
  const state = instanceState(instance, now);
  if (state !== 'running' && state !== 'shutting-down') return undefined;
  const never = world.faults.standing(
    'agent-never-online',
    {
      service: 'ssm',
      account: instance.account,
      region: instance.region,
      concerns: (name) => name === instance.serverId || name === instance.hostname || name === instance.id,
    },
    now,
  );
  if (never !== undefined && instance.agentOnlineAt >= never.from) return undefined;
  return instance.agentOnlineAt <= now ? instance.agentOnlineAt : undefined;
}

export function isOnline(context: CallContext, id: string): boolean {
  const instance = context.state.instances.get(id);
  return (
    instance !== undefined && instanceState(instance, context.now) === 'running' && agentOnlineAt(context, instance) !== undefined
  );
}

interface DescribeInstanceInformationRequest {
  readonly Filters?: readonly { readonly Key: string; readonly Values: readonly string[] }[];
  readonly InstanceInformationFilterList?: readonly { readonly key: string; readonly valueSet: readonly string[] }[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** Instances whose agent never reported are absent with `Filters`, and an error with the older filter list. */
export const describeInstanceInformation = handler<DescribeInstanceInformationRequest>((context, input) => {
  const { state, now, world } = context;
  if (input.Filters !== undefined && input.InstanceInformationFilterList !== undefined) {
    throw new AwsFault('ValidationException', 400, 'Filters and InstanceInformationFilterList cannot be given together.');
  }
  const registered = [...state.instances.values()].flatMap((instance) => {
    const online = agentOnlineAt(context, instance);
    return online === undefined ? [] : [{ instance, online }];
  });
  for (const { key, valueSet } of input.InstanceInformationFilterList ?? []) {
    const absent =
      key === 'InstanceIds' ? valueSet.find((id) => !registered.some(({ instance }) => instance.id === id)) : undefined;
    if (absent !== undefined) throw new AwsFault('InvalidInstanceId', 400, `Instance ${absent} is not registered.`);
  }
  const filters = [
    ...(input.Filters ?? []),
    ...(input.InstanceInformationFilterList ?? []).map(({ key, valueSet }) => ({ Key: key, Values: valueSet })),
  ];
  const odd = filters.find(({ Key }) => FILTER_MEMBERS[Key] === undefined);
  if (odd !== undefined) throw new AwsFault('InvalidFilterKey', 400, `The simulator cannot filter managed nodes by ${odd.Key}.`);
  const view = ({ instance, online }: (typeof registered)[number]): Readonly<Record<string, unknown>> => ({
    InstanceId: instance.id,
    PingStatus: instanceState(instance, now) === 'running' ? 'Online' : 'ConnectionLost',
    LastPingDateTime: epochSeconds(online + Math.floor((now - online) / PING_EVERY) * PING_EVERY),
    AgentVersion: '3.3.1611.0',
    IsLatestVersion: true,
    PlatformType: /windows/i.test(instance.os) ? 'Windows' : 'Linux',
    PlatformName: /windows/i.test(instance.os) ? 'Microsoft Windows Server' : 'Amazon Linux',
    PlatformVersion: '2023',
    ResourceType: 'EC2Instance',
    IPAddress: instance.privateIp,
    ComputerName: instance.hostname,
  });
  const fitting = registered.map(view).filter((node) => filters.every(({ Key, Values }) => fits(node, Key, Values)));
  const { items, nextToken } = page(fitting, {
    listing: 'DescribeInstanceInformation',
    token: input.NextToken,
    size: Math.min(input.MaxResults ?? 10, world.scenario.pageSize),
    invalidToken: invalidNextToken,
  });
  return { InstanceInformationList: items, NextToken: nextToken };
});

const FILTER_MEMBERS: Readonly<Record<string, string>> = {
  InstanceIds: 'InstanceId',
  PingStatus: 'PingStatus',
  PlatformTypes: 'PlatformType',
  ResourceType: 'ResourceType',
};

function fits(node: Readonly<Record<string, unknown>>, key: string, values: readonly string[]): boolean {
  return values.includes(String(node[FILTER_MEMBERS[key] ?? key]));
}
