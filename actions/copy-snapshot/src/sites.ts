import type { Inputs } from '@breakwater/action-kit';
import { relaySite } from '@breakwater/operations';
import type { Site } from '@breakwater/plan';
import type { definition } from './definition.ts';
import { usage } from './usage.ts';

/** Reads the sites that plan files define. */
export type ReadSites = (files: readonly string[]) => Promise<ReadonlyMap<string, Site>>;

type AllInputs = Inputs<typeof definition>;
type End = 'source' | 'destination';

export interface ChosenSites {
  readonly source: Site;
  readonly destination: Site;
  /** The destination's account in the source's Region; only across both borders. */
  readonly relay: Site | undefined;
}

/**
 * From where to where: sites of the plan files, or accounts and Regions as given. Throws `UserError` `usage` for half of one mixed with
 * half of the other, and when both are the same place.
 */
export async function chooseSites(inputs: AllInputs, readSites: ReadSites): Promise<ChosenSites> {
  const named = inputs['source-site'] !== undefined || inputs['destination-site'] !== undefined;
  const sites = named ? await readSites(inputs['plan-files']) : new Map<string, Site>();
  const source = chosen('source', inputs, sites);
  const destination = chosen('destination', inputs, sites);
  const crossAccount = source.account !== destination.account;
  const crossRegion = source.region !== destination.region;
  if (!crossAccount && !crossRegion)
    throw usage('source and destination are the same account and Region: nothing would be safer');
  return { source, destination, relay: relaySite(source, destination) };
}

function chosen(end: End, inputs: AllInputs, sites: ReadonlyMap<string, Site>): Site {
  const name = inputs[`${end}-site`];
  const parts = (['account', 'region', 'role-arn', 'external-id'] as const).filter(
    (part) => inputs[`${end}-${part}`] !== undefined,
  );
  const quoted = (list: readonly string[]) => list.map((part) => `"${end}-${part}"`).join(', ');
  if (name !== undefined) {
    if (parts.length > 0) throw usage(`"${end}-site" and ${quoted(parts)} are both given; the site says them already`);
    const site = sites.get(name);
    if (site !== undefined) return site;
    const legal = [...sites.keys()].join(', ') || 'none is defined';
    throw usage(`no site "${name}" is in ${inputs['plan-files'].join(', ')}. Legal: ${legal}`);
  }
  const account = inputs[`${end}-account`];
  const region = inputs[`${end}-region`];
  if (account === undefined || region === undefined)
    throw usage(`give either "${end}-site", or ${quoted(['account', 'region'])}`);
  const roleArn = inputs[`${end}-role-arn`];
  const externalId = inputs[`${end}-external-id`];
  return {
    name: end,
    account,
    region,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}
