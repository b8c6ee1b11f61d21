import { groupBy, InternalError } from '@breakwater/core';
import { DAY_MS, dayName, dayOf, firstOfMonth, isMoment, monthBefore, type Period, periodName, periodOf } from './calendar.ts';
import type { KeepRule, RetentionPolicy } from './policy.ts';

/** A snapshot as retention sees it. */
export interface Snapshot {
  /** Unique in the list: an id within one Region, or an ARN. */
  readonly id: string;
  /** When the data was captured: the original snapshot's time, not the copy's. Epoch milliseconds; `undefined` if not known. */
  readonly time: number | undefined;
  /** AWS's word. Only `available` is a good copy. */
  readonly status: string;
  /** Whether it carries our mark. What does not is never deleted and never counted. */
  readonly owned: boolean;
  /** Whose snapshot. A list of several databases is decided database by database; without it, all are of one. */
  readonly database?: string;
}

export interface Decision {
  readonly id: string;
  readonly time: number | undefined;
  /** Which rules keep it, or why none does. */
  readonly reason: string;
}

/** Every snapshot of the list is in exactly one of the two, the newest first. */
export interface RetentionDecisions {
  readonly keep: readonly Decision[];
  readonly delete: readonly Decision[];
}

/**
 * Decides which snapshots stay and which may go. Pure; `now` is epoch milliseconds.
 *
 * Only snapshots that are ours, `available`, and not later than `now` are counted or go; of those of each database the newest and the
 * policy's minimum always stay. Everything else stays and is told why. Deciding again after the deletion keeps the same snapshots, and
 * what a policy has promised at one time it still has at a later one, however the runs are spaced: see docs/retention.md.
 */
export function decideRetention(policy: RetentionPolicy, snapshots: readonly Snapshot[], now: number): RetentionDecisions {
  if (!isMoment(now)) {
    throw new InternalError('internal', `retention was asked to decide at ${now}, which is no time`, {
      next: 'Nothing was decided, nothing deleted. This is a fault of Breakwater: report it.',
    });
  }
  const verdicts = new Map<Snapshot, Verdict>();
  const counted: Snapshot[] = [];
  const listed = new Map<string, number>();
  for (const { id } of snapshots) listed.set(id, (listed.get(id) ?? 0) + 1);
  for (const snapshot of snapshots) {
    const aside = whyNotCounted(policy, snapshot, listed.get(snapshot.id) ?? 0, now);
    if (aside === undefined) counted.push(snapshot);
    else verdicts.set(snapshot, { kept: true, reason: aside });
  }
  if (policy.kind === 'rules') {
    for (const group of groupBy(counted, ({ database }) => database).values()) {
      for (const [snapshot, verdict] of decideGroup(policy, group.sort(newestFirst), now)) verdicts.set(snapshot, verdict);
    }
  }
  const decisions: { keep: Decision[]; delete: Decision[] } = { keep: [], delete: [] };
  for (const snapshot of [...snapshots].sort(newestFirst)) {
    const { kept, reason } = verdicts.get(snapshot) ?? { kept: true, reason: 'kept' };
    decisions[kept ? 'keep' : 'delete'].push({ id: snapshot.id, time: snapshot.time, reason });
  }
  return decisions;
}

interface Verdict {
  readonly kept: boolean;
  readonly reason: string;
}

function whyNotCounted(
  policy: RetentionPolicy,
  { status, owned, time }: Snapshot,
  listed: number,
  now: number,
): string | undefined {
  if (policy.kind === 'keep-all') {
    return policy.because === 'ignored'
      ? 'the policy "ignore" leaves every snapshot alone'
      : `"${policy.name}" is no policy known here, so everything is kept`;
  }
  if (!owned) return 'not ours: never deleted, never counted';
  if (status !== 'available') return `its status is "${status}": only available copies are counted or deleted`;
  if (listed > 1) return `the list has this id ${listed} times: which one would go is not certain`;
  if (!isMoment(time)) return 'when its data was captured is not known';
  if (time > now) return 'its time is still to come (a clock is wrong): not counted before then';
  return undefined;
}

/** The newest first; of one moment the lower id first, so that every run prefers the same one. What has no time comes last. */
function newestFirst(a: Snapshot, b: Snapshot): number {
  const byTime = moment(b) - moment(a);
  if (byTime !== 0 && !Number.isNaN(byTime)) return byTime;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function moment({ time }: Snapshot): number {
  return isMoment(time) ? time : Number.NEGATIVE_INFINITY;
}

/** How one rule sees one group: what it keeps, with the reason, and how it explains that it does not keep another. */
interface Applied {
  readonly kept: ReadonlyMap<Snapshot, string>;
  whyNot(snapshot: Snapshot): string;
}

function decideGroup(
  { name, rules, minimumKept }: Extract<RetentionPolicy, { kind: 'rules' }>,
  group: readonly Snapshot[],
  now: number,
): ReadonlyMap<Snapshot, Verdict> {
  const applied = rules.map((rule) => applyRule(rule, group, now));
  const verdicts = new Map<Snapshot, Verdict>();
  for (const [index, snapshot] of group.entries()) {
    const reasons = applied.flatMap(({ kept }) => kept.get(snapshot) ?? []);
    if (index === 0) reasons.unshift('the newest');
    if (reasons.length > 0) verdicts.set(snapshot, { kept: true, reason: reasons.join('; ') });
  }
  // The newest of what the rules let go make up the minimum.
  for (const snapshot of group) {
    if (verdicts.size >= minimumKept) break;
    if (!verdicts.has(snapshot)) verdicts.set(snapshot, { kept: true, reason: `to have the minimum of ${minimumKept}` });
  }
  for (const snapshot of group) {
    if (verdicts.has(snapshot)) continue;
    const why = applied.map(({ whyNot }) => whyNot(snapshot)).join('; ');
    verdicts.set(snapshot, { kept: false, reason: `${name} does not keep it: ${why}` });
  }
  return verdicts;
}

function applyRule(rule: KeepRule, group: readonly Snapshot[], now: number): Applied {
  switch (rule.kind) {
    case 'days': {
      const oldest = now - rule.days * DAY_MS;
      const reason = `not older than ${plural(rule.days, 'day')}`;
      const kept = new Map(group.filter((snapshot) => moment(snapshot) >= oldest).map((snapshot) => [snapshot, reason]));
      return { kept, whyNot: () => `older than ${plural(rule.days, 'day')}` };
    }
    case 'count': {
      const kept = new Map(
        group.slice(0, rule.count).map((snapshot, index) => [snapshot, `${index + 1} of the newest ${rule.count}`]),
      );
      return { kept, whyNot: () => `not among the newest ${rule.count}` };
    }
    case 'each':
      return newestOfEach(rule.period, rule.count, group);
    case 'days-since':
      return daysSince(rule.since, group);
  }
}

function newestOfEach(period: Period, count: number, group: readonly Snapshot[]): Applied {
  const holders = new Map<number, Snapshot>();
  const kept = new Map<Snapshot, string>();
  for (const snapshot of group) {
    if (holders.size === count) break;
    const number = periodOf(period, moment(snapshot));
    if (holders.has(number)) continue;
    holders.set(number, snapshot);
    kept.set(snapshot, `newest of ${periodName(period, moment(snapshot))} (${period} ${holders.size} of ${count})`);
  }
  const oldest = [...holders.values()].at(-1);
  return {
    kept,
    whyNot: (snapshot) => {
      const time = moment(snapshot);
      const holder = holders.get(periodOf(period, time));
      if (holder !== undefined) return `${periodName(period, time)} has ${holder.id}`;
      const reach = oldest === undefined ? '' : `, which reach back to ${periodName(period, moment(oldest))}`;
      return `${periodName(period, time)} is before the last ${plural(count, period)}${reach}`;
    },
  };
}

function daysSince(since: 'month-before' | 'month-start', group: readonly Snapshot[]): Applied {
  const [newest] = group;
  const newestDay = newest === undefined ? 0 : dayOf(moment(newest));
  const first = since === 'month-before' ? monthBefore(newestDay) : firstOfMonth(newestDay);
  const start = `${dayName(first)}, ${since === 'month-before' ? 'a month before the newest' : 'the first of the newest’s month'}`;
  const { kept, whyNot } = newestOfEach(
    'day',
    Number.POSITIVE_INFINITY,
    group.filter((snapshot) => dayOf(moment(snapshot)) >= first),
  );
  return {
    kept: new Map(
      [...kept.keys()].map((snapshot) => [snapshot, `newest of ${periodName('day', moment(snapshot))}, since ${start}`]),
    ),
    whyNot: (snapshot) => (dayOf(moment(snapshot)) >= first ? whyNot(snapshot) : `before ${start}`),
  };
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
