import type { RdsSnapshot, SnapshotKind } from '@breakwater/aws';
import { asBreakwaterError, groupBy } from '@breakwater/core';
import type { Reason } from '@breakwater/history';
import {
  DATABASE_TAGS,
  type DatabaseSelection,
  type DatabaseSite,
  isOurCopy,
  matchesPattern,
  originalTime,
} from '@breakwater/operations';
import {
  type Decision,
  decideRetention,
  freshnessOf,
  policyFromTags,
  type RetentionPolicy,
  type Snapshot,
} from '@breakwater/retention';

export interface RetentionRequest {
  /** `by-tag`: what the newest copy's tag says; a database without one keeps everything. */
  readonly policy: RetentionPolicy | 'by-tag';
  /** False: a dry run. */
  readonly apply: boolean;
}

/** The newest good copy of a database at the destination. */
export interface Freshness {
  readonly database: string;
  readonly id: string | undefined;
  readonly arn: string | undefined;
  /** When its data was taken, epoch milliseconds. */
  readonly time: number | undefined;
  /** Milliseconds. */
  readonly age: number | undefined;
  readonly stale: boolean;
  /** Its age in words. */
  readonly words: string;
}

export interface RetentionOutcome {
  readonly database: string;
  readonly keep: readonly Decision[];
  readonly delete: readonly Decision[];
  /** What its tag says instead of a policy; everything is kept then. */
  readonly unknownPolicy?: string;
}

export interface CopiesReport {
  readonly freshness: readonly Freshness[];
  /** Those of `freshness` that are older than the objective, or have none. */
  readonly stale: readonly Freshness[];
  readonly retention: readonly RetentionOutcome[];
  readonly applied: boolean;
  readonly deleted: readonly string[];
  /** Why something that should go did not. */
  readonly undeleted: readonly Reason[];
  /** Copies that go although the source still has the original: safety then keeps less than what it is the safety of. */
  readonly sooner: readonly { readonly database: string; readonly copies: number }[];
}

export interface CopiesReportOptions {
  readonly kind: SnapshotKind;
  readonly source: DatabaseSite;
  readonly destination: DatabaseSite;
  /** Databases whose newest copy is reported. */
  readonly databases: readonly string[];
  /** Databases whose copies retention looks at: also of those that are gone at the source. */
  readonly select: DatabaseSelection;
  readonly now: number;
  readonly rpo: number | undefined;
  readonly retention: RetentionRequest | undefined;
  /** ARNs, in lower case, that the source still has; `undefined`: not looked at. */
  readonly atSource: ReadonlySet<string> | undefined;
  readonly log: (line: string) => void;
}

/** Looks at the destination once: how fresh the copies are, and which may go. Deletes only when that is asked for. */
export async function reportCopies(options: CopiesReportOptions): Promise<CopiesReport> {
  const { kind, destination, databases, now, rpo, retention, log } = options;
  const all = await destination.aws.rds.describeSnapshots(kind, { type: 'manual' });
  const copies = groupBy(
    all.filter((snapshot) => isCopyFrom(snapshot, options.source)),
    ({ database }) => database.toLowerCase(),
  );
  const freshness = databases.map((name) => freshnessHere(name, copies.get(name.toLowerCase()) ?? [], now, rpo));
  const outcomes = retention === undefined ? [] : decide(options, copies, retention);
  const applied = retention?.apply === true;
  const deleted: string[] = [];
  const undeleted: Reason[] = [];
  for (const { id, reason } of outcomes.flatMap((outcome) => outcome.delete)) {
    if (!applied) {
      log(`${id}: would go by retention: ${reason}`);
      continue;
    }
    try {
      await destination.aws.rds.deleteSnapshot(kind, id);
      deleted.push(id);
      log(`${id}: deleted by retention: ${reason}`);
    } catch (cause) {
      const { code, message, next } = asBreakwaterError(cause);
      undeleted.push({ code, message, next });
      log(`${id}: could not be deleted: ${message}`);
    }
  }
  const stale = freshness.filter((each) => each.stale);
  return { freshness, stale, retention: outcomes, applied, deleted, undeleted, sooner: goneSooner(options, all, outcomes) };
}

function goneSooner(
  { atSource }: CopiesReportOptions,
  all: readonly RdsSnapshot[],
  outcomes: readonly RetentionOutcome[],
): CopiesReport['sooner'] {
  if (atSource === undefined) return [];
  const original = new Map(all.map(({ id, tags }) => [id, (tags[DATABASE_TAGS.sourceArn] ?? '').toLowerCase()]));
  return outcomes
    .map(({ database, delete: going }) => ({
      database,
      copies: going.filter(({ id }) => atSource.has(original.get(id) ?? '')).length,
    }))
    .filter(({ copies }) => copies > 0);
}

/** A finished copy of ours from that account and Region. Whatever else stands there is not ours to judge or to delete. */
function isCopyFrom(snapshot: RdsSnapshot, { site }: DatabaseSite): boolean {
  const [, , , region, account] = (snapshot.tags[DATABASE_TAGS.sourceArn] ?? '').split(':');
  return (
    isOurCopy(snapshot) &&
    snapshot.tags[DATABASE_TAGS.transit] === undefined &&
    account === site.account &&
    region === site.region
  );
}

function freshnessHere(database: string, copies: readonly RdsSnapshot[], now: number, rpo: number | undefined): Freshness {
  const { newest, age, stale, words } = freshnessOf(database, copies.map(judged), { now, rpo });
  const arn = copies.find(({ id }) => id === newest?.id)?.arn;
  return { database, id: newest?.id, arn, time: newest?.time, age, stale, words };
}

/** A copy as retention and freshness judge it: by the time of the original. */
function judged(snapshot: RdsSnapshot): Snapshot {
  return { id: snapshot.id, time: originalTime(snapshot), status: snapshot.status, owned: isOurCopy(snapshot) };
}

function decide(
  { select, databases, now }: CopiesReportOptions,
  copies: ReadonlyMap<string, readonly RdsSnapshot[]>,
  { policy }: RetentionRequest,
): readonly RetentionOutcome[] {
  return (
    [...copies]
      .filter(([database]) => select.patterns.some((pattern) => matchesPattern(database, pattern)))
      // Tags of a database that is gone at the source cannot be asked for: it is left alone then.
      .filter(([database]) => Object.keys(select.tags).length === 0 || databases.includes(database))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([database, own]) => {
        const chosen = policy === 'by-tag' ? policyFromTags(newestTags(own)) : policy;
        return chosen === undefined ? [] : [{ database, ...decideOf(chosen, own, now) }];
      })
  );
}

/** Of one database. */
function decideOf(policy: RetentionPolicy, copies: readonly RdsSnapshot[], now: number): Omit<RetentionOutcome, 'database'> {
  const decided = decideRetention(policy, copies.filter((copy) => !isArchived(copy)).map(judged), now);
  // They take nobody's place: the policy keeps its own beside them.
  const keep = [...copies.filter(isArchived).map(leftAlone), ...decided.keep];
  const unknown = policy.kind === 'keep-all' && policy.because === 'unknown' ? { unknownPolicy: policy.name } : {};
  return { keep, delete: decided.delete, ...unknown };
}

function isArchived({ tags }: RdsSnapshot): boolean {
  return tags[DATABASE_TAGS.archived] !== undefined;
}

function leftAlone(snapshot: RdsSnapshot): Decision {
  return { id: snapshot.id, time: originalTime(snapshot), reason: 'a restore has archived it: retention leaves it alone' };
}

function newestTags(copies: readonly RdsSnapshot[]): Readonly<Record<string, string>> {
  return [...copies].sort((a, b) => (originalTime(b) ?? 0) - (originalTime(a) ?? 0))[0]?.tags ?? {};
}
