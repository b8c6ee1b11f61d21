import type { PolicyDocument } from '../iam/policy.ts';
import type { DatabaseScenario, SnapshotFamily } from './database-spec.ts';

/** A scenario as the simulator uses it: durations in milliseconds, moments relative to the start of the world, servers expanded. */

export interface Scenario extends DatabaseScenario {
  readonly name: string;
  readonly description: string | undefined;
  readonly seed: number;
  /** When the world is meant to begin, epoch milliseconds; a caller that owns the clock may start it there. */
  readonly start: number | undefined;
  /** How long every answer takes. */
  readonly latency: number;
  /** The most that one page of a listing holds. */
  readonly pageSize: number;
  /** 0.02: every drawn duration is up to 2 % shorter or longer. */
  readonly jitter: number;
  readonly accounts: readonly AccountSpec[];
  readonly callers: readonly CallerSpec[];
  readonly roles: readonly RoleSpec[];
  readonly drs: DrsSpec;
  readonly instances: InstanceTimes;
  readonly ssm: SsmSpec;
  /** The SQL server behind the Data API; undefined: there are only the listed answers. */
  readonly sqlServer: SqlServerSpec | undefined;
  readonly servers: readonly ServerSpec[];
  readonly documents: readonly DocumentSpec[];
  readonly faults: readonly FaultSpec[];
}

export interface AccountSpec {
  readonly id: string;
  readonly name: string;
  /** Regions in which DRS is initialised. */
  readonly regions: readonly string[];
}

/** A PostgreSQL for every cluster, with `contents` (SQL) in it when it is first asked. */
export interface SqlServerSpec {
  readonly kind: 'pglite';
  readonly contents: string;
}

/** Somebody with long-lived keys. */
export interface CallerSpec {
  readonly account: string;
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly deny: readonly string[];
  /** Identity policies, enforced; undefined: everything is allowed. */
  readonly policies: readonly PolicyDocument[] | undefined;
}

export interface RoleSpec {
  readonly arn: string;
  readonly account: string;
  /** ARNs or account ids that may assume it; undefined: every known caller. */
  readonly trust: readonly string[] | undefined;
  readonly externalId: string | undefined;
  readonly maxSession: number;
  readonly deny: readonly string[];
  readonly policies: readonly PolicyDocument[] | undefined;
  /** Undefined: no web identity may assume it. */
  readonly webIdentity: { readonly issuer: string; readonly audience: string; readonly subjects: readonly string[] } | undefined;
}

export interface DrsSpec {
  /** Whether finished jobs leave `recoveryInstanceID` out, as recorded ones do. */
  readonly omitFinishedInstanceIds: boolean;
  readonly quotas: { readonly jobs: number; readonly serversInJob: number; readonly serversInJobs: number };
  readonly durations: LaunchDurations;
  readonly recoverySnapshots: readonly SnapshotRule[];
  /** Job ids handed out first, by `account/region`. */
  readonly jobIds: readonly string[];
  readonly otherJobs: readonly OtherJobsSpec[];
  /** How long a new job is missing from DescribeJobs. */
  readonly jobsVisibleAfter: number;
}

/** Phases of one server in a launch job. */
export interface LaunchDurations {
  readonly jobStart: number;
  readonly cleanup: number;
  readonly toSnapshot: number | undefined;
  readonly snapshot: number;
  readonly toConversion: number;
  readonly conversion: number;
  readonly toLaunch: number;
  readonly launch: number;
  readonly jobEnd: number;
  readonly terminate: number;
}

/** A recovery snapshot every `every`, kept for `keep`. */
export interface SnapshotRule {
  readonly every: number;
  readonly keep: number;
}

export interface OtherJobsSpec {
  readonly account: string;
  readonly region: string;
  readonly jobs: number;
  readonly servers: number;
  readonly after: number;
  readonly for: number;
}

export interface InstanceTimes {
  /** From launch until EC2 knows the id. */
  readonly visibleAfter: number;
  /** From launch until both status checks are ok. */
  readonly statusOkAfter: number;
  /** From ok status checks until the SSM agent is online. */
  readonly agentOnlineAfter: number;
}

export interface SsmSpec {
  readonly executionVisibleAfter: number;
  readonly invocationVisibleAfter: number;
  /** Steps that GetAutomationExecution shows before it truncates. */
  readonly stepsShown: number;
  readonly concurrentAutomations: number;
}

export const LAUNCH_PHASES = ['skipped', 'cleanup', 'snapshot', 'conversion', 'launch'] as const;
export type LaunchPhase = (typeof LAUNCH_PHASES)[number];

export interface ServerSpec {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly hostname: string;
  readonly fqdn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly state: string;
  /** Undefined: unknown to AWS. */
  readonly lag: number | undefined;
  /** The lag grows with time, because data has stopped flowing. */
  readonly lagGrows: boolean;
  readonly error: string | undefined;
  readonly rawError: string | undefined;
  readonly durations: LaunchDurations;
  readonly launchDisposition: 'STARTED' | 'STOPPED';
  readonly instanceType: string;
  readonly diskBytes: number;
  readonly os: string;
  /** `undefined`: by the policy. Otherwise the ages of exactly these, in milliseconds before the world began. */
  readonly snapshots: readonly { readonly id: string | undefined; readonly age: number }[] | undefined;
  readonly recoveryInstance: { readonly id: string | undefined; readonly isDrill: boolean; readonly age: number } | undefined;
  readonly staging: { readonly status: string; readonly account: string; readonly error: string | undefined } | undefined;
  readonly instanceTimes: InstanceTimes;
  /** EC2 ids of the first launches. */
  readonly instanceIds: readonly string[];
  readonly fails: { readonly phase: LaunchPhase; readonly rawError: string } | undefined;
}

export interface ParameterSpec {
  readonly type: 'String' | 'StringList' | 'Integer' | 'Boolean' | 'StringMap' | 'MapList';
  readonly required: boolean;
  readonly default: readonly string[] | undefined;
  readonly allowed: readonly string[] | undefined;
}

export interface StepSpec {
  readonly name: string;
  readonly action: string;
  readonly duration: number;
  readonly outputs: Readonly<Record<string, readonly string[]>>;
  readonly onFailure: 'Abort' | 'Continue';
  readonly fails: { readonly message: string; readonly type: string; readonly stage: string } | undefined;
  readonly hangs: boolean;
  /** Waits for an Approve or Reject signal. */
  readonly approval: boolean;
  readonly timeout: number | undefined;
}

export interface DocumentSpec {
  readonly name: string;
  readonly kind: 'automation' | 'command';
  readonly versions: number;
  /** Undefined: in every account. */
  readonly accounts: readonly string[] | undefined;
  /** Role that an automation of it acts as, which its caller must be allowed to pass; undefined: it acts as its caller. */
  readonly assumeRole: string | undefined;
  readonly parameters: Readonly<Record<string, ParameterSpec>>;
  readonly steps: readonly StepSpec[];
  /** Statuses an automation passes through before its first step. */
  readonly phases: readonly { readonly status: string; readonly duration: number }[];
  /** Status after the last step; one that is not final is a hang in that status. */
  readonly end: string;
  readonly command: {
    readonly duration: number;
    readonly exitCode: number;
    readonly status: string | undefined;
    readonly output: string;
    readonly errorOutput: string;
    readonly hangs: boolean;
  };
}

export interface FaultMatch {
  readonly service?: string;
  readonly operation?: string;
  readonly account?: string;
  readonly region?: string;
  /** Source server id, host name or instance id found in the request. */
  readonly server?: string;
  /** SSM document. */
  readonly document?: string;
  /** Cluster or instance identifier found in the request. */
  readonly database?: string;
  /** Only the n-th matching call, counted from 1 since the fault was armed. */
  readonly nth?: number;
  /** At most so many calls. */
  readonly times?: number;
}

export type FaultEffect =
  | { readonly kind: 'throttle' }
  | {
      readonly kind: 'error';
      readonly code: string;
      readonly status: number;
      readonly message: string;
      readonly when: 'before' | 'after';
    }
  | { readonly kind: 'unavailable'; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kind: 'drop'; readonly when: 'before' | 'after' }
  | { readonly kind: 'slow'; readonly by: number }
  | { readonly kind: 'launch-fails'; readonly phase: LaunchPhase; readonly rawError: string }
  | { readonly kind: 'agent-never-online' }
  | { readonly kind: 'status-impaired' }
  | { readonly kind: 'automation-hangs' }
  | { readonly kind: 'automation-ends'; readonly status: string; readonly message: string }
  | { readonly kind: 'credentials-expire' }
  | { readonly kind: 'visibility-lag'; readonly by: number }
  | { readonly kind: 'other-jobs'; readonly jobs: number; readonly servers: number; readonly for: number }
  | { readonly kind: 'copy-fails'; readonly at: number }
  | { readonly kind: 'copy-stalls'; readonly by: number }
  | { readonly kind: 'restore-fails'; readonly status: string }
  | { readonly kind: 'instance-fails'; readonly status: string }
  | { readonly kind: 'other-copies'; readonly copies: number; readonly family: SnapshotFamily; readonly for: number };

export interface FaultSpec {
  readonly match: FaultMatch;
  readonly effect: FaultEffect;
  /** Begins so many milliseconds after the world began (or after it was posted); none: at once. */
  readonly after?: number;
  /** Ends so many milliseconds after it began; none: never. */
  readonly for?: number | undefined;
}
