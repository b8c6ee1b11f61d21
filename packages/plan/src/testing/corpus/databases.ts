import { type DefectCase, plan } from './building-blocks.ts';

/** A plan whose only wave restores databases; each is a list of lines. A manifest is no file here, so strategies need none. */
function databases(...entries: readonly string[]): string {
  return plan(`  - name: one\n    databases:\n${entries.map((entry) => `      - ${entry}\n`).join('')}`);
}

const ONE = '{ name: db, cluster: shop, site: here, strategy: swap }';

/** So many waves of so many databases that are copied, side by side or one after the other. */
function copies(waves: number, each: number, sequential: boolean): string {
  const entries = (wave: number) =>
    Array.from(
      { length: each },
      (_, n) => `      - { name: d${wave}-${n}, cluster: c${wave}-${n}, site: here, source: there, strategy: swap }\n`,
    ).join('');
  const list = Array.from({ length: waves }, (_, wave) => {
    const after = sequential && wave > 0 ? `    dependsOn: [w${wave - 1}]\n` : '';
    return `  - name: w${wave}\n${after}    databases:\n${entries(wave)}`;
  });
  return plan(list.join(''));
}

const rows = (bounds: string) =>
  databases(`{ name: db, cluster: shop, site: here, strategy: swap, verification: [{ table: { name: orders, ${bounds} } }] }`);
const query = (sql: string) =>
  databases(
    `{ name: db, cluster: shop, site: here, strategy: swap, verification: [{ query: { name: q, sql: ${sql}, expect: "1" } }] }`,
  );

const HERE = 'us-west-2';
const THERE = 'eu-central-1';
const KEY = (region: string) => `"arn:aws:kms:${region}:111122223333:key/01234567-89ab-cdef-0123-456789abcdef"`;
const EXPORT = (role: string) =>
  databases(
    ONE.replace(
      'site',
      `archive: { export: { bucket: shop-archive, prefix: aurora/shop, roleArn: ${role}, kmsKeyId: alias/dr } }, site`,
    ),
  );

export const DATABASES: readonly DefectCase[] = [
  {
    rule: 'BW801',
    about: 'a cluster identifier with an underscore',
    bad: databases(ONE.replace('shop', '⟦BW801⟧my_shop')),
    good: databases(ONE.replace('shop', 'My-Shop2')),
  },
  {
    rule: 'BW801',
    about: 'a target that ends with a hyphen',
    bad: databases(ONE.replace('site', 'target: ⟦BW801⟧shop-, site')),
    good: databases(ONE.replace('site', 'target: shop-dr, site')),
  },
  {
    rule: 'BW801',
    about: 'an ARN of something else than a snapshot',
    bad: databases(ONE.replace('site', 'snapshot: { id: ⟦BW801⟧"arn:aws:rds:us-west-2:111122223333:cluster:x" }, site')),
    good: databases(ONE.replace('site', 'snapshot: { id: "arn:aws:rds:us-west-2:111122223333:cluster-snapshot:x" }, site')),
  },
  {
    rule: 'BW802',
    about: 'two databases of one name',
    bad: databases(ONE, ONE.replace('db', '⟦BW802⟧DB').replace('shop', 'other')),
    good: databases(ONE, ONE.replace('db', 'db2').replace('shop', 'other')),
  },
  {
    rule: 'BW803',
    about: 'one cluster twice at one place',
    bad: databases(ONE, ONE.replace('db', 'db2').replace('shop', '⟦BW803⟧Shop')),
    good: databases(ONE, ONE.replace('db', 'db2').replace('here', 'there')),
  },
  {
    rule: 'BW803',
    about: 'one target for two',
    bad: databases(
      ONE.replace('site', 'target: dr, site'),
      '{ name: db2, cluster: other, target: ⟦BW803⟧dr, site: here, strategy: swap }',
    ),
    good: databases(
      ONE.replace('site', 'target: dr, site'),
      '{ name: db2, cluster: other, target: dr2, site: here, strategy: swap }',
    ),
  },
  {
    rule: 'BW803',
    about: 'a target that is the name another one keeps',
    bad: databases(ONE, '{ name: db2, cluster: other, target: ⟦BW803⟧SHOP, site: here, strategy: swap }'),
    good: databases(ONE, '{ name: db2, instance: other, target: shop, site: here, strategy: swap }'),
  },
  {
    rule: 'BW803',
    about: 'a name that is kept, and another one’s target',
    bad: databases('{ name: db2, cluster: other, target: shop, site: here, strategy: swap }', ONE.replace('shop', '⟦BW803⟧shop')),
    good: databases('{ name: db2, cluster: other, target: shop, site: there, strategy: swap }', ONE),
  },
  {
    rule: 'BW804',
    about: 'a replacement without a name',
    bad: databases(ONE.replace('swap', '⟦BW804⟧replace')),
    good: databases(ONE.replace('swap', 'replace, replaces: shop')),
  },
  {
    rule: 'BW804',
    about: 'a replacement of another name',
    bad: databases(ONE.replace('swap', 'replace, target: dr, replaces: ⟦BW804⟧shop')),
    good: databases(ONE.replace('swap', 'replace, target: dr, replaces: DR')),
  },
  {
    rule: 'BW805',
    about: 'protection lifted for nothing',
    bad: databases(ONE.replace('swap', 'swap, liftProtection: ⟦BW805⟧true')),
    good: databases(ONE.replace('swap', 'replace, replaces: shop, liftProtection: true')),
  },
  {
    rule: 'BW806',
    about: 'a secret written out',
    bad: databases(ONE.replace('site', `users: { secret: ⟦BW806⟧'{"app_username":"app"}' }, site`)),
    good: databases(ONE.replace('site', 'users: { secret: webshop/users }, site')),
  },
  {
    rule: 'BW807',
    about: 'six copies side by side',
    bad: copies(2, 3, false).replace('source: there', 'source: ⟦BW807⟧there'),
    good: copies(2, 3, true),
  },
  {
    rule: 'BW808',
    about: 'a snapshot older than the RPO',
    bad: databases(ONE.replace('site', 'snapshot: { newest: { maxAge: ⟦BW808⟧26h } }, site')),
    good: databases(ONE.replace('site', 'rpo: 26h, snapshot: { newest: { maxAge: 26h } }, site')),
  },
  {
    rule: 'BW809',
    about: 'a manifest elsewhere on the disk',
    bad: databases(ONE.replace('site', 'manifest: ⟦BW809⟧/etc/shop.json, site')),
    good: databases(ONE),
  },
  {
    rule: 'BW810',
    about: 'settings that only the live cluster knows',
    bad: databases('{ name: ⟦BW810⟧db, cluster: shop, site: here }'),
    good: databases(ONE),
  },
  {
    rule: 'BW811',
    about: 'a check that deletes',
    bad: query('⟦BW811⟧DELETE FROM orders'),
    good: query('SELECT count(*) FROM orders'),
  },
  {
    rule: 'BW811',
    about: 'a deletion behind a WITH',
    bad: query('⟦BW811⟧"WITH gone AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM gone"'),
    good: query(`"WITH late AS (SELECT 1 WHERE 'delete; me' <> '') SELECT count(*) FROM late;"`),
  },
  {
    rule: 'BW811',
    about: 'two statements',
    bad: query('⟦BW811⟧"SELECT 1; SELECT 2"'),
    good: query('"SELECT 1"'),
  },
  {
    rule: 'BW811',
    about: 'a comment that may hide something',
    bad: query('⟦BW811⟧"SELECT /* 1 */ 2"'),
    good: query(`"SELECT '/* 1 */'"`),
  },
  {
    rule: 'BW812',
    about: 'more rows than there may be',
    bad: rows('minRows: ⟦BW812⟧9, maxRows: 3'),
    good: rows('minRows: 3, maxRows: 9'),
  },
  {
    rule: 'BW813',
    about: 'a source that is the goal',
    bad: databases(ONE.replace('strategy', 'source: ⟦BW813⟧here, strategy')),
    good: databases(ONE.replace('strategy', 'source: there, strategy')),
  },
  {
    rule: 'BW801',
    about: 'an export by something that is no role',
    bad: EXPORT('⟦BW801⟧rds-export'),
    good: EXPORT('arn:aws:iam::111122223333:role/rds-export'),
  },
  {
    rule: 'BW113',
    about: 'an archive tier that RDS does not have',
    bad: databases(ONE.replace('site', 'archive: ⟦BW113⟧glacier, site')),
    good: databases(ONE.replace('site', 'archive: tag, site')),
  },
  {
    rule: 'BW204',
    about: 'a vault at a site that is not there',
    bad: databases(ONE.replace('site', 'archive: { vault: { site: ⟦BW204⟧their } }, site')),
    good: databases(ONE.replace('site', 'archive: { vault: { site: there } }, site')),
  },
  {
    rule: 'BW502',
    about: 'a drill that expires at once',
    bad: databases(ONE.replace('site', 'drillTtl: ⟦BW502⟧0s, site')),
    good: databases(ONE.replace('site', 'drillTtl: 4h, site')),
  },
  {
    rule: 'BW814',
    about: 'a vault that burns with the rest',
    bad: databases(ONE.replace('site', 'archive: { vault: { site: ⟦BW814⟧here } }, site')),
    good: databases(ONE.replace('site', 'archive: { vault: { site: there } }, site')),
  },
  {
    rule: 'BW815',
    about: 'patience with connections that are not made',
    bad: databases(ONE.replace('site', 'connectionTimeout: ⟦BW815⟧30s, site')),
    good: databases(ONE.replace('site', 'connection: direct, connectionTimeout: 30s, site')),
  },
  {
    rule: 'BW816',
    about: 'a drill that may expire while it is restored',
    bad: databases(ONE.replace('site', 'timeout: 2h, drillTtl: ⟦BW816⟧2h, site')),
    good: databases(ONE.replace('site', 'timeout: 2h, drillTtl: 3h, site')),
  },
  ...(
    [
      ['the cluster', 'kmsKeyId: ⟦⟧%'],
      ['the copy on the way', 'source: there, transitKmsKeyId: ⟦⟧%'],
      ['the master password', 'masterPassword: { managed: ⟦⟧% }'],
      ['the vault', 'archive: { vault: { site: there, kmsKeyId: ⟦⟧% } }'],
      ['the way to the vault', 'archive: { vault: { site: there, transitKmsKeyId: ⟦⟧% } }'],
      ['the export', 'archive: { export: { bucket: shop-archive, roleArn: "arn:aws:iam::111122223333:role/x", kmsKeyId: ⟦⟧% } }'],
    ] as const
  ).map(([what, keys]): DefectCase => {
    const good = what === 'the copy on the way' || what === 'the vault' ? THERE : HERE;
    const entry = (mark: string, region: string) =>
      databases(ONE.replace('site', `${keys.replace('⟦⟧', mark).replace('%', KEY(region))}, site`));
    return {
      rule: 'BW817',
      about: `a key of another Region for ${what}`,
      bad: entry('⟦BW817⟧', good === HERE ? THERE : HERE),
      good: entry('', good),
    };
  }),
  ...(
    [
      ['the users', 'users: { secret: ⟦⟧% }'],
      ['the master user', 'masterPassword: { secret: ⟦⟧% }'],
      ['the master user whose password is kept', 'masterPassword: { keep: ⟦⟧% }'],
      ['the endpoint', 'publish: { secret: ⟦⟧% }'],
    ] as const
  ).map(([what, keys]): DefectCase => {
    const secret = (region: string) => `"arn:aws:secretsmanager:${region}:111122223333:secret:webshop/x-a1b2c3"`;
    const entry = (mark: string, region: string) =>
      databases(ONE.replace('site', `${keys.replace('⟦⟧', mark).replace('%', secret(region))}, site`));
    return {
      rule: 'BW823',
      about: `a secret of another Region for ${what}`,
      bad: entry('⟦BW823⟧', THERE),
      good: entry('', HERE),
    };
  }),
  {
    rule: 'BW824',
    about: 'a topic of the Region that burns',
    bad: databases(ONE.replace('site', `notify: ⟦BW824⟧"arn:aws:sns:${THERE}:111122223333:oncall", site`)),
    good: databases(ONE.replace('site', `notify: "arn:aws:sns:${HERE}:111122223333:oncall", site`)),
  },
  ...['', 'snapshot: create, ', 'snapshot: { newest: { before: 2026-11-20T03:00:01Z } }, '].map((chosen): DefectCase => {
    const back = (snapshot: string, mark: string) =>
      plan(
        `  - name: one\n    groups: [a]\n    recoveryPoint: { before: 2026-11-20T04:00:00+01:00 }\n  - name: two\n    databases:\n      - { name: ${mark}db, cluster: shop, site: here, ${snapshot}strategy: swap }\n`,
      );
    return {
      rule: 'BW818',
      about: `a database from after the attack${chosen === '' ? '' : ` (${chosen.split(':')[1]?.trim()})`}`,
      bad: back(chosen, '⟦BW818⟧'),
      good: back('snapshot: { newest: { before: 2026-11-20T03:00:00Z } }, ', ''),
    };
  }),
  {
    rule: 'BW819',
    about: 'a database that is neither',
    bad: databases('⟦BW819⟧{ name: db, site: here, strategy: swap }'),
    good: databases('{ name: db, instance: ledger, site: here, strategy: swap }'),
  },
  {
    rule: 'BW819',
    about: 'a database that is both',
    bad: databases(ONE.replace('site', 'instance: ⟦BW819⟧ledger, site')),
    good: databases(ONE),
  },
  {
    rule: 'BW801',
    about: 'a moment without a time zone',
    bad: databases(ONE.replace('site', 'snapshot: { pointInTime: ⟦BW801⟧2026-11-20T03:15:00 }, site')),
    good: databases(ONE.replace('site', 'snapshot: { pointInTime: "2026-11-20T03:15:00+01:00" }, site')),
  },
  ...(
    [
      ['a serverless instance', 'settings: { serverless: ⟦⟧{ min: 1, max: 2 } }'],
      ['an instance with the Data API', 'settings: { httpEndpoint: ⟦⟧true }'],
      ['an instance on the storage of Aurora', 'settings: { storageType: ⟦⟧aurora-iopt1 }'],
      ['an instance of a cluster snapshot', 'snapshot: { id: ⟦⟧"arn:aws:rds:us-west-2:111122223333:cluster-snapshot:x" }'],
      ['an instance with members', 'members: ⟦⟧[{ instanceClass: db.r6g.large }]'],
      ['an instance with readers', 'publish: { readerParameter: ⟦⟧/ledger/readers }'],
      [
        'an instance with a name of its readers',
        'publish: { dns: { zone: Z01, name: db.shop.internal, readerName: ⟦⟧ro.shop.internal } }',
      ],
      ['an instance that is spoken to over the Data API', 'connection: ⟦⟧data-api'],
    ] as const
  ).map(([about, written]): DefectCase => {
    const entry = (kind: string, mark: string) =>
      databases(`{ name: db, ${kind}: ledger, site: here, strategy: swap, ${written.replace('⟦⟧', mark)} }`);
    return { rule: 'BW820', about, bad: entry('instance', '⟦BW820⟧'), good: entry('cluster', '') };
  }),
  ...(
    [
      ['a standby of a cluster', 'settings: { multiAz: ⟦⟧true }'],
      ['the class of a cluster', 'settings: { instanceClass: ⟦⟧db.r6g.large }'],
      ['a cluster on a disk', 'settings: { storageType: ⟦⟧gp3 }'],
      ['a cluster without backups', 'settings: { backupRetentionDays: ⟦⟧0 }'],
      ['a cluster of an instance snapshot', 'snapshot: { id: ⟦⟧"arn:aws:rds:us-west-2:111122223333:snapshot:x" }'],
    ] as const
  ).map(([about, written]): DefectCase => {
    const entry = (kind: string, mark: string) =>
      databases(`{ name: db, ${kind}: ledger, site: here, strategy: swap, ${written.replace('⟦⟧', mark)} }`);
    return { rule: 'BW820', about, bad: entry('cluster', '⟦BW820⟧'), good: entry('instance', '') };
  }),
  ...(
    [
      ['a moment of another account', 'cluster: shop, strategy: swap, source: ⟦⟧there'],
      ['a moment of what is deleted first', 'cluster: shop, replaces: shop, strategy: ⟦⟧replace'],
      ['a moment that is archived', 'cluster: shop, strategy: swap, archive: ⟦⟧tag'],
      ['a moment under another key', 'instance: shop, strategy: swap, kmsKeyId: ⟦⟧alias/dr'],
    ] as const
  ).map(([about, written]): DefectCase => {
    const entry = (snapshot: string, mark: string) =>
      databases(`{ name: db, site: here, snapshot: ${snapshot}, ${written.replace('⟦⟧', mark)} }`);
    return { rule: 'BW821', about, bad: entry('{ pointInTime: latest }', '⟦BW821⟧'), good: entry('newest', '') };
  }),
  ...(
    [
      ['a hosted zone by its name', 'zone: ⟦BW801⟧shop.internal, name: db.shop.internal', 'zone: Z01, name: db.shop.internal'],
      ['a DNS name of one label', 'zone: Z01, name: ⟦BW801⟧db', 'zone: Z01, name: db.internal'],
      ['a DNS name with a dot at the end', 'zone: Z01, name: ⟦BW801⟧db.shop.internal.', 'zone: Z01, name: _db.shop.internal'],
      ['a wildcard', 'zone: Z01, name: ⟦BW801⟧"*.shop.internal"', 'zone: Z01, name: a-b.shop.internal'],
      ['no TTL at all', 'zone: Z01, name: db.shop.internal, ttl: ⟦BW801⟧0', 'zone: Z01, name: db.shop.internal, ttl: 1'],
      ['a TTL of days', 'zone: Z01, name: db.shop.internal, ttl: ⟦BW801⟧172800', 'zone: Z01, name: db.shop.internal, ttl: 86400'],
      [
        'a zone at an unknown site',
        'zone: Z01, name: db.shop.internal, site: ⟦BW204⟧nowhere',
        'zone: Z01, name: db.shop.internal, site: there',
      ],
      [
        'readers under the name of the writer',
        'zone: Z01, name: db.shop.internal, readerName: ⟦BW822⟧DB.shop.internal',
        'zone: Z01, name: db.shop.internal, readerName: ro.db.shop.internal',
      ],
    ] as const
  ).map(([about, bad, good]): DefectCase => {
    const entry = (dns: string) => databases(ONE.replace('site', `publish: { dns: { ${dns} } }, site`));
    return { rule: /BW\d{3}/.exec(bad)?.[0] ?? '', about, bad: entry(bad), good: entry(good) };
  }),
  {
    rule: 'BW822',
    about: 'two databases under one name',
    bad: databases(
      ONE.replace('site', 'publish: { dns: { zone: Z01, name: db.shop.internal } }, site'),
      '{ name: two, cluster: two, site: here, strategy: swap, publish: { dns: { zone: Z01, name: ⟦BW822⟧db.shop.internal } } }',
    ),
    good: databases(
      ONE.replace('site', 'publish: { dns: { zone: Z01, name: db.shop.internal } }, site'),
      '{ name: two, cluster: two, site: here, strategy: swap, publish: { dns: { zone: Z02, name: db.shop.internal } } }',
    ),
  },
  ...(
    [
      ['capacity in thirds', '{ min: ⟦⟧0.3, max: 8 }'],
      ['a most capacity in thirds', '{ min: 1, max: ⟦⟧8.3 }'],
      ['a least capacity above the most', '{ min: ⟦⟧8, max: 4 }'],
    ] as const
  ).map(([about, bad]): DefectCase => {
    const entry = (serverless: string) => databases(ONE.replace('site', `settings: { serverless: ${serverless} }, site`));
    return { rule: 'BW825', about, bad: entry(bad.replace('⟦⟧', '⟦BW825⟧')), good: entry('{ min: 0.5, max: 8.5 }') };
  }),
];
