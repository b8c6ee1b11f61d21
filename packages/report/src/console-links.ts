/** Addresses in the AWS console; whoever opens one must be signed in to the account that is named beside it. */

/** Host of a Region's console, by partition (aws, aws-cn, aws-us-gov; General Reference, "AWS Management Console endpoints"). */
function consoleOf(region: string): string | undefined {
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(region)) return undefined;
  if (region.startsWith('cn-')) return `https://${region}.console.amazonaws.cn`;
  if (region.startsWith('us-gov-')) return `https://${region}.console.amazonaws-us-gov.com`;
  return `https://${region}.console.aws.amazon.com`;
}

/** The page of an id; none if the Region or the id is nothing that AWS gives out, so that no address is built from foreign text. */
function page(region: string, id: string, path: string): string | undefined {
  const host = consoleOf(region);
  return host === undefined || !/^[A-Za-z0-9-]{1,64}$/.test(id) ? undefined : `${host}/${path}`;
}

export function drsJobLink(region: string, jobId: string): string | undefined {
  return page(region, jobId, `drs/home?region=${region}#/launchHistory/${jobId}`);
}

export function sourceServerLink(region: string, serverId: string): string | undefined {
  return page(region, serverId, `drs/home?region=${region}#/sourceServers/${serverId}/recovery_dashboard`);
}

export function instanceLink(region: string, instanceId: string): string | undefined {
  return page(region, instanceId, `ec2/home?region=${region}#InstanceDetails:instanceId=${instanceId}`);
}

export function automationLink(region: string, executionId: string): string | undefined {
  return page(region, executionId, `systems-manager/automation/execution/${executionId}?region=${region}`);
}

export function commandLink(region: string, commandId: string): string | undefined {
  return page(region, commandId, `systems-manager/run-command/${commandId}?region=${region}`);
}

/** Those whose id is a cluster, or an instance of none, that stands afterwards. */
const CLUSTER_OPERATIONS: readonly string[] = ['rds:RestoreDBClusterFromSnapshot', 'rds:RestoreDBClusterToPointInTime'];
const INSTANCE_OPERATIONS: readonly string[] = ['rds:RestoreDBInstanceFromDBSnapshot', 'rds:RestoreDBInstanceToPointInTime'];

export function clusterLink(region: string, clusterId: string): string | undefined {
  return page(region, clusterId, `rds/home?region=${region}#database:id=${clusterId};is-cluster=true`);
}

export function databaseInstanceLink(region: string, instanceId: string): string | undefined {
  return page(region, instanceId, `rds/home?region=${region}#database:id=${instanceId};is-cluster=false`);
}

/** The page of what was restored of a database; `undefined` before there is anything. */
export function restoredLink(region: string, { clusterId, instanceId }: RestoredIds): string | undefined {
  if (clusterId !== undefined) return clusterLink(region, clusterId);
  return instanceId === undefined ? undefined : databaseInstanceLink(region, instanceId);
}

interface RestoredIds {
  readonly clusterId?: string;
  readonly instanceId?: string;
}

/** The page of what a change made, by the operation that made it; `undefined` if there is none. */
export function changeLink(operation: string, id: string, region: string | undefined): string | undefined {
  if (region === undefined) return undefined;
  if (operation.startsWith('drs:')) return id.startsWith('drsjob-') ? drsJobLink(region, id) : undefined;
  if (operation === 'ssm:StartAutomationExecution') return automationLink(region, id);
  if (operation === 'ssm:SendCommand') return commandLink(region, id);
  if (CLUSTER_OPERATIONS.includes(operation)) return clusterLink(region, id);
  if (INSTANCE_OPERATIONS.includes(operation)) return databaseInstanceLink(region, id);
  return undefined;
}
