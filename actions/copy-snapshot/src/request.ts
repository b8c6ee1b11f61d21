import type { Inputs } from '@breakwater/action-kit';
import type { CopySnapshotsRequest, RetentionRequest } from '@breakwater/assembly';
import type { SnapshotKind } from '@breakwater/aws';
import { readSnapshotEvent, type SnapshotChoice } from '@breakwater/operations';
import type { Site } from '@breakwater/plan';
import { PRESET_NAMES, parseMoment, parsePolicy } from '@breakwater/retention';
import type { definition } from './definition.ts';
import { usage } from './usage.ts';

type AllInputs = Inputs<typeof definition>;
type Tags = Readonly<Record<string, string>>;

/** What the inputs ask for, before any place is opened; or why an event asks for nothing. */
export type Wanted =
  | { readonly kind: SnapshotKind; readonly what: CopySnapshotsRequest['what']; readonly retention: RetentionRequest | undefined }
  | { readonly ignored: string };

/** Throws `UserError` `usage` for inputs that contradict each other. */
export function readWanted(inputs: AllInputs, source: Site): Wanted {
  const ways = [
    ['databases', inputs.databases.length > 0],
    ['snapshot-id', inputs['snapshot-id'] !== undefined],
    ['event', inputs.event !== undefined],
  ] as const;
  const given = ways.filter(([, is]) => is).map(([name]) => `"${name}"`);
  if (given.length !== 1) {
    throw usage(given.length === 0 ? 'give "databases", "snapshot-id" or "event"' : `${given.join(' and ')} exclude each other`);
  }
  const retention = readRetention(inputs);
  const selecting =
    inputs.tags.length > 0 ||
    inputs['snapshot-pattern'] !== undefined ||
    inputs['snapshot-before'] !== undefined ||
    inputs['snapshot-tags'].length > 0;
  if (inputs.databases.length === 0 && (selecting || inputs['max-age'] !== undefined || inputs.snapshot === 'create')) {
    throw usage(
      `"tags", "snapshot", "snapshot-pattern", "snapshot-tags", "snapshot-before" and "max-age" belong to "databases", not to ${given[0]}`,
    );
  }
  const id = inputs['snapshot-id'];
  if (id !== undefined) return { kind: inputs.kind, what: one('', { kind: 'id', id }), retention };
  if (inputs.event !== undefined) {
    const reading = readSnapshotEvent(parsed(inputs.event), source);
    if ('ignored' in reading) return reading;
    const { kind, snapshotArn } = reading.wanted;
    return { kind, what: one('', { kind: 'id', id: snapshotArn }), retention };
  }
  return { kind: inputs.kind, what: select(inputs, selecting), retention };
}

function select(inputs: AllInputs, selecting: boolean): CopySnapshotsRequest['what'] {
  const { databases } = inputs;
  if (inputs.snapshot === 'create') {
    const [database] = databases;
    if (database === undefined || databases.length > 1 || database.includes('*') || selecting) {
      throw usage('"snapshot: create" takes exactly one database by its name, and no tags or patterns');
    }
    return one(database, { kind: 'create' });
  }
  const types = inputs.types.map((type) => {
    if (type === 'automated' || type === 'manual') return type;
    throw usage(`value "${type}" is not valid for "types". Legal: automated, manual`);
  });
  const maxAge = inputs['max-age'];
  const pattern = inputs['snapshot-pattern'];
  const written = inputs['snapshot-before'];
  const before = written === undefined ? undefined : parseMoment(written);
  if (written !== undefined && before === undefined)
    throw usage(`"${written}" in "snapshot-before" is not a day of the calendar`);
  const choice = {
    kind: 'newest',
    types,
    tags: readTags('snapshot-tags', inputs['snapshot-tags']),
    ...(maxAge === undefined ? {} : { maxAge }),
    ...(before === undefined ? {} : { before }),
    ...(pattern === undefined ? {} : { pattern }),
  } as const;
  return { kind: 'sweep', select: { patterns: databases, tags: readTags('tags', inputs.tags) }, choice };
}

function one(database: string, choice: SnapshotChoice): CopySnapshotsRequest['what'] {
  return { kind: 'one', database, choice };
}

/** `Key=Value`; the value may be empty and may hold further `=`. */
export function readTags(input: string, items: readonly string[]): Tags {
  return Object.fromEntries(
    items.map((item): [string, string] => {
      const at = item.indexOf('=');
      if (at > 0) return [item.slice(0, at).trim(), item.slice(at + 1).trim()];
      throw usage(`value "${item}" is not valid for "${input}". Legal: Key=Value`);
    }),
  );
}

const LONGEST_KEY = 128;
const LONGEST_VALUE = 256;
/** RDS: letters, digits and white space of any language, and these signs. */
const TAKEN = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const RESERVED = [
  ['aws:', 'which AWS keeps for itself'],
  ['rds:', 'which AWS keeps for itself'],
  ['breakwater:', 'by which Breakwater knows what it made'],
] as const;

/** Tags for the copies. AWS would refuse wrong ones only after the transit copy was made, hours later. Throws `UserError` `usage`. */
export function readCopyTags(inputs: AllInputs): Tags {
  const tags = readTags('copy-tags', inputs['copy-tags']);
  for (const [key, value] of Object.entries(tags)) {
    const tag = `tag ${JSON.stringify(key)} in "copy-tags"`;
    const [prefix, why] = RESERVED.find(([reserved]) => key.toLowerCase().startsWith(reserved)) ?? [];
    if (prefix !== undefined) throw usage(`${tag} begins with "${prefix}", ${why}`);
    if (key.length > LONGEST_KEY) throw usage(`${tag} has a key of ${key.length} characters; AWS takes ${LONGEST_KEY}`);
    if (value.length > LONGEST_VALUE) throw usage(`${tag} has a value of ${value.length} characters; AWS takes ${LONGEST_VALUE}`);
    if (!TAKEN.test(key) || !TAKEN.test(value))
      throw usage(`${tag} has characters that AWS does not take; it takes letters, digits, white space and _ . : / = + - @`);
  }
  return tags;
}

function readRetention(inputs: AllInputs): RetentionRequest | undefined {
  const { retention, 'apply-retention': apply } = inputs;
  if (retention === undefined) {
    if (apply) throw usage('"apply-retention" needs "retention"');
    return undefined;
  }
  if (retention === 'by-tag') return { policy: 'by-tag', apply };
  const policy = parsePolicy(retention, 'input "retention"');
  if (policy.kind === 'keep-all' && policy.because === 'unknown') {
    throw usage(
      `value "${policy.name}" is not valid for "retention". Legal: by-tag, ${PRESET_NAMES.join(', ')}, or a policy as YAML`,
    );
  }
  return { policy, apply };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw usage('"event" is not JSON; hand over toJSON(github.event.client_payload)');
  }
}
