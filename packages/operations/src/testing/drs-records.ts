/** Records of DRS, as the gateway tells them; each with what a test says of it. */
import type { DrsJob, DrsJobLogItem, DrsRecoveryInstance } from '@breakwater/aws';

export function job(over: Partial<DrsJob> = {}): DrsJob {
  return {
    id: 'drsjob-1',
    arn: undefined,
    type: 'LAUNCH',
    initiatedBy: 'START_DRILL',
    status: 'STARTED',
    createdAt: 0,
    endedAt: undefined,
    participants: [],
    tags: {},
    ...over,
  };
}

export function item(event: string, over: Partial<DrsJobLogItem> = {}): DrsJobLogItem {
  return {
    at: 0,
    event,
    sourceServerId: 's-1',
    conversionServerId: undefined,
    targetInstanceId: undefined,
    rawError: undefined,
    ...over,
  };
}

export function instance(over: Partial<DrsRecoveryInstance> = {}): DrsRecoveryInstance {
  return {
    id: 'i-1',
    ec2InstanceId: 'i-1',
    ec2State: 'RUNNING',
    jobId: 'drsjob-1',
    sourceServerId: 's-1',
    isDrill: false,
    pointInTime: undefined,
    tags: {},
    ...over,
  };
}

export const inJob = (launchStatus: string, sourceServerId = 's-1') => ({
  sourceServerId,
  launchStatus,
  recoveryInstanceId: undefined,
});
