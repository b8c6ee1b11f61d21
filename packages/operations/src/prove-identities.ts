import { RefusedError } from '@breakwater/core';
import type { ProvedIdentity } from '@breakwater/engine';
import type { Site } from '@breakwater/plan';
import type { Rooms } from './rooms.ts';

/**
 * Proves with sts:GetCallerIdentity, which needs no permission, that we are in the account that each site names. A drill in the
 * wrong account is somebody else's outage. Throws `RefusedError` `account-mismatch`, or the `AwsError` of the call.
 */
export function proveIdentities(rooms: Rooms, sites: readonly Site[]): Promise<readonly ProvedIdentity[]> {
  return Promise.all(
    sites.map(async (site) => {
      const { account, arn } = await rooms.of(site).aws.identity();
      if (account === site.account) return { site: site.name, account, region: site.region, arn };
      const role = site.roleArn === undefined ? 'the credentials of this run' : `the credentials of role ${site.roleArn}`;
      throw new RefusedError(
        'account-mismatch',
        `site "${site.name}" is account ${site.account}, but ${role} lead to account ${account} (${arn})`,
        { next: 'Correct `account` or `role` of the site in the plan files, or run with credentials of the right account.' },
      );
    }),
  );
}
