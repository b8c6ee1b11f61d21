import type { ChangeRecord, Execution, Json, JsonObject, StepRecord } from '@breakwater/history';

const UPSERT = 'route53:ChangeResourceRecordSets';
const OF_DATABASE = 'database/';

/** Where a CNAME points. */
export interface DnsTarget {
  readonly value: string;
  /** Seconds. */
  readonly ttl: number;
}

/** A name that a restore has made to point to what it restored. */
export interface DnsNameFact {
  readonly wave: string;
  readonly database: string;
  /** Where its change was sent; none if none was. */
  readonly site?: string;
  readonly zone: string;
  readonly name: string;
  /** `null`: nothing stood there; left out when it is not known. */
  readonly before?: DnsTarget | null;
  readonly now?: DnsTarget;
  /**
   * `no`: it pointed there already. `sent`: AWS took the change, and the step has no result that says more. `unanswered`: it was announced,
   * and no answer is on record.
   */
  readonly changed: 'yes' | 'no' | 'sent' | 'unanswered';
  /** When AWS took the first change of it, epoch milliseconds. */
  readonly at?: number;
}

/** Every DNS name that the databases of the execution were published under, as far as the record tells. */
export function dnsNamesOf(execution: Execution): readonly DnsNameFact[] {
  return execution.waves.flatMap(({ name, steps }) =>
    steps.filter(({ kind }) => kind === 'recover-database').flatMap((step) => namesOf(name, step)),
  );
}

function namesOf(wave: string, step: StepRecord): readonly DnsNameFact[] {
  const tries = [...(step.previous ?? []), step];
  const database = step.id.startsWith(OF_DATABASE) ? step.id.slice(OF_DATABASE.length) : step.id;
  const changes = new Map<string, ChangeRecord>();
  for (const change of tries.flatMap((one) => one.changes)) {
    if (change.operation === UPSERT && !changes.has(change.id)) changes.set(change.id, change);
  }
  const found = new Map<string, DnsNameFact>();
  for (const told of listOf(step.result?.['dns'])) {
    const fact = factOf(told, told['changed'] === true ? 'yes' : 'no');
    if (fact !== undefined) found.set(idOf(fact), { wave, database, ...fact, ...sentBy(changes.get(idOf(fact))) });
  }
  for (const [id, change] of changes) {
    const slash = id.indexOf('/');
    if (found.has(id) || slash < 0) continue;
    const [zone, name] = [id.slice(0, slash), id.slice(slash + 1)];
    found.set(id, { wave, database, zone, name, changed: 'sent', ...sentBy(change) });
  }
  for (const { operation, detail } of tries.flatMap((one) => one.openIntents)) {
    const fact = operation === UPSERT ? factOf(detail, 'unanswered') : undefined;
    if (fact !== undefined && !found.has(idOf(fact))) found.set(idOf(fact), { wave, database, ...fact });
  }
  return [...found.values()];
}

type NameFact = Omit<DnsNameFact, 'wave' | 'database'>;

function factOf(told: JsonObject, changed: DnsNameFact['changed']): NameFact | undefined {
  const { zone, name } = told;
  const now = targetOf(told);
  if (typeof zone !== 'string' || typeof name !== 'string' || now === undefined) return undefined;
  const before = told['before'] === null ? null : targetOf(told['before']);
  return { zone, name, now, changed, ...(before === undefined ? {} : { before }) };
}

function targetOf(told: Json | undefined): DnsTarget | undefined {
  if (!isObject(told)) return undefined;
  const { value, ttl } = told;
  return typeof value === 'string' && typeof ttl === 'number' ? { value, ttl } : undefined;
}

function sentBy(change: ChangeRecord | undefined): { readonly at?: number; readonly site?: string } {
  return change === undefined ? {} : { at: change.at, site: change.site };
}

function idOf({ zone, name }: NameFact): string {
  return `${zone}/${name}`;
}

function listOf(told: Json | undefined): readonly JsonObject[] {
  return Array.isArray(told) ? told.filter(isObject) : [];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
