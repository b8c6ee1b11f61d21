import type { KmsKey, RdsSnapshot } from '@breakwater/aws';
import type { Reason } from '@breakwater/history';
import type { CopySnapshotRequest, DatabaseSite } from './contracts.ts';
import { type Chain, planChain, type SourceKey } from './copy-chain.ts';
import { closedKey, type KeyUse, objectionToKey } from './copy-keys.ts';
import { copyName, wayName } from './copy-names.ts';
import { hasRoomToShare } from './copy-tags.ts';
import type { KeyBook } from './key-book.ts';
import { originalTime } from './snapshot-choice.ts';

/** One copy of the chain. */
export interface Hop {
  readonly role: 'transit' | 'relay' | 'target';
  readonly name: string;
  readonly at: DatabaseSite;
  /** As RDS is told it; undefined: none is needed. */
  readonly key: string | undefined;
}

export interface CopyPlan {
  readonly chain: Chain;
  readonly hops: readonly Hop[];
  /** ARN of the key that the finished copy must have; `undefined`: it must not be encrypted. */
  readonly wantedKey: string | undefined;
  /** The key of the snapshot that is shared, and whether the destination's account could describe it. */
  readonly sharedKey: { readonly arn: string; readonly described: boolean } | undefined;
}

function withoutKey({ kmsKeyId: _, ...rest }: CopySnapshotRequest): CopySnapshotRequest {
  return rest;
}

interface Checked {
  readonly arn: string;
}

/**
 * Looks at every key before anything is copied, and lays out the chain. Reads only; a reason says what is missing, and where.
 */
export async function planCopy(
  asked: CopySnapshotRequest,
  source: RdsSnapshot,
  keys: KeyBook,
): Promise<{ readonly plan: CopyPlan } | { readonly reason: Reason }> {
  const request = asked.encryptedLater === true && source.kind === 'cluster' && !source.encrypted ? withoutKey(asked) : asked;
  const crossAccount = request.source.site.account !== request.destination.site.account;
  const crossRegion = request.source.site.region !== request.destination.site.region;
  const own = crossAccount ? await sourceKey(request, source, keys) : { key: 'customer' as const, arn: source.kmsKeyId };
  if ('reason' in own) return own;
  const planned = planChain({
    source,
    key: source.encrypted ? own.key : 'none',
    crossAccount,
    crossRegion,
    steps: request.steps,
    transitKey: request.transitKmsKeyId !== undefined,
    destinationKey: request.kmsKeyId !== undefined,
    roomToShare: hasRoomToShare(source.tags, request.destination.site),
  });
  if ('reason' in planned) return planned;
  const { chain } = planned;

  const transit = chain.transit && source.encrypted ? await transitKey(request, own, keys) : undefined;
  if (transit !== undefined && 'reason' in transit) return transit;
  const shared = chain.share && source.encrypted ? (transit?.arn ?? own.arn) : undefined;
  const open = shared === undefined ? undefined : await openness(request, shared, keys);
  if (open !== undefined && 'reason' in open) return open;
  const relay = await relayKey(request, shared, keys);
  if (relay !== undefined && 'reason' in relay) return relay;
  const target = await destinationKey(request, keys);
  if (target !== undefined && 'reason' in target) return target;
  return {
    plan: {
      chain,
      hops: hopsOf(request, source, chain, { transit: transit?.arn, relay: relay?.arn, target: target?.arn }),
      wantedKey: chain.encrypted ? (target?.arn ?? source.kmsKeyId) : undefined,
      sharedKey: shared === undefined ? undefined : { arn: shared, described: open?.described ?? false },
    },
  };
}

/** The hops of a chain, with or without a relay: the way is changed when AWS refuses to cross both borders at once. */
export function hopsOf(
  request: CopySnapshotRequest,
  source: RdsSnapshot,
  chain: Chain,
  keys: { readonly transit: string | undefined; readonly relay: string | undefined; readonly target: string | undefined },
): readonly Hop[] {
  const taken = originalTime(source);
  const destination = request.destination.site;
  const hops: Hop[] = [];
  if (chain.transit) {
    hops.push({ role: 'transit', name: wayName('transit', source, taken, destination), at: request.source, key: keys.transit });
  }
  if (chain.relay && request.relay !== undefined) {
    hops.push({ role: 'relay', name: wayName('relay', source, taken, destination), at: request.relay, key: keys.relay });
  }
  hops.push({ role: 'target', name: copyName(source, taken), at: request.destination, key: keys.target });
  return hops;
}

/** The same plan by way of the relay. */
export function byRelay(request: CopySnapshotRequest, source: RdsSnapshot, plan: CopyPlan): CopyPlan {
  const key = (role: Hop['role']) => plan.hops.find((hop) => hop.role === role)?.key;
  const chain = { ...plan.chain, relay: true };
  const relay = source.encrypted ? (request.relayKmsKeyId ?? plan.sharedKey?.arn) : undefined;
  return { ...plan, chain, hops: hopsOf(request, source, chain, { transit: key('transit'), relay, target: key('target') }) };
}

type SourceKeyFound = { readonly key: SourceKey; readonly arn: string | undefined };

async function sourceKey(
  { source: at }: CopySnapshotRequest,
  source: RdsSnapshot,
  keys: KeyBook,
): Promise<SourceKeyFound | { readonly reason: Reason }> {
  if (!source.encrypted) return { key: 'none', arn: undefined };
  if (source.encryptionType === 'sse-rds' || source.kmsKeyId === undefined) return { key: 'aws-owned', arn: undefined };
  const use: KeyUse = { role: 'source', given: source.kmsKeyId, ...placeOf(at), sharedWith: undefined };
  const checked = await check(keys, at, use);
  if ('reason' in checked) return checked;
  return { key: checked.key.manager === 'AWS' ? 'default' : 'customer', arn: checked.arn };
}

function transitKey(
  request: CopySnapshotRequest,
  own: SourceKeyFound,
  keys: KeyBook,
): Promise<Checked | { readonly reason: Reason }> | Checked | undefined {
  const given = request.transitKmsKeyId;
  // An automated snapshot under a customer-managed key can keep it on its transit copy.
  if (given === undefined) return own.arn === undefined ? undefined : { arn: own.arn };
  const sharedWith = request.destination.site.account;
  return check(keys, request.source, { role: 'transit', given, ...placeOf(request.source), sharedWith });
}

/** Whether the destination's account may use the key of what is shared with it, as far as DescribeKey tells. */
async function openness(
  { relay, destination, source }: CopySnapshotRequest,
  arn: string,
  keys: KeyBook,
): Promise<{ readonly described: boolean } | { readonly reason: Reason }> {
  const there = destination.site.region === source.site.region ? destination : relay;
  if (there === undefined) return { described: false };
  const look = await keys.look(there, arn);
  if (look === 'denied' || look === undefined) return { reason: closedKey(arn, destination.site.account) };
  return { described: true };
}

async function relayKey(
  { relay, relayKmsKeyId }: CopySnapshotRequest,
  shared: string | undefined,
  keys: KeyBook,
): Promise<Checked | { readonly reason: Reason } | undefined> {
  if (shared === undefined || relay === undefined) return undefined;
  if (relayKmsKeyId === undefined) return { arn: shared };
  return check(keys, relay, { role: 'relay', given: relayKmsKeyId, ...placeOf(relay), sharedWith: undefined });
}

async function destinationKey(
  { destination, kmsKeyId }: CopySnapshotRequest,
  keys: KeyBook,
): Promise<Checked | { readonly reason: Reason } | undefined> {
  if (kmsKeyId === undefined) return undefined;
  return check(keys, destination, { role: 'destination', given: kmsKeyId, ...placeOf(destination), sharedWith: undefined });
}

async function check(
  keys: KeyBook,
  at: DatabaseSite,
  use: KeyUse,
): Promise<{ readonly arn: string; readonly key: KmsKey } | { readonly reason: Reason }> {
  const look = await keys.look(at, use.given);
  if (look === 'denied') {
    return {
      reason: {
        code: 'key-not-accessible',
        message: `the ${use.role} key ${use.given} may not be described by account ${use.account} (kms:DescribeKey is refused)`,
        next: `Allow kms:DescribeKey on it to the role of account ${use.account} in ${use.region}, in its key policy too. Nothing was changed.`,
      },
    };
  }
  const reason = objectionToKey(look, use);
  if (reason !== undefined) return { reason };
  return look === undefined ? { reason: closedKey(use.given, use.account) } : { arn: look.arn, key: look };
}

function placeOf({ site }: DatabaseSite): { readonly account: string; readonly region: string } {
  return { account: site.account, region: site.region };
}
