import type { DnsRecordSpec, HostedZoneSpec } from '../scenario/database-spec.ts';
import type { World } from '../world/world.ts';

export interface HostedZone {
  readonly account: string;
  readonly id: string;
  /** With the dot at the end. */
  readonly name: string;
  /** By `recordKey`. */
  records: ReadonlyMap<string, DnsRecordSpec>;
}

export interface DnsChange {
  /** Without `/change/`. */
  readonly id: string;
  readonly account: string;
  readonly submittedAt: number;
  readonly inSyncAt: number;
  readonly comment: string | undefined;
}

/** Route 53 is one for all Regions. */
export interface Route53State {
  /** By id. */
  readonly zones: Map<string, HostedZone>;
  readonly changes: Map<string, DnsChange>;
}

export interface HostedZoneView {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly records: readonly {
    readonly name: string;
    readonly type: string;
    readonly ttl: number | null;
    readonly values: readonly string[];
  }[];
}

/** What tells one set of records from another. */
export function recordKey({ name, type, setIdentifier }: Pick<DnsRecordSpec, 'name' | 'type' | 'setIdentifier'>): string {
  return JSON.stringify([name, type, setIdentifier ?? null]);
}

/** A zone of the scenario, with the records at its apex that every zone has. */
export function addHostedZone(world: World, { account, id, name, records }: HostedZoneSpec): void {
  const plain = { alias: undefined, setIdentifier: undefined, weight: undefined };
  const servers = [1, 2, 3, 4].map((n) => `ns-${n}.awsdns-0${n}.example.`);
  const apex: readonly DnsRecordSpec[] = [
    { name, type: 'NS', ttl: 172_800, values: servers, ...plain },
    {
      name,
      type: 'SOA',
      ttl: 900,
      values: [`${servers[0] ?? ''} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
      ...plain,
    },
  ];
  const all = [...apex, ...records].map((record) => [recordKey(record), record] as const);
  world.route53.zones.set(id, { account, id, name, records: new Map(all) });
}

/** In the order of Route 53: by the labels of the name from the right, then by type and identifier. */
export function inOrder(zone: HostedZone): readonly DnsRecordSpec[] {
  return [...zone.records.values()].sort(compareRecords);
}

type Place = Pick<DnsRecordSpec, 'name' | 'type' | 'setIdentifier'>;

export function compareRecords(a: Place, b: Place): number {
  const [left, right] = [a, b].map(({ name, type, setIdentifier }) =>
    [name.split('.').reverse().join('\x01'), type, setIdentifier ?? ''].join('\0'),
  );
  return (left ?? '') < (right ?? '') ? -1 : left === right ? 0 : 1;
}

export function describeZones({ route53 }: World): readonly HostedZoneView[] {
  return [...route53.zones.values()].map((zone) => ({
    id: zone.id,
    account: zone.account,
    name: zone.name,
    records: inOrder(zone).map(({ name, type, ttl, values }) => ({ name, type, ttl: ttl ?? null, values })),
  }));
}
