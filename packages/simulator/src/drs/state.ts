import type { ServerSpec } from '../scenario/scenario.ts';

/** DRS in one account and Region. Everything carries its whole timeline; what is true now is read off it. */
export interface DrsState {
  initialised: boolean;
  readonly servers: Map<string, SourceServer>;
  readonly jobs: Map<string, Job>;
  readonly recoveryInstances: RecoveryInstance[];
}

export interface SourceServer {
  readonly spec: ServerSpec;
  readonly arn: string;
  tags: Readonly<Record<string, string>>;
  launches: number;
  lastLaunch: { readonly jobId: string; readonly at: number; readonly isDrill: boolean } | undefined;
}

export interface JobServer {
  readonly serverId: string;
  /** From here IN_PROGRESS; before, PENDING. */
  readonly inProgressAt: number;
  readonly endsAt: number;
  readonly outcome: 'LAUNCHED' | 'FAILED' | 'TERMINATED';
  readonly instanceId: string | undefined;
}

export interface JobLogItem {
  readonly at: number;
  readonly event: string;
  readonly serverId?: string;
  readonly conversionServerId?: string;
  readonly targetInstanceId?: string;
  readonly rawError?: string;
}

export interface Job {
  readonly id: string;
  readonly arn: string;
  readonly type: 'LAUNCH' | 'TERMINATE' | 'CREATE_CONVERTED_SNAPSHOT';
  readonly initiatedBy: string;
  readonly createdAt: number;
  /** PENDING before. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly servers: readonly JobServer[];
  /** In order of time. */
  readonly log: readonly JobLogItem[];
  tags: Readonly<Record<string, string>>;
}

export interface RecoveryInstance {
  /** Also the EC2 instance id. */
  readonly id: string;
  readonly arn: string;
  readonly serverId: string;
  /** Undefined: it was launched before the world began. */
  readonly jobId: string | undefined;
  readonly isDrill: boolean;
  readonly from: number;
  /** When its record vanishes: replaced, terminated or deleted. */
  until: number;
  disconnectedAt: number | undefined;
  readonly pointInTime: number;
  tags: Readonly<Record<string, string>>;
}

export function jobStatus(job: Job, now: number): 'PENDING' | 'STARTED' | 'COMPLETED' {
  return now < job.startedAt ? 'PENDING' : now < job.endedAt ? 'STARTED' : 'COMPLETED';
}

export function isActive(job: Job, now: number): boolean {
  return job.createdAt <= now && now < job.endedAt;
}

/** The recovery instance that DRS knows of a server now. */
export function currentRecoveryInstance(drs: DrsState, serverId: string, now: number): RecoveryInstance | undefined {
  return drs.recoveryInstances.findLast((ri) => ri.serverId === serverId && ri.from <= now && now < ri.until);
}
