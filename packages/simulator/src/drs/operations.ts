import { page } from '../paging.ts';
import { type CallContext, type Handler, handler } from '../world/call-context.ts';
import { invalidToken, notFound, requireInitialised } from './faults.ts';
import { describeJobLogItems, describeJobs } from './jobs.ts';
import {
  deleteRecoveryInstance,
  describeRecoveryInstances,
  disconnectRecoveryInstance,
  terminateRecoveryInstances,
} from './recovery-instances.ts';
import { describeRecoverySnapshots } from './recovery-snapshots.ts';
import { describeSourceServers, getLaunchConfiguration } from './source-servers.ts';
import { startRecovery } from './start-recovery.ts';

interface Taggable {
  readonly arn: string;
  tags: Readonly<Record<string, string>>;
}

function taggable({ state, now }: CallContext, arn: string): Taggable {
  const all: readonly Taggable[] = [
    ...state.drs.servers.values(),
    ...state.drs.jobs.values(),
    ...state.drs.recoveryInstances.filter((ri) => ri.from <= now && now < ri.until),
  ];
  const found = all.find((resource) => resource.arn === arn);
  if (found === undefined) throw notFound('Resource', arn);
  return found;
}

export const DRS_HANDLERS: Readonly<Record<string, Handler>> = {
  InitializeService: handler<object>(({ state, changed }) => {
    if (!state.drs.initialised) changed();
    state.drs.initialised = true;
    return {};
  }),
  DescribeSourceServers: describeSourceServers,
  GetLaunchConfiguration: getLaunchConfiguration,
  DescribeRecoverySnapshots: describeRecoverySnapshots,
  StartRecovery: startRecovery,
  DescribeJobs: describeJobs,
  DescribeJobLogItems: describeJobLogItems,
  DescribeRecoveryInstances: describeRecoveryInstances,
  TerminateRecoveryInstances: terminateRecoveryInstances,
  DisconnectRecoveryInstance: disconnectRecoveryInstance,
  DeleteRecoveryInstance: deleteRecoveryInstance,
  TagResource: handler<{ readonly resourceArn: string; readonly tags: Readonly<Record<string, string>> }>((context, input) => {
    requireInitialised(context);
    const resource = taggable(context, input.resourceArn);
    resource.tags = { ...resource.tags, ...input.tags };
    context.changed();
    return {};
  }),
  UntagResource: handler<{ readonly resourceArn: string; readonly tagKeys: readonly string[] }>((context, input) => {
    requireInitialised(context);
    const resource = taggable(context, input.resourceArn);
    resource.tags = Object.fromEntries(Object.entries(resource.tags).filter(([key]) => !input.tagKeys.includes(key)));
    context.changed();
    return {};
  }),
  ListTagsForResource: handler<{ readonly resourceArn: string }>((context, input) => {
    requireInitialised(context);
    return { tags: taggable(context, input.resourceArn).tags };
  }),
  ListStagingAccounts: handler<{ readonly maxResults?: number; readonly nextToken?: string }>((context, input) => {
    requireInitialised(context);
    const accounts = [
      ...new Set([...context.state.drs.servers.values()].map(({ spec }) => spec.staging?.account ?? spec.account)),
    ];
    const { items, nextToken } = page(accounts, {
      listing: 'ListStagingAccounts',
      token: input.nextToken,
      size: input.maxResults ?? 50,
      invalidToken,
    });
    return { accounts: items.map((accountID) => ({ accountID })), nextToken };
  }),
};
