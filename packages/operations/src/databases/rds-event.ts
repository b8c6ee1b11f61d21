import type { SnapshotKind } from '@breakwater/aws';
import { isWayName } from './copy-names.ts';

/** What an event asks for: a copy of one snapshot. */
export interface SnapshotEvent {
  /** EventBridge's own id of the event. */
  readonly event: string | undefined;
  readonly kind: SnapshotKind;
  readonly snapshotArn: string;
  readonly snapshot: string;
  readonly account: string;
  readonly region: string;
}

export type EventReading = { readonly wanted: SnapshotEvent } | { readonly ignored: string };

/** RDS events after which a snapshot can be copied; what begins is followed by what ends. */
const CREATED: Readonly<Record<string, SnapshotKind>> = {
  'RDS-EVENT-0075': 'cluster',
  'RDS-EVENT-0169': 'cluster',
  'RDS-EVENT-0042': 'instance',
  'RDS-EVENT-0091': 'instance',
};
const BEGUN = new Set(['RDS-EVENT-0074', 'RDS-EVENT-0168', 'RDS-EVENT-0040', 'RDS-EVENT-0090']);

const ARN = /^arn:[^:]+:rds:([a-z0-9-]+):(\d{12}):(cluster-snapshot|snapshot):(.+)$/;

/**
 * Reads an RDS event as EventBridge writes it, or as it comes in the `client_payload` of a repository_dispatch (itself, or in a field
 * `event` or `detail`-bearing object). Whatever is no event of a finished snapshot of the expected account and Region is ignored, with
 * the reason: events come twice, late, and for everything.
 */
export function readSnapshotEvent(
  payload: unknown,
  expected: { readonly account: string; readonly region: string },
): EventReading {
  const event = unwrapped(payload);
  if (event === undefined) return { ignored: 'it is no JSON object with a `detail`' };
  const source = text(event, 'source');
  if (source !== undefined && source !== 'aws.rds') return { ignored: `it comes from ${shown(source)}, not from aws.rds` };
  const detail = field(event, 'detail');
  const id = text(detail, 'EventID') ?? idInMessage(text(detail, 'Message'));
  if (id === undefined) return { ignored: 'its detail has no EventID' };
  if (BEGUN.has(id)) return { ignored: `${id} says that a snapshot was begun; the one that says it is finished follows` };
  const kind = Object.hasOwn(CREATED, id) ? CREATED[id] : undefined;
  if (kind === undefined) return { ignored: `${shown(id)} is not about a finished snapshot` };
  const arn = text(detail, 'SourceArn') ?? firstText(field(event, 'resources'));
  const [, region, account, family, snapshot] = ARN.exec(arn ?? '') ?? [];
  if (arn === undefined || region === undefined || account === undefined || snapshot === undefined) {
    return { ignored: `it names no snapshot: ${shown(arn ?? 'SourceArn is missing')}` };
  }
  if ((family === 'cluster-snapshot' ? 'cluster' : 'instance') !== kind) {
    return { ignored: `${id} is about ${kind} snapshots, but it names ${shown(arn)}` };
  }
  if (account !== expected.account) return { ignored: `it is of account ${account}, the source is ${expected.account}` };
  if (region !== expected.region) return { ignored: `it is of ${region}, the source is in ${expected.region}` };
  if (isWayName(snapshot))
    return { ignored: `${shown(snapshot)} is a copy that Breakwater made on its way, and takes away again` };
  return { wanted: { event: text(event, 'id'), kind, snapshotArn: arn, snapshot, account, region } };
}

function unwrapped(payload: unknown, depth = 0): object | undefined {
  if (typeof payload !== 'object' || payload === null || depth > 2) return undefined;
  if (isObject(field(payload, 'detail'))) return payload;
  for (const name of ['event', 'client_payload']) {
    const inner = unwrapped(field(payload, name), depth + 1);
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function field(value: unknown, name: string): unknown {
  return isObject(value) ? Object.entries(value).find(([key]) => key === name)?.[1] : undefined;
}

function text(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

function firstText(value: unknown): string | undefined {
  const first: unknown = Array.isArray(value) ? value[0] : undefined;
  return typeof first === 'string' ? first : undefined;
}

/** SNS notifications of RDS put the id at the end of a link. */
function idInMessage(message: string | undefined): string | undefined {
  return /\bRDS-EVENT-\d{4}\b/.exec(message ?? '')?.[0];
}

/** Foreign text, short enough for a line. */
function shown(value: string): string {
  const line = value.replaceAll(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
