import type { DrsJob } from '@breakwater/aws';
import { isActive } from './ownership.ts';

/** DRS quotas of an account and Region, not adjustable (AWS DRS user guide, "DRS at scale"; codes L-D88FAC3A, L-05AFA8C6, L-B827C881). */
export const DRS_QUOTA = { jobs: 20, serversInJobs: 500, serversPerJob: 100 } as const;

/** A StartRecovery or TerminateRecoveryInstances of this process that DescribeJobs may not show yet. */
export interface Begun {
  readonly at: number;
  readonly servers: number;
  /** Unknown when the answer was lost. */
  readonly jobId: string | undefined;
}

export interface Load {
  readonly jobs: number;
  readonly servers: number;
}

/** What counts against the quotas: every active job of whoever and of whatever type, and what we have just begun. */
export function loadOf(jobs: readonly DrsJob[], begun: readonly Begun[]): Load {
  const active = jobs.filter(isActive);
  const shown = new Set(jobs.map((job) => job.id));
  const unseen = begun.filter(({ jobId }) => jobId === undefined || !shown.has(jobId));
  return {
    jobs: active.length + unseen.length,
    servers:
      active.reduce((sum, job) => sum + job.participants.length, 0) + unseen.reduce((sum, { servers }) => sum + servers, 0),
  };
}

/** What is missing for one more job with that many servers, as a note; `undefined` when there is room. */
export function lackOfCapacity(load: Load, servers: number): string | undefined {
  if (load.jobs >= DRS_QUOTA.jobs) return `waiting for DRS capacity: ${load.jobs} of ${DRS_QUOTA.jobs} jobs`;
  if (load.servers + servers > DRS_QUOTA.serversInJobs) {
    return `waiting for DRS capacity: ${load.servers} of ${DRS_QUOTA.serversInJobs} servers in jobs, ${servers} more wanted`;
  }
  return undefined;
}
