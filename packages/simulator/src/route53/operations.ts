import { AwsFault } from '../aws-fault.ts';
import type { DnsRecordSpec } from '../scenario/database-spec.ts';
import { type CallContext, type Handler, handler } from '../world/call-context.ts';
import { accessDenied } from '../world/identities.ts';
import { compareRecords, type DnsChange, type HostedZone, inOrder, recordKey } from './zones.ts';

interface RecordSet {
  readonly Name: string;
  readonly Type: string;
  readonly SetIdentifier?: string;
  readonly Weight?: number;
  readonly TTL?: number;
  readonly ResourceRecords?: readonly { readonly Value: string }[];
  readonly AliasTarget?: { readonly HostedZoneId: string; readonly DNSName: string; readonly EvaluateTargetHealth: boolean };
}

interface ChangeRequest {
  readonly HostedZoneId: string;
  readonly ChangeBatch: {
    readonly Comment?: string;
    readonly Changes: readonly { readonly Action: 'CREATE' | 'DELETE' | 'UPSERT'; readonly ResourceRecordSet: RecordSet }[];
  };
}

interface ListRequest {
  readonly HostedZoneId: string;
  readonly StartRecordName?: string;
  readonly StartRecordType?: string;
  readonly StartRecordIdentifier?: string;
  readonly MaxItems?: number;
}

const LARGEST_PAGE = 300;

function zoneOf({ world, principal, operation }: CallContext, id: string): HostedZone {
  const zone = world.route53.zones.get(id);
  if (zone === undefined) throw new AwsFault('NoSuchHostedZone', 404, `No hosted zone found with ID: ${id}`);
  if (zone.account !== principal.account) {
    throw accessDenied(
      'route53',
      `User: ${principal.arn} is not authorized to perform: route53:${operation} on resource: arn:aws:route53:::hostedzone/${id} because no resource-based policy allows the route53:${operation} action`,
    );
  }
  return zone;
}

/** All changes of a batch, or none. */
const change = handler<ChangeRequest>((context, { HostedZoneId, ChangeBatch }) => {
  const { world, principal, now } = context;
  const zone = zoneOf(context, HostedZoneId);
  const records = new Map(zone.records);
  const wrong = ChangeBatch.Changes.flatMap(({ Action, ResourceRecordSet: set }) => {
    demandWhole(Action, set);
    const record = recordOf(set);
    const key = recordKey(record);
    const objection = objectionTo(Action, record, zone, records);
    if (objection !== undefined) return [objection];
    if (Action === 'DELETE') records.delete(key);
    else records.set(key, record);
    return [];
  });
  if (wrong.length > 0) throw new AwsFault('InvalidChangeBatch', 400, `[${wrong.join(', ')}]`);
  context.changed();
  zone.records = records;
  const { changes } = world.route53;
  const made: DnsChange = {
    id: `C0${world.random.hex(18, 'dns-change', changes.size).toUpperCase()}`,
    account: principal.account,
    submittedAt: now,
    inSyncAt: now + world.scenario.dnsSpreads,
    comment: ChangeBatch.Comment,
  };
  changes.set(made.id, made);
  return { ChangeInfo: viewOf(made, now) };
});

const getChange = handler<{ readonly Id: string }>(({ world, principal, now }, { Id }) => {
  const found = world.route53.changes.get(Id);
  if (found === undefined || found.account !== principal.account)
    throw new AwsFault('NoSuchChange', 404, `A change with the specified change ID does not exist: ${Id}`);
  return { ChangeInfo: viewOf(found, now) };
});

const list = handler<ListRequest>((context, input) => {
  const zone = zoneOf(context, input.HostedZoneId);
  const { StartRecordName: name, StartRecordType: type, StartRecordIdentifier: setIdentifier } = input;
  if (name === undefined && type !== undefined)
    throw new AwsFault('InvalidInput', 400, 'The input is not valid: a type needs a name');
  if (type === undefined && setIdentifier !== undefined)
    throw new AwsFault('InvalidInput', 400, 'The input is not valid: an identifier needs a type');
  const start = { name: absolute(name ?? ''), type: type ?? '', setIdentifier };
  const rest = inOrder(zone).filter((record) => name === undefined || compareRecords(record, start) >= 0);
  const size = Math.min(Math.max(input.MaxItems ?? LARGEST_PAGE, 1), LARGEST_PAGE, context.world.scenario.pageSize);
  const next = rest[size];
  return {
    ResourceRecordSets: rest.slice(0, size).map(setOf),
    IsTruncated: next !== undefined,
    MaxItems: size,
    NextRecordName: next && escaped(next.name),
    NextRecordType: next?.type,
    NextRecordIdentifier: next?.setIdentifier,
  };
});

/** What a set needs: a time to live and values, or an alias. */
function demandWhole(action: string, set: RecordSet): void {
  const missing = set.AliasTarget !== undefined ? undefined : set.TTL === undefined ? 'TTL' : undefined;
  const absent = set.AliasTarget === undefined && set.ResourceRecords === undefined ? 'ResourceRecords' : missing;
  if (absent === undefined) return;
  throw new AwsFault(
    'InvalidInput',
    400,
    `Invalid request: Missing field '${absent}' in Change with [Action=${action}, Name=${set.Name}, Type=${set.Type}, SetIdentifier=${set.SetIdentifier ?? 'null'}]`,
  );
}

/** Why Route 53 does not take a change, as things stand behind the changes before it in the batch. */
function objectionTo(
  action: string,
  record: DnsRecordSpec,
  zone: HostedZone,
  records: ReadonlyMap<string, DnsRecordSpec>,
): string | undefined {
  const { name, type, values, ttl } = record;
  const known = records.get(recordKey(record));
  if (name !== zone.name && !name.endsWith(`.${zone.name}`))
    return `RRSet with DNS name ${name} is not permitted in zone ${zone.name}`;
  if (action === 'DELETE') {
    if (known === undefined) return `Tried to delete resource record set [name='${name}', type='${type}'] but it was not found`;
    const same = JSON.stringify([known.values, known.ttl, known.alias]) === JSON.stringify([values, ttl, record.alias]);
    if (same) return undefined;
    return `Tried to delete resource record set [name='${name}', type='${type}'] but the values provided do not match the current values`;
  }
  if (type === 'CNAME' && name === zone.name)
    return `RRSet of type CNAME with DNS name ${name} is not permitted at apex in zone ${zone.name}`;
  if (type === 'CNAME' && values.length !== 1 && record.alias === undefined)
    return `RRSet of type CNAME with DNS name ${name} must have exactly one value`;
  if (action === 'CREATE' && known !== undefined)
    return `Tried to create resource record set [name='${name}', type='${type}'] but it already exists`;
  const others = [...records.values()].filter((other) => other.name === name && other !== known);
  if (others.some((other) => other.type !== type && [type, other.type].includes('CNAME')))
    return `RRSet of type ${type} with DNS name ${name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`;
  const mixed = others.some(
    (other) => other.type === type && (other.setIdentifier === undefined) !== (record.setIdentifier === undefined),
  );
  if (!mixed) return undefined;
  return `RRSet with DNS name ${name}, type ${type}, SetIdentifier ${record.setIdentifier ?? 'null'} cannot be created as other RRSets exist with the same name and type`;
}

function recordOf(set: RecordSet): DnsRecordSpec {
  return {
    name: absolute(set.Name),
    type: set.Type,
    ttl: set.TTL,
    values: (set.ResourceRecords ?? []).map(({ Value }) => Value),
    alias: set.AliasTarget === undefined ? undefined : absolute(set.AliasTarget.DNSName),
    setIdentifier: set.SetIdentifier,
    weight: set.Weight,
  };
}

function setOf({ name, type, ttl, values, alias, setIdentifier, weight }: DnsRecordSpec): object {
  return {
    Name: escaped(name),
    Type: type,
    SetIdentifier: setIdentifier,
    Weight: weight,
    TTL: ttl,
    ResourceRecords: alias === undefined ? values.map((Value) => ({ Value })) : undefined,
    AliasTarget: alias === undefined ? undefined : { HostedZoneId: 'Z2SIMULATED', DNSName: alias, EvaluateTargetHealth: false },
  };
}

function viewOf({ id, submittedAt, inSyncAt, comment }: DnsChange, now: number): object {
  return { Id: `/change/${id}`, Status: now < inSyncAt ? 'PENDING' : 'INSYNC', SubmittedAt: submittedAt, Comment: comment };
}

/** With the dot at the end, in lower case, escapes read. */
function absolute(name: string): string {
  const read = name
    .toLowerCase()
    .replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
  return read === '' || read.endsWith('.') ? read : `${read}.`;
}

/** As Route 53 answers: what is no letter, digit, hyphen, underscore or dot is an octal escape. */
function escaped(name: string): string {
  return name.replaceAll(/[^a-z0-9._-]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`);
}

export const ROUTE53_HANDLERS: Readonly<Record<string, Handler>> = {
  ChangeResourceRecordSets: change,
  GetChange: getChange,
  ListResourceRecordSets: list,
};
