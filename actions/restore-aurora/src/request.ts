import type { Inputs } from '@breakwater/action-kit';
import { formatDuration } from '@breakwater/core';
import type {
  Archive,
  ClusterRestore,
  DatabaseManifest,
  DatabaseSite,
  DnsNames,
  InstanceRestore,
  PointChoice,
  Publication,
  RestoreDatabaseRequest,
  RestoreWishes,
  SnapshotChoice,
} from '@breakwater/operations';
import type { DatabaseSource, MasterPassword } from '@breakwater/plan';
import { parseMoment } from '@breakwater/retention';
import type { definition } from './definition.ts';
import { given } from './given.ts';
import { clusterOf, instanceOf, number } from './settings.ts';
import { usage } from './sites.ts';
import { parseChecks, parseTexts } from './yaml-inputs.ts';

type AllInputs = Inputs<typeof definition>;

/** Everything of the inputs that can be wrong by itself, so that it is refused before AWS is asked anything. */
export interface RequestDraft {
  readonly wishes: Omit<RestoreWishes, 'site' | 'source' | 'relay' | 'archive'>;
  /** Of the kind that is restored, with the manifest of one. */
  readonly kind: (manifest: DatabaseManifest | undefined) => ClusterRestore | InstanceRestore;
  readonly archive: ((vault: DatabaseSite | undefined, relay: DatabaseSite | undefined) => Archive) | undefined;
}

/** The cluster or the instance that the inputs name. Throws `UserError` `usage` for none, and for both. */
export function sourceOf(inputs: AllInputs): DatabaseSource & { readonly target: string | undefined } {
  const [cluster, instance] = [inputs['source-cluster'], inputs['source-instance']];
  if (cluster !== undefined && instance !== undefined) throw usage('either "source-cluster" or "source-instance", not both');
  if (instance !== undefined) return { kind: 'instance', id: instance, target: inputs['target-instance'] };
  if (cluster !== undefined) return { kind: 'cluster', id: cluster, target: inputs['target-cluster'] };
  throw usage(`operation ${inputs.operation} needs "source-cluster" or "source-instance"`);
}

/** The request as far as the inputs say it. Throws `UserError` `usage`. */
export function draftRequest(inputs: AllInputs): RequestDraft {
  const { kind, id, target } = sourceOf(inputs);
  const { strategy } = inputs;
  if (strategy !== 'replace' && inputs['lift-protection']) throw usage('"lift-protection" belongs to strategy replace');
  within(inputs['connection-timeout'], 'connection-timeout', HOUR);
  within(inputs['drill-ttl'], 'drill-ttl', YEAR);
  within(inputs['max-age'], 'max-age', YEAR);
  const checks = parseChecks(inputs.checks);
  const speaks = checks.length > 0 || inputs['users-secret'] !== undefined;
  const connection = inputs.connection ?? (kind === 'cluster' ? 'data-api' : 'direct');
  if (kind === 'instance' && connection === 'data-api')
    throw usage('an instance has no Data API: leave "connection" out, or direct');
  return {
    kind: kind === 'cluster' ? clusterOf(inputs) : instanceOf(inputs),
    archive: archiveOf(inputs),
    wishes: {
      database: id,
      choice: choiceOf(inputs),
      strategy,
      master: masterOf(inputs, speaks),
      checks,
      connection,
      connectionTimeout: inputs['connection-timeout'],
      publish: {
        ...given('parameter', inputs['publish-parameter']),
        ...given('readerParameter', inputs['publish-reader-parameter']),
        ...given('secret', inputs['publish-secret']),
        ...given('dns', dnsOf(inputs)),
      },
      finalSnapshot: inputs['final-snapshot'],
      liftProtection: inputs['lift-protection'],
      drillTtl: inputs['drill-ttl'],
      ...given('target', target),
      ...given('kmsKeyId', inputs['kms-key']),
      ...given('transitKmsKeyId', inputs['transit-kms-key']),
      ...given('notify', inputs['notify-topic']),
      ...(inputs['users-secret'] === undefined
        ? {}
        : { users: { secret: inputs['users-secret'], ...given('database', inputs['users-database']) } }),
    },
  };
}

const HOUR = 3_600_000;
const YEAR = 366 * 86_400_000;

function within(ms: number | undefined, input: string, longest: number): void {
  if (ms !== undefined && (ms <= 0 || ms > longest))
    throw usage(`"${input}" must be above zero and at most ${formatDuration(longest)}`);
}

/** The draft with the sites and the manifest. */
export function completeRequest(
  { wishes, kind, archive }: RequestDraft,
  where: {
    readonly site: DatabaseSite;
    readonly source: DatabaseSite;
    readonly relay?: DatabaseSite | undefined;
    readonly vault: DatabaseSite | undefined;
    readonly vaultRelay?: DatabaseSite | undefined;
    readonly zone?: DatabaseSite | undefined;
  },
  manifest: DatabaseManifest | undefined,
): RestoreDatabaseRequest {
  const { site, source } = where;
  const elsewhere = site.site.account !== source.site.account || site.site.region !== source.site.region;
  const placed: RestoreWishes = {
    ...wishes,
    site,
    ...(elsewhere ? { source, ...given('relay', where.relay) } : {}),
    ...given('archive', archive?.(where.vault, where.vaultRelay)),
    ...given('publish', atZone(wishes.publish, where.zone)),
  };
  return { ...placed, ...kind(manifest) };
}

function choiceOf(inputs: AllInputs): SnapshotChoice | PointChoice {
  const { snapshot } = inputs;
  const point = inputs['point-in-time'];
  const tags = parseTexts(inputs['snapshot-tags'], 'snapshot-tags');
  const before = inputs['snapshot-before'];
  const moment = before === undefined ? undefined : parseMoment(before);
  if (before !== undefined && moment === undefined) throw usage(`"${before}" in "snapshot-before" is not a day of the calendar`);
  const narrowing = [inputs['snapshot-pattern'], tags, inputs['max-age'], before].some((value) => value !== undefined);
  if (point !== undefined) return pointOf(point, inputs, narrowing);
  if (snapshot === 'newest') {
    const types = inputs['snapshot-types'];
    const legal = (['automated', 'manual'] as const).filter((type) => types.includes(type));
    if (legal.length === 0 || legal.length < new Set(types).size) throw usage('"snapshot-types" takes automated and manual');
    return {
      kind: 'newest',
      types: legal,
      ...given('maxAge', inputs['max-age']),
      ...given('before', moment),
      ...given('tags', tags),
      ...given('pattern', inputs['snapshot-pattern']),
    };
  }
  if (narrowing) throw usage('"snapshot-pattern", "snapshot-tags", "snapshot-before" and "max-age" belong to snapshot newest');
  return snapshot === 'create' ? { kind: 'create' } : { kind: 'id', id: snapshot };
}

/** What a point in time excludes is refused here already: it would be no accident. */
function pointOf(text: string, inputs: AllInputs, narrowing: boolean): PointChoice {
  if (narrowing || inputs.snapshot !== 'newest')
    throw usage('"point-in-time" takes no snapshot: leave "snapshot" and what narrows it out');
  if (inputs.archive !== 'none') throw usage('"archive" does something with a snapshot, and "point-in-time" has none');
  const time = text === 'latest' ? text : parseMoment(text);
  if (time === undefined) throw usage(`"${text}" in "point-in-time" is not a day of the calendar`);
  return { kind: 'point-in-time', time };
}

function masterOf(inputs: AllInputs, speaks: boolean): MasterPassword {
  const secret = inputs['master-secret'];
  switch (inputs['master-password']) {
    case 'managed':
      if (secret !== undefined) throw usage('with master-password managed RDS makes the secret: leave "master-secret" out');
      return { kind: 'managed', ...given('kmsKeyId', inputs['master-secret-kms-key']) };
    case 'secret':
      if (secret === undefined) throw usage('master-password secret needs "master-secret"');
      return { kind: 'secret', secret };
    case 'keep':
      if (secret === undefined && speaks) throw usage('users and checks need "master-secret", or master-password managed');
      return { kind: 'keep', ...given('secret', secret) };
  }
}

/** The DNS names; what belongs to them without them is refused. */
function dnsOf(inputs: AllInputs): DnsNames | undefined {
  const [zone, name, readerName] = [inputs['publish-dns-zone'], inputs['publish-dns-name'], inputs['publish-dns-reader-name']];
  if (zone === undefined || name === undefined) {
    const parts = [zone, name, readerName, inputs['publish-dns-ttl'], inputs['publish-dns-site']];
    if (parts.every((part) => part === undefined)) return undefined;
    throw usage('a DNS name is published with "publish-dns-zone" and "publish-dns-name"');
  }
  const wrong = [name, readerName].find((text) => (text?.length ?? 0) > 253);
  if (wrong !== undefined) throw usage('a DNS name has 253 characters at most');
  if (name.toLowerCase() === readerName?.toLowerCase())
    throw usage('"publish-dns-reader-name" is the name of the writer: clients that only read need one of their own');
  const ttl = number(inputs['publish-dns-ttl'], 'publish-dns-ttl', 1, 86_400) ?? 60;
  return { zone, name, ttl, ...given('readerName', readerName) };
}

function atZone(publish: Publication | undefined, site: DatabaseSite | undefined): Publication | undefined {
  if (publish?.dns === undefined || site === undefined) return publish;
  return { ...publish, dns: { ...publish.dns, site } };
}

function archiveOf(inputs: AllInputs): RequestDraft['archive'] {
  const { archive } = inputs;
  if (archive === 'none') return undefined;
  if (archive === 'tag') return () => ({ kind: 'tag' });
  if (archive === 'export') {
    const [bucket, roleArn, kmsKeyId] = [inputs['export-bucket'], inputs['export-role-arn'], inputs['export-kms-key']];
    if (bucket === undefined || roleArn === undefined || kmsKeyId === undefined) {
      throw usage('archive export needs "export-bucket", "export-role-arn" and "export-kms-key"');
    }
    return () => ({ kind: 'export', bucket, roleArn, kmsKeyId, ...given('prefix', inputs['export-prefix']) });
  }
  if (inputs['vault-site'] === undefined) throw usage('archive vault needs "vault-site"');
  return (site, relay) => {
    if (site === undefined) throw usage('archive vault needs "vault-site"');
    return {
      kind: 'vault',
      site,
      ...given('relay', relay),
      ...given('kmsKeyId', inputs['vault-kms-key']),
      ...given('transitKmsKeyId', inputs['transit-kms-key']),
    };
  };
}
