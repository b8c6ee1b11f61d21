import type { DrsGateway, DrsJob, DrsRecoveryInstance } from '@breakwater/aws';
import { isTaggedBy } from './ownership.ts';

/**
 * Whether the instance exists, as far as DRS knows. Unknown counts as existing: the price of a wrong "gone" is a destroyed server.
 * SHUTTING-DOWN is on its way and cannot be saved.
 */
export function exists(instance: DrsRecoveryInstance): boolean {
  return !['TERMINATED', 'NOT_FOUND', 'SHUTTING-DOWN'].includes((instance.ec2State ?? '').toUpperCase());
}

/** Whether nothing is left of the instance. */
export function isGone(instance: DrsRecoveryInstance): boolean {
  return ['TERMINATED', 'NOT_FOUND'].includes((instance.ec2State ?? '').toUpperCase());
}

/**
 * A recovery instance that a new launch of its server would destroy although it may be production: DRS deletes the earlier instance
 * first (AWS DRS user guide, "Launch a drill or recovery instance"). Instances of drills are made to be replaced, and those that this
 * execution launched are its own.
 */
export function liveInstanceOf(
  server: string,
  instances: readonly DrsRecoveryInstance[],
  jobs: ReadonlyMap<string, DrsJob>,
  execution: string,
): DrsRecoveryInstance | undefined {
  return instances.find((instance) => {
    if (instance.sourceServerId !== server || instance.isDrill || !exists(instance)) return false;
    const job = jobs.get(instance.jobId ?? '');
    return job === undefined || !isTaggedBy(job, execution);
  });
}

/** The jobs that launched the instances, by id, asking AWS only for those not in `known`. */
export async function jobsBehind(
  drs: DrsGateway,
  instances: readonly DrsRecoveryInstance[],
  known: Iterable<DrsJob> = [],
): Promise<ReadonlyMap<string, DrsJob>> {
  const jobs = new Map([...known].map((job) => [job.id, job]));
  const missing = new Set(instances.map(({ jobId }) => jobId).filter((id): id is string => id !== undefined && !jobs.has(id)));
  if (missing.size > 0) for (const job of await drs.describeJobsById([...missing])) jobs.set(job.id, job);
  return jobs;
}

/** What to do about a live instance; the same words wherever we refuse. */
export const LIVE_NEXT =
  'Find out whether that instance serves production. If it may go, end it in the DRS console, or ask for a recovery that may replace that server.';
