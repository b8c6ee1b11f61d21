import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { createWorld, parseFault, parseScenario, requestHandler } from '@breakwater/simulator';
import { connect } from './connect.ts';
import type { RdsSnapshot } from './database-gateways.ts';
import type { SiteGateways } from './gateways.ts';
import { START } from './scripted-site.ts';

const MINUTE = 60_000;
const SOURCE = { account: '222233334444', region: 'us-east-1' };
const DR = { account: '111122223333', region: 'us-west-2' };
const roleOf = (account: string) => `arn:aws:iam::${account}:role/dr`;
const at = ({ account, region }: { account: string; region: string }) => `account: "${account}", region: ${region}`;
const WORLD = `
name: databases
pageSize: 20
jitter: 0
callers: [{ account: "444455556666" }]
roles:
  - { arn: "${roleOf(SOURCE.account)}", trust: ["444455556666"] }
  - { arn: "${roleOf(DR.account)}", trust: ["444455556666"] }
rds: { copyLimits: { cluster: 2 } }
kmsKeys:
  - { ${at(SOURCE)}, alias: alias/shop, accounts: ["${DR.account}"], multiRegion: true }
  - { ${at(SOURCE)}, alias: alias/private }
  - { ${at(DR)}, alias: alias/dr }
  - { ${at(DR)}, alias: alias/off, state: Disabled }
clusters:
  - { ${at(SOURCE)}, id: shop, engineVersion: "16.6", kmsKey: alias/shop, databaseName: shop, tags: { App: shop }, members: [{ class: db.r6g.large, tier: 0 }, { tier: 3 }], deletionProtection: true }
  - { ${at(SOURCE)}, id: secretive, kmsKey: alias/private }
  - { ${at(SOURCE)}, id: member }
dbInstances:
  - { ${at(SOURCE)}, id: ledger, kmsKey: alias/shop }
snapshots:
  - { ${at(DR)}, id: "old-{n}", database: elsewhere, engine: aurora-postgresql, kmsKey: alias/dr, tags: { "breakwater:owner": breakwater }, series: { every: 1d, count: 45 } }
subnetGroups: [{ ${at(DR)}, name: dr, vpcId: vpc-0dr, securityGroups: [sg-0dr] }]
parameterGroups: [{ ${at(DR)}, name: shop-cluster }]
globalClusters: [{ account: "${SOURCE.account}", id: world, members: ["arn:aws:rds:us-east-1:${SOURCE.account}:cluster:member"] }]
secrets: [{ ${at(DR)}, name: shop/app, value: { username: app_user, password: hunter22 } }]
topics: [{ ${at(DR)}, name: on-call }]
sqlAnswers:
  - { sql: "select * from orders*", columns: [id, name, paid, share, note], rows: [[2, "a", true, 0.5, null]] }
  - { sql: "update orders*", updated: 3 }
`;

function simulated() {
  const clock = new VirtualClock(START);
  const world = createWorld({ scenario: parseScenario(WORLD), clock });
  const told: string[] = [];
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
  const open = connect({
    clock,
    credentials: { kind: 'static', accessKeyId, secretAccessKey },
    sessionName: 'contract',
    requestHandler: requestHandler(world),
    onSecret: (secret) => told.push(secret),
  });
  const site = (account: string, region: string): SiteGateways =>
    open({ name: `${account}/${region}`, account, region, roleArn: roleOf(account) });
  return {
    clock,
    world,
    told,
    source: site(SOURCE.account, SOURCE.region),
    dr: site(DR.account, DR.region),
    /** The recovery account in the Region of the source, where shared snapshots are seen. */
    across: site(DR.account, SOURCE.region),
    fault: (spec: object) => world.arm(parseFault(spec)),
    calls: (operation: string) => world.calls.filter((call) => call.operation === operation),
  };
}

type Simulated = ReturnType<typeof simulated>;

/** An encrypted snapshot of `shop` by hand, available and shared with the recovery account. */
async function shared({ source, clock }: Simulated): Promise<RdsSnapshot> {
  await source.rds.createSnapshot('cluster', { id: 'By-Hand', database: 'shop', tags: { a: 'b' } });
  await clock.sleep(20 * MINUTE);
  await source.rds.share('cluster', 'by-hand', DR.account);
  const [made] = await source.rds.describeSnapshots('cluster', { id: 'BY-HAND' });
  assert.ok(made !== undefined);
  return made;
}

test('cluster snapshots: made, shared, copied across account and Region, taken back', async () => {
  const simulation = simulated();
  const { source, dr, across, clock, told, calls } = simulation;
  const automated = await source.rds.describeSnapshots('cluster', { database: 'SHOP', type: 'automated' });
  const newest = automated.at(-1);
  assert.ok(newest !== undefined);
  assert.match(newest.id, /^rds:shop-/);
  for (const id of [newest.id, newest.arn]) {
    assert.deepEqual(await source.rds.describeSnapshots('cluster', { id }), [newest], 'also without its type');
  }

  const made = await shared(simulation);
  assert.deepEqual(
    [made.id, made.status, made.type, made.database, made.encrypted],
    ['by-hand', 'available', 'manual', 'shop', true],
  );
  assert.deepEqual(made.tags, { a: 'b' });
  assert.deepEqual(await source.rds.describeSnapshots('cluster', { id: made.arn }), [made]);
  assert.deepEqual(await source.rds.sharedWith('cluster', made.id), [DR.account]);
  await source.rds.share('cluster', made.id, DR.account);
  assert.deepEqual(await source.rds.sharedWith('cluster', made.id), [DR.account], 'sharing again changes nothing');

  const seen = { ...made, type: 'shared', tags: {} };
  assert.deepEqual(await across.rds.describeSnapshots('cluster', { type: 'shared' }), [seen]);
  assert.deepEqual(await across.rds.describeSnapshots('cluster', { type: 'shared', id: 'by-hand', database: 'shop' }), [seen]);
  assert.deepEqual(await across.rds.describeSnapshots('cluster', { id: made.arn }), [seen]);
  assert.deepEqual(await across.rds.describeSnapshots('cluster', {}), [], 'shared ones must be asked for');
  assert.deepEqual(await dr.rds.describeSnapshots('cluster', { id: made.arn }), [], 'not in this Region');

  const tags = { 'breakwater:source-arn': made.arn };
  const copy = await dr.rds.copySnapshot('cluster', { source: made.arn, target: 'shop-copy', kmsKeyId: 'alias/dr', tags });
  assert.equal(copy.status, 'copying');
  assert.equal(copy.sourceArn, made.arn);
  const url = told.find((secret) => secret.startsWith('https://rds.us-east-1.amazonaws.com/?'));
  assert.match(url ?? '', /Action=CopyDBClusterSnapshot.*X-Amz-Security-Token=/);
  await assert.rejects(
    dr.rds.copySnapshot('cluster', { source: made.arn, target: 'Shop-Copy', kmsKeyId: 'alias/dr', tags }),
    ({ call }) => call.awsCode === 'DBClusterSnapshotAlreadyExistsFault',
  );
  await clock.sleep(60 * MINUTE);
  const [done] = await dr.rds.describeSnapshots('cluster', { id: 'shop-copy' });
  assert.deepEqual([done?.status, done?.progress, done?.encrypted, done?.tags], ['available', 100, true, tags]);
  assert.equal(done?.kmsKeyId, (await dr.kms.describeKey('alias/dr'))?.arn);
  await dr.rds.addTags(copy.arn, { more: 'x' });
  assert.deepEqual(await dr.rds.tagsOf(copy.arn), { ...tags, more: 'x' });

  await source.rds.unshare('cluster', made.id, DR.account);
  assert.deepEqual(await source.rds.sharedWith('cluster', made.id), []);
  await source.rds.deleteSnapshot('cluster', made.id);
  await clock.sleep(10 * MINUTE);
  assert.deepEqual(await source.rds.describeSnapshots('cluster', { id: made.id }), []);
  await source.rds.deleteSnapshot('cluster', made.id);
  assert.equal(calls('CopyDBClusterSnapshot').filter(({ applied }) => applied).length, 1);
});

test('snapshots of a database that stands elsewhere: every page, of either kind', async () => {
  const { dr, source } = simulated();
  const found = await dr.rds.describeSnapshots('cluster', { database: 'elsewhere' });
  assert.equal(found.length, 45);
  assert.equal(new Set(found.map(({ id }) => id)).size, 45);
  assert.deepEqual(await dr.rds.describeSnapshots('cluster', { database: 'nowhere' }), []);
  assert.deepEqual(await source.rds.describeSnapshots('instance', { database: 'nowhere' }), []);
});

test('instance snapshots: made, shared, copied, taken back', async () => {
  const { source, dr, across, clock } = simulated();
  const made = await source.rds.createSnapshot('instance', { id: 'ledger-1', database: 'ledger', tags: {} });
  assert.deepEqual([made.kind, made.id, made.status], ['instance', 'ledger-1', 'creating']);
  await clock.sleep(20 * MINUTE);
  await source.rds.share('instance', 'ledger-1', DR.account);
  assert.deepEqual(await source.rds.sharedWith('instance', 'ledger-1'), [DR.account]);
  const [seen] = await across.rds.describeSnapshots('instance', { type: 'shared', database: 'ledger' });
  assert.deepEqual([seen?.id, seen?.type], ['ledger-1', 'shared']);
  const taken = seen?.originalCreatedAt;
  assert.ok(taken !== undefined);
  const request = { source: seen?.arn ?? '', target: 'ledger-copy', kmsKeyId: 'alias/dr', tags: {} };
  assert.equal((await dr.rds.copySnapshot('instance', request)).kind, 'instance');
  await assert.rejects(dr.rds.copySnapshot('instance', request), ({ call }) => call.awsCode === 'DBSnapshotAlreadyExists');
  await clock.sleep(60 * MINUTE);
  const [done] = await dr.rds.describeSnapshots('instance', { id: 'ledger-copy' });
  assert.deepEqual([done?.status, done?.originalCreatedAt], ['available', taken]);
  await source.rds.unshare('instance', 'ledger-1', DR.account);
  await source.rds.deleteSnapshot('instance', 'ledger-1');
  await source.rds.deleteSnapshot('instance', 'ledger-1');
});

for (const kind of ['drop', 'unavailable'] as const) {
  test(`an answer lost after a copy was begun (${kind}) is ambiguous, and one copy was begun`, async () => {
    const simulation = simulated();
    const { dr, fault, calls } = simulation;
    const { arn } = await shared(simulation);
    fault({ match: { service: 'rds', operation: 'CopyDBClusterSnapshot', times: 1 }, effect: { kind, when: 'after' } });
    await assert.rejects(dr.rds.copySnapshot('cluster', { source: arn, target: 't', kmsKeyId: 'alias/dr', tags: {} }), {
      code: 'aws-unavailable',
      ambiguous: true,
    });
    assert.deepEqual(
      calls('CopyDBClusterSnapshot').map(({ applied }) => applied),
      [true],
    );
    assert.equal((await dr.rds.describeSnapshots('cluster', { id: 't' })).length, 1);
  });
}

test('a copy that cannot be says why: the key, the limit, the sharing', async () => {
  const simulation = simulated();
  const { source, dr, clock } = simulation;
  const { arn } = await shared(simulation);
  const copy = (target: string, over: { source?: string; kmsKeyId?: string } = {}) =>
    dr.rds.copySnapshot('cluster', { source: arn, target, kmsKeyId: 'alias/dr', tags: {}, ...over });
  await assert.rejects(copy('a', { kmsKeyId: 'alias/off' }), { code: 'key-not-accessible', missing: / on alias\/off$/ });
  await assert.rejects(copy('a', { kmsKeyId: 'alias/none' }), { code: 'key-not-accessible', missing: / on alias\/none$/ });

  await source.rds.createSnapshot('cluster', { id: 'closed', database: 'secretive', tags: {} });
  await clock.sleep(20 * MINUTE);
  await source.rds.share('cluster', 'closed', DR.account);
  const [closed] = await source.rds.describeSnapshots('cluster', { id: 'closed' });
  const key = await source.kms.describeKey('alias/private');
  await assert.rejects(copy('a', { source: closed?.arn ?? '' }), {
    code: 'key-not-accessible',
    missing: new RegExp(` on ${key?.arn}$`),
    next: /allow account 111122223333/,
  });

  await copy('a');
  await copy('b');
  await assert.rejects(copy('c'), { code: 'quota-exceeded', missing: /cluster snapshot copies in progress/ });
  await assert.rejects(copy('d', { source: arn.replace('by-hand', 'gone') }), {
    code: 'aws-fault',
    next: /check the name/,
  });
  const [automated] = await source.rds.describeSnapshots('cluster', { database: 'shop', type: 'automated' });
  await assert.rejects(source.rds.share('cluster', automated?.id ?? '', DR.account), { code: 'aws-fault' });
});

test('keys: one that is there, one of AWS, none', async () => {
  const { source, dr } = simulated();
  const key = await source.kms.describeKey('alias/shop');
  assert.deepEqual(
    [key?.account, key?.region, key?.state, key?.manager, key?.multiRegion, key?.usage],
    [SOURCE.account, SOURCE.region, 'Enabled', 'CUSTOMER', true, 'ENCRYPT_DECRYPT'],
  );
  assert.deepEqual(await source.kms.describeKey(key?.arn ?? ''), key);
  assert.equal((await dr.kms.describeKey('alias/off'))?.state, 'Disabled');
  assert.equal((await source.kms.describeKey('alias/aws/rds'))?.manager, 'AWS');
  assert.equal(await dr.kms.describeKey('alias/none'), undefined);
});

test('clusters and instances as they stand, and what they are members of', async () => {
  const { source } = simulated();
  const [shop, ...others] = await source.rds.describeClusters('SHOP');
  assert.deepEqual(others, []);
  assert.deepEqual(
    [shop?.id, shop?.status, shop?.engine, shop?.engineVersion, shop?.databaseName, shop?.deletionProtection, shop?.pending],
    ['shop', 'available', 'aurora-postgresql', '16.6', 'shop', true, false],
  );
  assert.deepEqual(shop?.tags, { App: 'shop' });
  assert.deepEqual(
    shop?.members.map(({ writer, promotionTier }) => [writer, promotionTier]),
    [
      [true, 0],
      [false, 3],
    ],
  );
  assert.deepEqual(await source.rds.describeClusters(shop?.arn), [shop]);
  assert.equal((await source.rds.describeClusters()).length, 3);
  assert.deepEqual(await source.rds.describeClusters('gone'), []);
  const instances = await source.rds.describeInstances({ cluster: 'Shop' });
  assert.deepEqual(new Set(instances.map(({ id }) => id)), new Set(shop?.members.map(({ instance }) => instance)));
  assert.deepEqual(await source.rds.describeInstances({ cluster: shop?.arn ?? '' }), instances);
  const [writer] = instances;
  assert.deepEqual(await source.rds.describeInstances({ id: writer?.id ?? '' }), [writer]);
  assert.equal(instances.find(({ promotionTier }) => promotionTier === 0)?.instanceClass, 'db.r6g.large');
  assert.deepEqual(await source.rds.describeInstances({ id: 'gone' }), []);
  assert.ok((await source.rds.describeInstances()).some(({ id, cluster }) => id === 'ledger' && cluster === undefined));
  assert.equal(await source.rds.globalClusterOf(`arn:aws:rds:us-east-1:${SOURCE.account}:cluster:member`), 'world');
  assert.equal(await source.rds.globalClusterOf(shop?.arn ?? ''), undefined);
  assert.equal(await source.rds.engineVersionAvailable('aurora-postgresql', '16.6'), true);
  assert.equal(await source.rds.engineVersionAvailable('aurora-postgresql', '9.6'), false);
  assert.equal(await source.rds.instanceClassAvailable('aurora-postgresql', '16.6', 'db.r6g.large'), true);
  assert.equal(await source.rds.instanceClassAvailable('postgres', '17.4', 'db.serverless'), false);
  assert.deepEqual(await source.rds.serverlessRange('aurora-postgresql', '16.6'), { min: 0, max: 256 });
  assert.equal(await source.rds.serverlessRange('postgres', '17.4'), undefined);
  assert.deepEqual(await source.ec2.describeSecurityGroups(['sg-0any', 'nonsense']), [{ id: 'sg-0any', vpc: undefined }]);
  assert.equal(await source.rds.describeGroup('options', 'none'), undefined);
});

test('a cluster restored, made usable, asked, published, renamed and removed', async () => {
  const { dr, clock, world, told } = simulated();
  const { rds, rdsData, secrets, sns, parameters } = dr;
  const [snapshot] = await rds.describeSnapshots('cluster', { database: 'elsewhere' });
  assert.ok(snapshot !== undefined);
  const request = {
    id: 'Shop',
    snapshot: snapshot.arn,
    engine: 'aurora-postgresql',
    engineVersion: snapshot.engineVersion ?? '',
    subnetGroup: 'dr',
    securityGroups: ['sg-0dr'],
    parameterGroup: 'shop-cluster',
    kmsKeyId: 'alias/dr',
    iamAuthentication: true,
    deletionProtection: true,
    logExports: ['postgresql'],
    copyTagsToSnapshot: true,
    backupRetentionDays: 14,
    serverless: { min: 0, max: 8, autoPauseSeconds: 600 },
    tags: { 'breakwater:owner': 'breakwater' },
  };
  const restored = await rds.restoreCluster(request);
  assert.equal(restored.id, 'shop');
  await assert.rejects(
    rds.restoreCluster(request),
    ({ call, next }) => call.awsCode === 'DBClusterAlreadyExistsFault' && /exists already/.test(next),
  );
  await clock.sleep(30 * MINUTE);
  const [bare] = await rds.describeClusters('shop');
  assert.deepEqual(bare?.members, [], 'a restore makes no instances');

  const instance = {
    id: 'shop-1',
    cluster: 'shop',
    instanceClass: 'db.serverless',
    engine: 'aurora-postgresql',
    promotionTier: 0,
    tags: {},
  };
  assert.equal((await rds.createClusterInstance(instance)).status, 'creating');
  await assert.rejects(rds.createClusterInstance(instance), ({ call }) => call.awsCode === 'DBInstanceAlreadyExists');
  await clock.sleep(30 * MINUTE);
  const clusterArn = restored.arn;
  await rds.enableHttpEndpoint(clusterArn);
  await rds.modifyCluster({ id: 'shop', manageMasterPassword: {}, backupRetentionDays: 7 });
  await clock.sleep(5 * MINUTE);
  const [shop] = await rds.describeClusters('shop');
  assert.deepEqual(
    [shop?.status, shop?.httpEndpoint, shop?.masterSecret?.status, shop?.backupRetentionDays, shop?.logExports, shop?.serverless],
    ['available', true, 'active', 7, ['postgresql'], request.serverless],
  );
  assert.deepEqual([shop?.subnetGroup, shop?.securityGroups, shop?.parameterGroup], ['dr', ['sg-0dr'], 'shop-cluster']);
  assert.equal(shop?.kmsKeyId, (await dr.kms.describeKey('alias/dr'))?.arn);

  const secretArn = shop?.masterSecret?.arn ?? '';
  const { password } = JSON.parse(await secrets.getSecret(secretArn));
  assert.ok(told.includes(password));
  const ask = { clusterArn, secretArn };
  const selected = { columns: ['id', 'name', 'paid', 'share', 'note'], rows: [['2', 'a', 'true', '0.5', null]], updated: 0 };
  await clock.sleep(60 * MINUTE);
  const paused = clock.now();
  const { rows, columns } = await rdsData.execute({
    ...ask,
    sql: 'select * from orders where id = :id',
    parameters: { id: '2' },
    reads: true,
  });
  assert.deepEqual({ columns, rows }, { columns: selected.columns, rows: selected.rows });
  assert.ok(clock.now() - paused >= 15_000, 'the paused cluster was waited for');
  assert.equal((await rdsData.execute({ ...ask, sql: 'update orders set paid = true', reads: false })).updated, 3);
  await assert.rejects(rdsData.execute({ ...ask, sql: 'drop table orders', reads: false }), {
    code: 'aws-fault',
    ambiguous: false,
  });

  await secrets.putSecret('shop/app', '{"host":"there"}');
  await secrets.putSecret('shop/app', '{"host":"here"}');
  assert.equal(await secrets.getSecret('shop/app'), '{"host":"here"}');
  await assert.rejects(secrets.getSecret('gone'), { code: 'aws-fault' });
  const topicArn = `arn:aws:sns:${DR.region}:${DR.account}:on-call`;
  assert.match(await sns.publish({ topicArn, subject: 'Restoré\n', message: 'shop' }), /\S/);
  await assert.rejects(sns.publish({ topicArn: `${topicArn}-2`, subject: 's', message: 'm' }), { code: 'aws-fault' });
  await parameters.putParameter('/dr/shop', shop?.endpoint ?? '');
  await parameters.putParameter('/dr/shop', 'again');

  await rds.startExport({
    id: 'archive-1',
    snapshotArn: snapshot.arn,
    bucket: 'archive',
    prefix: 'shop',
    roleArn: `arn:aws:iam::${DR.account}:role/export`,
    kmsKeyId: 'alias/dr',
  });
  assert.equal((await rds.exportStatus('Archive-1'))?.failure, undefined);
  await clock.sleep(24 * 60 * MINUTE);
  assert.deepEqual(await rds.exportStatus('archive-1'), { status: 'COMPLETE', progress: 100, failure: undefined });
  assert.equal(await rds.exportStatus('gone'), undefined);

  await assert.rejects(rds.deleteCluster('shop', { finalSnapshot: undefined }), { code: 'aws-fault' });
  await rds.renameInstance('shop-1', 'store-1');
  await rds.modifyCluster({ id: 'shop', newId: 'store', deletionProtection: false });
  await clock.sleep(15 * MINUTE);
  assert.deepEqual(await rds.describeClusters('shop'), []);
  const [store] = await rds.describeClusters('store');
  assert.deepEqual([store?.deletionProtection, store?.members.map(({ instance: id }) => id)], [false, ['store-1']]);
  await rds.deleteInstance('store-1');
  await rds.deleteCluster('store', { finalSnapshot: 'store-last' });
  await clock.sleep(60 * MINUTE);
  assert.deepEqual(await rds.describeClusters('store'), []);
  assert.deepEqual(await rds.describeInstances({ cluster: 'store' }), []);
  assert.equal((await rds.describeSnapshots('cluster', { id: 'store-last' }))[0]?.status, 'available');
  assert.ok(world.calls.every(({ status }) => status !== undefined && status < 500));
});

test('a protected cluster says so, and a member of a global database too', async () => {
  const { source } = simulated();
  await assert.rejects(source.rds.deleteCluster('shop', { finalSnapshot: undefined }), {
    code: 'aws-fault',
    next: /protected it against deletion|does not allow DeleteDBCluster/,
  });
  for (const { id } of await source.rds.describeInstances({ cluster: 'member' })) await source.rds.deleteInstance(id);
  await assert.rejects(source.rds.deleteCluster('member', { finalSnapshot: undefined }), {
    code: 'aws-fault',
    next: /remove-from-global-cluster/,
  });
});
