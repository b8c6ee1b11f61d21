import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type ReasonCode } from '@breakwater/core';
import type { InstanceSettings } from '@breakwater/plan';
import { drive, type End } from '../testing/drive.ts';
import { type InstanceWorld, instanceWorld } from '../testing/instances.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring, run } from '../testing/restoring.ts';
import { captureCluster } from './cluster-manifest.ts';
import { captureInstance } from './instance-manifest.ts';
import type { MemberSettings } from './restore-contracts.ts';
import { outlookOf } from './restore-outlook.ts';
import { withSharedReads } from './shared-reads.ts';

const REPLACE = { strategy: 'replace', liftProtection: true } as const;
const OFFERED = `engineVersions:
  - { engine: postgres, versions: ["16.6", "17.4"], classes: [db.r6g.large] }
  - { engine: aurora-postgresql, versions: ["16.6"], classes: [db.r6g.large, db.serverless], serverless: { min: 0.5, max: 128 } }
`;
const LOOKS = /^(Describe|Get|AssumeRole)/;

function reasonOf(end: End) {
  assert.equal(end.state, 'failed', JSON.stringify(end));
  assert.ok(end.state === 'failed');
  return end.reason;
}

/** What a world has been asked to change. */
function changes({ world }: InstanceWorld): readonly string[] {
  return world.calls.filter(({ applied, operation }) => applied && !LOOKS.test(operation)).map(({ operation }) => operation);
}

const INSTANCES: readonly [what: string, settings: InstanceSettings, message: RegExp, next: RegExp][] = [
  ['a security group that is not there', { securityGroups: ['sg-0live', 'sg-0none'] }, /no security group sg-0none in/, /Create/],
  ['an option group that is not there', { optionGroup: 'none' }, /no option group "none"/, /Create it/],
  ['an option group of another engine', { optionGroup: 'mysql-options' }, /is for mysql 16, .* postgres 16\.6/, /another/],
  ['an option group of another version', { optionGroup: 'old-options' }, /is for postgres 15, .* postgres 16\.6/, /another/],
  ['a default option group of another engine', { optionGroup: 'default:mysql-8-0' }, /is for mysql 8\.0/, /another/],
  [
    'a class that cannot be ordered',
    { instanceClass: 'db.r3.large' },
    /postgres 16\.6 is not offered with instance class db\.r3\.large/,
    /another class/,
  ],
];

for (const [what, settings, message, next] of INSTANCES) {
  test(`instance, ${what}: AWS would refuse it, and it is found before anything is deleted or made`, async () => {
    const world = instanceWorld({ more: OFFERED });
    const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
    for (const [how, untouched] of [
      [{ ...REPLACE, target: 'ledger' }, /Nothing was deleted/],
      [{ strategy: 'swap', target: 'ledger' }, /Nothing was restored/],
      [{ strategy: 'new' }, /Nothing was restored/],
    ] as const) {
      const { end } = await world.run(world.ledger({ ...how, manifest, settings }));
      const reason = reasonOf(end);
      assert.equal(reason.code, 'usage');
      assert.match(reason.message, message);
      assert.match(reason.message, /account 222233334444, us-east-1: with it the instance could not be restored/);
      assert.match(reason.next ?? '', next);
      assert.match(reason.next ?? '', untouched);
    }
    assert.deepEqual(changes(world), []);
    // AWS itself says the same.
    const { subnetGroup, securityGroups, optionGroup, instanceClass } = { ...manifest.instance, ...settings };
    const [snapshot] = await world.production.aws.rds.describeSnapshots('instance', { database: 'ledger' });
    const wishes = { subnetGroup, securityGroups, optionGroup, instanceClass };
    const given = Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
    const sent = world.production.aws.rds.restoreInstance({ id: 'x', snapshot: snapshot?.id ?? '', tags: {}, ...given });
    await assert.rejects(sent, AwsError);
  });
}

const OF_TWO_VPCS: readonly [what: string, settings: InstanceSettings, message: RegExp][] = [
  [
    'a security group of another VPC than the subnet group',
    { securityGroups: ['sg-0other'] },
    /sg-0other is of VPC vpc-0other, and subnet group "private" of VPC vpc-0live/,
  ],
  [
    'a subnet group of another VPC than the security groups',
    { subnetGroup: 'other' },
    /sg-0live is of VPC vpc-0live, and subnet group "other" of VPC vpc-0other/,
  ],
  [
    'security groups of another VPC than the default one',
    { subnetGroup: 'default' },
    /sg-0live is of VPC vpc-0live, and the default subnet group of VPC vpc-0/,
  ],
];

for (const [what, settings, message] of OF_TWO_VPCS) {
  test(`${what}: nothing is deleted for it, and else AWS is left to say whether it takes it`, async () => {
    const world = instanceWorld({ more: OFFERED });
    const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
    const replaced = reasonOf((await world.run(world.ledger({ ...REPLACE, target: 'ledger', manifest, settings }))).end);
    assert.match(replaced.message, message);
    assert.match(replaced.next ?? '', /one VPC\. Nothing was deleted/);
    assert.deepEqual(changes(world), []);
    const { end, journal } = await world.run(world.ledger({ strategy: 'new', manifest, settings }));
    const [warned] = journal.lines.filter((line) => line.type === 'warning');
    assert.match(warned?.reason.message ?? '', message);
    // It refuses it here.
    assert.match(reasonOf(end).message, /RestoreDBInstanceFromDBSnapshot/);
  });
}

const CLUSTERS: readonly [
  what: string,
  over: { readonly members?: readonly Omit<MemberSettings, 'name'>[]; readonly settings?: object },
  message: RegExp,
][] = [
  [
    'a reader’s class that cannot be ordered',
    { members: [{ instanceClass: 'db.r6g.large' }, { instanceClass: 'db.r3.large' }] },
    /not offered with instance class db\.r3\.large/,
  ],
  [
    'a reader’s parameter group that is not there',
    { members: [{ instanceClass: 'db.r6g.large' }, { instanceClass: 'db.r6g.large', parameterGroup: 'none' }] },
    /no parameter group "none"/,
  ],
  ['db.serverless without a capacity', { members: [{ instanceClass: 'db.serverless' }] }, /needs the capacity of the cluster/],
  ['a capacity above what the version has', { settings: { serverless: { min: 1, max: 256 } } }, /supports 0\.5 to 128/],
  ['a capacity of less than nothing', { settings: { serverless: { min: 8, max: 4 } } }, /8 to 4 is no capacity/],
];

for (const [what, over, message] of CLUSTERS) {
  test(`cluster, ${what}: found before the old one is deleted`, async () => {
    const world = instanceWorld({ more: OFFERED });
    const manifest = await captureCluster(world.production, 'shop', world.clock.now());
    for (const how of [{ ...REPLACE, target: 'shop' }, { strategy: 'new' }] as const) {
      const { end } = await world.run(world.shop({ ...how, manifest, ...over }));
      assert.match(reasonOf(end).message, message);
    }
    assert.deepEqual(changes(world), []);
  });
}

test('what AWS would take is no objection: a default option group of the version, no security groups, a capacity in halves', async () => {
  const world = instanceWorld({ more: OFFERED });
  const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
  const { securityGroups: _, ...instance } = manifest.instance;
  const settings = { optionGroup: 'default:postgres', subnetGroup: 'other' };
  const { end } = await world.run(world.ledger({ ...REPLACE, target: 'ledger', manifest: { ...manifest, instance }, settings }));
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const serverless = { min: 0.5, max: 128 };
  const members = [{ instanceClass: 'db.serverless' }, { instanceClass: 'db.r6g.large' }];
  const shop = await world.run(world.shop({ settings: { serverless }, members }));
  assert.equal(shop.end.state === 'done' && shop.end.status, 'succeeded', JSON.stringify(shop.end));
});

test('a restore asks each thing once, and no more than it names', async () => {
  const world = instanceWorld();
  await world.run(world.ledger());
  const asked = world.world.calls.map(({ operation }) => operation);
  const count = (operation: string) => asked.filter((each) => each === operation).length;
  const looks = [
    'DescribeDBSubnetGroups',
    'DescribeDBParameterGroups',
    'DescribeOptionGroups',
    'DescribeSecurityGroups',
    'DescribeOrderableDBInstanceOptions',
  ];
  assert.deepEqual(looks.map(count), [1, 1, 1, 1, 1]);
  const before = asked.length;
  const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
  const replaced = instanceWorld();
  await replaced.run(replaced.ledger({ ...REPLACE, target: 'ledger', manifest }));
  assert.equal(replaced.applied('DeleteDBInstance'), 1);
  const again = replaced.world.calls.filter(({ operation }) => looks.includes(operation));
  assert.deepEqual(
    again.map(({ operation }) => operation).sort(),
    [...looks].sort(),
    'however often it looks whether the old one is gone',
  );
  await world.run(world.shop());
  const more = world.world.calls.slice(before).map(({ operation }) => operation);
  assert.equal(more.filter((operation) => operation === 'DescribeOrderableDBInstanceOptions').length, 1, 'both are of one class');
});

test('a point in time: the live source says which engine it is of', async () => {
  const world = instanceWorld({ more: OFFERED });
  const choice = { kind: 'point-in-time', time: 'latest' } as const;
  const { end } = await world.run(world.ledger({ choice, settings: { optionGroup: 'old-options' } }));
  assert.match(reasonOf(end).message, /is for postgres 15, and what is restored is postgres 16\.6/);
  assert.deepEqual(changes(world), []);
});

test('a snapshot from elsewhere: what can be seen without it is found before it is copied, the rest before the restore', async () => {
  const world = instanceWorld({ more: OFFERED });
  const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
  const elsewhere = {
    site: world.safe,
    source: world.production,
    manifest,
    kmsKeyId: 'alias/dr',
    choice: { kind: 'newest', types: ['automated'] },
  } as const;
  const early = await world.run(world.ledger({ ...elsewhere, settings: { optionGroup: 'none' } }));
  assert.match(reasonOf(early.end).message, /no option group "none" in account 111122223333, us-west-2/);
  assert.deepEqual(changes(world), [], 'nothing was copied');
  const late = await world.run(world.ledger({ ...elsewhere, settings: { instanceClass: 'db.r3.large' } }));
  assert.match(reasonOf(late.end).message, /not offered with instance class db\.r3\.large/);
  assert.equal(world.applied('RestoreDBInstanceFromDBSnapshot'), 0);
});

/** An error of a read, as the gateway throws it. */
function trouble(code: ReasonCode): AwsError {
  return new AwsError(code, `${code}, says AWS`, { next: 'Allow or await it.', call: rdsError('Trouble').call });
}

const deleted = (world: Restoring) => world.rds.changes('deleteInstance').length + world.rds.changes('deleteCluster').length;

test('what may not be looked at is told, and holds nothing back', async () => {
  for (const request of [REPLACE, { strategy: 'new', target: 'beside' }] as const) {
    const world = restoring(request, { live: true });
    world.rds.surroundings = trouble('permission-denied');
    const { end } = await run(world);
    assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
    const message = (end.state === 'done' && end.reason?.message) || '';
    for (const what of ['subnet group "private"', 'parameter group "webshop-pg16"', 'security groups sg-1', 'db.r6g.large']) {
      assert.ok(message.includes(what), `${what} in ${message}`);
    }
    assert.match(message, /could not be looked at .*permission-denied, says AWS/);
  }
});

test('replace deletes nothing while AWS cannot be asked, and goes on when it can', async () => {
  for (const code of ['throttled', 'aws-unavailable'] as const) {
    const world = restoring(REPLACE, { live: true });
    world.rds.surroundings = trouble(code);
    let deletedBefore = 0;
    const journal = new StepJournal(world.clock);
    const { end } = await drive(world.restore(), journal.context(), {
      onLook: (_, look) => {
        if (look < 5) deletedBefore = deleted(world);
        else world.rds.surroundings = undefined;
      },
    });
    assert.equal(deletedBefore, 0);
    assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  }
});

test('replace ends, with everything in place, when AWS answers with an error that does not pass', async () => {
  const world = restoring(REPLACE, { live: true });
  world.rds.surroundings = trouble('aws-fault');
  const { end } = await run(world);
  assert.equal(reasonOf(end).code, 'aws-fault');
  assert.equal(deleted(world), 0);
});

test('new and swap go on with a warning when AWS cannot be asked: nothing is at stake', async () => {
  for (const code of ['throttled', 'aws-unavailable', 'aws-fault'] as const) {
    for (const request of [{ strategy: 'new', target: 'beside' }, { strategy: 'swap' }] as const) {
      const world = restoring(request, { live: true });
      world.rds.surroundings = trouble(code);
      const { end } = await run(world);
      assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
      assert.match((end.state === 'done' && end.reason?.message) || '', /needs around it could not be looked at beforehand/);
    }
  }
});

test('credentials that have run out are no reason to go on unseen', async () => {
  const world = restoring({ strategy: 'new' });
  world.rds.surroundings = trouble('credentials-expired');
  await assert.rejects(run(world), { code: 'credentials-expired' });
  assert.deepEqual(world.rds.applied, []);
});

test('replace: another process finds the lack after an instance was deleted, and deletes no more', async () => {
  const world = restoring(REPLACE, { live: true });
  const journal = new StepJournal(world.clock);
  const first = world.restore();
  while (deleted(world) === 0) {
    const look = await first.advance(journal.context());
    assert.equal(look.state, 'waiting');
    if (look.state === 'waiting') await world.clock.sleep(look.lookAgainIn);
  }
  world.rds.securityGroups.delete('sg-1');
  const before = deleted(world);
  const { end } = await drive(world.restore(), journal.context());
  assert.match(reasonOf(end).message, /no security group sg-1/);
  assert.match(reasonOf(end).next ?? '', /Nothing more is deleted/);
  assert.equal(deleted(world), before);
  assert.ok(
    world.rds.clusters.some(({ id }) => id === 'webshop'),
    'the data is there',
  );
});

test('a restore that was sent is not held against what has gone since, while AWS does not show the cluster yet', async () => {
  const world = restoring({ strategy: 'new' });
  const journal = new StepJournal(world.clock);
  const first = world.restore();
  while (world.rds.changes('restoreCluster').length === 0) await first.advance(journal.context());
  const { shows } = world.rds;
  world.rds.shows = () => undefined;
  world.rds.securityGroups.clear();
  const second = world.restore();
  for (let look = 0; look < 3; look += 1) assert.equal((await second.advance(journal.context())).state, 'waiting');
  world.rds.shows = shows;
  const { end } = await drive(second, journal.context());
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
});

test('replace: once the old cluster is gone only AWS itself is asked', async () => {
  const world = restoring(REPLACE);
  world.rds.securityGroups.clear();
  assert.equal((await run(world)).end.state, 'done');
});

test('an inspection beforehand tells the same, once for many, and what may not be looked at is not taken for lacking', async () => {
  const world = instanceWorld({ more: OFFERED });
  const parts = { copy: () => assert.fail('nothing is copied') };
  const choice = { kind: 'newest', types: ['automated'] } as const;
  const site = withSharedReads(world.production);
  const doubts = async (settings: InstanceSettings, database = 'ledger') => {
    const request = { kind: 'instance', site, database, strategy: 'new', target: 'back', choice, settings } as const;
    return outlookOf(request, world.deed, parts);
  };
  assert.deepEqual(await doubts({}), []);
  const before = world.world.calls.length;
  assert.deepEqual(await doubts({}), []);
  const again = world.world.calls.slice(before).map(({ operation }) => operation);
  assert.ok(!again.some((operation) => /Groups|Orderable/.test(operation)), again.join());
  const old = instanceWorld({ more: 'engineVersions: [{ engine: postgres, versions: ["17.4"] }]\n' });
  const request = {
    kind: 'instance',
    site: old.production,
    database: 'ledger',
    strategy: 'new',
    target: 'back',
    choice,
  } as const;
  const codes = (await outlookOf(request, old.deed, parts)).map(({ reason }) => reason.code);
  assert.deepEqual(codes, ['engine-unavailable'], 'of a version that is not offered no class is asked for');
  const [lacking, ...others] = await doubts({ securityGroups: ['sg-0none'] });
  assert.deepEqual([lacking?.certain, lacking?.reason.code, others], [true, 'usage', []]);
  assert.match(lacking?.reason.message ?? '', /no security group sg-0none in account 222233334444, us-east-1$/);
  world.arm({
    match: { service: 'rds', operation: 'DescribeOptionGroups' },
    effect: { kind: 'error', code: 'AccessDenied', status: 403, message: 'not allowed', when: 'before' },
  });
  const [unseen] = await doubts({ optionGroup: 'old-options' });
  assert.deepEqual([unseen?.certain, unseen?.reason.code], [false, 'permission-denied']);
  assert.deepEqual(changes(world), []);
});
