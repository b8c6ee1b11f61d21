import { type DrsJob, type DrsJobLogItem, PERMISSIONS } from '@breakwater/aws';
import type { JsonObject, Reason } from '@breakwater/history';
import type { JobPhase } from './look-again.ts';

/** What the events of a DRS job log mean, for people. The set is open: LAUNCH_END is real and not in AWS's own enum. */
const WORDS: Readonly<Record<string, string>> = {
  CLEANUP_START: 'removing the earlier recovery instance',
  CLEANUP_END: 'earlier recovery instance removed',
  CLEANUP_FAIL: 'the earlier recovery instance could not be removed',
  SNAPSHOT_START: 'taking a snapshot',
  SNAPSHOT_END: 'snapshot taken',
  SNAPSHOT_FAIL: 'snapshot failed',
  USING_PREVIOUS_SNAPSHOT: 'using an earlier snapshot',
  USING_PREVIOUS_SNAPSHOT_FAILED: 'the earlier snapshot could not be used',
  CONVERSION_START: 'converting',
  CONVERSION_END: 'converted',
  CONVERSION_FAIL: 'conversion failed',
  LAUNCH_START: 'launching',
  LAUNCH_END: 'launched',
  LAUNCH_FAILED: 'launch failed',
  SERVER_SKIPPED: 'skipped by DRS',
};

/** One event as the journal keeps it. */
export interface JobEvent {
  readonly server: string;
  readonly note: string;
  readonly detail: JsonObject;
}

/** The events of single servers, in the log's order. */
export function serverEvents(jobId: string, log: readonly DrsJobLogItem[]): readonly JobEvent[] {
  return log.flatMap(({ sourceServerId, event, at, targetInstanceId, rawError }) => {
    if (sourceServerId === undefined) return [];
    const about = rawError ?? (event === 'LAUNCH_END' ? targetInstanceId : undefined);
    return [
      {
        server: sourceServerId,
        note: `${WORDS[event] ?? event}${about === undefined ? '' : `: ${about}`}`,
        detail: { job: jobId, event, ...(at === undefined ? {} : { at: new Date(at).toISOString() }) },
      },
    ];
  });
}

/** When DRS says the server's launch ended; epoch milliseconds. */
export function launchedAt(server: string, log: readonly DrsJobLogItem[]): number | undefined {
  return log.findLast((item) => item.sourceServerId === server && item.event === 'LAUNCH_END')?.at;
}

export function launchedInstance(server: string, log: readonly DrsJobLogItem[]): string | undefined {
  return log.findLast((item) => item.sourceServerId === server && item.event === 'LAUNCH_END')?.targetInstanceId;
}

function isFailure({ event }: DrsJobLogItem): boolean {
  return /_FAIL(ED)?$/.test(event) || event === 'SERVER_SKIPPED';
}

/**
 * Why DRS did not launch a server: the last failure in the job's log, its `rawError` verbatim. DRS works in EC2 with the permissions
 * of whoever called StartRecovery, so a missing one appears only here, minutes later.
 */
export function launchFailure(
  job: string,
  server: { readonly id: string; readonly name: string },
  log: readonly DrsJobLogItem[],
): Reason {
  const item = log.findLast((entry) => entry.sourceServerId === server.id && isFailure(entry));
  const what =
    item === undefined
      ? `DRS did not launch ${server.name} (${server.id}); the log of job ${job} gives no reason`
      : `DRS did not launch ${server.name} (${server.id}): ${item.event}: ${item.rawError ?? 'no reason given'}`;
  return { code: 'server-failed', message: what, next: nextAfter(job, item?.rawError) };
}

function nextAfter(job: string, rawError: string | undefined): string {
  const again = 'run the plan again; the same execution, while it has not ended, launches only what was not launched.';
  const permission = rawError === undefined ? undefined : missingPermission(rawError);
  if (permission !== undefined) {
    return `Give the role that recovers there ${permission} (DRS works in EC2 with the caller's permissions), then ${again}`;
  }
  return `Look at job ${job} in the DRS console, mend the cause, then ${again}`;
}

/** The permission that an error text of a job log asks for: `ec2:RunInstances`, or a hint when it names none. `undefined`: not about permissions. */
export function missingPermission(rawError: string): string | undefined {
  if (!/UnauthorizedOperation|not authorized|AccessDenied/i.test(rawError)) return undefined;
  const performed = /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(rawError)?.[1];
  if (performed !== undefined) return performed;
  const called = /(?:calling|call) (?:the )?([A-Z][A-Za-z]+)(?: operation|s? operations)?/.exec(rawError)?.[1];
  if (called === undefined) return 'the EC2 permissions that DRS needs';
  // EC2 names the call alone: what a launch needs tells whose it is.
  return PERMISSIONS.drs.startRecovery.find((permission) => permission.endsWith(`:${called}`)) ?? `ec2:${called}`;
}

/** How far a running job is; `servers` are those it works for. Moments in the log are AWS's. */
export function phaseOf(job: DrsJob, servers: readonly string[], log: readonly DrsJobLogItem[], now: number): JobPhase {
  const ended = new Set(
    job.participants
      .filter(({ launchStatus }) => !['PENDING', 'IN_PROGRESS'].includes(launchStatus))
      .map((one) => one.sourceServerId),
  );
  let lastEnd = 0;
  let lastStart: number | undefined;
  for (const item of log) {
    if (item.sourceServerId === undefined) continue;
    if (item.event === 'LAUNCH_END' || isFailure(item)) {
      ended.add(item.sourceServerId);
      lastEnd = Math.max(lastEnd, item.at ?? 0);
    }
    if (item.event === 'LAUNCH_START') lastStart = Math.max(lastStart ?? 0, item.at ?? now);
  }
  if (servers.length > 0 && servers.every((server) => ended.has(server))) {
    return { kind: 'ending', since: lastEnd === 0 ? 0 : Math.max(0, now - lastEnd) };
  }
  if (lastStart !== undefined) return { kind: 'launching', since: Math.max(0, now - lastStart) };
  return { kind: 'preparing' };
}
