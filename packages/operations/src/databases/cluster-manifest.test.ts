import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { rdsCluster, rdsInstance } from '../testing/restored.ts';
import { manifestOf, readManifest, writeManifest } from './cluster-manifest.ts';
import type { ClusterManifest } from './restore-contracts.ts';
import { designRestore, instanceRequest, restoreRequest, tagsLeftOut, tagsOf } from './restore-settings.ts';

const WHERE = { account: '222233334444', region: 'us-east-1', capturedAt: Date.UTC(2026, 2, 4) };
const cluster = rdsCluster({
  members: [
    { instance: 'reader-b', writer: false, promotionTier: 2, parameterGroupStatus: undefined },
    { instance: 'reader-a', writer: false, promotionTier: 1, parameterGroupStatus: undefined },
    { instance: 'main', writer: true, promotionTier: 1, parameterGroupStatus: undefined },
  ],
  serverless: { min: 0.5, max: 8, autoPauseSeconds: undefined },
  tags: { Owner: 'shop', 'aws:cloudformation:stack': 'x', 'breakwater:owner': 'breakwater' },
});
const instances = [
  rdsInstance({ id: 'main', monitoringInterval: 60, monitoringRoleArn: 'arn:aws:iam::222233334444:role/monitor' }),
  rdsInstance({ id: 'reader-a', promotionTier: 1 }),
  rdsInstance({ id: 'reader-b', instanceClass: 'db.serverless', promotionTier: 2 }),
];
const manifest = manifestOf(cluster, instances, WHERE);

function design(over: Partial<Parameters<typeof designRestore>[0]> = {}) {
  return designRestore({
    manifest,
    settings: {},
    members: undefined,
    account: WHERE.account,
    region: WHERE.region,
    target: 'webshop',
    drill: false,
    ...over,
  });
}

test('a capture holds what a restore does not bring back: the writer first, then readers as they would take over', () => {
  assert.deepEqual(
    manifest.members.map(({ name }) => name),
    ['main', 'reader-a', 'reader-b'],
  );
  assert.deepEqual(manifest.cluster.tags, { Owner: 'shop' }, 'tags of AWS and of ours are left behind');
  assert.deepEqual(manifest.cluster.serverless, { min: 0.5, max: 8 });
  assert.equal(manifest.cluster.storageType, undefined, 'the default is not said');
  assert.equal(manifest.members[1]?.monitoringInterval, undefined);
});

test('what was written is read back as it was', () => {
  assert.deepEqual(readManifest(writeManifest(manifest), 'm.json'), manifest);
  assert.equal(writeManifest(readManifest(writeManifest(manifest), 'm.json')), writeManifest(manifest));
});

test('a manifest that is none is refused, with the field named', () => {
  const changed = (change: (copy: Record<string, Record<string, unknown>>) => unknown) => {
    const copy = JSON.parse(writeManifest(manifest));
    change(copy);
    return JSON.stringify(copy);
  };
  const cases: readonly [string, RegExp][] = [
    ['{', /m\.json is not JSON/],
    ['[]', /it must be an object/],
    ['{}', /"schema" of it is missing/],
    [
      changed((m) => Object.assign(m, { schema: 'breakwater.cluster-manifest/2' })),
      /"schema" of it must be "breakwater\.cluster-manifest\/1"/,
    ],
    [changed((m) => Object.assign(m, { extra: 1 })), /has a field "extra" that is not known/],
    [changed((m) => Object.assign(m['cluster'] ?? {}, { engine: 'postgres' })), /"engine" of cluster must be aurora-mysql or/],
    [changed((m) => Object.assign(m['cluster'] ?? {}, { port: '5432' })), /"port" of cluster must be a number/],
    [changed((m) => Object.assign(m['cluster'] ?? {}, { serverless: { min: 1 } })), /"max" of it is missing/],
    [changed((m) => Object.assign(m['cluster'] ?? {}, { tags: { a: 1 } })), /"tags" of cluster must be an object of texts/],
    [changed((m) => Object.assign(m, { members: [] })), /at least the writer/],
    [changed((m) => Object.assign(m, { members: [{ name: 'a', instanceClass: 'large' }] })), /"instanceClass" of member 1/],
    [
      changed((m) => Object.assign(m, { members: ['a', 'A'].map((name) => ({ name, instanceClass: 'db.r6g.large' })) })),
      /names "a" twice/,
    ],
    [changed((m) => Object.assign(m, { account: '12' })), /"account" of it must be twelve digits/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(
      () => readManifest(text, 'm.json'),
      (error: unknown) => error instanceof UserError && error.code === 'manifest-invalid' && expected.test(error.message),
      `${expected}`,
    );
  }
});

test('only Aurora is captured', () => {
  assert.throws(
    () => manifestOf(rdsCluster({ engine: 'docdb' }), [], WHERE),
    (error: unknown) => error instanceof UserError && error.code === 'engine-unavailable',
  );
});

test('in its own account and Region everything is taken over, under the names it had', () => {
  const { settings, members, losses } = design();
  assert.deepEqual(settings.securityGroups, ['sg-1']);
  assert.equal(members[0]?.availabilityZone, 'us-west-2a');
  assert.equal(members[0]?.monitoringInterval, 60);
  assert.deepEqual(
    members.map(({ name }) => name),
    ['main', 'reader-a', 'reader-b'],
  );
  assert.deepEqual(losses, []);
});

test('elsewhere ids of things that exist only at home are left out, and that is told', () => {
  const there = design({ account: '111122223333', region: 'us-west-2' });
  assert.equal(there.settings.securityGroups, undefined);
  assert.equal(there.settings.subnetGroup, 'private', 'groups are named alike by people');
  assert.equal(there.members[0]?.availabilityZone, undefined);
  assert.equal(there.members[0]?.monitoringInterval, undefined);
  assert.equal(there.losses.length, 2);
  const given = design({ account: '111122223333', region: 'us-west-2', settings: { securityGroups: ['sg-9'] } });
  assert.deepEqual(given.settings.securityGroups, ['sg-9']);
  assert.equal(given.losses.length, 1);
});

test('what is given wins, and a cluster of another name has instances of its own names', () => {
  const { settings, members } = design({ target: 'copy', settings: { port: 6000, tags: { Owner: 'dr', More: 'x' } } });
  assert.equal(settings.port, 6000);
  assert.deepEqual(settings.tags, { Owner: 'dr', More: 'x' });
  assert.deepEqual(
    members.map(({ name }) => name),
    ['copy-1', 'copy-2', 'copy-3'],
  );
  const own = design({ members: [{ instanceClass: 'db.serverless' }] });
  assert.deepEqual(own.members, [{ instanceClass: 'db.serverless', name: 'webshop-1' }]);
});

test('a drill is never protected against deletion', () => {
  assert.equal(design({ drill: true, settings: { deletionProtection: true } }).settings.deletionProtection, false);
  assert.equal(design().settings.deletionProtection, true);
});

test('requests carry the version of the snapshot and our tags, with room for those that come later', () => {
  const many: ClusterManifest = {
    ...manifest,
    cluster: { ...manifest.cluster, tags: Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`k${i}`, 'v'])) },
  };
  const own = { 'breakwater:owner': 'breakwater' };
  const request = restoreRequest(design({ manifest: many }), {
    id: 'webshop',
    snapshot: 'snap',
    engine: 'aurora-postgresql',
    engineVersion: '15.4',
    kmsKeyId: undefined,
    tags: own,
  });
  assert.equal(request.engineVersion, '15.4');
  assert.equal(Object.keys(request.tags).length, 43);
  assert.equal(tagsLeftOut(many.cluster.tags, own), 18);
  assert.equal(request.tags['breakwater:owner'], 'breakwater');
  assert.ok(!('httpEndpoint' in request) && !('kmsKeyId' in request));
  assert.deepEqual(tagsOf({ 'breakwater:owner': 'somebody' }, own), own);
  const [member] = design().members;
  assert.ok(member);
  const instance = instanceRequest(member, { id: 'x', cluster: 'webshop', engine: 'aurora-postgresql', tags: own });
  assert.deepEqual([instance.id, instance.instanceClass, instance.promotionTier], ['x', 'db.r6g.large', 1]);
  assert.ok(!('name' in instance));
});

test('default parameter groups are left to AWS: the snapshot may be of an older version than what was captured', () => {
  const group = 'default.aurora-postgresql16';
  const captured: ClusterManifest = {
    ...manifest,
    cluster: { ...manifest.cluster, parameterGroup: group },
    members: manifest.members.map((member) => ({ ...member, parameterGroup: group })),
  };
  const drawn = design({ manifest: captured });
  assert.equal(drawn.settings.parameterGroup, undefined);
  assert.deepEqual(new Set(drawn.members.map(({ parameterGroup }) => parameterGroup)), new Set([undefined]));
  const asked = design({ manifest: captured, settings: { parameterGroup: group } });
  assert.equal(asked.settings.parameterGroup, group, 'what is asked for is asked of AWS');
});

test('what could not be read again is not written: that is found out while the source is well', () => {
  const where = { account: '111122223333', region: 'us-west-2', capturedAt: 0 };
  const headless = manifestOf(rdsCluster({ members: [] }), [], where);
  assert.throws(() => writeManifest(headless), {
    kind: 'user',
    code: 'manifest-invalid',
    message: /"webshop" .*"members" of it must be a list with at least the writer/,
  });
});
