import { UserError } from '@breakwater/core';
import type { ServerRecord } from '@breakwater/history';
import type { Action, Plan, PlanSet, Site } from '@breakwater/plan';
import { parse } from 'yaml';

/** SSM takes a list of texts for every parameter. */
export type Parameters = Readonly<Record<string, readonly string[]>>;

/**
 * Parses the `parameters` input: a YAML (so also JSON) object whose values are texts, numbers, booleans or lists of them. Throws
 * `UserError` `usage` naming the parameter that is none of these.
 */
export function parseParameters(text: string | undefined): Parameters {
  if (text === undefined) return {};
  let value: unknown;
  try {
    // The failsafe schema keeps every scalar the text that was written: `0755` and `yes` stay what they are.
    value = parse(text, { schema: 'failsafe', maxAliasCount: 10 });
  } catch (cause) {
    throw wrong(`is not YAML: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`, cause);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong('is not an object of parameters');
  return Object.fromEntries(
    Object.entries(value).map(([name, given]: [string, unknown]) => {
      const list: readonly unknown[] = Array.isArray(given) ? given : [given];
      if (list.every((item) => typeof item === 'string')) return [name, list];
      throw wrong(`has a value for "${name}" that is neither a text nor a list of texts`);
    }),
  );
}

function wrong(what: string, cause?: unknown): UserError {
  return new UserError('usage', `run-ssm-action: input "parameters" ${what}`, {
    next: 'Write one `name: value` a line; a value is a text or a list of texts. Nothing was started.',
    cause,
  });
}

/** One SSM action, at one site, on given instances, outside any plan. */
export interface SsmDeed {
  readonly site: Site;
  readonly document: string;
  readonly kind: Action['kind'];
  readonly version: string | undefined;
  readonly parameters: Parameters;
  readonly instances: readonly string[];
  readonly targetParameter: string;
  readonly maxWait: number;
}

/** The deed as the plan's own types, for the operations package. */
export function asAction(deed: SsmDeed): Action {
  return {
    name: deed.document,
    kind: deed.kind,
    document: deed.document,
    ...(deed.version === undefined ? {} : { version: deed.version }),
    parameters: deed.parameters,
    maxWait: deed.maxWait,
    onFailure: 'stop',
    when: ['drill', 'recovery'],
    target: deed.instances.length > 0 ? 'recovered-instances' : 'none',
    targetParameter: deed.targetParameter,
    site: deed.site.name,
  };
}

/** A plan that holds nothing but the deed's site. */
export function asPlanSet({ site }: SsmDeed): { readonly set: PlanSet; readonly plan: Plan } {
  const plan: Plan = {
    name: 'run-ssm-action',
    owner: '',
    tier: 0,
    objectives: { rto: 0, rpo: 0 },
    readiness: { maxLag: 0 },
    drill: { cleanUp: 'keep' },
    waves: [],
    finally: [],
  };
  return { set: { sites: new Map([[site.name, site]]), groups: new Map(), plans: new Map([[plan.name, plan]]) }, plan };
}

/** The instances as recovered servers: nothing but their ids is known, and nothing else is asked of them. */
export function asServers({ site, instances }: SsmDeed): readonly ServerRecord[] {
  return instances.map((instanceId) => ({
    id: instanceId,
    name: instanceId,
    site: site.name,
    account: site.account,
    region: site.region,
    group: '',
    criticality: 'critical',
    status: 'succeeded',
    instanceId,
  }));
}
