import type { Inputs } from '@breakwater/action-kit';
import { UserError } from '@breakwater/core';
import type { Site } from '@breakwater/plan';
import type { definition } from './definition.ts';

/** Reads the sites that plan files define. */
export type ReadSites = (files: readonly string[]) => Promise<ReadonlyMap<string, Site>>;

type SiteInputs = Pick<Inputs<typeof definition>, 'site' | 'plan-files' | 'account' | 'region' | 'role-arn' | 'external-id'>;

/**
 * Where to act: a site of the plan files, or account and Region as given. Throws `UserError` `usage` when it is neither or both, so
 * that no half of one is ever mixed with half of the other.
 */
export async function demandSite(inputs: SiteInputs, readSites: ReadSites): Promise<Site> {
  const { site: name, account, region } = inputs;
  const own = (['account', 'region', 'role-arn', 'external-id'] as const).filter((input) => inputs[input] !== undefined);
  if (name !== undefined) {
    if (own.length > 0) throw usage(`"site" and ${quoted(own)} are both given; the site says them already`);
    const sites = await readSites(inputs['plan-files']);
    const site = sites.get(name);
    if (site !== undefined) return site;
    throw usage(
      `no site "${name}" is in ${inputs['plan-files'].join(', ')}. Legal: ${[...sites.keys()].join(', ') || 'none is defined'}`,
    );
  }
  if (account === undefined || region === undefined) throw usage('give either "site", or "account" and "region"');
  const roleArn = inputs['role-arn'];
  const externalId = inputs['external-id'];
  return {
    name: 'target',
    account,
    region,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function usage(message: string): UserError {
  return new UserError('usage', `run-ssm-action: ${message}`, { next: 'Correct the `with:` of the step; nothing was started.' });
}
