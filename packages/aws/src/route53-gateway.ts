import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import type { DnsRecord, Route53Gateway } from './database-services.ts';
import { incomplete, missingIs } from './odd-answers.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./route53-client.ts');
type Client = InstanceType<Sdk['Route53Client']>;

/** IAM actions that each method of the Route 53 gateway needs; the first two on the hosted zone, the last on the change. */
export const ROUTE53_PERMISSIONS = {
  recordsOf: ['route53:ListResourceRecordSets'],
  upsertCname: ['route53:ChangeResourceRecordSets'],
  changeStatus: ['route53:GetChange'],
} as const satisfies Record<keyof Route53Gateway, readonly string[]>;

/** Most characters of the comment of a change. */
const COMMENT_LENGTH = 256;

/** Where a listing goes on. Route 53 gives no token, but the first record that it has not listed. */
interface Start {
  readonly name: string;
  readonly type?: ResourceRecordSet['Type'] | undefined;
  readonly identifier?: string | undefined;
}

/** Route 53 as the account of one site sees it: it is global, and its calls go to one Region of the partition whatever the site's is. */
export function route53Gateway(surroundings: Surroundings, place: Omit<Place, 'service'>): Route53Gateway {
  const route53 = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'route53' },
    () => import('./route53-client.ts'),
    (sdk, settings) => new sdk.Route53Client(settings),
  );

  return {
    async recordsOf(zone, name) {
      const operation = 'ListResourceRecordSets';
      const wanted = plain(name);
      const found: DnsRecord[] = [];
      let start: Start = { name: `${wanted}.` };
      for (;;) {
        const { name: from, type, identifier } = start;
        const answer = await route53.call(operation, 'read', (sdk, client, options) =>
          client.send(
            new sdk.ListResourceRecordSetsCommand({
              HostedZoneId: zone,
              StartRecordName: from,
              ...(type === undefined ? {} : { StartRecordType: type }),
              ...(identifier === undefined ? {} : { StartRecordIdentifier: identifier }),
            }),
            options,
          ),
        );
        const page = (answer.ResourceRecordSets ?? []).map(recordOf);
        found.push(...page.filter((record) => record.name === wanted));
        const { NextRecordName: next, NextRecordType, NextRecordIdentifier } = answer;
        // The listing is ordered by name: what does not begin with ours, or has gone beyond it, tells no more of it.
        if (answer.IsTruncated !== true || next === undefined || plain(next) !== wanted) return found;
        if (NextRecordType === type && NextRecordIdentifier === identifier) {
          throw incomplete(route53.context(operation, 'read'), 'the rest of the records');
        }
        start = { name: next, type: NextRecordType, identifier: NextRecordIdentifier };
      }
    },

    async upsertCname({ zone, name, value, ttl, comment }) {
      const operation = 'ChangeResourceRecordSets';
      const { ChangeInfo } = await route53.call(operation, 'repeatable', (sdk, client) =>
        client.send(
          new sdk.ChangeResourceRecordSetsCommand({
            HostedZoneId: zone,
            ChangeBatch: {
              Comment: comment.slice(0, COMMENT_LENGTH),
              Changes: [
                {
                  Action: 'UPSERT',
                  ResourceRecordSet: { Name: `${plain(name)}.`, Type: 'CNAME', TTL: ttl, ResourceRecords: [{ Value: value }] },
                },
              ],
            },
          }),
        ),
      );
      const id = ChangeInfo?.Id;
      if (id === undefined) throw incomplete(route53.context(operation, 'repeatable'), 'the id of the change');
      return id.replace(/^\/change\//, '');
    },

    async changeStatus(change) {
      const answer = await missingIs(['NoSuchChange'], undefined, () =>
        route53.call('GetChange', 'read', (sdk, client, options) =>
          client.send(new sdk.GetChangeCommand({ Id: change }), options),
        ),
      );
      return answer?.ChangeInfo?.Status;
    },
  };
}

function recordOf(set: ResourceRecordSet): DnsRecord {
  return {
    name: plain(set.Name ?? ''),
    type: set.Type ?? 'unknown',
    ttl: set.TTL,
    values: (set.ResourceRecords ?? []).flatMap(({ Value }) => Value ?? []),
    alias: set.AliasTarget?.DNSName,
    setIdentifier: set.SetIdentifier,
  };
}

/** Without the dot at the end, in lower case, the escapes of Route 53 (`\052` is `*`) read. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replace(/\.$/, '')
    .replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
