import type { RdsSnapshot } from '@breakwater/aws';
import { tagValue } from '../ownership.ts';
import { DATABASE_TAGS } from './contracts.ts';

export const COPY_OWNER = 'breakwater';

/** AWS takes 50 tags, keys of 128 characters. Room is left for those that are set later: archived, shared. */
const MOST = 50;
const LATER = 2;
const LONGEST_KEY = 128;
const OURS = 'breakwater:';

type Tags = Readonly<Record<string, string>>;

export interface Provenance {
  /** `undefined`: it comes from no other snapshot. */
  readonly sourceArn: string | undefined;
  /** Epoch milliseconds. */
  readonly takenAt: number | undefined;
  readonly execution: string;
  /** Set on copies that exist only on the way. */
  readonly role?: 'transit' | 'relay';
}

/**
 * The tags of a copy: where it comes from and whose it is, then those asked for, then as many of the source's as AWS takes. Tags of a
 * shared snapshot cannot be read from another account, and CopyTags does nothing beside explicit ones, so they are always given.
 * Prefixes that AWS keeps for itself get `origin:` before them.
 */
export function copyTags(source: Tags, wanted: Tags, provenance: Provenance): Tags {
  const own: Record<string, string> = {
    [DATABASE_TAGS.owner]: COPY_OWNER,
    [DATABASE_TAGS.execution]: tagValue(provenance.execution),
    ...(provenance.sourceArn === undefined ? {} : { [DATABASE_TAGS.sourceArn]: provenance.sourceArn }),
    ...(provenance.takenAt === undefined ? {} : { [DATABASE_TAGS.sourceTime]: new Date(provenance.takenAt).toISOString() }),
    ...(provenance.role === undefined ? {} : { [DATABASE_TAGS.transit]: provenance.role }),
  };
  const carried = Object.entries(source)
    .filter(([key]) => !key.toLowerCase().startsWith(OURS))
    .map(([key, value]): [string, string] => [/^(aws|rds):/i.test(key) ? `origin:${key}` : key, value])
    .filter(([key]) => key.length <= LONGEST_KEY)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const all = new Map<string, string>([...Object.entries(own), ...Object.entries(wanted)]);
  for (const [key, value] of carried) if (all.size < MOST - LATER && !all.has(key)) all.set(key, value);
  // Whose it is cannot be overwritten by what somebody asks for.
  return { ...Object.fromEntries(all), ...own };
}

/** Whether Breakwater made it. Nothing else is ever deleted. */
export function isOwned({ tags }: Pick<RdsSnapshot, 'tags'>): boolean {
  return tags[DATABASE_TAGS.owner] === COPY_OWNER;
}

/** Whether it exists only on the way from this very source. */
export function isWayOf(snapshot: Pick<RdsSnapshot, 'tags'>, sourceArn: string): boolean {
  return isOwned(snapshot) && snapshot.tags[DATABASE_TAGS.transit] !== undefined && comesFrom(snapshot, sourceArn);
}

/** By our tag; AWS itself names only the step before, which may have been a transit copy. */
export function comesFrom(
  { tags, sourceArn }: Pick<RdsSnapshot, 'tags'> & { readonly sourceArn?: string | undefined },
  arn: string,
): boolean {
  return (tags[DATABASE_TAGS.sourceArn] ?? sourceArn)?.toLowerCase() === arn.toLowerCase();
}

/** Marks a snapshot of the source as shared by us with one account for the copy to one Region. */
export function sharedTag(destination: { readonly account: string; readonly region: string }): string {
  return `${DATABASE_TAGS.shared}:${destination.account}:${destination.region}`;
}

/** Whether we share it with the account for a copy to another Region, which must not be cut off. */
export function isSharedForAnother(tags: Tags, destination: { readonly account: string; readonly region: string }): boolean {
  const own = sharedTag(destination);
  return Object.entries(tags).some(
    ([key, value]) => key !== own && value !== '' && key.startsWith(`${DATABASE_TAGS.shared}:${destination.account}:`),
  );
}
