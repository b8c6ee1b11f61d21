import type { DrsJob } from '@breakwater/aws';

/** How long a job may be COMPLETED while a server in it still has no end, milliseconds. Seen in the wild; it settles or it is lost. */
export const SETTLING = 300_000;

/** What a COMPLETED job says of one server. There is no failed job: a job that launched nothing is COMPLETED all the same. */
export type ServerEnd =
  | { readonly kind: 'launched'; readonly instanceId: string | undefined }
  /** FAILED: the job's log knows why. */
  | { readonly kind: 'failed' }
  /** Its instance was terminated meanwhile. */
  | { readonly kind: 'terminated' }
  /** The job ended without the server in it. */
  | { readonly kind: 'left-out' }
  /** The job ended with no server in it at all: "every server launched" would be true of none. */
  | { readonly kind: 'no-participants' }
  /** PENDING or IN_PROGRESS in a completed job: not an end. */
  | { readonly kind: 'unsettled'; readonly launchStatus: string }
  /** A status that AWS has added since. */
  | { readonly kind: 'unknown'; readonly launchStatus: string };

/** Reads the end of one server from its COMPLETED launch job. */
export function serverEnd(job: DrsJob, server: string): ServerEnd {
  if (job.participants.length === 0) return { kind: 'no-participants' };
  const participant = job.participants.find(({ sourceServerId }) => sourceServerId === server);
  if (participant === undefined) return { kind: 'left-out' };
  const { launchStatus } = participant;
  switch (launchStatus) {
    case 'LAUNCHED':
      return { kind: 'launched', instanceId: participant.recoveryInstanceId };
    case 'FAILED':
      return { kind: 'failed' };
    case 'TERMINATED':
      return { kind: 'terminated' };
    case 'PENDING':
    case 'IN_PROGRESS':
      return { kind: 'unsettled', launchStatus };
    default:
      return { kind: 'unknown', launchStatus };
  }
}
