import type { Mode } from '@breakwater/core';

/** What the command line asked for, typed and parsed. Commands take these and never look at the words again. */

/** Where history lies unless told otherwise; the actions have the same default. */
export const DEFAULT_HISTORY = '.breakwater/history';
/** A four-hour failover in 72 seconds: slow enough to watch. */
export const DEFAULT_SPEED = 200;

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export type CheckFormat = (typeof CHECK_FORMATS)[number];

export interface CheckRequest {
  /** Plan files or folders. */
  readonly files: readonly string[];
  readonly format: CheckFormat;
  /** Only findings that concern this plan; none: all. */
  readonly plan?: string;
}

/** Seconds of simulated time for each real second; `max`: time jumps from one event to the next. */
export type Speed = number | 'max';

export interface Simulation {
  /** Scenario file; none: the one that belongs to the plan. */
  readonly scenario?: string;
  readonly speed: Speed;
}

export interface RunCommand {
  readonly files: string;
  readonly plan?: string;
  readonly mode: Mode;
  readonly waves: readonly string[];
  readonly execution?: string;
  readonly history: string;
  readonly approvals: readonly string[];
  readonly replaceLive: readonly string[];
  /** None: real AWS, or what AWS_ENDPOINT_URL says. */
  readonly simulation?: Simulation;
  readonly json: boolean;
}

export interface SimulateCommand {
  readonly scenario?: string;
  /** 0: any free port. */
  readonly port: number;
  readonly speed: number;
}

export interface CaptureRequest {
  /** Identifier of the cluster, or of the instance. */
  readonly database: string;
  /** It is an instance of no cluster. */
  readonly instance?: true;
  readonly account: string;
  readonly region: string;
  readonly roleArn?: string;
  readonly externalId?: string;
}

export interface RetentionRequest {
  /** A preset's name, a policy in braces, or a file with one. */
  readonly policy: string;
  /** A JSON file, or `-` for standard input. */
  readonly snapshots: string;
  /** When to decide for; none: now. */
  readonly now?: string;
  readonly json: boolean;
}

export const REPORT_FORMATS = ['md', 'json'] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export interface ReportRequest {
  readonly execution: string;
  readonly format: ReportFormat;
  readonly history: string;
}
