import type { Inputs } from '@breakwater/action-kit';
import { type ClusterRestore, type DatabaseManifest, type InstanceRestore, ofCluster, ofInstance } from '@breakwater/operations';
import type { definition } from './definition.ts';
import { given } from './given.ts';
import { usage } from './sites.ts';
import { parseTexts } from './yaml-inputs.ts';

type AllInputs = Inputs<typeof definition>;

/** What a cluster shall be like, with the manifest of one. Throws `UserError` `usage` for what only an instance has. */
export function clusterOf(inputs: AllInputs): (manifest: DatabaseManifest | undefined) => ClusterRestore {
  refuse(inputs, OF_INSTANCES, 'source-cluster');
  const members = inputs['instance-classes'].map((instanceClass) => ({ instanceClass }));
  const wrong = members.find(({ instanceClass }) => !/^db\.[a-z0-9.-]+$/.test(instanceClass));
  if (wrong !== undefined) throw usage(`"${wrong.instanceClass}" in "instance-classes" is not an instance class`);
  const [least, most] = [inputs['serverless-min'], inputs['serverless-max']];
  if ((least === undefined) !== (most === undefined)) throw usage('"serverless-min" and "serverless-max" belong together');
  if (least !== undefined && Number(least) > Number(most)) throw usage('"serverless-min" is more than "serverless-max"');
  const settings = {
    ...settingsOf(inputs, 1),
    ...given('httpEndpoint', inputs['data-api']),
    ...given('serverless', least === undefined ? undefined : { min: Number(least), max: Number(most) }),
  };
  return (manifest) => ({
    kind: 'cluster',
    settings,
    ...(members.length === 0 ? {} : { members }),
    ...given('manifest', manifest && ofCluster(manifest, inputs.manifest ?? '')),
  });
}

/** What an instance shall be like, with the manifest of one. Throws `UserError` `usage` for what only a cluster has. */
export function instanceOf(inputs: AllInputs): (manifest: DatabaseManifest | undefined) => InstanceRestore {
  refuse(inputs, OF_CLUSTERS, 'source-instance');
  const settings = {
    ...settingsOf(inputs, 0),
    ...given('instanceClass', inputs['instance-class']),
    ...given('multiAz', inputs['multi-az']),
    ...given('availabilityZone', inputs['availability-zone']),
    ...given('optionGroup', inputs['option-group']),
    ...given('publiclyAccessible', inputs['publicly-accessible']),
    ...given('iops', number(inputs.iops, 'iops', 1_000, 256_000)),
    ...given('storageThroughput', number(inputs['storage-throughput'], 'storage-throughput', 125, 16_000)),
  };
  return (manifest) => ({
    kind: 'instance',
    settings,
    ...given('manifest', manifest && ofInstance(manifest, inputs.manifest ?? '')),
  });
}

const OF_INSTANCES = [
  'target-instance',
  'instance-class',
  'multi-az',
  'availability-zone',
  'option-group',
  'iops',
  'storage-throughput',
  'publicly-accessible',
] as const;
const OF_CLUSTERS = [
  'target-cluster',
  'instance-classes',
  'serverless-min',
  'serverless-max',
  'data-api',
  'publish-reader-parameter',
  'publish-dns-reader-name',
] as const;

function refuse(inputs: AllInputs, foreign: readonly (keyof AllInputs)[], source: string): void {
  const given = foreign.find((name) => {
    const value = inputs[name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined;
  });
  if (given !== undefined) throw usage(`"${given}" does not go with "${source}"`);
}

/** What both have. */
function settingsOf(inputs: AllInputs, fewestDays: number) {
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
    ...given('logExports', list('log-exports')),
    ...given('backupRetentionDays', number(inputs['backup-retention-days'], 'backup-retention-days', fewestDays, 35)),
    ...given('storageType', inputs['storage-type']),
    ...given('tags', parseTexts(inputs.tags, 'tags')),
  };
}

export function number(text: string | undefined, input: string, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`"${text}" is not valid for "${input}": a whole number from ${least} to ${most}`);
}
