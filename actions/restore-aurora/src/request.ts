import type { Inputs } from '@breakwater/action-kit';
import type { Archive, ClusterManifest, DatabaseSite, RestoreClusterRequest, SnapshotChoice } from '@breakwater/operations';
import type { DatabaseSettings, MasterPassword } from '@breakwater/plan';
import { parseMoment } from '@breakwater/retention';
import type { definition } from './definition.ts';
import { usage } from './sites.ts';
import { parseChecks, parseTexts } from './yaml-inputs.ts';

type AllInputs = Inputs<typeof definition>;

/** Everything of the inputs that can be wrong by itself, so that it is refused before AWS is asked anything. */
export type RequestDraft = Omit<RestoreClusterRequest, 'site' | 'source' | 'manifest' | 'archive'> & {
  readonly archive: ((vault: DatabaseSite | undefined, relay: DatabaseSite | undefined) => Archive) | undefined;
};

/** The request as far as the inputs say it. Throws `UserError` `usage`. */
export function draftRequest(inputs: AllInputs): RequestDraft {
  const database = inputs['source-cluster'];
  if (database === undefined) throw usage('operation restore needs "source-cluster"');
  const { strategy } = inputs;
  if (strategy !== 'replace' && inputs['lift-protection']) throw usage('"lift-protection" belongs to strategy replace');
  const checks = parseChecks(inputs.checks);
  const members = inputs['instance-classes'].map((instanceClass) => ({ instanceClass }));
  const wrong = members.find(({ instanceClass }) => !/^db\.[a-z0-9.-]+$/.test(instanceClass));
  if (wrong !== undefined) throw usage(`"${wrong.instanceClass}" in "instance-classes" is not an instance class`);
  return {
    database,
    choice: choiceOf(inputs),
    strategy,
    settings: settingsOf(inputs),
    master: masterOf(inputs, checks.length > 0),
    checks,
    connection: inputs.connection,
    connectionTimeout: inputs['connection-timeout'],
    publish: {
      ...given('parameter', inputs['publish-parameter']),
      ...given('readerParameter', inputs['publish-reader-parameter']),
      ...given('secret', inputs['publish-secret']),
    },
    finalSnapshot: inputs['final-snapshot'],
    liftProtection: inputs['lift-protection'],
    drillTtl: inputs['drill-ttl'],
    archive: archiveOf(inputs),
    ...(members.length === 0 ? {} : { members }),
    ...given('target', inputs['target-cluster']),
    ...given('kmsKeyId', inputs['kms-key']),
    ...given('transitKmsKeyId', inputs['transit-kms-key']),
    ...given('notify', inputs['notify-topic']),
    ...(inputs['users-secret'] === undefined
      ? {}
      : { users: { secret: inputs['users-secret'], ...given('database', inputs['users-database']) } }),
  };
}

/** The draft with the sites and the manifest. */
export function completeRequest(
  draft: RequestDraft,
  where: {
    readonly site: DatabaseSite;
    readonly source: DatabaseSite;
    readonly relay?: DatabaseSite | undefined;
    readonly vault: DatabaseSite | undefined;
    readonly vaultRelay?: DatabaseSite | undefined;
  },
  manifest: ClusterManifest | undefined,
): RestoreClusterRequest {
  const { archive, ...rest } = draft;
  const { site, source } = where;
  const elsewhere = site.site.account !== source.site.account || site.site.region !== source.site.region;
  return {
    ...rest,
    site,
    ...(elsewhere ? { source, ...given('relay', where.relay) } : {}),
    ...given('manifest', manifest),
    ...given('archive', archive?.(where.vault, where.vaultRelay)),
  };
}

function given<K extends string, V>(key: K, value: V | undefined): { readonly [Key in K]?: V } {
  const entry: { [Key in K]?: V } = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}

function choiceOf(inputs: AllInputs): SnapshotChoice {
  const { snapshot } = inputs;
  const tags = parseTexts(inputs['snapshot-tags'], 'snapshot-tags');
  const before = inputs['snapshot-before'];
  const moment = before === undefined ? undefined : parseMoment(before);
  if (before !== undefined && moment === undefined) throw usage(`"${before}" in "snapshot-before" is not a day of the calendar`);
  const narrowing = [inputs['snapshot-pattern'], tags, inputs['max-age'], before].some((value) => value !== undefined);
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

function settingsOf(inputs: AllInputs): DatabaseSettings {
  const [least, most] = [inputs['serverless-min'], inputs['serverless-max']];
  if ((least === undefined) !== (most === undefined)) throw usage('"serverless-min" and "serverless-max" belong together');
  if (least !== undefined && Number(least) > Number(most)) throw usage('"serverless-min" is more than "serverless-max"');
  const list = (name: 'security-groups' | 'log-exports') => (inputs[name].length === 0 ? undefined : inputs[name]);
  const wrong = inputs['security-groups'].find((id) => !/^sg-[0-9a-z]+$/.test(id));
  if (wrong !== undefined) throw usage(`"${wrong}" in "security-groups" is not the id of a security group`);
  return {
    ...given('port', number(inputs.port, 'port', 1150, 65_535)),
    ...given('subnetGroup', inputs['subnet-group']),
    ...given('securityGroups', list('security-groups')),
    ...given('parameterGroup', inputs['parameter-group']),
    ...given('iamAuthentication', inputs['iam-authentication']),
    ...given('deletionProtection', inputs['deletion-protection']),
    ...given('httpEndpoint', inputs['data-api']),
    ...given('logExports', list('log-exports')),
    ...given('backupRetentionDays', number(inputs['backup-retention-days'], 'backup-retention-days', 1, 35)),
    ...given('serverless', least === undefined ? undefined : { min: Number(least), max: Number(most) }),
    ...given('tags', parseTexts(inputs.tags, 'tags')),
  };
}

function number(text: string | undefined, input: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`"${text}" is not valid for "${input}": a whole number from ${least} to ${most}`);
}

function masterOf(inputs: AllInputs, checked: boolean): MasterPassword {
  const secret = inputs['master-secret'];
  const speaks = checked || inputs['users-secret'] !== undefined;
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
