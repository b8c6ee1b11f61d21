import type { Inputs } from '@breakwater/action-kit';
import { UserError } from '@breakwater/core';
import type { Site } from '@breakwater/plan';
import type { definition } from './definition.ts';

/** Reads the sites that plan files define. */
export type ReadSites = (files: readonly string[]) => Promise<ReadonlyMap<string, Site>>;

type AllInputs = Inputs<typeof definition>;

export interface ChosenSites {
  readonly site: Site;
  /** Where the snapshot is; the same as `site` unless given. */
  readonly source: Site;
  readonly vault: Site | undefined;
  /** Where the hosted zone is, if elsewhere. */
  readonly zone: Site | undefined;
}

/**
 * Where the cluster shall stand, where its snapshot is, and where the vault and the hosted zone are: sites of the plan files, or accounts and Regions as
 * given. Throws `UserError` `usage` for a half of one mixed with a half of the other.
 */
export async function chooseSites(inputs: AllInputs, readSites: ReadSites): Promise<ChosenSites> {
  const named = [inputs.site, inputs['source-site'], inputs['vault-site'], inputs['publish-dns-site']].some(
    (name) => name !== undefined,
  );
  const sites = named ? await readSites(inputs['plan-files']) : new Map<string, Site>();
  const files = inputs['plan-files'].join(', ');
  const own = pick(inputs, { account: 'account', region: 'region', roleArn: 'role-arn', externalId: 'external-id' });
  const site = chosen('site', inputs.site, own, sites, files);
  if (site === undefined) throw usage('give either "site", or "account" and "region"');
  const there = pick(inputs, {
    account: 'source-account',
    region: 'source-region',
    roleArn: 'source-role-arn',
    externalId: 'source-external-id',
  });
  const elsewhere = chosen('source-site', inputs['source-site'], there, sites, files, site);
  const vault = inputs['vault-site'];
  const zone = inputs['publish-dns-site'];
  return {
    site,
    source: elsewhere ?? site,
    vault: vault === undefined ? undefined : chosen('vault-site', vault, {}, sites, files),
    zone: zone === undefined ? undefined : chosen('publish-dns-site', zone, {}, sites, files),
  };
}

interface Given {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly externalId?: string | undefined;
}

function pick(inputs: AllInputs, names: Readonly<Record<keyof Given, keyof AllInputs>>): Given {
  const text = (name: keyof AllInputs) => {
    const value = inputs[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    account: text(names.account),
    region: text(names.region),
    roleArn: text(names.roleArn),
    externalId: text(names.externalId),
  };
}

function chosen(
  input: string,
  name: string | undefined,
  given: Given,
  sites: ReadonlyMap<string, Site>,
  files: string,
  base?: Site,
): Site | undefined {
  const parts = Object.values(given).filter((value) => value !== undefined);
  if (name !== undefined) {
    if (parts.length > 0) throw usage(`"${input}" is given, and so are parts of another place; the site says them already`);
    const site = sites.get(name);
    if (site !== undefined) return site;
    throw usage(`no site "${name}" is in ${files}. Legal: ${[...sites.keys()].join(', ') || 'none is defined'}`);
  }
  if (parts.length === 0) return undefined;
  const account = given.account ?? base?.account;
  const region = given.region ?? base?.region;
  if (account === undefined || region === undefined)
    throw usage(`"${input === 'site' ? 'account' : 'source-account'}" and its Region belong together`);
  // The role of the one place is of no use at another account.
  const inherited = base !== undefined && account === base.account ? base : undefined;
  const roleArn = given.roleArn ?? inherited?.roleArn;
  const externalId = given.externalId ?? (given.roleArn === undefined ? inherited?.externalId : undefined);
  return {
    name: base === undefined ? 'target' : 'source',
    account,
    region,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}

export function usage(message: string): UserError {
  return new UserError('usage', `restore-aurora: ${message}`, { next: 'Correct the `with:` of the step; nothing was changed.' });
}
