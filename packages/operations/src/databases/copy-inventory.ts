import type { RdsSnapshot, SnapshotKind } from '@breakwater/aws';
import { groupBy } from '@breakwater/core';
import type { Reason } from '@breakwater/history';
import { DATABASE_TAGS, type DatabaseSite, type SnapshotChoice } from './contracts.ts';
import { wayName } from './copy-names.ts';
import { originalOf } from './copy-source.ts';
import { isOwned, sharedTag } from './copy-tags.ts';
import { chooseNewest, hasTags, isOurCopy, matchesPattern, originalTime } from './snapshot-choice.ts';

/** Which databases of the source. A pattern has `*` for anything; no pattern is none, `*` is all. */
export interface DatabaseSelection {
  readonly patterns: readonly string[];
  /** Of the database itself; of one that is gone, of its newest snapshot. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What is to be copied of one database. */
export interface CopyTask {
  readonly database: string;
  readonly snapshot: RdsSnapshot;
  /** Begun by an earlier process, and not yet finished. */
  readonly begun: boolean;
}

export interface Inventory {
  /** Begun ones first, so that what lies about on the way is taken away soon; then by database. */
  readonly tasks: readonly CopyTask[];
  /** Databases that are selected, but of which nothing can be copied; also names that are none, so that no typing error leaves one out. */
  readonly without: readonly { readonly database: string; readonly reason: Reason }[];
  /** Every database that is selected. */
  readonly databases: readonly string[];
  /** ARNs, in lower case, of all snapshots that the source still has. */
  readonly atSource: ReadonlySet<string>;
}

/**
 * What a sweep has to do, from two listings however many databases there are. Databases that are gone but have snapshots are swept too:
 * their last data is worth as much. Reads only.
 */
export async function takeInventory(options: {
  readonly kind: SnapshotKind;
  readonly source: DatabaseSite;
  readonly destination: DatabaseSite;
  readonly select: DatabaseSelection;
  readonly choice: Extract<SnapshotChoice, { readonly kind: 'newest' }>;
  readonly now: number;
}): Promise<Inventory> {
  const { kind, source, destination, select, choice, now } = options;
  const [snapshots, live] = await Promise.all([source.aws.rds.describeSnapshots(kind, {}), liveDatabases(kind, source)]);
  const needless = await copiesOfThere(kind, snapshots, destination);
  const of = groupBy(
    snapshots.filter(({ arn }) => !needless.has(arn)),
    ({ database }) => database.toLowerCase(),
  );
  const names = [...new Set([...live.keys(), ...of.keys()])]
    .filter((name) => select.patterns.some((pattern) => matchesPattern(name, pattern)))
    .filter((name) => hasTags(live.get(name) ?? newestTags(of.get(name) ?? []), select.tags))
    .sort();
  const known = new Set([...live.keys(), ...snapshots.map(({ database }) => database.toLowerCase())]);
  const tasks: CopyTask[] = [];
  const without: { database: string; reason: Reason }[] = unknownNames(select, known).map((database) => ({
    database,
    reason: unknownName(kind, source),
  }));
  for (const database of names) {
    const own = of.get(database) ?? [];
    const begun = begunTasks(database, own, destination);
    tasks.push(...begun);
    const chosen = chooseNewest(own, choice, now);
    if ('reason' in chosen) without.push({ database, reason: chosen.reason });
    else if (!begun.some(({ snapshot }) => snapshot.arn === chosen.snapshot.arn)) {
      tasks.push({ database, snapshot: chosen.snapshot, begun: false });
    }
  }
  return {
    tasks: tasks.sort((a, b) => Number(b.begun) - Number(a.begun)),
    without,
    databases: names,
    atSource: new Set(snapshots.map(({ arn }) => arn.toLowerCase())),
  };
}

/**
 * ARNs of what was copied from the destination and still is there: where two places keep each other safe, nothing is carried back. A copy
 * whose original is lost there is: it may be the last.
 */
async function copiesOfThere(
  kind: SnapshotKind,
  snapshots: readonly RdsSnapshot[],
  { site, aws }: DatabaseSite,
): Promise<ReadonlySet<string>> {
  const from = (snapshot: RdsSnapshot) =>
    isOurCopy(snapshot) ? (snapshot.tags[DATABASE_TAGS.sourceArn] ?? '').toLowerCase() : '';
  const ours = snapshots.filter((snapshot) => {
    const [, , , region, account] = from(snapshot).split(':');
    return region === site.region && account === site.account;
  });
  if (ours.length === 0) return new Set();
  const there = new Set((await aws.rds.describeSnapshots(kind, {})).map(({ arn }) => arn.toLowerCase()));
  return new Set(ours.filter((snapshot) => there.has(from(snapshot))).map(({ arn }) => arn));
}

/** Written without a `*`, and neither a database nor one that has left snapshots: a typing error, or one that is gone altogether. */
function unknownNames({ patterns }: DatabaseSelection, known: ReadonlySet<string>): readonly string[] {
  const written = patterns.filter((pattern) => !pattern.includes('*')).map((name) => name.toLowerCase());
  return [...new Set(written)].filter((name) => !known.has(name));
}

function unknownName(kind: SnapshotKind, { site }: DatabaseSite): Reason {
  return {
    code: 'snapshot-missing',
    message: `there is no ${kind} of that name and no snapshot of one in account ${site.account}, ${site.region}`,
    next: 'Correct the name, or take it out of the list if the database is gone for good. Nothing was changed.',
  };
}

/** Names in lower case with their tags; members of clusters have no snapshots of their own. */
async function liveDatabases(
  kind: SnapshotKind,
  { aws }: DatabaseSite,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const all =
    kind === 'cluster'
      ? await aws.rds.describeClusters()
      : (await aws.rds.describeInstances()).filter(({ cluster }) => cluster === undefined);
  return new Map(all.map(({ id, tags }) => [id.toLowerCase(), tags]));
}

function newestTags(snapshots: readonly RdsSnapshot[]): Readonly<Record<string, string>> {
  return [...snapshots].sort((a, b) => (originalTime(b) ?? 0) - (originalTime(a) ?? 0))[0]?.tags ?? {};
}

/** Transit copies of ours to this destination, and snapshots that we share for it, tell of copies that were never finished. */
function begunTasks(database: string, own: readonly RdsSnapshot[], { site }: DatabaseSite): readonly CopyTask[] {
  return own.flatMap((snapshot) => {
    if ((snapshot.tags[sharedTag(site)] ?? '') !== '') return [{ database, snapshot, begun: true }];
    const arn = snapshot.tags[DATABASE_TAGS.sourceArn];
    if (!isOwned(snapshot) || arn === undefined || snapshot.tags[DATABASE_TAGS.transit] !== 'transit') return [];
    const original = own.find((other) => other.arn.toLowerCase() === arn.toLowerCase()) ?? originalOf(snapshot, arn);
    const ours = wayName('transit', original, originalTime(original), site) === snapshot.id;
    return ours ? [{ database, snapshot: original, begun: true }] : [];
  });
}
