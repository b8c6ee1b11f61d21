/**
 * Where text becomes typed values. The casts of this package are here and nowhere else: each follows a check of everything that
 * readers rely on, and the compiler cannot follow such a check through JSON.
 */
import { hasEventShape, isObject, isReason, isUnknownEvent } from './event-shape.ts';
import type { JournalLine } from './events.ts';
import type { ExecutionHeader } from './execution.ts';
import type { LedgerEntry } from './ledger.ts';
import type { HeldLock, LockOwner, LockTarget } from './locks.ts';
import type { Manifest } from './manifest.ts';

/** A parsed journal line, or why the text is not one. `known` is false for an event type of a later version. */
export type ParsedLine =
  | { readonly line: JournalLine; readonly known: boolean; readonly problem?: undefined }
  | { readonly line?: undefined; readonly problem: string };

/** Reads one line of a journal (without its newline). Never throws. */
export function parseLine(text: string): ParsedLine {
  const value = parseJson(text);
  if (!isObject(value)) return { problem: 'it is not a JSON object' };
  if (value['v'] !== 1) return { problem: `its version is ${JSON.stringify(value['v'])}, not 1` };
  const { seq, at, prev, type, sum } = value;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) return { problem: 'it has no sequence number' };
  if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return { problem: 'it has no time' };
  if (typeof prev !== 'string' || typeof type !== 'string') return { problem: 'it has no hash or no type' };
  if (sum !== undefined && typeof sum !== 'string') return { problem: 'its checksum is not text' };
  if (!hasEventShape(type, value)) return { problem: `it lacks members that ${type} must have` };
  // The members common to all lines, and those of its own type, were checked above.
  return { line: value as unknown as JournalLine, known: !isUnknownEvent(type) };
}

/** Reads `execution.json`; a string says what is wrong with it. */
export function parseHeader(text: string): ExecutionHeader | string {
  const value = parseJson(text);
  if (!isObject(value)) return 'it is not a JSON object';
  if (value['schema'] !== 'breakwater.execution/1')
    return `its schema is ${JSON.stringify(value['schema'])}, not breakwater.execution/1`;
  const plan = value['plan'];
  if (!isObject(plan)) return 'it has no plan';
  const objectives = plan['objectives'];
  const waves = plan['waves'];
  const verdict = value['verdict'];
  const sound =
    typeof value['id'] === 'string' &&
    (value['mode'] === 'drill' || value['mode'] === 'recovery') &&
    typeof value['createdAt'] === 'number' &&
    typeof value['actor'] === 'string' &&
    typeof value['tool'] === 'string' &&
    typeof value['simulated'] === 'boolean' &&
    typeof plan['name'] === 'string' &&
    typeof plan['digest'] === 'string' &&
    isObject(objectives) &&
    typeof objectives['rto'] === 'number' &&
    typeof objectives['rpo'] === 'number' &&
    Array.isArray(waves) &&
    waves.every((wave) => isObject(wave) && typeof wave['name'] === 'string' && Array.isArray(wave['dependsOn'])) &&
    isObject(plan['definition']) &&
    (verdict === undefined || (isObject(verdict) && typeof verdict['verdict'] === 'string' && isReason(verdict['reason'])));
  if (!sound) return 'it lacks members that an execution must have';
  // Every member that is read was checked above.
  return value as unknown as ExecutionHeader;
}

const HASH = /^[0-9a-f]{64}$/;
const isHash = (value: unknown): value is string => typeof value === 'string' && HASH.test(value);
const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): boolean => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isMoment = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const isHashes = (value: unknown): boolean => Array.isArray(value) && value.every(isHash);

/** Reads `manifest.json`; a string says what is wrong with it. */
export function parseManifest(text: string): Manifest | string {
  const value = parseJson(text);
  if (!isObject(value)) return 'it is not a JSON object';
  if (value['schema'] !== 'breakwater.manifest/1')
    return `its schema is ${JSON.stringify(value['schema'])}, not breakwater.manifest/1`;
  const { plan, files } = value;
  const sound =
    isText(value['execution']) &&
    isObject(plan) &&
    isText(plan['name']) &&
    isText(plan['digest']) &&
    isText(value['verdict']) &&
    isText(value['tool']) &&
    isMoment(value['sealedAt']) &&
    (value['previous'] === undefined || isHash(value['previous'])) &&
    Array.isArray(files) &&
    files.every(
      (file) =>
        isObject(file) &&
        isText(file['path']) &&
        isCount(file['bytes']) &&
        isHash(file['sha256']) &&
        (file['lines'] === undefined || (isCount(file['lines']) && isHash(file['head']))),
    );
  if (!sound) return 'it lacks members that a manifest must have';
  // Every member that is read was checked above.
  return value as unknown as Manifest;
}

/** Reads an entry of the ledger; a string says what is wrong with it. */
export function parseLedgerEntry(text: string): LedgerEntry | string {
  const value = parseJson(text);
  if (!isObject(value)) return 'it is not a JSON object';
  if (value['schema'] !== 'breakwater.ledger/1')
    return `its schema is ${JSON.stringify(value['schema'])}, not breakwater.ledger/1`;
  const { kind, locks } = value;
  const sound =
    isText(kind) &&
    isMoment(value['at']) &&
    isText(value['by']) &&
    isText(value['plan']) &&
    isText(value['execution']) &&
    isHashes(value['after']) &&
    (value['previous'] === undefined || isHashes(value['previous'])) &&
    (kind !== 'sealed' || (isHash(value['manifest']) && isText(value['verdict']) && isSealedRecord(value['record']))) &&
    (kind !== 'unlocked' || (Array.isArray(locks) && locks.every(isHeldLock)));
  if (!sound) return 'it lacks members that an entry must have';
  // Every member that is read was checked above; a kind of a later version is carried along unread.
  return value as unknown as LedgerEntry;
}

function isSealedRecord(value: unknown): boolean {
  if (value === undefined) return true;
  if (!isObject(value) || !isHash(value['header']) || !Array.isArray(value['journals'])) return false;
  if (value['exchanged'] !== undefined && !isHashes(value['exchanged'])) return false;
  return value['journals'].every((one) => isObject(one) && isText(one['path']) && isCount(one['bytes']) && isHash(one['sha256']));
}

function isOwner(value: unknown): value is LockOwner {
  if (!isObject(value) || (value['mode'] !== 'drill' && value['mode'] !== 'recovery')) return false;
  if (value['run'] !== undefined && !isText(value['run'])) return false;
  return ['execution', 'plan', 'actor', 'host', 'at'].every((member) => isText(value[member]));
}

function isTarget(value: unknown): value is LockTarget {
  if (!isObject(value) || (value['kind'] !== 'server' && value['kind'] !== 'database')) return false;
  return ['account', 'region', 'id'].every((member) => isText(value[member]));
}

function isHeldLock(value: unknown): value is HeldLock {
  return isObject(value) && isOwner(value['owner']) && isTarget(value['target']);
}

/** Reads what a lock holds: its owner and its targets; `undefined` if it is none of ours. */
export function parseLock(text: string): { readonly owner: LockOwner; readonly targets: readonly LockTarget[] } | undefined {
  const value = parseJson(text);
  if (!isObject(value) || value['schema'] !== 'breakwater.lock/1' || !isOwner(value['owner'])) return undefined;
  const targets = value['targets'];
  return Array.isArray(targets) && targets.every(isTarget) ? { owner: value['owner'], targets } : undefined;
}

/** The system's code of a failed file operation, as `ENOSPC`; `undefined` if it has none. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
