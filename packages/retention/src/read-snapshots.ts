import { UserError } from '@breakwater/core';
import { isMoment } from './calendar.ts';
import type { Snapshot } from './decide.ts';

/** A snapshot from a list, with its time as the list wrote it. */
export interface ListedSnapshot extends Snapshot {
  readonly written: string | number | null;
}

const FORM = '{"id": "shop-2026-01-15", "time": "2026-01-15T03:00:00Z", "status": "available", "owned": true}';

/** Whoever writes a number this small beside a time of this century meant seconds, or `20260115`: as milliseconds it lies before March 1973. */
const TOO_LITTLE = 1e11;
const THIS_CENTURY = Date.UTC(2000, 0, 1);

/**
 * The snapshots of a list as it stands in a JSON file: `id`, `time` (when the data was captured: ISO 8601, epoch milliseconds, or null if
 * not known), `status`, `owned`, and if the list mixes databases, `database`. Other fields are ignored. `what` names the list in messages.
 * Throws `UserError` `usage` at the first entry that is not like that: a list half understood is no ground for deleting.
 */
export function readSnapshots(
  value: unknown,
  { what, now }: { readonly what: string; readonly now: number },
): readonly ListedSnapshot[] {
  if (!Array.isArray(value)) throw wrong(`${what} must be a list of snapshots`);
  const places = new Map<string, number>();
  return value.map((entry: unknown, index) => {
    const place = `${what}, entry ${index + 1}`;
    const snapshot = readSnapshot(entry, place, now);
    const before = places.get(snapshot.id);
    if (before !== undefined) throw wrong(`${place}: the id ${JSON.stringify(snapshot.id)} is that of entry ${before}, too`);
    places.set(snapshot.id, index + 1);
    return snapshot;
  });
}

function readSnapshot(entry: unknown, place: string, now: number): ListedSnapshot {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw wrong(`${place} is not an object`);
  const fields = new Map<string, unknown>(Object.entries(entry));
  const [id, status, owned, database] = [fields.get('id'), fields.get('status'), fields.get('owned'), fields.get('database')];
  if (!isWord(id)) throw wrong(`${place}: id must be a text that is not empty, not ${shown(id)}`);
  const named = `${place} (${JSON.stringify(id)})`;
  const written = fields.get('time');
  if (!isWord(status)) throw wrong(`${named}: status must be a text that is not empty, not ${shown(status)}`);
  if (typeof owned !== 'boolean') throw wrong(`${named}: owned must be true or false, not ${shown(owned)}`);
  if (database !== undefined && !isWord(database)) {
    throw wrong(`${named}: database must be a text that is not empty, not ${shown(database)}`);
  }
  if (typeof written !== 'string' && typeof written !== 'number' && written !== null) {
    throw wrong(`${named}: time must be ISO 8601, epoch milliseconds or null, not ${shown(written)}`);
  }
  const time = written === null ? undefined : parseMoment(written);
  if (written !== null && time === undefined) {
    throw wrong(`${named}: time must be ISO 8601, epoch milliseconds or null, not ${shown(written)}`);
  }
  if (time !== undefined && isNumber(written) && Math.abs(time) < TOO_LITTLE && now > THIS_CENTURY) {
    const meant = 'seconds, or a day without hyphens?';
    throw wrong(`${named}: time ${shown(written)} is too little for epoch milliseconds, which are meant: ${meant}`);
  }
  return { id, time, status, owned, written, ...(database === undefined ? {} : { database }) };
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

const NUMBER = /^-?\d{1,16}$/;

function isNumber(written: string | number | null): boolean {
  return typeof written === 'number' || NUMBER.test(written?.trim() ?? '');
}

const ISO = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * Epoch milliseconds of a written time: ISO 8601, in UTC if it names no offset, or epoch milliseconds. `undefined` if it is neither, or a day
 * that the calendar does not have.
 */
export function parseMoment(written: string | number): number | undefined {
  const time = typeof written === 'number' ? written : parseText(written.trim());
  return Number.isInteger(time) && isMoment(time) ? time : undefined;
}

function parseText(text: string): number | undefined {
  if (NUMBER.test(text)) return Number(text);
  const [, day, clock = '00:00', offset = 'Z'] = ISO.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return undefined;
  return Date.parse(`${day}T${clock}${isoOffset(offset)}`);
}

/** `Date.parse` takes 30 February for 2 March. */
function isDay(day: string): boolean {
  const midnight = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(day);
}

function isoOffset(offset: string): string {
  if (offset.toUpperCase() === 'Z') return 'Z';
  const digits = offset.slice(1).replace(':', '').padEnd(4, '0');
  return `${offset[0]}${digits.slice(0, 2)}:${digits.slice(2)}`;
}

function shown(value: unknown): string {
  const text = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function wrong(message: string): UserError {
  return new UserError('usage', message, { next: `Nothing was decided. An entry of the list looks like ${FORM}.` });
}
