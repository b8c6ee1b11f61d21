import type { JournalEvent } from './events.ts';

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const number: Check = (value) => typeof value === 'number';
const flag: Check = (value) => typeof value === 'boolean';
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const object: Check = isObject;
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const shape =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isObject(value) && Object.entries(members).every(([name, check]) => check(value[name]));

export const isReason: Check = shape({ code: text, message: text, next: optional(text) });
const isServer: Check = shape({
  id: text,
  name: text,
  site: text,
  account: text,
  region: text,
  group: text,
  criticality: text,
  status: text,
  reason: optional(isReason),
  rpa: optional(number),
});

const isDatabase: Check = shape({
  name: text,
  cluster: optional(text),
  instance: optional(text),
  site: text,
  account: text,
  region: text,
  strategy: text,
  criticality: text,
  status: text,
  reason: optional(isReason),
  rpo: optional(number),
  rpa: optional(number),
  snapshotAt: optional(number),
  pointInTime: optional(number),
  instances: optional(listOf(text)),
  users: optional(listOf(text)),
  checks: optional(listOf(shape({ check: text, ok: flag, found: text }))),
});

/** What a reader relies on, by event type. Members not listed here are carried along unread. */
const SHAPES: Readonly<Record<JournalEvent['type'], Check>> = {
  'run-started': shape({
    run: text,
    resumed: flag,
    waves: listOf(text),
    actor: text,
    tool: text,
    approvals: listOf(text),
  }),
  'identity-proved': shape({ site: text, account: text, region: text, arn: text }),
  'run-interrupted': shape({ signal: text, stillRunning: listOf(text), resume: text }),
  'run-finished': shape({ verdict: text, reason: isReason }),
  'history-unreachable': shape({ reason: isReason }),
  'history-joined': shape({ place: text, commit: text }),
  'history-rewritten': shape({ reason: isReason, was: text, lost: listOf(text) }),
  'drill-pre-empted': shape({
    drill: text,
    plan: text,
    owner: text,
    servers: listOf(text),
    broken: optional(shape({ since: text, left: listOf(shape({ kind: text, id: text, site: text })) })),
  }),
  'locks-taken': shape({ locks: listOf(text) }),
  'locks-released': shape({}),
  'locks-unavailable': shape({ reason: isReason }),
  'wave-started': shape({ servers: listOf(isServer), databases: optional(listOf(isDatabase)) }),
  'wave-finished': shape({ status: text, reason: isReason }),
  'step-started': shape({ step: text, kind: text, name: text, attempt: number, deadline: number }),
  intent: shape({ step: text, operation: text, key: text, detail: object }),
  change: shape({ step: text, operation: text, key: text, id: text, adopted: flag, site: text, detail: object }),
  progress: shape({ step: text, note: text, server: optional(text), detail: optional(object) }),
  warning: shape({ step: text, reason: isReason, server: optional(text) }),
  'step-finished': shape({
    step: text,
    status: text,
    reason: isReason,
    servers: optional(listOf(isServer)),
    databases: optional(listOf(isDatabase)),
    result: optional(object),
  }),
  'tail-repaired': shape({ bytes: number, sha256: text, torn: text }),
  'journal-replaced': shape({ damaged: text, sha256: text, problem: text }),
  'lock-taken-over': shape({ from: shape({ owner: text, host: text, pid: number, at: text }) }),
};

/** Whether an event has a type that this version does not know; it is kept and skipped. */
export function isUnknownEvent(type: string): boolean {
  return !Object.hasOwn(SHAPES, type);
}

/** Whether an event of a known type has the members that readers rely on. True for unknown types. */
export function hasEventShape(type: string, value: unknown): boolean {
  return Object.entries(SHAPES).every(([known, check]) => known !== type || check(value));
}
