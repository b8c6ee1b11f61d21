import type { PolicyDocument } from '../iam/policy.ts';
import type { RawDatabases } from './raw-databases.ts';
import type { LaunchPhase } from './scenario.ts';

/** A scenario file as written: the shape that scenario-schema.ts proves. */

export interface RawDurations {
  readonly jobStart?: string;
  readonly cleanup?: string;
  readonly toSnapshot?: string;
  readonly snapshot?: string;
  readonly toConversion?: string;
  readonly conversion?: string;
  readonly toLaunch?: string;
  readonly launch?: string;
  readonly jobEnd?: string;
  readonly terminate?: string;
}

export interface RawInstanceTimes {
  readonly visibleAfter?: string;
  readonly statusOkAfter?: string;
  readonly agentOnlineAfter?: string;
}

export interface RawServer {
  readonly count?: number;
  readonly id?: string;
  readonly account: string;
  readonly region: string;
  readonly hostname: string;
  readonly domain?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly replication?: {
    readonly state?: string;
    readonly lag?: string | null;
    readonly lagGrows?: boolean;
    readonly error?: string;
    readonly rawError?: string;
  };
  readonly durations?: RawDurations;
  readonly launchDisposition?: 'STARTED' | 'STOPPED';
  readonly instanceType?: string;
  readonly diskGiB?: number;
  readonly os?: string;
  readonly snapshots?: readonly { readonly id?: string; readonly age: string }[];
  readonly recoveryInstance?: { readonly id?: string; readonly kind: 'drill' | 'recovery'; readonly age?: string };
  readonly staging?: { readonly status: string; readonly account: string; readonly error?: string };
  readonly instance?: RawInstanceTimes;
  readonly instanceIds?: readonly string[];
  readonly fails?: { readonly phase: LaunchPhase; readonly rawError?: string };
}

export interface RawStep {
  readonly name: string;
  readonly action?: string;
  readonly duration?: string;
  readonly outputs?: Readonly<Record<string, string | readonly string[]>>;
  readonly onFailure?: 'Abort' | 'Continue';
  readonly fails?: { readonly message: string; readonly type?: string; readonly stage?: string };
  readonly hangs?: boolean;
  readonly approval?: boolean;
  readonly timeout?: string;
}

export interface RawDocument {
  readonly name: string;
  readonly kind?: 'automation' | 'command';
  readonly versions?: number;
  readonly accounts?: readonly string[];
  readonly assumeRole?: string;
  readonly parameters?: Readonly<
    Record<
      string,
      {
        readonly type?: 'String' | 'StringList' | 'Integer' | 'Boolean' | 'StringMap' | 'MapList';
        readonly required?: boolean;
        readonly default?: string | readonly string[];
        readonly allowed?: readonly string[];
      }
    >
  >;
  readonly steps?: readonly RawStep[];
  readonly phases?: readonly { readonly status: string; readonly duration: string }[];
  readonly end?: string;
  readonly duration?: string;
  readonly exitCode?: number;
  readonly status?: string;
  readonly output?: string;
  readonly errorOutput?: string;
  readonly hangs?: boolean;
}

export interface RawEffect {
  readonly kind: string;
  readonly code?: string;
  readonly status?: number | string;
  readonly message?: string;
  readonly when?: 'before' | 'after';
  readonly by?: string;
  readonly phase?: LaunchPhase;
  readonly rawError?: string;
  readonly jobs?: number;
  readonly servers?: number;
  readonly copies?: number;
  readonly family?: 'cluster' | 'instance';
  readonly at?: number;
  readonly for?: string;
}

export interface RawFault {
  readonly match?: {
    readonly service?: string;
    readonly operation?: string;
    readonly account?: string;
    readonly region?: string;
    readonly server?: string;
    readonly document?: string;
    readonly database?: string;
    readonly nth?: number;
    readonly times?: number;
  };
  readonly effect: RawEffect;
  readonly after?: string;
  readonly for?: string;
}

export interface RawScenario extends RawDatabases {
  readonly extends?: string;
  readonly name: string;
  readonly description?: string;
  readonly seed?: number;
  readonly start?: string;
  readonly latency?: string;
  readonly pageSize?: number;
  readonly jitter?: number;
  readonly sqlServer?: 'none' | { readonly kind: 'pglite'; readonly contents?: string };
  readonly accounts?: readonly { readonly id: string; readonly name?: string; readonly regions?: readonly string[] }[];
  readonly callers?: readonly {
    readonly account: string;
    readonly arn?: string;
    readonly accessKeyId?: string;
    readonly secretAccessKey?: string;
    readonly deny?: readonly string[];
    readonly policies?: readonly (PolicyDocument | string)[];
  }[];
  readonly roles?: readonly {
    readonly arn: string;
    readonly trust?: readonly string[];
    readonly externalId?: string;
    readonly maxSession?: string;
    readonly deny?: readonly string[];
    readonly policies?: readonly (PolicyDocument | string)[];
    readonly webIdentity?: { readonly issuer?: string; readonly audience?: string; readonly subjects?: readonly string[] };
  }[];
  readonly drs?: {
    readonly omitFinishedInstanceIds?: boolean;
    readonly quotas?: { readonly jobs?: number; readonly serversInJob?: number; readonly serversInJobs?: number };
    readonly durations?: RawDurations;
    readonly recoverySnapshots?: readonly { readonly every: string; readonly keep: string }[];
    readonly jobIds?: readonly string[];
    readonly jobsVisibleAfter?: string;
    readonly otherJobs?: readonly {
      readonly account: string;
      readonly region: string;
      readonly jobs?: number;
      readonly servers?: number;
      readonly after?: string;
      readonly for?: string;
    }[];
  };
  readonly instances?: RawInstanceTimes;
  readonly ssm?: {
    readonly executionVisibleAfter?: string;
    readonly invocationVisibleAfter?: string;
    readonly stepsShown?: number;
    readonly concurrentAutomations?: number;
  };
  readonly servers?: readonly RawServer[];
  readonly documents?: readonly RawDocument[];
  readonly faults?: readonly RawFault[];
}
