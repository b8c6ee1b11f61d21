import type { CallContext } from './call-context.ts';
import type { ErrorRow } from './error-table.ts';

/** Hosted zones are of an account; they have no Region. */
const owner = (call: CallContext) => `account ${call.account ?? 'unknown'}`;
const again = 'run the same execution again to resume';

/** How AWS's errors of Route 53 are named. They stand before the general rows. */
export const ROUTE53_ERROR_ROWS: readonly ErrorRow[] = [
  {
    codes: ['NoSuchHostedZone'],
    reason: 'aws-fault',
    next: (_, call) =>
      `No such hosted zone is in ${owner(call)}: compare its id (aws route53 list-hosted-zones). A zone of another account is changed with the role of a site there.`,
  },
  {
    // One change of a zone at a time: another one is on its way.
    codes: ['PriorRequestNotComplete'],
    when: (_, call) => call.service === 'route53',
    reason: 'throttled',
    next: (_, call) =>
      `Route 53 is still taking another change of the zone, in ${owner(call)}; somebody else may be changing it. Wait a minute, then ${again}.`,
  },
  {
    codes: ['InvalidChangeBatch'],
    reason: 'aws-fault',
    next: (_, call) =>
      `Route 53 does not take the record, and has changed nothing: its name must lie below the name of the hosted zone, and nothing but a CNAME may stand under it. Compare it with the zone (aws route53 list-resource-record-sets), in ${owner(call)}.`,
  },
  {
    codes: ['InvalidInput', 'InvalidDomainName'],
    reason: 'aws-fault',
    next: () => 'Route 53 refuses the request as it stands: compare zone, name and TTL with the message.',
  },
  {
    codes: ['NoSuchChange'],
    reason: 'aws-fault',
    next: (_, call) => `Route 53 does not know the change in ${owner(call)}: look at the record itself, then ${again}.`,
  },
];
