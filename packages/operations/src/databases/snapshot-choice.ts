import type { RdsSnapshot } from '@breakwater/aws';
import { formatDuration } from '@breakwater/core';
import type { Reason } from '@breakwater/history';
import { DATABASE_TAGS, type SnapshotChoice } from './contracts.ts';
import { isWayName } from './copy-names.ts';
import { isOwned } from './copy-tags.ts';

type Newest = Extract<SnapshotChoice, { readonly kind: 'newest' }>;

/**
 * When the data was taken, epoch milliseconds: a copy's own time is the copying's. RDS itself keeps the original's of instances; that of
 * clusters is in our tag. Only on copies: AWS puts the tags of a restored database on every snapshot of it (CopyTagsToSnapshot).
 */
export function originalTime({ tags, originalCreatedAt, createdAt, sourceArn }: RdsSnapshot): number | undefined {
  if (originalCreatedAt !== undefined) return originalCreatedAt;
  const tagged = sourceArn === undefined ? Number.NaN : Date.parse(tags[DATABASE_TAGS.sourceTime] ?? '');
  return Number.isNaN(tagged) ? createdAt : tagged;
}

/**
 * Whether it is a copy that Breakwater made. Our tags alone do not tell: snapshots of a restored database have them too, and so may what
 * other tools copy. AWS's word must agree: it was copied from the original that our tag names, or from a copy on the way.
 */
export function isOurCopy(snapshot: Pick<RdsSnapshot, 'tags' | 'sourceArn'>): boolean {
  const { tags, sourceArn } = snapshot;
  const original = tags[DATABASE_TAGS.sourceArn];
  if (!isOwned(snapshot) || original === undefined || sourceArn === undefined) return false;
  return sourceArn.toLowerCase() === original.toLowerCase() || isWayName(sourceArn);
}

/** A pattern in which `*` stands for anything, upper and lower case alike. */
export function matchesPattern(text: string, pattern: string): boolean {
  const whole = text.toLowerCase();
  const [first = '', ...more] = pattern.toLowerCase().split('*');
  const last = more.pop();
  if (last === undefined) return whole === first;
  if (!whole.startsWith(first) || !whole.endsWith(last)) return false;
  // Each part as early as can be; no regular expression, which would try for ever where there are many `*`.
  let at = first.length;
  for (const part of more) {
    const found = whole.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= whole.length - last.length;
}

export function hasTags(tags: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => tags[key] === value);
}

/**
 * The newest snapshot that is available and fits; copies that are only on the way never do. `RdsSnapshot`s of one database are given.
 */
export function chooseNewest(
  snapshots: readonly RdsSnapshot[],
  choice: Newest,
  now: number,
): { readonly snapshot: RdsSnapshot } | { readonly reason: Reason } {
  const candidates = snapshots
    .filter(({ type }) => choice.types.some((wanted) => wanted === type))
    .filter(({ tags }) => tags[DATABASE_TAGS.transit] === undefined && hasTags(tags, choice.tags ?? {}))
    .filter(({ id }) => choice.pattern === undefined || matchesPattern(id, choice.pattern));
  const dated = candidates.flatMap((snapshot) => {
    const at = originalTime(snapshot);
    return snapshot.status === 'available' && at !== undefined ? [{ snapshot, at }] : [];
  });
  const { before = Number.POSITIVE_INFINITY } = choice;
  const newest = dated
    .filter(({ at }) => at <= before)
    .sort((a, b) => b.at - a.at || (a.snapshot.id < b.snapshot.id ? -1 : 1))[0];
  if (newest === undefined) {
    const others =
      dated.length > 0
        ? `; the ${dated.length} that are available were taken after ${new Date(before).toISOString()}`
        : candidates.length === 0
          ? ''
          : `; of the ${candidates.length} that fit none is available`;
    return {
      reason: {
        code: 'snapshot-missing',
        message: `no ${choice.types.join(' or ')} snapshot fits${others}`,
        next: 'Look at the snapshots of the source, or loosen the choice. Nothing was changed.',
      },
    };
  }
  const age = now - newest.at;
  if (choice.maxAge !== undefined && age > choice.maxAge) {
    return {
      reason: {
        code: 'snapshot-unusable',
        message: `the newest snapshot, ${newest.snapshot.id}, is ${formatDuration(age)} old; at most ${formatDuration(choice.maxAge)} are allowed`,
        next: 'Find out why there is no newer one, let a new one be taken, or allow an older one. Nothing was changed.',
      },
    };
  }
  return { snapshot: newest.snapshot };
}
