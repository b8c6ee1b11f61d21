import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rdsInstance } from '../testing/restored.ts';
import { readManifest, writeManifest } from './cluster-manifest.ts';
import { instanceManifestOf } from './instance-manifest.ts';
import { designInstance, instanceWishes } from './instance-settings.ts';

const WHERE = { account: '111122223333', region: 'us-west-2', capturedAt: Date.UTC(2026, 10, 20) };
const LEDGER = rdsInstance({
  id: 'ledger',
  cluster: undefined,
  engine: 'postgres',
  engineVersion: '16.6',
  port: 5433,
  storageType: 'io1',
  iops: 3_000,
  parameterGroup: 'ledger-16',
  optionGroup: 'ledger-options',
  monitoringInterval: 60,
  monitoringRoleArn: 'arn:aws:iam::111122223333:role/monitor',
  tags: { Team: 'books', 'aws:x': 'y', 'breakwater:owner': 'breakwater' },
});

test('what was captured is read back as it was, and holds no tag of AWS or of ours', () => {
  const manifest = instanceManifestOf(LEDGER, WHERE);
  assert.deepEqual(readManifest(writeManifest(manifest), 'ledger.json'), manifest);
  assert.deepEqual(manifest.instance.tags, { Team: 'books' });
});

test('what comes by itself, or may not be said, is left out', () => {
  const captured = (over: Parameters<typeof rdsInstance>[0]) =>
    instanceManifestOf({ ...LEDGER, ...rdsInstance(over) }, WHERE).instance;
  const base = { id: 'ledger', cluster: undefined, engine: 'postgres' };
  const plain = captured({ ...base, parameterGroup: 'default.postgres16', optionGroup: 'default:postgres-16' });
  assert.deepEqual([plain.parameterGroup, plain.optionGroup], [undefined, undefined]);
  const small = captured({ ...base, storageType: 'gp3', iops: 3_000, storageThroughput: 125 });
  assert.deepEqual([small.iops, small.storageThroughput], [undefined, undefined], 'RDS refuses to be told it of a small disk');
  const large = captured({ ...base, storageType: 'gp3', iops: 12_000, storageThroughput: 500 });
  assert.deepEqual([large.iops, large.storageThroughput], [12_000, 500]);
  const standing = captured({ ...base, multiAz: true, availabilityZone: 'us-west-2a' });
  assert.equal(standing.availabilityZone, undefined, 'AWS chooses the zones of two');
});

test('an instance of a cluster is refused: its data is the cluster’s', () => {
  assert.throws(() => instanceManifestOf(rdsInstance({ id: 'db-1' }), WHERE), { code: 'engine-unavailable' });
});

test('a manifest that is none is refused, with the field named', () => {
  const good = JSON.parse(writeManifest(instanceManifestOf(LEDGER, WHERE)));
  const changed = (change: object) => JSON.stringify({ ...good, instance: { ...good.instance, ...change } });
  const cases: readonly [string, RegExp][] = [
    [changed({ engine: 'aurora-postgresql' }), /"engine" of instance must be an engine of RDS instances/],
    [changed({ instanceClass: 'large' }), /"instanceClass" of instance/],
    [changed({ multiAz: 'yes' }), /"multiAz" of instance must be true or false/],
    [changed({ httpEndpoint: true }), /has a field "httpEndpoint" that is not known/],
    [changed({ backupRetentionDays: 36 }), /from 0 to 35/],
    [JSON.stringify({ ...good, members: [] }), /has a field "members"/],
    [JSON.stringify({ ...good, schema: 'breakwater.instance-manifest/2' }), /must be "breakwater\.cluster-manifest\/1" or/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(
      () => readManifest(text, 'ledger.json'),
      (error: unknown) => error instanceof Error && expected.test(error.message),
      text,
    );
  }
});

test('settings given win; what is of another place is not carried there; another disk has its own IOPS', () => {
  const manifest = instanceManifestOf(LEDGER, WHERE);
  const here = { account: WHERE.account, region: WHERE.region, drill: false };
  const same = designInstance({ manifest, settings: {}, ...here });
  assert.deepEqual([same.settings.securityGroups, same.settings.availabilityZone, same.losses], [['sg-1'], 'us-west-2a', []]);
  const away = designInstance({ manifest, settings: {}, account: '222233334444', region: 'eu-central-1', drill: true });
  assert.deepEqual(
    [away.settings.securityGroups, away.settings.availabilityZone, away.settings.monitoringInterval, away.losses.length],
    [undefined, undefined, undefined, 2],
  );
  assert.equal(away.settings.deletionProtection, false, 'a drill');
  const settings = { storageType: 'gp3', securityGroups: ['sg-2'], tags: { Cost: '47' } };
  const given = designInstance({ manifest, settings, ...here, region: 'eu-central-1' });
  assert.deepEqual([given.settings.storageType, given.settings.iops, given.losses], ['gp3', undefined, []]);
  const wishes = instanceWishes(given, { id: 'back', tags: { 'breakwater:owner': 'breakwater' } });
  assert.deepEqual(wishes.tags, { Team: 'books', Cost: '47', 'breakwater:owner': 'breakwater' });
  assert.ok(!('performanceInsights' in wishes) && !('monitoringInterval' in wishes), 'set afterwards');
});
