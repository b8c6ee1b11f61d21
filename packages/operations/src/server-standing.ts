import type { DrsJob, DrsRecoveryInstance } from '@breakwater/aws';
import { attemptOf, isActive } from './ownership.ts';
import { exists, liveInstanceOf } from './recovery-instances.ts';

/** Where a server stands with DRS, before anything is started for it. */
export type Standing =
  /** A job of this execution works or has worked for it: its end is the server's end, nothing is started. */
  | { readonly kind: 'ours'; readonly job: DrsJob }
  /** Another job holds it. DRS allows one job a server, and what it leaves behind must be looked at again. */
  | { readonly kind: 'busy'; readonly job: DrsJob }
  /** Starting would destroy this instance. */
  | { readonly kind: 'live'; readonly instance: DrsRecoveryInstance }
  | { readonly kind: 'free' };

export interface Surroundings {
  readonly execution: string;
  readonly attempt: number;
  /** Every job seen, by id: those of the window and those behind the instances. */
  readonly jobs: ReadonlyMap<string, DrsJob>;
  /** Of those, the ones that are this execution's, with the servers that each was started for. */
  readonly own: ReadonlyMap<string, readonly string[]>;
  readonly instances: readonly DrsRecoveryInstance[];
  /** Whether somebody allowed the server's live instance to be replaced. */
  readonly mayReplace: (server: string) => boolean;
}

export function standingOf(server: string, around: Surroundings): Standing {
  const own = newestFirst(
    [...around.own].flatMap(([id, servers]) => (servers.includes(server) ? (around.jobs.get(id) ?? []) : [])),
  );
  const [newest] = own;
  if (newest !== undefined && counts(newest, server, around)) return { kind: 'ours', job: newest };
  const holder = [...around.jobs.values()].find(
    (job) => isActive(job) && job.participants.some(({ sourceServerId }) => sourceServerId === server),
  );
  if (holder !== undefined) return { kind: 'busy', job: holder };
  const live = liveInstanceOf(server, around.instances, around.jobs, around.execution);
  if (live !== undefined && !around.own.has(live.jobId ?? '') && !around.mayReplace(server)) {
    return { kind: 'live', instance: live };
  }
  return { kind: 'free' };
}

/**
 * Whether the newest own job decides about the server. One of this attempt does, however it ended: a failed server is tried again in
 * the next attempt. One of an earlier attempt does while it runs, or if what it launched still lives: that is never launched again.
 */
function counts(job: DrsJob, server: string, { attempt, instances }: Surroundings): boolean {
  if (attemptOf(job) >= attempt || isActive(job)) return true;
  const participant = job.participants.find(({ sourceServerId }) => sourceServerId === server);
  if (participant !== undefined && participant.launchStatus !== 'LAUNCHED') return false;
  return instances.some((instance) => instance.sourceServerId === server && instance.jobId === job.id && exists(instance));
}

function newestFirst(jobs: readonly DrsJob[]): readonly DrsJob[] {
  return [...jobs].sort((a, b) => (b.createdAt ?? 0) - (a.createdAt ?? 0));
}
