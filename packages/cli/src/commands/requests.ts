import type { Mode } from '@breakwater/core';

/** What the command line asked for, typed and parsed. Commands take these and never look at the words again. */

/** Where history lies unless told otherwise; the actions have the same default. */
export const DEFAULT_HISTORY = '.breakwater/history';
/** The branch that shares it, and where, if only one of the two is named. */
export const DEFAULT_BRANCH = 'dr-history';
export const DEFAULT_REMOTE = 'origin';

/** A branch that shares a history. */
export interface BranchWords {
  readonly name: string;
  /** URL, path, or the name of a remote of the repository in the working folder. */
  readonly remote: string;
}

/** Where a history is. */
export interface HistoryWords {
  readonly history: string;
  /** None: the folder alone. */
  readonly branch?: BranchWords;
}

export interface HistoryPushCommand {
  readonly history: string;
  readonly branch: BranchWords;
  /** Of a journal that went on in two places both are kept; else it is refused. */
  readonly keepBoth: boolean;
  /** What is done about a branch that lost what was on it; none: it is refused. */
  readonly rewritten?: (typeof REWRITTEN)[number];
}
/** What a person may want of a branch that was forced back: what was there again, or what is there now. */
export const REWRITTEN = ['restore', 'accept'] as const;

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

/** Where GitHub looks for workflows, from the root of a repository. */
export const DEFAULT_WORKFLOWS = '.github/workflows';

export interface CompileCommand {
  /** Plan files or folders. */
  readonly files: readonly string[];
  /** Only this plan; none: all. */
  readonly plan?: string;
  /** Folder of the workflows; `-`: standard output. */
  readonly output: string;
  /** Where the called workflows are; none: as before. */
  readonly source?: string;
  /** Write nothing, only say what is stale. */
  readonly check: boolean;
}

export interface DoctorCommand {
  /** Plan files or folders. */
  readonly files: readonly string[];
  /** Only the gates of this plan; none: all. */
  readonly plan?: string;
  /** `owner/name`; none: that of the workflow, or of the remote `origin`. */
  readonly repository?: string;
  /** Name of the variable that holds the token. */
  readonly tokenEnv: string;
  readonly historyBranch: string;
  readonly json: boolean;
}

/** Seconds of simulated time for each real second; `max`: time jumps from one event to the next. */
export type Speed = number | 'max';

export interface Simulation {
  /** Scenario file; none: the one that belongs to the plan. */
  readonly scenario?: string;
  readonly speed: Speed;
}

export interface RunCommand extends HistoryWords {
  readonly files: string;
  readonly plan?: string;
  readonly mode: Mode;
  readonly waves: readonly string[];
  readonly execution?: string;
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

export interface ReportRequest extends HistoryWords {
  readonly execution: string;
  readonly format: ReportFormat;
}

export interface VerifyCommand {
  readonly history: string;
  /** The branch to check instead of the folder; without a remote, as the repository in the working folder has it. */
  readonly branch?: Partial<BranchWords>;
  /** Hashes of ledger entries that were noted elsewhere, or their beginnings. */
  readonly anchors: readonly string[];
  readonly json: boolean;
}

export interface UnlockCommand extends HistoryWords {
  /** None: list what is locked. */
  readonly execution?: string;
  readonly yes: boolean;
}
