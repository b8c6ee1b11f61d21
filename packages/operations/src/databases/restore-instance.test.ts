import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { instanceWorld, PRODUCTION } from '../testing/instances.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { deleteOldCluster } from './delete-old-cluster.ts';
import { endDatabaseDrill } from './end-database-drill.ts';
import { captureInstance } from './instance-manifest.ts';

const ROLE = `arn:aws:iam::${PRODUCTION.account}:role/monitor`;
const SQL = {
  master: { kind: 'managed' },
  users: { secret: 'ledger/users' },
  checks: [{ kind: 'database', name: 'ledger' }],
  connection: 'direct',
} as const;
const TOPIC = `arn:aws:sns:${PRODUCTION.region}:${PRODUCTION.account}:oncall`;

test('new: the instance comes back as its live source is, with password, users, checks, endpoint and topic', async () => {
  const world = instanceWorld();
  const publish = { parameter: '/ledger/host', secret: 'ledger/endpoint' };
  const { end } = await world.run(world.ledger({ ...SQL, publish, archive: { kind: 'tag' }, notify: TOPIC }));
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const [back] = await world.production.aws.rds.describeInstances({ id: 'ledger-back' });
  const [live] = await world.production.aws.rds.describeInstances({ id: 'ledger' });
  for (const setting of [
    'instanceClass',
    'multiAz',
    'storageType',
    'iops',
    'subnetGroup',
    'securityGroups',
    'parameterGroup',
    'optionGroup',
    'iamAuthentication',
    'deletionProtection',
    'logExports',
    'copyTagsToSnapshot',
    'backupRetentionDays',
    'backupWindow',
    'performanceInsights',
    'monitoringInterval',
    'monitoringRoleArn',
    'kmsKeyId',
    'port',
  ] as const) {
    assert.deepEqual(back?.[setting], live?.[setting], setting);
  }
  assert.equal(back?.tags['Team'], 'books');
  assert.equal(back?.monitoringRoleArn, ROLE);
  const { result } = end;
  assert.equal(result?.['kind'], 'instance');
  assert.equal(result?.['instance'], 'ledger-back');
  assert.equal(result?.['cluster'], undefined);
  assert.deepEqual(result?.['instances'], ['ledger-back']);
  assert.match(String(result?.['endpoint']), /^ledger-back\./);
  assert.match(String(result?.['masterSecret']), /rds!db-/);
  assert.deepEqual(world.sql, [
    'users instance ledger-back as rds!db-…, direct',
    'verify instance ledger-back as rds!db-…, direct',
  ]);
  const site = world.world.region(PRODUCTION.account, PRODUCTION.region);
  assert.match(site.ssm.parameters.get('/ledger/host')?.value ?? '', /^ledger-back\./);
  const endpoint = JSON.parse(await world.production.aws.secrets.getSecret('ledger/endpoint'));
  assert.deepEqual([endpoint.owner, endpoint.engine, endpoint.dbInstanceIdentifier], ['books', 'postgres', 'ledger-back']);
  assert.equal(site.topics.get('oncall')?.length, 1);
  assert.equal(world.applied('RestoreDBInstanceFromDBSnapshot'), 1);
  assert.equal(world.applied('RestoreDBClusterFromSnapshot'), 0);
});

test('across account and Region: the snapshot is copied first, the manifest tells the settings', async () => {
  const world = instanceWorld();
  const manifest = await captureInstance(world.production, 'Ledger', world.clock.now());
  const { end } = await world.run(
    world.ledger({
      site: world.safe,
      source: world.production,
      manifest,
      kmsKeyId: 'alias/dr',
      settings: { securityGroups: ['sg-0dr'], instanceClass: 'db.r6g.xlarge', tags: { Cost: '47' } },
    }),
  );
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
  assert.match(end.reason?.message ?? '', /enhanced monitoring: its role is of another account/);
  const [back] = await world.safe.aws.rds.describeInstances({ id: 'ledger-back' });
  assert.deepEqual(
    [back?.instanceClass, back?.securityGroups, back?.optionGroup, back?.monitoringInterval, back?.performanceInsights],
    ['db.r6g.xlarge', ['sg-0dr'], 'ledger-options', 0, true],
  );
  assert.match(back?.kmsKeyId ?? '', /key\/2{8}-/);
  assert.deepEqual([back?.tags['Team'], back?.tags['Cost']], ['books', '47']);
  assert.match(String(JSON.stringify(end.result?.['snapshot'])), /"time":"2026-11-20T02:10:00\.000Z"/);
  const copy = world.world.calls.findLast(({ operation, applied }) => operation === 'CopyDBSnapshot' && applied);
  assert.equal(copy?.request?.['OptionGroupName'], 'ledger-options', 'AWS wants it of a snapshot that crosses Regions');
  assert.deepEqual(await world.names(), ['forgotten', 'ledger'], 'nothing is left at the source');
});

test('swap: restored beside, proved, then the names change hands; the old one is kept until it is asked for', async () => {
  const world = instanceWorld();
  const { end } = await world.run(world.ledger({ ...SQL, strategy: 'swap', target: 'ledger' }));
  assert.equal(end.state, 'done', JSON.stringify(end));
  const names = await world.names();
  const old = names.find((id) => id.startsWith('ledger-old-')) ?? '';
  assert.match(old, /^ledger-old-[0-9a-f]{6}$/);
  assert.deepEqual(names, ['forgotten', 'ledger', old]);
  assert.deepEqual([end.result?.['instance'], end.result?.['oldInstance']], ['ledger', old]);
  assert.match(world.sql.at(-1) ?? '', /verify instance ledger as/, 'once more under the new name');
  const kept = { site: world.production, kind: 'instance', database: 'ledger' } as const;
  const refused = await drive(deleteOldCluster(kept, world.deed), new StepJournal(world.clock).context());
  assert.equal(refused.end.state === 'failed' && refused.end.reason.code, 'deletion-protected');
  const removal = deleteOldCluster({ ...kept, liftProtection: true }, world.deed);
  const gone = await drive(removal, new StepJournal(world.clock).context());
  assert.deepEqual(gone.end.result, { clusters: [], instances: [old] });
  assert.deepEqual(await world.names(), ['forgotten', 'ledger']);
  const snapshots = await world.production.aws.rds.describeSnapshots('instance', { database: old });
  assert.ok(
    snapshots.some(({ id }) => /-final-/.test(id)),
    'with a final snapshot',
  );
});

test('swap: checks that fail under the new name give the old one its name back', async () => {
  const checks = [{ kind: 'database', name: 'ledger' }] as const;
  const world = instanceWorld({
    sql: { verify: async ({ database: { id } }) => [{ check: 'database ledger', ok: id !== 'ledger', found: 'gone' }] },
  });
  const { end } = await world.run(world.ledger({ ...SQL, users: { secret: 's' }, checks, strategy: 'swap', target: 'ledger' }));
  assert.equal(end.state === 'failed' && end.reason.code, 'swap-rolled-back', JSON.stringify(end));
  assert.equal(end.result?.['oldInstance'], undefined, 'none is called so any more');
  const [live] = await world.production.aws.rds.describeInstances({ id: 'ledger' });
  assert.equal(live?.tags['breakwater:owner'], undefined);
  assert.equal((await world.names()).filter((id) => id.startsWith('ledger-new-')).length, 1, 'the restored one stands beside');
});

test('replace: asked for by name and with a manifest; protection, a final snapshot, then the new one', async () => {
  const world = instanceWorld();
  const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
  const bare = await world.run(world.ledger({ strategy: 'replace', target: 'ledger' }));
  assert.match(bare.end.reason?.message ?? '', /the very instance that its settings would be read from/);
  const shut = await world.run(world.ledger({ strategy: 'replace', target: 'ledger', manifest }));
  assert.equal(shut.end.state === 'failed' && shut.end.reason.code, 'deletion-protected');
  const { end } = await world.run(world.ledger({ strategy: 'replace', target: 'ledger', manifest, liftProtection: true }));
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(await world.names(), ['forgotten', 'ledger']);
  assert.match(String(end.result?.['finalSnapshot']), /^ledger-final-[0-9a-f]{6}$/);
  const [final] = await world.production.aws.rds.describeSnapshots('instance', { id: String(end.result?.['finalSnapshot']) });
  assert.equal(final?.status, 'available');
});

test('a drill restores beside, unprotected, with an expiry; its clean-up finds it, and nothing else', async () => {
  const world = instanceWorld({ mode: 'drill' });
  const { end } = await world.run(world.ledger({ ...SQL, strategy: 'swap', publish: { parameter: '/ledger/host' } }));
  assert.equal(end.state, 'done', JSON.stringify(end));
  const id = String(end.result?.['instance']);
  assert.match(id, /^ledger-back-drill-[0-9a-f]{6}$/);
  const [drilled] = await world.production.aws.rds.describeInstances({ id });
  assert.equal(drilled?.deletionProtection, false);
  assert.match(drilled?.tags['breakwater:expires'] ?? '', /^2026-11-21T03:00/);
  const parameters = world.world.region(PRODUCTION.account, PRODUCTION.region).ssm.parameters;
  assert.equal(parameters.size, 0, 'a drill publishes nothing');
  const which = { kind: 'execution', execution: 'run-1' } as const;
  const cleaning = endDatabaseDrill({ site: world.production, which }, world.deed);
  const cleaned = await drive(cleaning, new StepJournal(world.clock).context());
  assert.deepEqual(cleaned.end.result, { clusters: [], instances: [id] });
  assert.deepEqual(await world.names(), ['forgotten', 'ledger']);
});

test('what cannot end well is refused before anything is changed', async () => {
  const taken = `snapshots: [{ account: "${PRODUCTION.account}", region: ${PRODUCTION.region}, kind: instance, id: of-docs, database: ledger, engine: postgres, engineVersion: "9.6", kmsKey: alias/shop }]\n`;
  const cases: readonly [string, Parameters<ReturnType<typeof instanceWorld>['ledger']>[0], string, RegExp][] = [
    ['a name that is taken', { target: 'forgotten' }, 'cluster-exists', /an instance "forgotten" is in account/],
    ['an instance of a cluster', { database: 'shop-1' }, 'engine-unavailable', /is an instance of cluster "shop"/],
    [
      'a swap with an instance of a cluster',
      { strategy: 'swap', target: 'shop-1' },
      'cluster-exists',
      /instance of cluster "shop"/,
    ],
    ['nothing to swap with', { strategy: 'swap', target: 'nobody' }, 'cluster-unknown', /no instance "nobody"/],
    ['an unknown source', { database: 'nobody' }, 'cluster-unknown', /no instance "nobody"/],
    ['the Data API', { ...SQL, connection: 'data-api' }, 'usage', /no Data API/],
    ['readers', { publish: { readerParameter: '/r' } }, 'usage', /no endpoint of readers/],
    ['another key', { kmsKeyId: 'alias/other' }, 'key-not-accessible', /alias\/other does not exist/],
    ['a version that is gone', { choice: { kind: 'id', id: 'of-docs' } }, 'engine-unavailable', /postgres 9\.6/],
    ['no snapshot', { choice: { kind: 'id', id: 'none' } }, 'snapshot-missing', /none/],
  ];
  for (const [what, over, code, message] of cases) {
    const world = instanceWorld({ more: taken });
    const { end } = await world.run(world.ledger(over));
    assert.equal(end.state === 'failed' && end.reason.code, code, `${what}: ${JSON.stringify(end)}`);
    assert.match(end.reason?.message ?? '', message, what);
    assert.equal(world.world.calls.filter(({ applied }) => applied).length, 0, what);
  }
});

test('an instance of a cluster that the same execution restored is never taken for the instance that it restores', async () => {
  const world = instanceWorld();
  const cluster = await world.run(world.shop());
  assert.deepEqual(cluster.end.result?.['instances'], ['shop-back-1', 'shop-back-2'], JSON.stringify(cluster.end));
  const { end } = await world.run(world.ledger({ target: 'shop-back-1' }));
  assert.equal(end.state === 'failed' && end.reason.code, 'cluster-exists', JSON.stringify(end));
  const swap = await world.run(world.ledger({ target: 'shop-back-1', strategy: 'swap' }));
  assert.match(swap.end.reason?.message ?? '', /instance of cluster "shop-back"/);
  assert.equal(world.applied('RestoreDBInstanceFromDBSnapshot'), 0);
});

test('a shared snapshot that is encrypted is refused with the way out, an unencrypted one is restored', async () => {
  const { account, region } = PRODUCTION;
  const from = `account: "111122223333", region: ${region}`;
  const more = `snapshots:
  - { ${from}, kind: instance, id: closed, database: ledger, engine: postgres, engineVersion: "16.6", sharedWith: ["${account}"] }
  - { ${from}, kind: instance, id: open, database: ledger, engine: postgres, engineVersion: "16.6", encryption: none, sharedWith: ["${account}"] }
`;
  const arn = (id: string) => `arn:aws:rds:${region}:111122223333:snapshot:${id}`;
  const world = instanceWorld({ more });
  const closed = await world.run(world.ledger({ choice: { kind: 'id', id: arn('closed') } }));
  assert.equal(closed.end.state === 'failed' && closed.end.reason.code, 'snapshot-unusable', JSON.stringify(closed.end));
  assert.match(closed.end.reason?.next ?? '', /Name the snapshot's account as the source/);
  const open = await world.run(
    world.ledger({ choice: { kind: 'id', id: arn('open') }, settings: { optionGroup: 'ledger-options' } }),
  );
  assert.equal(open.end.state, 'done', JSON.stringify(open.end));
});

test('a key that RDS would not use is refused: an instance comes under that of its snapshot', async () => {
  const world = instanceWorld();
  const { end } = await world.run(world.ledger({ kmsKeyId: 'alias/shop' }));
  assert.equal(end.state, 'done', 'the same key, by its alias');
  const wrong = instanceWorld();
  const refused = await wrong.run(wrong.ledger({ kmsKeyId: 'alias/aws/rds' }));
  assert.equal(refused.end.state === 'failed' && refused.end.reason.code, 'snapshot-unusable', JSON.stringify(refused.end));
  assert.match(refused.end.reason?.message ?? '', /under the key of its snapshot only/);
  assert.equal(wrong.applied('RestoreDBInstanceFromDBSnapshot'), 0);
});

test('an instance that AWS fails is a failure with a name; one with a wrong monitoring role is only a warning', async () => {
  const broken = instanceWorld();
  broken.arm({ effect: { kind: 'restore-fails', status: 'incompatible-restore' } });
  const failed = await broken.run(broken.ledger());
  assert.equal(failed.end.state === 'failed' && failed.end.reason.code, 'restore-failed', JSON.stringify(failed.end));
  assert.match(failed.end.reason?.message ?? '', /instance ledger-back is incompatible-restore/);
  const shut = instanceWorld();
  shut.arm({
    match: { operation: 'ModifyDBInstance' },
    effect: { kind: 'error', code: 'AccessDenied', status: 403, when: 'before' },
  });
  const warned = await shut.run(shut.ledger());
  assert.equal(warned.end.state === 'done' && warned.end.status, 'succeeded-with-warnings', JSON.stringify(warned.end));
  assert.match(warned.end.reason?.message ?? '', /monitoring of ledger-back was not set/);
});

test('a master password may be as long as its engine takes: 128 characters of PostgreSQL', async () => {
  const world = instanceWorld();
  const secret = 'ledger/master';
  for (const [length, state] of [
    [129, 'failed'],
    [128, 'done'],
  ] as const) {
    await world.production.aws.secrets.putSecret(secret, JSON.stringify({ username: 'root', password: 'p'.repeat(length) }));
    const { end } = await world.run(world.ledger({ master: { kind: 'secret', secret } }));
    assert.equal(end.state, state, JSON.stringify(end));
    if (end.state === 'failed') assert.match(end.reason.next ?? '', /of postgres 8 to 128/);
  }
});
