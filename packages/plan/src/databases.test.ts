import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { checkPlans, type Loaded, loadPlanSources, planDefinition, planDigest, readPlanFiles, resolveTargets } from './index.ts';
import { BASE } from './testing/corpus.ts';

const plan = (waves: string) => `apiVersion: breakwater/v1
kind: RecoveryPlan
name: shop
owner: team
tier: 1
objectives: { rto: 24h, rpo: 15m }
waves:
${waves}`;

const FULL = plan(`  - name: data
    databases:
      - name: shop
        description: Orders.
        cluster: Shop
        site: here
        source: there
        snapshot: { newest: { types: [manual], maxAge: 26h, before: 2026-11-20T04:00:00+01:00, tags: { Tier: gold } } }
        strategy: replace
        target: shop-dr
        replaces: shop-dr
        liftProtection: true
        finalSnapshot: false
        settings:
          port: 5433
          subnetGroup: dr
          securityGroups: [sg-0123456789abcdef0]
          parameterGroup: pg15
          iamAuthentication: true
          deletionProtection: true
          httpEndpoint: true
          logExports: [postgresql]
          copyTagsToSnapshot: false
          storageType: aurora-iopt1
          backupRetentionDays: 7
          backupWindow: 03:00-03:30
          serverless: { min: 0.5, max: 8, autoPauseSeconds: 600 }
          tags: { Owner: team }
        members: [{ instanceClass: db.r6g.large, promotionTier: 0, availabilityZone: us-west-2a, parameterGroup: pg15 }]
        kmsKeyId: alias/dr
        transitKmsKeyId: alias/transit
        masterPassword: { secret: shop/master }
        users: { secret: shop/users, database: shop }
        verification:
          - engineVersion: "15"
          - database: shop
          - table: { name: orders, schema: public, database: shop }
          - table: { name: lines, minRows: 1, maxRows: 9 }
          - query: { name: q, sql: SELECT 1, expect: "1", database: shop }
        connection: direct
        publish: { parameter: /shop/host, readerParameter: /shop/reader, secret: shop/endpoint, dns: { zone: Z01, name: db.shop.internal, readerName: ro.db.shop.internal, ttl: 30, site: there } }
        connectionTimeout: 30s
        archive: { vault: { site: there, kmsKeyId: alias/vault, transitKmsKeyId: alias/dr } }
        notify: arn:aws:sns:us-west-2:111122223333:dr
        drillTtl: 4h
        criticality: optional
        rpo: 26h
        timeout: 90m
`);

const SMALL = plan('  - name: data\n    databases:\n      - { name: shop, cluster: shop, site: here, strategy: swap }\n');

function load(text: string): Loaded {
  return loadPlanSources([{ file: 'case.yaml', text }], [{ file: 'base.yaml', text: BASE }]);
}

const databaseOf = (text: string) => load(text).set.plans.get('shop')?.waves[0]?.databases?.[0];

describe('databases of a plan', () => {
  it('are read with every field', () => {
    assert.deepEqual(checkPlans(load(FULL)), []);
    assert.deepEqual(databaseOf(FULL), {
      name: 'shop',
      description: 'Orders.',
      cluster: 'Shop',
      site: 'here',
      source: 'there',
      snapshot: {
        kind: 'newest',
        types: ['manual'],
        maxAge: 93_600_000,
        before: Date.UTC(2026, 10, 20, 3),
        tags: { Tier: 'gold' },
      },
      strategy: 'replace',
      target: 'shop-dr',
      replaces: 'shop-dr',
      liftProtection: true,
      finalSnapshot: false,
      settings: {
        port: 5433,
        subnetGroup: 'dr',
        securityGroups: ['sg-0123456789abcdef0'],
        parameterGroup: 'pg15',
        iamAuthentication: true,
        deletionProtection: true,
        httpEndpoint: true,
        logExports: ['postgresql'],
        copyTagsToSnapshot: false,
        storageType: 'aurora-iopt1',
        backupRetentionDays: 7,
        backupWindow: '03:00-03:30',
        serverless: { min: 0.5, max: 8, autoPauseSeconds: 600 },
        tags: { Owner: 'team' },
      },
      members: [{ instanceClass: 'db.r6g.large', promotionTier: 0, availabilityZone: 'us-west-2a', parameterGroup: 'pg15' }],
      kmsKeyId: 'alias/dr',
      transitKmsKeyId: 'alias/transit',
      masterPassword: { kind: 'secret', secret: 'shop/master' },
      users: { secret: 'shop/users', database: 'shop' },
      verification: [
        { kind: 'engine-version', version: '15' },
        { kind: 'database', name: 'shop' },
        { kind: 'table', name: 'orders', schema: 'public', database: 'shop' },
        { kind: 'rows', table: 'lines', min: 1, max: 9 },
        { kind: 'query', name: 'q', sql: 'SELECT 1', expect: '1', database: 'shop' },
      ],
      connection: 'direct',
      publish: {
        parameter: '/shop/host',
        readerParameter: '/shop/reader',
        secret: 'shop/endpoint',
        dns: { zone: 'Z01', name: 'db.shop.internal', readerName: 'ro.db.shop.internal', ttl: 30, site: 'there' },
      },
      connectionTimeout: 30_000,
      archive: { kind: 'vault', site: 'there', kmsKeyId: 'alias/vault', transitKmsKeyId: 'alias/dr' },
      notify: 'arn:aws:sns:us-west-2:111122223333:dr',
      drillTtl: 14_400_000,
      criticality: 'optional',
      rpo: 93_600_000,
      timeout: 5_400_000,
    });
  });

  it('take the newest snapshot beside whatever is there, within an hour, where the plan says nothing', () => {
    assert.deepEqual(databaseOf(SMALL.replace(', strategy: swap', '')), {
      name: 'shop',
      cluster: 'shop',
      site: 'here',
      snapshot: { kind: 'newest', types: ['automated', 'manual'] },
      strategy: 'new',
      verification: [],
      connection: 'data-api',
      criticality: 'critical',
      timeout: 3_600_000,
    });
  });

  it('name their snapshot and master password in words or as a mapping', () => {
    const of = (entry: string) => databaseOf(SMALL.replace('strategy', `${entry}, strategy`));
    assert.deepEqual(of('snapshot: create')?.snapshot, { kind: 'create' });
    assert.deepEqual(of('snapshot: newest')?.snapshot, { kind: 'newest', types: ['automated', 'manual'] });
    assert.deepEqual(of('snapshot: { id: before }')?.snapshot, { kind: 'id', id: 'before' });
    const backup = { kind: 'id', id: 'awsbackup:job-0a1b' } as const;
    assert.deepEqual(of('snapshot: { id: "awsbackup:job-0a1b" }')?.snapshot, backup, 'one of AWS Backup');
    assert.deepEqual(of('masterPassword: keep')?.masterPassword, { kind: 'keep' });
    assert.deepEqual(of('masterPassword: managed')?.masterPassword, { kind: 'managed' });
    assert.deepEqual(of('masterPassword: { keep: a/b }')?.masterPassword, { kind: 'keep', secret: 'a/b' });
    assert.deepEqual(of('masterPassword: { managed: alias/k }')?.masterPassword, { kind: 'managed', kmsKeyId: 'alias/k' });
  });

  it('say what becomes of the snapshot in a word or as a mapping, and a vault is a site of theirs', () => {
    const of = (entry: string) => databaseOf(SMALL.replace('strategy', `${entry}, strategy`))?.archive;
    assert.deepEqual(of('archive: tag'), { kind: 'tag' });
    assert.deepEqual(of('archive: { vault: { site: there } }'), { kind: 'vault', site: 'there' });
    const parquet = { bucket: 'shop-archive', roleArn: 'arn:aws:iam::111122223333:role/export', kmsKeyId: 'alias/dr' };
    const written = Object.entries(parquet).map(([key, value]) => `${key}: ${value}`);
    assert.deepEqual(of(`archive: { export: { ${written.join(', ')} } }`), { kind: 'export', ...parquet });
    assert.deepEqual(of(`archive: { export: { ${written.join(', ')}, prefix: a/b } }`), {
      kind: 'export',
      ...parquet,
      prefix: 'a/b',
    });
    const { set } = load(SMALL.replace('strategy', 'archive: { vault: { site: there } }, strategy'));
    assert.deepEqual([...set.sites.keys()].sort(), ['here', 'there']);
    assert.equal(JSON.stringify(planDefinition(set, 'shop')['sites']).match(/"name"/g)?.length, 2);
  });

  it('are enough for a wave to have something to recover, at check time and at run time', () => {
    const { set } = load(SMALL);
    const shop = set.plans.get('shop');
    assert.ok(shop !== undefined);
    assert.deepEqual(checkPlans(load(SMALL)), []);
    assert.deepEqual(resolveTargets(shop, set, shop.waves, new Map()).waves, new Map([['data', []]]));
    const neither = checkPlans(load(plan('  - name: data\n    databases: []\n')));
    assert.deepEqual(
      neither.map(({ rule }) => rule),
      ['BW401'],
    );
  });

  it('bring their sites into the set and the digest, and every field of theirs counts', () => {
    const { set } = load(FULL);
    assert.deepEqual([...set.sites.keys()].sort(), ['here', 'there']);
    const digest = planDigest(set, 'shop');
    const names = planDefinition(set, 'shop')['sites'];
    assert.equal(JSON.stringify(names).match(/"name"/g)?.length, 2);
    for (const [from, to] of [
      ['cluster: Shop', 'cluster: Shop2'],
      ['source: there', 'source: here'],
      ['maxAge: 26h', 'maxAge: 25h'],
      ['port: 5433', 'port: 5432'],
      ['minRows: 1', 'minRows: 2'],
      ['SELECT 1', 'SELECT 2'],
      ['criticality: optional', 'criticality: critical'],
      ['drillTtl: 4h', 'drillTtl: 5h'],
      ['connectionTimeout: 30s', 'connectionTimeout: 31s'],
      ['kmsKeyId: alias/vault', 'kmsKeyId: alias/other'],
    ] as const) {
      assert.notEqual(planDigest(load(FULL.replace(from, to)).set, 'shop'), digest, from);
    }
  });

  it('leave the digest of a plan without any as it was', () => {
    const { set } = load(plan('  - { name: one, groups: [a] }\n'));
    assert.equal(planDigest(set, 'shop'), '56c919cc425e9488097198633d140ab98ee228674806889993a535827b1dbe24');
  });

  it('know unknown sites, and do not take a password where a secret is named', () => {
    const rules = (text: string) => checkPlans(load(text)).map(({ rule, message }) => `${rule} ${message}`);
    assert.deepEqual(rules(SMALL.replace('here', 'hree')), ['BW204 there is no site "hree"']);
    assert.deepEqual(rules(SMALL.replace('strategy', 'source: ther, strategy')), ['BW204 there is no site "ther"']);
    const [password] = rules(SMALL.replace('strategy', 'users: { app_password: hunter2 }, strategy'));
    assert.match(password ?? '', /^BW110 .*has no key "app_password"|^BW111 /);
  });

  it('count in the time that a wave may take, beside its servers', () => {
    const rules = (text: string) => checkPlans(load(text.replace('24h', '70m'))).map(({ rule }) => rule);
    assert.deepEqual(rules(SMALL), []);
    assert.deepEqual(rules(SMALL.replace('strategy', 'timeout: 71m, strategy')), ['BW508']);
    assert.deepEqual(rules(SMALL.replace('    databases', '    groups: [a]\n    timeout: 70m\n    databases')), []);
    const later =
      '  - name: later\n    dependsOn: [data]\n    databases:\n      - { name: b, cluster: b, site: here, strategy: swap }\n';
    assert.deepEqual(rules(`${SMALL}${later}`), ['BW509']);
  });
});

describe('manifests', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-manifest-'));
  after(() => rmSync(folder, { recursive: true }));
  mkdirSync(path.join(folder, 'manifests'));
  const write = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  write('base.yaml', BASE);
  const manifest = { schema: 'breakwater.cluster-manifest/1', cluster: { id: 'shop' } };
  const named = SMALL.replace('strategy: swap', 'manifest: manifests/shop.json');

  it('are read beside the plan, and are part of its digest and its record', async () => {
    write('manifests/shop.json', JSON.stringify(manifest));
    const file = write('plan.yaml', named);
    const { set, findings } = await readPlanFiles([file]);
    assert.deepEqual(findings, []);
    assert.deepEqual(set.manifests?.get('shop')?.get('manifests/shop.json'), manifest);
    assert.deepEqual(planDefinition(set, 'shop')['manifests'], { 'manifests/shop.json': manifest });
    const digest = planDigest(set, 'shop');
    write('manifests/shop.json', JSON.stringify({ ...manifest, capturedAt: 'later' }));
    assert.notEqual(planDigest((await readPlanFiles([file])).set, 'shop'), digest);
  });

  it('that are missing, no JSON, no manifest or of another cluster stop a run', async () => {
    const file = write('plan.yaml', named);
    for (const [text, message] of [
      [undefined, /no such file/],
      ['{', /not JSON/],
      ['{}', /schema is not/],
      [JSON.stringify({ ...manifest, cluster: { id: 'other' } }), /captured of the cluster "other", not of "shop"/],
      [' '.repeat(1024 * 1024 + 1), /larger than 1 MiB/],
    ] as const) {
      if (text === undefined) rmSync(path.join(folder, 'manifests/shop.json'));
      else write('manifests/shop.json', text);
      const [found, ...more] = checkPlans(await readPlanFiles([file]));
      assert.deepEqual([found?.rule, found?.blocksRun, more], ['BW809', true, []]);
      assert.match(found?.message ?? '', message);
      assert.equal(path.basename(found?.location.file ?? ''), 'plan.yaml');
    }
  });
});
