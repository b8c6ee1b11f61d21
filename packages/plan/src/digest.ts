import { createHash } from 'node:crypto';
import { UserError } from '@breakwater/core';
import canonicalize from 'canonicalize';
import { databaseSites } from './load.ts';
import type { DatabaseRecovery, Plan, PlanSet, ProtectionGroup, Site } from './model.ts';
import { looksSecret, redact } from './secrets.ts';
import { didYouMean } from './suggest.ts';

/** JSON as it goes into a record. */
export type DefinitionJson =
  | string
  | number
  | boolean
  | null
  | readonly DefinitionJson[]
  | { readonly [key: string]: DefinitionJson | undefined };

export type PlanDefinition = { readonly [key: string]: DefinitionJson | undefined };

/**
 * A plan with every group and site it uses, as plain JSON for the record: `{schema, plan, groups, sites, manifests}`, groups and sites
 * sorted by name; `manifests` (by path) only if the plan names any. Durations are milliseconds, moments epoch milliseconds. What looks
 * like a secret is left out: a record keeps none. Throws `UserError` `plan-unknown`.
 */
export function planDefinition(set: PlanSet, name: string): PlanDefinition {
  const definition: PlanDefinition = JSON.parse(canonical(set, name), (key, value: DefinitionJson) => withoutSecrets(key, value));
  return definition;
}

const REDACTED = '[redacted]';

function withoutSecrets(key: string, value: DefinitionJson): DefinitionJson {
  if (typeof value === 'string') return redact(value);
  if (key !== 'parameters' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, values]) => {
    const secret = Array.isArray(values) && looksSecret(name, values.map(String));
    return [name, secret ? [REDACTED] : values] as const;
  });
  return Object.fromEntries(entries);
}

/**
 * SHA-256, in hexadecimal, over the canonical JSON (RFC 8785) of `planDefinition`. Comments, formatting, the order of keys, written
 * defaults and the distribution over files do not alter it; anything that means something does. Throws `UserError` `plan-unknown`.
 */
export function planDigest(set: PlanSet, name: string): string {
  return createHash('sha256').update(canonical(set, name)).digest('hex');
}

function canonical(set: PlanSet, name: string): string {
  const plan = set.plans.get(name);
  if (plan === undefined) {
    throw new UserError('plan-unknown', `there is no plan "${name}"`, { next: didYouMean(name, set.plans.keys(), 'plan') });
  }
  const groups = closure(plan, set);
  const sites = sitesOf(plan, groups, set);
  const manifests = manifestsOf(plan, set);
  return (
    canonicalize({ schema: 'breakwater.plan/1', plan, groups, sites, ...(manifests === undefined ? {} : { manifests }) }) ?? ''
  );
}

/** The content of the manifests that the plan names, by path as written; left out when it names none. */
function manifestsOf(plan: Plan, set: PlanSet): Readonly<Record<string, unknown>> | undefined {
  const files = [...new Set(databasesOf(plan).flatMap(({ manifest }) => manifest ?? []))];
  if (files.length === 0) return undefined;
  const contents = set.manifests?.get(plan.name);
  return Object.fromEntries(files.map((file) => [file, contents?.get(file) ?? null]));
}

function databasesOf(plan: Plan): readonly DatabaseRecovery[] {
  return plan.waves.flatMap((wave) => wave.databases ?? []);
}

function closure(plan: Plan, set: PlanSet): readonly ProtectionGroup[] {
  const names = new Set(plan.waves.flatMap((wave) => wave.groups));
  return [...names].sort().flatMap((name) => set.groups.get(name) ?? []);
}

function sitesOf(plan: Plan, groups: readonly ProtectionGroup[], set: PlanSet): readonly Site[] {
  const actions = [...plan.waves.flatMap((wave) => [...wave.preWaveActions, ...wave.postWaveActions]), ...plan.finally];
  const names = new Set([
    ...groups.map((group) => group.site),
    ...actions.flatMap((action) => action.site ?? []),
    ...databasesOf(plan).flatMap(databaseSites),
  ]);
  return [...names].sort().flatMap((name) => set.sites.get(name) ?? []);
}
