import { BreakwaterError } from '@breakwater/core';
import { propertyOf } from './boundary.ts';
import type { SecurityGroup } from './database-services.ts';
import type { Ec2Gateway, Ec2Instance, Ec2InstanceHealth } from './gateways.ts';
import { chunksOf } from './paging.ts';
import { moment, tagsOfList } from './parse.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./ec2-client.ts');
type Client = InstanceType<Sdk['EC2Client']>;

/** IAM actions that each method of the EC2 gateway needs in the site. */
export const EC2_PERMISSIONS = {
  describeInstanceHealth: ['ec2:DescribeInstanceStatus'],
  describeInstances: ['ec2:DescribeInstances'],
  describeSecurityGroups: ['ec2:DescribeSecurityGroups'],
} as const satisfies Record<keyof Ec2Gateway, readonly string[]>;

/** Most ids DescribeInstanceStatus takes. */
const IDS_AT_ONCE = 100;

/** EC2 at one site. */
export function ec2Gateway(surroundings: Surroundings, place: Omit<Place, 'service'>): Ec2Gateway {
  const ec2 = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'ec2' },
    () => import('./ec2-client.ts'),
    (sdk, settings) => new sdk.EC2Client(settings),
  );

  return {
    describeInstanceHealth: (ids) =>
      ofVisible(ids, async (some) => {
        const found: Ec2InstanceHealth[] = [];
        const items = ec2.everyItem('DescribeInstanceStatus', async (sdk, client, NextToken, options) => {
          const input = { InstanceIds: some, IncludeAllInstances: true, NextToken };
          const page = await client.send(new sdk.DescribeInstanceStatusCommand(input), options);
          return { items: page.InstanceStatuses ?? [], nextToken: page.NextToken };
        });
        for await (const item of items) {
          if (item.InstanceId === undefined) continue;
          found.push({
            instanceId: item.InstanceId,
            state: item.InstanceState?.Name ?? 'unknown',
            instanceStatus: item.InstanceStatus?.Status,
            systemStatus: item.SystemStatus?.Status,
            attachedEbsStatus: item.AttachedEbsStatus?.Status,
          });
        }
        return found;
      }),

    describeInstances: (ids) =>
      ofVisible(ids, async (some) => {
        const found: Ec2Instance[] = [];
        const reservations = ec2.everyItem('DescribeInstances', async (sdk, client, NextToken, options) => {
          const page = await client.send(new sdk.DescribeInstancesCommand({ InstanceIds: some, NextToken }), options);
          return { items: page.Reservations ?? [], nextToken: page.NextToken };
        });
        for await (const { Instances } of reservations) {
          for (const item of Instances ?? []) {
            if (item.InstanceId === undefined) continue;
            found.push({
              instanceId: item.InstanceId,
              state: item.State?.Name ?? 'unknown',
              launchedAt: moment(item.LaunchTime),
              privateIp: item.PrivateIpAddress,
              instanceType: item.InstanceType,
              subnetId: item.SubnetId,
              tags: tagsOfList(item.Tags),
            });
          }
        }
        return found;
      }),

    async describeSecurityGroups(ids) {
      const wanted = [...new Set(ids)];
      if (wanted.length === 0) return [];
      const found: SecurityGroup[] = [];
      // Asked for by a filter: by its ids EC2 refuses the whole call for one that is not there.
      const items = ec2.everyItem('DescribeSecurityGroups', async (sdk, client, NextToken, options) => {
        const input = { Filters: [{ Name: 'group-id', Values: wanted }], NextToken };
        const page = await client.send(new sdk.DescribeSecurityGroupsCommand(input), options);
        return { items: page.SecurityGroups ?? [], nextToken: page.NextToken };
      });
      for await (const { GroupId: id, VpcId: vpc } of items) {
        // A filter takes wildcards, an id has none.
        if (id !== undefined && wanted.includes(id)) found.push({ id, vpc });
      }
      return found;
    },
  };
}

/** An empty list of ids means "all" to EC2, so it is never sent. */
async function ofVisible<T>(ids: readonly string[], describe: (some: string[]) => Promise<readonly T[]>): Promise<T[]> {
  const found: T[] = [];
  for (const chunk of chunksOf([...new Set(ids)], IDS_AT_ONCE)) found.push(...(await withoutUnknown(chunk, describe)));
  return found;
}

/**
 * EC2 refuses a whole describe for one id it does not know, and a new instance may be unknown for some seconds. The ids it names
 * are left out; when it names none of ours, the list is halved until the unknown ones stand alone.
 */
async function withoutUnknown<T>(ids: string[], describe: (some: string[]) => Promise<readonly T[]>): Promise<readonly T[]> {
  if (ids.length === 0) return [];
  try {
    return await describe(ids);
  } catch (error) {
    if (
      !(error instanceof BreakwaterError) ||
      propertyOf(propertyOf(error, 'call'), 'awsCode') !== 'InvalidInstanceID.NotFound'
    ) {
      throw error;
    }
    const named = new Set(error.message.match(/\bi-[0-9a-f]{8,}\b/g));
    const rest = ids.filter((id) => !named.has(id));
    if (rest.length < ids.length) return withoutUnknown(rest, describe);
    if (ids.length === 1) return [];
    const middle = Math.ceil(ids.length / 2);
    const left = await withoutUnknown(ids.slice(0, middle), describe);
    return [...left, ...(await withoutUnknown(ids.slice(middle), describe))];
  }
}
