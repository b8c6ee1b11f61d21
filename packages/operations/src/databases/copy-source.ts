import type { RdsSnapshot } from '@breakwater/aws';
import type { Reason } from '@breakwater/history';
import { tagValue } from '../ownership.ts';
import { type CopySnapshotRequest, DATABASE_TAGS, type DatabaseDeedContext } from './contracts.ts';
import { isOwned, isWayOf } from './copy-tags.ts';
import { deedHash, derivedName } from './restore-names.ts';
import { chooseNewest, isOurCopy, originalTime } from './snapshot-choice.ts';

export type SourceFound =
  | { readonly found: 'yes'; readonly snapshot: RdsSnapshot }
  | { readonly found: 'not-yet'; readonly note: string }
  | { readonly found: 'no'; readonly reason: Reason }
  /** A new one must be taken, under this name. */
  | { readonly found: 'create'; readonly name: string };

/** Finds the snapshot that is copied; the same one however often an execution asks. Reads only. */
export async function findSource(request: CopySnapshotRequest, { execution, clock }: DatabaseDeedContext): Promise<SourceFound> {
  const { choice, source, kind } = request;
  const database = request.database.toLowerCase();
  switch (choice.kind) {
    case 'id': {
      const [, account] = /^arn:[^:]+:rds:[^:]+:(\d{12}):/.exec(choice.id) ?? [];
      if (account !== undefined && account !== source.site.account) {
        return no(
          'snapshot-unusable',
          `snapshot ${choice.id} belongs to account ${account}, not to the source, ${source.site.account}`,
          'Name the account that owns it as the source: only there can it be shared and its tags be read.',
        );
      }
      const [snapshot] = await source.aws.rds.describeSnapshots(kind, { id: choice.id });
      if (snapshot !== undefined) return onItsWay(snapshot) ?? usable(snapshot);
      const begun = await begunFrom(request, choice.id);
      return begun === undefined ? missing(request, `no ${kind} snapshot "${choice.id}"`) : { found: 'yes', snapshot: begun };
    }
    case 'create': {
      const name = derivedName(database, 'snapshot', deedHash(execution, database));
      const [snapshot] = await source.aws.rds.describeSnapshots(kind, { id: name });
      if (snapshot === undefined) return { found: 'create', name };
      if (isOwned(snapshot)) return usable(snapshot);
      return no(
        'snapshot-exists',
        `snapshot ${name} exists and was not made by Breakwater`,
        'Look at it, and rename or remove it.',
      );
    }
    case 'newest': {
      const all = await source.aws.rds.describeSnapshots(kind, { database });
      const begun = await begunEarlier(request, all, execution);
      if (begun !== undefined) return { found: 'yes', snapshot: begun };
      const chosen = chooseNewest(all, choice, clock.now());
      if ('snapshot' in chosen) return { found: 'yes', snapshot: chosen.snapshot };
      const { code, message, next } = chosen.reason;
      return no(code, `${kind} "${database}" in account ${source.site.account}, ${source.site.region}: ${message}`, next ?? '');
    }
  }
}

/** A transit copy is taken away when the copy that needs it ends: one of it would be a second copy of the original, and might be cut off. */
function onItsWay({ id, tags }: RdsSnapshot): SourceFound | undefined {
  if (!isOwned({ tags }) || tags[DATABASE_TAGS.transit] === undefined) return undefined;
  const original = tags[DATABASE_TAGS.sourceArn] ?? 'another snapshot';
  return no(
    'snapshot-unusable',
    `snapshot ${id} is itself a copy on its way from ${original}, and goes again`,
    `Copy ${original} instead.`,
  );
}

function usable(snapshot: RdsSnapshot): SourceFound {
  if (snapshot.status === 'available') return { found: 'yes', snapshot };
  if (/^(creating|copying|pending|modifying|backing-up)$/.test(snapshot.status)) {
    return {
      found: 'not-yet',
      note: `source snapshot ${snapshot.id} is ${snapshot.status}${snapshot.progress === undefined ? '' : ` (${snapshot.progress} %)`}`,
    };
  }
  return no('snapshot-unusable', `snapshot ${snapshot.id} is ${snapshot.status}, not available`, 'Choose another one.');
}

/**
 * A newer snapshot may have come since an earlier process of this execution began: what that one chose stays chosen, so that nothing is
 * copied twice and nothing stays behind. The choice is read from the tags of what it made.
 */
async function begunEarlier(
  request: CopySnapshotRequest,
  all: readonly RdsSnapshot[],
  execution: string,
): Promise<RdsSnapshot | undefined> {
  const { kind, destination, source } = request;
  const samePlace = destination.site.account === source.site.account && destination.site.region === source.site.region;
  const there = samePlace
    ? []
    : await destination.aws.rds.describeSnapshots(kind, { database: request.database, type: 'manual' });
  const ours = [...there, ...all].find(
    (snapshot) =>
      (isOurCopy(snapshot) || snapshot.tags[DATABASE_TAGS.transit] !== undefined) &&
      isOwned(snapshot) &&
      snapshot.tags[DATABASE_TAGS.execution] === tagValue(execution),
  );
  const arn = ours?.tags[DATABASE_TAGS.sourceArn];
  if (ours === undefined || arn === undefined) return undefined;
  const original = all.find((snapshot) => snapshot.arn.toLowerCase() === arn.toLowerCase());
  // An automated one may have gone in the meantime; what was copied from it says what it was.
  return original ?? originalOf(ours, arn);
}

/** An automated snapshot may go while its copy is on the way: then the transit copy says what it was. */
async function begunFrom({ kind, source }: CopySnapshotRequest, id: string): Promise<RdsSnapshot | undefined> {
  const name = id.startsWith('arn:') ? id.split(':').slice(6).join(':') : id;
  const manual = await source.aws.rds.describeSnapshots(kind, { type: 'manual' });
  const transit = manual.find((snapshot) => {
    const arn = snapshot.tags[DATABASE_TAGS.sourceArn] ?? '';
    return isWayOf(snapshot, arn) && arn.toLowerCase().endsWith(`:${name.toLowerCase()}`);
  });
  const arn = transit?.tags[DATABASE_TAGS.sourceArn];
  return transit === undefined || arn === undefined ? undefined : originalOf(transit, arn);
}

/** The original of one of our copies, as far as the copy tells of it. */
export function originalOf(copy: RdsSnapshot, arn: string): RdsSnapshot {
  const id = arn.split(':').slice(6).join(':');
  const type = id.startsWith('rds:') ? 'automated' : 'manual';
  return { ...copy, id, arn, type, createdAt: originalTime(copy), originalCreatedAt: undefined, sourceArn: undefined };
}

function missing({ source }: CopySnapshotRequest, what: string): SourceFound {
  return no(
    'snapshot-missing',
    `${what} is in account ${source.site.account}, ${source.site.region}`,
    'Look at the snapshots there, and correct the name, the account or the Region.',
  );
}

function no(code: Reason['code'], message: string, next: string): SourceFound {
  return {
    found: 'no',
    reason: { code, message, next: next.endsWith('Nothing was changed.') ? next : `${next} Nothing was changed.` },
  };
}
