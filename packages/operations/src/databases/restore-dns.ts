import type { DnsRecord } from '@breakwater/aws';
import { AwsError, asBreakwaterError, deterministicUuid } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { JournalLine } from '@breakwater/history';
import { UNSURE } from '../look-again.ts';
import type { LiveDatabase } from './live-database.ts';
import type { DnsNames, DnsTarget } from './restore-contracts.ts';
import type { RestoreState } from './restore-state.ts';

const UPSERT = 'route53:ChangeResourceRecordSets';
/** Tag of the database that says how far the change of one name is, and what stood under it before. */
const TAG = 'breakwater:dns:';
/** Longest value of a tag, and what may stand in one. */
const LONGEST_TAG = 256;
const TAG_TEXT = /^[\w.:/=+@ -]*$/;
/** How long AWS may not know a change that it has just taken, milliseconds. */
const UNKNOWN_FOR = 60_000;

/** What this process knows of the change of one name. */
export interface DnsWork {
  /** `null`: nothing stood there; `undefined`: not known. */
  readonly before: DnsTarget | null | undefined;
  readonly change: string | undefined;
  readonly sentAt: number;
}

interface Name {
  readonly name: string;
  /** The endpoint that it shall point to. */
  readonly value: string;
}

/**
 * Lets the names point to the endpoint, and waits until every name server says so; nothing once they do. It looks first: what points there
 * already is left alone, and what is no plain CNAME is never overwritten. A tag on the database says that a change is begun before it is
 * sent: a process that finds it sends the same change again, which changes nothing and has an id that can be waited for.
 */
export async function publishDns(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { dns } = state.request.publish ?? {};
  if (dns === undefined) return undefined;
  const names = [
    { name: dns.name, value: database.endpoint },
    { name: dns.readerName, value: database.readerEndpoint },
  ].flatMap(({ name, value }): Name[] => (name === undefined || value === undefined ? [] : [{ name, value }]));
  for (const each of names) {
    const sent = await sendChange(state, dns, each, database, context);
    if (sent !== undefined || state.failure !== undefined) return sent;
  }
  for (const each of names) {
    const wait = await awaitInSync(state, dns, each, database);
    if (wait !== undefined) return wait;
  }
  return undefined;
}

/**
 * What speaks against the names before anything is changed. That Route 53 does not answer is no objection: it may by then. Nor is that it may
 * not be asked: names come last, and that can be put right while the database is restored; it is told to `unseen`.
 */
export async function objectionToDns(
  state: RestoreState,
  unseen: (what: string, error: AwsError) => Promise<void>,
): Promise<Advance | undefined> {
  const { dns } = state.request.publish ?? {};
  if (dns === undefined || state.drill) return undefined;
  try {
    for (const name of [dns.name, dns.readerName]) {
      if (name === undefined) continue;
      const objection = objectionTo(dns, name, await route53Of(state, dns).recordsOf(dns.zone, name));
      if (objection !== undefined) return state.fail('usage', objection.message, `${objection.next} Nothing was changed.`);
    }
  } catch (cause) {
    if (!(cause instanceof AwsError) || !['throttled', 'aws-unavailable', 'permission-denied'].includes(cause.code)) throw cause;
    if (cause.code === 'permission-denied') await unseen(`what stands under ${dns.name}`, cause);
  }
  return undefined;
}

async function sendChange(
  state: RestoreState,
  dns: DnsNames,
  { name, value }: Name,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const id = `${dns.zone}/${name}`;
  const known = state.dnsWork.get(id);
  if (isDone(state, id) || known?.change !== undefined) return undefined;
  const route53 = route53Of(state, dns);
  const found = await route53.recordsOf(dns.zone, name);
  const objection = objectionTo(dns, name, found);
  if (objection !== undefined) {
    return state.fail(
      'usage',
      objection.message,
      `${objection.next} Then run the same step again: what was restored is kept and adopted.`,
    );
  }
  const stands = targetOf(found);
  const noted = readTag(database.tags[tagOf(id)]);
  const key = state.keyOf(UPSERT, id);
  const intent = context.earlier.findLast((line) => line.type === 'intent' && line.key === key);
  const same = stands !== null && plain(stands.value) === plain(value) && stands.ttl === dns.ttl;
  if (same && known === undefined && (noted === undefined ? intent === undefined : noted.inSync)) {
    finish(state, dns, { name, value }, noted === undefined ? stands : noted.before, noted !== undefined);
    return undefined;
  }
  const before = same ? (known ?? noted ?? { before: beforeOf(intent) }).before : stands;
  state.dnsWork.set(id, { before, change: undefined, sentAt: state.deed.clock.now() });
  await remember(state, database, id, 'begun', before);
  let change: string | undefined;
  const { ttl, zone, site = state.site } = dns;
  const detail = { zone, name, value, ttl, ...(before === undefined ? {} : { before: before === null ? null : { ...before } }) };
  const note = `${name} is made to point to ${value}`;
  const comment = `Breakwater: ${state.deed.execution}`.replaceAll(/[^\x20-\x7e]/g, '?');
  const advance = await state.change(context, { operation: UPSERT, id, note, detail, site: site.site.name }, async () => {
    change = await route53.upsertCname({ zone, name, value, ttl, comment });
  });
  if (change !== undefined) state.dnsWork.set(id, { before, change, sentAt: state.deed.clock.now() });
  return advance;
}

async function awaitInSync(
  state: RestoreState,
  dns: DnsNames,
  { name, value }: Name,
  database: LiveDatabase,
): Promise<Advance | undefined> {
  const id = `${dns.zone}/${name}`;
  const work = state.dnsWork.get(id);
  if (isDone(state, id) || work?.change === undefined) return undefined;
  const status = await route53Of(state, dns).changeStatus(work.change);
  if (status === 'INSYNC') {
    await remember(state, database, id, 'insync', work.before);
    finish(state, dns, { name, value }, work.before, true);
    return undefined;
  }
  // What AWS does not know is looked at, and sent, anew.
  if (status === undefined && state.deed.clock.now() - work.sentAt > UNKNOWN_FOR) {
    state.dnsWork.set(id, { ...work, change: undefined });
  }
  return { state: 'waiting', note: `Route 53 is telling its name servers of ${name}`, lookAgainIn: UNSURE };
}

function isDone(state: RestoreState, id: string): boolean {
  return state.done.has(`${UPSERT} ${id}`);
}

function finish(state: RestoreState, dns: DnsNames, { name, value }: Name, before: DnsWork['before'], changed: boolean): void {
  const { zone, ttl } = dns;
  const id = `${zone}/${name}`;
  state.done.add(`${UPSERT} ${id}`);
  state.dnsWork.delete(id);
  state.published.push(name);
  const published = { zone, name, value, ttl, changed, ...(before === undefined ? {} : { before }) };
  // The writer's first, whichever had less to wait for.
  if (name === dns.name) state.dns.unshift(published);
  else state.dns.push(published);
}

function route53Of({ site }: RestoreState, dns: DnsNames) {
  return (dns.site ?? site).aws.route53;
}

/** Why a CNAME cannot be put under the name, and the way out. */
function objectionTo(
  { zone }: DnsNames,
  name: string,
  found: readonly DnsRecord[],
): { readonly message: string; readonly next: string } | undefined {
  if (found.some(({ type }) => type === 'SOA')) {
    return {
      message: `"${name}" is the hosted zone ${zone} itself, and no CNAME may stand there`,
      next: 'Publish under a name below it.',
    };
  }
  const set = found.find(({ setIdentifier }) => setIdentifier !== undefined);
  if (set !== undefined) {
    return {
      message: `"${name}" in zone ${zone} is one of several sets (${set.type} "${set.setIdentifier}"): weighted, by latency, failover or the like, which decide together where clients go`,
      next: 'Publish under a name of its own, and let the set point to that name; or delete the sets.',
    };
  }
  const others = found.filter(({ type, alias }) => type !== 'CNAME' || alias !== undefined);
  if (others.length === 0) return undefined;
  const kinds = others.map(({ type, alias }) => (alias === undefined ? type : `${type} alias`)).join(', ');
  return {
    message: `"${name}" in zone ${zone} has other records than a CNAME (${kinds}): they are not overwritten, and Route 53 lets nothing stand beside a CNAME`,
    next: 'Publish under another name, or delete those records.',
  };
}

function targetOf([record]: readonly DnsRecord[]): DnsTarget | null {
  return record === undefined ? null : { value: record.values[0] ?? '', ttl: record.ttl ?? 0 };
}

/** What stood there, as an earlier process has recorded it before it sent its change. */
function beforeOf(intent: JournalLine | undefined): DnsWork['before'] {
  const before = intent?.type === 'intent' ? intent.detail['before'] : undefined;
  if (before === null) return null;
  if (typeof before !== 'object') return undefined;
  const fields = new Map<string, unknown>(Object.entries(before));
  const [value, ttl] = [fields.get('value'), fields.get('ttl')];
  return typeof value === 'string' && typeof ttl === 'number' ? { value, ttl } : undefined;
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '');
}

function tagOf(id: string): string {
  return `${TAG}${deterministicUuid(id.toLowerCase()).slice(0, 8)}`;
}

/** As `begun 300 old.example.net`, `insync none`; without what does not go into a tag. */
function tagText(how: 'begun' | 'insync', before: DnsWork['before']): string {
  const full = before === undefined ? how : `${how} ${before === null ? 'none' : `${before.ttl} ${before.value}`}`;
  return full.length <= LONGEST_TAG && TAG_TEXT.test(full) ? full : how;
}

function readTag(text: string | undefined): { readonly inSync: boolean; readonly before: DnsWork['before'] } | undefined {
  const [how, ttl, value] = text?.split(' ') ?? [];
  if (how !== 'begun' && how !== 'insync') return undefined;
  const before = ttl === 'none' ? null : value === undefined ? undefined : { value, ttl: Number(ttl) };
  return { inSync: how === 'insync', before };
}

/** Without leave to tag the database, the record of the execution is all that a later process has. */
async function remember(
  state: RestoreState,
  database: LiveDatabase,
  id: string,
  how: 'begun' | 'insync',
  before: DnsWork['before'],
): Promise<void> {
  try {
    await state.rds.addTags(database.arn, { [tagOf(id)]: tagText(how, before) });
  } catch (cause) {
    if (asBreakwaterError(cause).kind !== 'aws') throw cause;
  }
}
