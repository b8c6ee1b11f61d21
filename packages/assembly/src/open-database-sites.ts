import type { SiteGateways } from '@breakwater/aws';
import { RefusedError } from '@breakwater/core';
import type { DatabaseSite } from '@breakwater/operations';
import type { Site } from '@breakwater/plan';

/**
 * The sites with their gateways, each proved to be the account it says (sts:GetCallerIdentity). Throws `RefusedError` `account-mismatch`,
 * or the `AwsError` of the call; nothing has been changed then.
 */
export async function openDatabaseSites(
  sites: readonly Site[],
  connect: (site: Site) => SiteGateways,
): Promise<readonly DatabaseSite[]> {
  return Promise.all(
    sites.map(async (site) => {
      const aws = connect(site);
      const { account, arn } = await aws.identity();
      if (account === site.account) return { site, aws };
      throw new RefusedError(
        'account-mismatch',
        `${site.name} is account ${site.account}, but the credentials lead to account ${account} (${arn})`,
        { next: 'Correct the account or the role, or run with credentials of the right account. Nothing was changed.' },
      );
    }),
  );
}
