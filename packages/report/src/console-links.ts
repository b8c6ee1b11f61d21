/** Addresses in the AWS console. Every part is encoded; whoever opens one must be signed in to the account that is named beside it. */

/** Host of a Region's console, by partition (aws, aws-cn, aws-us-gov; General Reference, "AWS Management Console endpoints"). */
function consoleOf(region: string): string | undefined {
  if (!/^[a-z]{2}(?:-[a-z]+)+-\d+$/.test(region)) return undefined;
  if (region.startsWith('cn-')) return `https://${region}.console.amazonaws.cn`;
  if (region.startsWith('us-gov-')) return `https://${region}.console.amazonaws-us-gov.com`;
  return `https://${region}.console.aws.amazon.com`;
}

function page(region: string, path: (encoded: (id: string) => string) => string): string | undefined {
  const host = consoleOf(region);
  return host === undefined ? undefined : `${host}/${path(encodeURIComponent)}`;
}

export function drsJobLink(region: string, jobId: string): string | undefined {
  return page(region, (encoded) => `drs/home?region=${region}#/launchHistory/${encoded(jobId)}`);
}

export function sourceServerLink(region: string, serverId: string): string | undefined {
  return page(region, (encoded) => `drs/home?region=${region}#/sourceServers/${encoded(serverId)}/recovery_dashboard`);
}

export function instanceLink(region: string, instanceId: string): string | undefined {
  return page(region, (encoded) => `ec2/home?region=${region}#InstanceDetails:instanceId=${encoded(instanceId)}`);
}

export function automationLink(region: string, executionId: string): string | undefined {
  return page(region, (encoded) => `systems-manager/automation/execution/${encoded(executionId)}?region=${region}`);
}

export function commandLink(region: string, commandId: string): string | undefined {
  return page(region, (encoded) => `systems-manager/run-command/${encoded(commandId)}?region=${region}`);
}

/** The page of what a change made, by the operation that made it; `undefined` if there is none. */
export function changeLink(operation: string, id: string, region: string | undefined): string | undefined {
  if (region === undefined) return undefined;
  if (operation.startsWith('drs:')) return id.startsWith('drsjob-') ? drsJobLink(region, id) : undefined;
  if (operation === 'ssm:StartAutomationExecution') return automationLink(region, id);
  if (operation === 'ssm:SendCommand') return commandLink(region, id);
  return undefined;
}
