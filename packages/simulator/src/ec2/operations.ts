import { AwsFault } from '../aws-fault.ts';
import { page } from '../paging.ts';
import { type CallContext, type Handler, handler } from '../world/call-context.ts';
import { type Instance, type InstanceState, instanceState } from '../world/instance.ts';
import { describeSecurityGroups } from './security-groups.ts';

interface DescribeRequest {
  readonly InstanceIds?: readonly string[];
  readonly Filters?: readonly { readonly Name?: string; readonly Values?: readonly string[] }[];
  readonly IncludeAllInstances?: boolean;
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

const STATE_CODES: Readonly<Record<InstanceState, number>> = {
  pending: 0,
  running: 16,
  'shutting-down': 32,
  terminated: 48,
  stopped: 80,
};

interface Visible {
  readonly instance: Instance;
  readonly state: InstanceState;
}

/** Instances that EC2 shows now. An id that it does not know (yet) fails the whole call, as in AWS. */
function visible({ state, world, operation, now }: CallContext, input: DescribeRequest): readonly Visible[] {
  const lag = world.faults.standing(
    'visibility-lag',
    { service: 'ec2', operation, account: state.account, region: state.region },
    now,
  );
  const all = [...state.instances.values()].flatMap((instance): Visible[] => {
    const seen = instanceState(instance, now);
    return seen === undefined || Math.max(instance.visibleAt, instance.launchedAt + (lag?.effect.by ?? 0)) > now
      ? []
      : [{ instance, state: seen }];
  });
  for (const { Name: name = '' } of input.Filters ?? []) {
    if (!FILTERS.test(name)) throw new AwsFault('InvalidParameterValue', 400, `The filter '${name}' is invalid`);
  }
  const malformed = (input.InstanceIds ?? []).find((id) => !/^i-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
  if (malformed !== undefined) throw new AwsFault('InvalidInstanceID.Malformed', 400, `Invalid id: "${malformed}"`);
  const absent = (input.InstanceIds ?? []).filter((id) => !all.some(({ instance }) => instance.id === id));
  if (absent.length > 0) {
    const text =
      absent.length === 1
        ? `The instance ID '${absent[0]}' does not exist`
        : `The instance IDs '${absent.join(', ')}' do not exist`;
    throw new AwsFault('InvalidInstanceID.NotFound', 400, text);
  }
  const ids = input.InstanceIds ?? [];
  return all
    .filter(({ instance }) => ids.length === 0 || ids.includes(instance.id))
    .filter((entry) => (input.Filters ?? []).every((filter) => fits(entry, filter.Name ?? '', filter.Values ?? [])));
}

/** Those of AWS that the simulator knows. */
const FILTERS = /^(instance-id|instance-state-name|tag-key|tag:.+)$/;

function fits({ instance, state }: Visible, name: string, values: readonly string[]): boolean {
  if (name === 'instance-id') return values.includes(instance.id);
  if (name === 'instance-state-name') return values.includes(state);
  if (name.startsWith('tag:')) return values.includes(instance.tags[name.slice(4)] ?? '');
  return values.some((key) => Object.hasOwn(instance.tags, key));
}

function invalidToken(): AwsFault {
  return new AwsFault('InvalidParameterValue', 400, 'Unable to parse pagination token');
}

/** Ids and MaxResults exclude one another; without MaxResults everything comes at once. */
function paged<T>({ world }: CallContext, input: DescribeRequest, listing: string, all: readonly T[]) {
  if (input.MaxResults !== undefined && input.InstanceIds !== undefined) {
    throw new AwsFault(
      'InvalidParameterCombination',
      400,
      'The parameter instancesSet cannot be used with the parameter maxResults',
    );
  }
  const size = input.MaxResults === undefined ? Number.POSITIVE_INFINITY : Math.min(input.MaxResults, world.scenario.pageSize);
  return page(all, { listing, token: input.NextToken, size, invalidToken });
}

const describeInstances = handler<DescribeRequest>((context, input) => {
  const { items, nextToken } = paged(context, input, 'DescribeInstances', visible(context, input));
  return {
    Reservations: items.map(({ instance, state }) => ({
      ReservationId: `r-0${context.world.random.hex(16, 'reservation', instance.id)}`,
      OwnerId: instance.account,
      Instances: [
        {
          InstanceId: instance.id,
          ImageId: `ami-0${context.world.random.hex(16, 'image', instance.id)}`,
          State: { Code: STATE_CODES[state], Name: state },
          PrivateDnsName: `ip-${instance.privateIp.replaceAll('.', '-')}.${instance.region}.compute.internal`,
          PrivateIpAddress: state === 'terminated' ? undefined : instance.privateIp,
          InstanceType: instance.instanceType,
          LaunchTime: instance.launchedAt,
          Placement: { AvailabilityZone: instance.zone, Tenancy: 'default' },
          SubnetId: instance.subnetId,
          VpcId: instance.vpcId,
          Tags: Object.entries(instance.tags).map(([Key, Value]) => ({ Key, Value })),
        },
      ],
    })),
    NextToken: nextToken,
  };
});

const describeInstanceStatus = handler<DescribeRequest>((context, input) => {
  const shown = visible(context, input).filter(({ state }) => input.IncludeAllInstances === true || state === 'running');
  const { items, nextToken } = paged(context, input, 'DescribeInstanceStatus', shown);
  return {
    InstanceStatuses: items.map(({ instance, state }) => {
      const status = checkStatus(context, instance, state);
      const passed = { ok: 'passed', initializing: 'initializing', impaired: 'failed' }[status];
      const check = { Status: status, Details: passed === undefined ? undefined : [{ Name: 'reachability', Status: passed }] };
      return {
        InstanceId: instance.id,
        AvailabilityZone: instance.zone,
        InstanceState: { Code: STATE_CODES[state], Name: state },
        InstanceStatus: check,
        SystemStatus: status === 'impaired' ? { Status: 'ok', Details: [{ Name: 'reachability', Status: 'passed' }] } : check,
        AttachedEbsStatus: check,
      };
    }),
    NextToken: nextToken,
  };
});

function checkStatus({ world, now }: CallContext, instance: Instance, state: InstanceState): string {
  if (state !== 'running') return 'not-applicable';
  const impaired = world.faults.standing(
    'status-impaired',
    {
      service: 'ec2',
      account: instance.account,
      region: instance.region,
      concerns: (name) => name === instance.serverId || name === instance.hostname || name === instance.id,
    },
    now,
  );
  if (now < instance.statusOkAt) return 'initializing';
  return impaired === undefined ? 'ok' : 'impaired';
}

export const EC2_HANDLERS: Readonly<Record<string, Handler>> = {
  DescribeInstances: describeInstances,
  DescribeInstanceStatus: describeInstanceStatus,
  DescribeSecurityGroups: describeSecurityGroups,
};
