import type { RdsSnapshot } from '@breakwater/aws';
import { tagValue } from '../ownership.ts';
import { DATABASE_TAGS } from './contracts.ts';

export const COPY_OWNER = 'breakwater';

/** AWS takes 50 tags beside those of its own, keys of 128 characters. Room is left for those that are set later: archived, shared. */
const MOST = 50;
const LATER = 2;
const LONGEST_KEY = 128;
const OURS = 'breakwater:';
/** By it retention chooses its policy: without it a copy would stay longer or shorter than it should. */
const LIFECYCLE = 'Draco_Lifecycle';
const RENAMED = 'origin:';

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
  return choose(source, wanted, provenance).tags;
}

/** Keys, as the copy would have them, for which there is no room beside ours: those of AWS itself first, then the last by name. */
export function tagsLeftOut(source: Tags, wanted: Tags, provenance: Provenance): readonly string[] {
  return choose(source, wanted, provenance).leftOut;
}

function choose(
  source: Tags,
  wanted: Tags,
  { sourceArn, takenAt, execution, role }: Provenance,
): { readonly tags: Tags; readonly leftOut: readonly string[] } {
  const own = new Map([
    [DATABASE_TAGS.owner as string, COPY_OWNER],
    [DATABASE_TAGS.execution, tagValue(execution)],
    ...(sourceArn === undefined ? [] : [[DATABASE_TAGS.sourceArn, sourceArn] as const]),
    ...(takenAt === undefined ? [] : [[DATABASE_TAGS.sourceTime, new Date(takenAt).toISOString()] as const]),
    ...(role === undefined ? [] : [[DATABASE_TAGS.transit, role] as const]),
  ]);
  const tags = new Map(own);
  const leftOut: string[] = [];
  for (const [key, value] of [...Object.entries(wanted).sort(byKey), ...carried(source)]) {
    // Whose it is cannot be overwritten by what somebody asks for.
    if (tags.has(key)) continue;
    if (tags.size < MOST - LATER && key.length <= LONGEST_KEY) tags.set(key, value);
    else leftOut.push(key);
  }
  return { tags: Object.fromEntries(tags), leftOut };
}

/** Tags of the source as a copy has them, the weightiest first; the order in which AWS lists them says nothing. */
function carried(source: Tags): readonly (readonly [string, string])[] {
  const foreign = Object.entries(source).filter(([key]) => !key.toLowerCase().startsWith(OURS));
  const reserved = foreign.filter(([key]) => isReserved(key)).map(([key, value]) => [`${RENAMED}${key}`, value] as const);
  const free = foreign.filter(([key]) => !isReserved(key));
  return [
    ...free.filter(([key]) => key === LIFECYCLE),
    ...free.filter(([key]) => key !== LIFECYCLE).sort(byKey),
    ...reserved.sort(byKey),
  ];
}

function byKey([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : Number(a > b);
}

function isReserved(key: string): boolean {
  return /^(aws|rds):/i.test(key);
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

/** Whether a snapshot of somebody has room for the mark of our share, or has it already: without it nobody later would end the share. */
export function hasRoomToShare(tags: Tags, destination: { readonly account: string; readonly region: string }): boolean {
  if (Object.hasOwn(tags, sharedTag(destination))) return true;
  return Object.keys(tags).filter((key) => !key.toLowerCase().startsWith('aws:')).length < MOST;
}
