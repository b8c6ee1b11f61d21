import type { Randomness } from '../random.ts';
import type { LaunchPhase, ServerSpec } from '../scenario/scenario.ts';
import type { JobLogItem, JobServer } from './state.ts';

/** JOB_END is logged this much after `endDateTime` in recorded jobs. */
const JOB_END_LAG = 26;
/** Servers of one recorded job follow each other by this much. */
const STAGGER = 26;
/** The first snapshot of a recorded job starts this much after JOB_START. */
const TO_SNAPSHOT = 400;
/** EC2 refuses soon after it is asked. */
const LAUNCH_REFUSED_AFTER = 12_000;

/** What is known of one server when its launch job begins. */
export interface LaunchCase {
  readonly spec: ServerSpec;
  readonly instanceId: string;
  readonly conversionServerId: string;
  /** A recovery instance exists and is cleaned first. */
  readonly replaces: boolean;
  /** A recovery snapshot was asked for by id. */
  readonly pinned: boolean;
  readonly failure: { readonly phase: LaunchPhase | 'pinned'; readonly rawError: string } | undefined;
}

export interface LaunchTimeline {
  readonly startedAt: number;
  readonly endedAt: number;
  readonly servers: readonly (JobServer & {
    readonly cleanedFrom: number;
    readonly cleanedAt: number;
    readonly snapshotAt: number;
  })[];
  readonly log: readonly JobLogItem[];
}

/** The whole course of a launch job, after a recorded drill: events, times, outcome of each server. */
export function launchTimeline(
  jobId: string,
  createdAt: number,
  cases: readonly LaunchCase[],
  random: Randomness,
  jitter: number,
): LaunchTimeline {
  const startedAt = createdAt + Math.max(...cases.map(({ spec }) => spec.durations.jobStart));
  const log: JobLogItem[] = [{ at: startedAt, event: 'JOB_START' }];
  const servers = cases.map((launch, index) => serverTimeline(jobId, startedAt, launch, index, log, random, jitter));
  const lastEnd = Math.max(...servers.map((server) => server.endsAt));
  const endedAt = lastEnd + Math.max(...cases.map(({ spec }) => spec.durations.jobEnd));
  log.push({ at: endedAt + JOB_END_LAG, event: 'JOB_END' });
  // Sorting is stable: events of the same moment stay in the order of the phases.
  return { startedAt, endedAt, servers, log: log.toSorted((a, b) => a.at - b.at) };
}

function serverTimeline(
  jobId: string,
  startedAt: number,
  { spec, instanceId, conversionServerId, replaces, pinned, failure }: LaunchCase,
  index: number,
  log: JobLogItem[],
  random: Randomness,
  jitter: number,
): LaunchTimeline['servers'][number] {
  const serverId = spec.id;
  const drawn = (name: string, ms: number): number => ms * (1 + jitter * (2 * random.fraction(name, jobId, serverId) - 1));
  let at = startedAt;
  const say = (event: string, more: Omit<JobLogItem, 'at' | 'event' | 'serverId'> = {}): void => {
    log.push({ at, event, serverId, ...more });
  };
  let cleanedFrom = at;
  let cleanedAt = at;
  let snapshotAt = at;
  const ended = (outcome: 'LAUNCHED' | 'FAILED', inProgressAt: number): LaunchTimeline['servers'][number] => ({
    serverId,
    inProgressAt,
    endsAt: at,
    outcome,
    instanceId: outcome === 'LAUNCHED' ? instanceId : undefined,
    cleanedFrom,
    cleanedAt,
    snapshotAt,
  });
  const failed = (event: string): LaunchTimeline['servers'][number] => {
    say(event, { rawError: failure?.rawError ?? 'Internal error' });
    return ended('FAILED', at);
  };

  if (failure?.phase === 'skipped') {
    at += TO_SNAPSHOT;
    return failed('SERVER_SKIPPED');
  }
  if (replaces) {
    at += TO_SNAPSHOT / 2;
    cleanedFrom = at;
    say('CLEANUP_START');
    at += drawn('cleanup', spec.durations.cleanup);
    if (failure?.phase === 'cleanup') {
      cleanedAt = cleanedFrom;
      return failed('CLEANUP_FAIL');
    }
    cleanedAt = at;
    say('CLEANUP_END');
  } else if (failure?.phase === 'cleanup') return failed('CLEANUP_FAIL');
  at += spec.durations.toSnapshot ?? TO_SNAPSHOT + STAGGER * index;
  snapshotAt = at;
  if (pinned) {
    if (failure?.phase === 'pinned') return failed('USING_PREVIOUS_SNAPSHOT_FAILED');
    say('USING_PREVIOUS_SNAPSHOT');
    at += spec.durations.snapshot;
  } else {
    say('SNAPSHOT_START');
    at += spec.durations.snapshot;
    if (failure?.phase === 'snapshot') return failed('SNAPSHOT_FAIL');
    say('SNAPSHOT_END');
  }
  at += drawn('to-conversion', spec.durations.toConversion);
  say('CONVERSION_START');
  if (failure?.phase === 'conversion') {
    at += drawn('conversion', spec.durations.conversion) / 2;
    return failed('CONVERSION_FAIL');
  }
  at += drawn('conversion', spec.durations.conversion);
  say('CONVERSION_END', { conversionServerId });
  at += spec.durations.toLaunch;
  const launchStart = at;
  say('LAUNCH_START');
  if (failure?.phase === 'launch') {
    at += Math.min(LAUNCH_REFUSED_AFTER, spec.durations.launch);
    const result = failed('LAUNCH_FAILED');
    return { ...result, inProgressAt: launchStart };
  }
  at += drawn('launch', spec.durations.launch);
  say('LAUNCH_END', { targetInstanceId: instanceId });
  return ended('LAUNCHED', launchStart);
}
