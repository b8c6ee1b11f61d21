import type { SnapshotFamily } from '../scenario/database-spec.ts';
import type { CallContext, Output } from '../world/call-context.ts';
import type { RegionState } from '../world/region-state.ts';
import { parseRdsArn } from './arns.ts';
import { takeDueSnapshots } from './automated-snapshots.ts';
import { checkManualQuota, isTaken } from './create-snapshot.ts';
import { sharedTo, snapshotOutput } from './describe-snapshots.ts';
import { FAMILIES, type FamilyWords, snapshotExists, snapshotNotFound, snapshotState } from './families.ts';
import { invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { checkSourceKey, encryptionKey } from './kms-access.ts';
import { addSnapshot, jittered } from './make-snapshot.ts';
import { requireBeside } from './permissions.ts';
import { checkPreSignedUrl } from './pre-signed-url.ts';
import { type Contents, isInFlight, type Snapshot, snapshotKey, snapshotStatus } from './state.ts';
import { copiedTags, givenTags, type WireTag } from './tags.ts';

interface CopyRequest {
  readonly SourceDBClusterSnapshotIdentifier?: string;
  readonly TargetDBClusterSnapshotIdentifier?: string;
  readonly SourceDBSnapshotIdentifier?: string;
  readonly TargetDBSnapshotIdentifier?: string;
  readonly KmsKeyId?: string;
  readonly PreSignedUrl?: string;
  readonly CopyTags?: boolean;
  readonly Tags?: readonly WireTag[];
  readonly OptionGroupName?: string;
}

/** DocumentDB and Neptune know only copies of shared snapshots within a Region. */
const ONE_REGION_ENGINES = ['docdb', 'neptune'];

/** CopyDBClusterSnapshot and CopyDBSnapshot, called where the copy shall be. */
export function copySnapshot(family: SnapshotFamily): (context: CallContext, input: CopyRequest) => Output {
  const words = FAMILIES[family];
  return (context, input) => {
    const { world, state, now } = context;
    const sourceName = input.SourceDBClusterSnapshotIdentifier ?? input.SourceDBSnapshotIdentifier ?? '';
    const id = newIdentifier(
      input.TargetDBClusterSnapshotIdentifier ?? input.TargetDBSnapshotIdentifier ?? '',
      `Target${words.noun}Identifier`,
      words.longestId,
    );
    const source = findSource(context, words, sourceName);
    const acrossRegions = source.region !== state.region;
    const acrossAccounts = source.account !== state.account;
    if (acrossRegions && acrossAccounts) checkOneStep(context, source);
    if (input.PreSignedUrl !== undefined && input.PreSignedUrl !== '')
      checkPreSignedUrl(context, source, input.PreSignedUrl, input.KmsKeyId);
    const status = snapshotStatus(source, now);
    if (status !== 'available') {
      throw snapshotState(
        words,
        `Cannot copy the snapshot ${source.id} because it is in the ${status} state; it must be available.`,
      );
    }
    const encryption = encryptCopy(context, family, source, input.KmsKeyId);
    if (isTaken(context, family, id)) throw snapshotExists(words, id);
    const tags = copyTags(source, acrossAccounts, input);
    requireBeside(context, {
      tagging: { type: words.arnType, id, tags: givenTags(input.Tags) },
      fromRegion: acrossRegions ? source.arn : undefined,
    });
    checkLimit(context, words);
    checkManualQuota(context, words);
    context.changed();
    const times = schedule(context, source, id);
    const snapshot = addSnapshot(state, {
      family,
      id,
      type: 'manual',
      contents: { ...source.contents, ...encryption, optionGroup: input.OptionGroupName ?? source.contents.optionGroup },
      takenAt: now,
      originalAt: source.originalAt,
      ...times,
      visibleAt: now + world.scenario.rds.visibleAfter,
      source,
      tags,
    });
    return { [words.noun]: { ...snapshotOutput(snapshot, now), Status: 'copying', PercentProgress: 0 } };
  };
}

/** The source, if the caller may know it. A plain id is one of its own account and Region. */
function findSource({ world, state, now }: CallContext, words: FamilyWords, name: string): Snapshot {
  const arn = parseRdsArn(name);
  if (arn !== undefined && arn.type !== words.arnType) throw invalidValue(`Invalid source snapshot identifier: ${name}`);
  const home = arn === undefined ? state : world.region(arn.account, arn.region);
  takeDueSnapshots(world, home, now);
  const snapshot = home.rds.snapshots.get(snapshotKey(words.family, arn?.id ?? name));
  const known =
    snapshot !== undefined &&
    snapshotStatus(snapshot, now) !== undefined &&
    (home.account === state.account || sharedTo(snapshot, state.account, now));
  if (!known) throw snapshotNotFound(words, name);
  return snapshot;
}

function checkOneStep({ world }: CallContext, source: Snapshot): void {
  if (world.scenario.rds.oneStepCopies && !ONE_REGION_ENGINES.includes(source.contents.engine)) return;
  throw invalidValue(
    `The source snapshot ${source.arn} is shared by another account and in another Region. Copy it within its Region first.`,
  );
}

/** How the copy is encrypted: the matrix of source encryption, key, Region and account. */
function encryptCopy(
  context: CallContext,
  family: SnapshotFamily,
  source: Snapshot,
  key: string | undefined,
): Pick<Contents, 'encryption' | 'keyArn'> {
  const { encryption, keyArn } = source.contents;
  if (encryption === 'none') {
    if (key === undefined) return { encryption, keyArn };
    if (family === 'cluster') {
      throw invalidValue('KmsKeyId cannot be specified for an unencrypted source DB cluster snapshot.');
    }
    return { encryption: 'sse-kms', keyArn: encryptionKey(context, key).arn };
  }
  const acrossRegions = source.region !== context.state.region;
  const acrossAccounts = source.account !== context.state.account;
  if (key === undefined && acrossRegions)
    throw invalidValue('Must specify new KMS key for cross region encrypted snapshot copy.');
  if (key === undefined && acrossAccounts) {
    throw rdsFault(
      'KMSKeyNotAccessibleFault',
      'The target KMS key [None] does not exist, is not enabled or you do not have permissions to access it.',
    );
  }
  if (keyArn !== undefined) checkSourceKey(context, keyArn);
  if (key === undefined) return { encryption, keyArn };
  return { encryption: 'sse-kms', keyArn: encryptionKey(context, key).arn };
}

/** Tags replace CopyTags, they are not merged; tags of a shared snapshot do not come along. */
function copyTags(source: Snapshot, acrossAccounts: boolean, input: CopyRequest): Readonly<Record<string, string>> {
  if (input.Tags !== undefined && input.Tags.length > 0) return givenTags(input.Tags);
  return input.CopyTags === true && !acrossAccounts ? copiedTags(source.tags) : {};
}

/** Copies in flight to this Region, everybody's. */
export function copiesInFlight({ rds }: RegionState, family: SnapshotFamily, now: number): number {
  const own = [...rds.snapshots.values()].filter((snapshot) => snapshot.family === family && isInFlight(snapshot, now)).length;
  const others = rds.otherCopies.filter((other) => other.family === family && other.from <= now && now < other.until);
  return others.reduce((sum, { copies }) => sum + copies, own);
}

function checkLimit({ world, state, now }: CallContext, { family }: FamilyWords): void {
  const most = world.scenario.rds.copyLimits[family];
  if (copiesInFlight(state, family, now) < most) return;
  throw rdsFault(
    'SnapshotQuotaExceededFault',
    `Cannot have more than ${most} snapshot copies in progress to a single destination Region.`,
  );
}

/** When the copy moves, ends, or fails. Copies of one database to one Region wait for one another. */
function schedule(context: CallContext, source: Snapshot, id: string) {
  const { world, state, now } = context;
  const { durations, gib, database } = source.contents;
  const subject = {
    service: 'rds',
    operation: context.operation,
    account: state.account,
    region: state.region,
    touches: (name: string) => name === database || name === source.id || name === id,
  };
  const stall = world.faults.take('copy-stalls', subject, now)?.by ?? 0;
  const before = [...state.rds.snapshots.values()]
    .filter(
      (other) =>
        other.family === source.family && isInFlight(other, now) && other.contents.resourceId === source.contents.resourceId,
    )
    .map((other) => other.readyAt);
  const movesAt = Math.max(now, ...before) + jittered(world, durations.copyQueue, 'queue', state.account, id, now) + stall;
  const readyAt = movesAt + jittered(world, durations.copy + gib * durations.copyPerGiB, 'copy', state.account, id, now);
  const failure = world.faults.take('copy-fails', subject, now);
  const failsAt = failure === undefined ? undefined : movesAt + Math.max(1, ((readyAt - movesAt) * failure.at) / 100);
  return { movesAt, readyAt, failsAt };
}
