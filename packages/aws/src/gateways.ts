/**
 * What Breakwater asks of AWS, in its own types. Moments are epoch milliseconds, durations milliseconds. Values that AWS may extend
 * (statuses, events) are open strings. Every method pages to the end, retries what is safe to retry on the given clock, and throws
 * `AwsError` from the error family. A missing field is `undefined`, never a crash.
 */

import type { DatabaseGateways } from './database-gateways.ts';
import type { NetworkGateway } from './database-services.ts';

export interface DrsSourceServer {
  readonly id: string;
  readonly arn: string;
  /** fqdn, host name, Name tag or id, whichever is known first. */
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** CONTINUOUS, STALLED, … ; `UNKNOWN` when AWS says nothing. */
  readonly replicationState: string;
  readonly lag: number | undefined;
  readonly replicationError: string | undefined;
  readonly recoveryInstanceId: string | undefined;
  /** EXTENDED, EXTENSION_ERROR, NOT_EXTENDED or undefined. */
  readonly stagingStatus: string | undefined;
  readonly replicationDirection: string | undefined;
}

export interface DrsRecoverySnapshot {
  readonly id: string;
  readonly sourceServerId: string;
  /** When it was taken; `undefined` for one that is expected but not yet taken. */
  readonly takenAt: number | undefined;
}

export interface DrsParticipant {
  readonly sourceServerId: string;
  /** PENDING, IN_PROGRESS, LAUNCHED, FAILED, TERMINATED. */
  readonly launchStatus: string;
  readonly recoveryInstanceId: string | undefined;
}

export interface DrsJob {
  readonly id: string;
  readonly arn: string | undefined;
  /** LAUNCH, TERMINATE, CREATE_CONVERTED_SNAPSHOT. */
  readonly type: string;
  readonly initiatedBy: string | undefined;
  /** PENDING, STARTED, COMPLETED. There is no failed job. */
  readonly status: string;
  readonly createdAt: number | undefined;
  readonly endedAt: number | undefined;
  readonly participants: readonly DrsParticipant[];
  readonly tags: Readonly<Record<string, string>>;
}

export interface DrsJobLogItem {
  readonly at: number | undefined;
  /** An open set: LAUNCH_END is real and not in the official enum. */
  readonly event: string;
  readonly sourceServerId: string | undefined;
  readonly conversionServerId: string | undefined;
  readonly targetInstanceId: string | undefined;
  readonly rawError: string | undefined;
}

export interface DrsRecoveryInstance {
  /** Also the EC2 instance id. */
  readonly id: string;
  readonly ec2InstanceId: string;
  readonly ec2State: string | undefined;
  readonly jobId: string | undefined;
  readonly sourceServerId: string | undefined;
  readonly isDrill: boolean;
  readonly pointInTime: number | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface DrsGateway {
  /** All source servers, or those of the given ids; unknown ids are simply missing. */
  describeSourceServers(ids?: readonly string[]): Promise<readonly DrsSourceServer[]>;
  /** Recovery points of one server, newest first, not after `notAfter`. Stops paging once `limit` taken ones are found. */
  describeRecoverySnapshots(
    sourceServerId: string,
    options?: { notAfter?: number; limit?: number },
  ): Promise<readonly DrsRecoverySnapshot[]>;
  /**
   * Sent once: never retried by any layer. Throws `AwsError`; when it is `ambiguous`, or the code is ConflictException, look for
   * the job before sending again.
   */
  startRecovery(request: {
    readonly servers: readonly { readonly id: string; readonly snapshotId?: string }[];
    readonly isDrill: boolean;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<DrsJob>;
  /** By id (calls made in the same turn are batched into one request), or all created since a moment, newest first. */
  describeJobsById(ids: readonly string[]): Promise<readonly DrsJob[]>;
  describeJobsSince(since: number): Promise<readonly DrsJob[]>;
  describeJobLog(jobId: string): Promise<readonly DrsJobLogItem[]>;
  describeRecoveryInstances(filter: {
    readonly sourceServerIds?: readonly string[];
    readonly ids?: readonly string[];
  }): Promise<readonly DrsRecoveryInstance[]>;
  /** Sent once, like startRecovery. Up to 200 ids. */
  terminateRecoveryInstances(ids: readonly string[]): Promise<DrsJob>;
  tagResource(arn: string, tags: Readonly<Record<string, string>>): Promise<void>;
}

export interface Ec2InstanceHealth {
  readonly instanceId: string;
  /** pending, running, shutting-down, terminated, stopping, stopped. */
  readonly state: string;
  /** ok, impaired, initializing, insufficient-data, not-applicable; undefined when AWS says nothing. */
  readonly instanceStatus: string | undefined;
  readonly systemStatus: string | undefined;
  readonly attachedEbsStatus: string | undefined;
}

export interface Ec2Instance {
  readonly instanceId: string;
  readonly state: string;
  readonly launchedAt: number | undefined;
  readonly privateIp: string | undefined;
  readonly instanceType: string | undefined;
  readonly subnetId: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Ec2Gateway extends NetworkGateway {
  /** Instances not visible yet (InvalidInstanceID.NotFound) are missing from the answer. */
  describeInstanceHealth(ids: readonly string[]): Promise<readonly Ec2InstanceHealth[]>;
  describeInstances(ids: readonly string[]): Promise<readonly Ec2Instance[]>;
}

export interface SsmAutomation {
  readonly id: string;
  /** One of AWS's 19 statuses, or one we do not know yet. */
  readonly status: string;
  readonly document: string | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
  /** Keyed `step.output`. */
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  readonly failureMessage: string | undefined;
  readonly currentStep: string | undefined;
  readonly steps: readonly SsmAutomationStep[];
}

export interface SsmAutomationStep {
  readonly name: string;
  readonly action: string | undefined;
  readonly status: string;
  readonly failureMessage: string | undefined;
  readonly failureType: string | undefined;
}

export interface SsmCommand {
  readonly id: string;
  readonly document: string | undefined;
  readonly comment: string | undefined;
  readonly requestedAt: number | undefined;
  readonly status: string;
}

export interface SsmInvocation {
  readonly commandId: string;
  readonly instanceId: string;
  readonly status: string;
  readonly statusDetails: string | undefined;
  readonly responseCode: number | undefined;
  /** The first part of what it printed, cut at 2,500 characters. */
  readonly output: string;
  readonly errorOutput: string;
}

export interface SsmManagedInstance {
  readonly instanceId: string;
  readonly pingStatus: string;
  readonly lastPingAt: number | undefined;
}

export interface SsmGateway {
  /** Idempotent by `clientToken`: may be retried. Returns the execution id. */
  startAutomation(request: {
    readonly document: string;
    readonly version?: string;
    readonly parameters: Readonly<Record<string, readonly string[]>>;
    readonly clientToken: string;
    readonly tags: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** `undefined` while a just-started execution is not visible yet. Truncated step lists are completed. */
  getAutomation(id: string): Promise<SsmAutomation | undefined>;
  /** Resolves also when it had already ended. */
  stopAutomation(id: string): Promise<void>;
  /** Sent once: no idempotency token exists. `comment` (100 characters at most) is how it is found again. */
  sendCommand(request: {
    readonly document: string;
    readonly version?: string;
    readonly parameters: Readonly<Record<string, readonly string[]>>;
    readonly instanceIds: readonly string[];
    readonly comment: string;
    readonly deliveryTimeout: number;
  }): Promise<SsmCommand>;
  listCommandsSince(since: number): Promise<readonly SsmCommand[]>;
  listInvocations(commandId: string): Promise<readonly SsmInvocation[]>;
  cancelCommand(commandId: string): Promise<void>;
  /** Instances not registered are missing from the answer. */
  describeManagedInstances(ids: readonly string[]): Promise<readonly SsmManagedInstance[]>;
}

export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** Everything at one site: one account, one Region, one set of credentials that renews itself. */
export interface SiteGateways extends DatabaseGateways {
  readonly account: string;
  readonly region: string;
  readonly drs: DrsGateway;
  readonly ec2: Ec2Gateway;
  readonly ssm: SsmGateway;
  /** Who AWS says we are there (sts:GetCallerIdentity). */
  identity(): Promise<Identity>;
}
