import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RdsSnapshot } from '@breakwater/aws';
import fc from 'fast-check';
import { DATABASE_TAGS } from './contracts.ts';
import { type ChainFacts, planChain } from './copy-chain.ts';
import { keyStatement, objectionToKey, refusedKeys } from './copy-keys.ts';
import { untilNextCopyLook } from './copy-looks.ts';
import { copyName, isWayName, wayName } from './copy-names.ts';
import { comesFrom, copyTags, isOwned, isSharedForAnother, isWayOf, sharedTag } from './copy-tags.ts';
import { chooseNewest, isOurCopy, matchesPattern, originalTime } from './snapshot-choice.ts';

const TAKEN = Date.parse('2026-03-04T03:07:59Z');
const ARN = 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:rds:shop-2026-03-04-03-07';
const DESTINATION = { account: '111122223333', region: 'us-west-2' };

function snapshot(over: Partial<RdsSnapshot> = {}): RdsSnapshot {
  return {
    kind: 'cluster',
    id: 'rds:shop-2026-03-04-03-07',
    arn: ARN,
    database: 'shop',
    engine: 'aurora-postgresql',
    engineVersion: '16.4',
    status: 'available',
    progress: 100,
    type: 'automated',
    encrypted: true,
    encryptionType: 'sse-kms',
    kmsKeyId: 'arn:aws:kms:us-east-1:222233334444:key/1',
    createdAt: TAKEN,
    originalCreatedAt: undefined,
    sourceArn: undefined,
    port: 5432,
    masterUsername: 'admin',
    iamAuthentication: false,
    storageType: 'aurora',
    optionGroup: undefined,
    tags: {},
    ...over,
  };
}

test('a copy is named after its database, the time of the original and its source, and nothing else', () => {
  const name = copyName(snapshot(), TAKEN);
  assert.match(name, /^shop-202603040307-[0-9a-f]{6}$/);
  assert.equal(copyName(snapshot({ arn: ARN.toUpperCase() }), TAKEN), name, 'RDS compares in lower case');
  assert.notEqual(copyName(snapshot({ arn: `${ARN}x` }), TAKEN), name);
  assert.match(copyName(snapshot(), undefined), /^shop-000000000000-/);
  const way = wayName('transit', snapshot(), TAKEN, DESTINATION);
  assert.match(way, /^shop-202603040307-transit-[0-9a-f]{6}$/);
  assert.notEqual(wayName('transit', snapshot(), TAKEN, { ...DESTINATION, region: 'us-east-2' }), way);
});

test('every name is one that RDS takes, whatever the database is called', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.integer({ min: 0, max: 4e12 }), (database, at) => {
      const [copy, way] = [copyName(snapshot({ database }), at), wayName('relay', snapshot({ database }), at, DESTINATION)];
      for (const name of [copy, way]) {
        assert.match(name, /^[a-z](-?[a-z0-9])*$/);
        assert.ok(name.length <= 63, name);
      }
      assert.deepEqual([isWayName(copy), isWayName(way)], [false, true], 'an event tells them apart by the name alone');
    }),
  );
});

test('tags of the source are carried, reserved prefixes renamed, ours put first and never overwritten', () => {
  const tags = copyTags(
    { 'aws:cloudformation:stack-name': 'shop', 'rds:x': 'y', Team: 'shop', 'breakwater:execution': 'another', Cost: '1' },
    { Cost: '2', 'breakwater:owner': 'me' },
    { sourceArn: ARN, takenAt: TAKEN, execution: 'run/4711' },
  );
  assert.deepEqual(tags, {
    'breakwater:owner': 'breakwater',
    'breakwater:execution': 'run/4711',
    'breakwater:source-arn': ARN,
    'breakwater:source-time': '2026-03-04T03:07:59.000Z',
    Cost: '2',
    'origin:aws:cloudformation:stack-name': 'shop',
    'origin:rds:x': 'y',
    Team: 'shop',
  });
});

test('no copy has more than 50 tags, a reserved one, or a lost provenance', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ minLength: 1, maxLength: 140 }), fc.string({ maxLength: 20 }), { maxKeys: 70 }),
      (source) => {
        const tags = copyTags(source, {}, { sourceArn: ARN, takenAt: undefined, execution: 'x', role: 'transit' });
        assert.ok(Object.keys(tags).length <= 48);
        assert.ok(Object.keys(tags).every((key) => key.length <= 128 && !/^(aws|rds):/i.test(key)));
        assert.equal(isWayOf({ tags }, ARN), true);
      },
    ),
  );
});

test('what is ours is told by tags alone; the source by our tag before what AWS says', () => {
  const own = copyTags({}, {}, { sourceArn: ARN, takenAt: TAKEN, execution: 'x' });
  assert.equal(isOwned({ tags: own }), true);
  assert.equal(isOwned({ tags: { [DATABASE_TAGS.sourceArn]: ARN } }), false);
  assert.equal(isWayOf({ tags: own }, ARN), false, 'a finished copy is not on its way');
  assert.equal(comesFrom({ tags: own, sourceArn: 'arn:of:the:transit' }, ARN), true);
  assert.equal(comesFrom({ tags: {}, sourceArn: ARN }, ARN), true);
  assert.equal(comesFrom({ tags: {}, sourceArn: undefined }, ARN), false);
  const other = { ...DESTINATION, region: 'eu-west-1' };
  assert.equal(isSharedForAnother({ [sharedTag(DESTINATION)]: 'x' }, DESTINATION), false);
  assert.equal(isSharedForAnother({ [sharedTag(other)]: 'x' }, DESTINATION), true);
  assert.equal(isSharedForAnother({ [sharedTag(other)]: '' }, DESTINATION), false);
  assert.equal(isSharedForAnother({ [sharedTag({ ...other, account: '999988887777' })]: 'x' }, DESTINATION), false);
});

test('a copy of ours is one of which AWS says the same as our tags', () => {
  const tags = { [DATABASE_TAGS.owner]: 'breakwater', [DATABASE_TAGS.sourceArn]: ARN };
  const way = wayName('transit', snapshot(), TAKEN, DESTINATION);
  for (const sourceArn of [ARN, ARN.toUpperCase(), `arn:aws:rds:us-east-1:222233334444:cluster-snapshot:${way}`])
    assert.equal(isOurCopy({ tags, sourceArn }), true, sourceArn);
  for (const sourceArn of [undefined, `${ARN}-x`, 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:shop-1'])
    assert.equal(isOurCopy({ tags, sourceArn }), false, sourceArn);
  assert.equal(isOurCopy({ tags: { [DATABASE_TAGS.sourceArn]: ARN }, sourceArn: ARN }), false);
  assert.equal(isOurCopy({ tags: { [DATABASE_TAGS.owner]: 'breakwater' }, sourceArn: ARN }), false);
});

const NEWEST = { kind: 'newest', types: ['automated', 'manual'] } as const;

test('the newest by the time of the original; unavailable, transit and unfitting ones never', () => {
  const old = snapshot({
    id: 'old',
    type: 'manual',
    createdAt: TAKEN + 9e6,
    sourceArn: ARN,
    tags: { [DATABASE_TAGS.sourceTime]: '2026-03-01T00:00:00Z' },
  });
  const all = [
    old,
    snapshot({ id: 'good', createdAt: TAKEN, tags: { Keep: 'yes' } }),
    snapshot({ id: 'creating', createdAt: TAKEN + 1, status: 'creating' }),
    snapshot({ id: 'transit', type: 'manual', createdAt: TAKEN + 2, tags: { [DATABASE_TAGS.transit]: 'transit' } }),
    snapshot({ id: 'undated', createdAt: undefined }),
  ];
  const chosen = (choice: Parameters<typeof chooseNewest>[1]) => {
    const found = chooseNewest(all, choice, TAKEN + 3_600_000);
    return 'snapshot' in found ? found.snapshot.id : found.reason.code;
  };
  assert.equal(originalTime(old), Date.parse('2026-03-01T00:00:00Z'));
  assert.equal(originalTime({ ...old, sourceArn: undefined }), TAKEN + 9e6, 'a tag that came from a restored database');
  assert.equal(originalTime({ ...old, originalCreatedAt: TAKEN }), TAKEN, 'of instances RDS itself keeps it');
  assert.equal(chosen(NEWEST), 'good');
  assert.equal(chosen({ ...NEWEST, types: ['manual'] }), 'old');
  assert.equal(chosen({ ...NEWEST, pattern: 'O*D' }), 'old');
  assert.equal(chosen({ ...NEWEST, tags: { Keep: 'yes' } }), 'good');
  assert.equal(chosen({ ...NEWEST, tags: { Keep: 'no' } }), 'snapshot-missing');
  assert.equal(chosen({ ...NEWEST, maxAge: 3_600_000 }), 'good');
  assert.equal(chosen({ ...NEWEST, maxAge: 3_599_999 }), 'snapshot-unusable');
  assert.equal(chosen({ ...NEWEST, before: TAKEN }), 'good', 'not after the moment');
  assert.equal(chosen({ ...NEWEST, before: TAKEN - 1 }), 'old');
  assert.equal(chosen({ ...NEWEST, before: Date.parse('2026-02-28T00:00:00Z') }), 'snapshot-missing');
  const late = chooseNewest(all, { ...NEWEST, before: 0 }, TAKEN);
  assert.match(
    'reason' in late ? late.reason.message : '',
    /the 2 that are available were taken after 1970-01-01T00:00:00\.000Z/,
  );
  assert.equal(matchesPattern('shop.db', 'shop?db'), false, 'only * is special');
  assert.equal(matchesPattern('a.b', 'a.b'), true);
  assert.equal(matchesPattern('aba', 'ab*ba'), false, 'nothing is matched twice');
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'A'), maxLength: 8 });
  const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  fc.assert(
    fc.property(letters, patterns, (text, pattern) => {
      assert.equal(matchesPattern(text, pattern), new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 'i').test(text));
    }),
  );
  assert.equal(matchesPattern('a'.repeat(63), `${'*a'.repeat(20)}*b`), false, 'at once, however many * there are');
});

const FACTS: ChainFacts = {
  source: snapshot(),
  key: 'customer',
  crossAccount: true,
  crossRegion: true,
  steps: 'auto',
  transitKey: true,
  destinationKey: true,
  roomToShare: true,
};
const manual = snapshot({ type: 'manual' });
const plain = { source: snapshot({ encrypted: false }), key: 'none' as const };
const instance = snapshot({ kind: 'instance', engine: 'postgres', encrypted: false, type: 'manual' });

/** `t` transit, `r` relay, `s` share, `e` encrypted; or a reason. */
const CHAINS: readonly [string, Partial<ChainFacts>, string][] = [
  ['automated, customer key', {}, 'tse'],
  ['automated, customer key, no transit key: it keeps its own', { transitKey: false }, 'tse'],
  ['manual, customer key', { source: manual }, 'se'],
  ['manual, customer key, full of tags', { source: manual, roomToShare: false }, 'tse'],
  ['manual, default key', { source: manual, key: 'default' }, 'tse'],
  ['manual, key of AWS (sse-rds)', { source: manual, key: 'aws-owned' }, 'tse'],
  ['default key without a transit key', { source: manual, key: 'default', transitKey: false }, 'key-not-accessible'],
  ['sse-rds without a transit key', { key: 'aws-owned', transitKey: false }, 'key-not-accessible'],
  ['AWS Backup’s own', { source: snapshot({ type: 'awsbackup' }) }, 'tse'],
  ['same account, another Region, default key', { crossAccount: false, key: 'default', transitKey: false }, 'e'],
  ['another account, same Region', { crossRegion: false }, 'tse'],
  ['same place', { crossAccount: false, crossRegion: false, destinationKey: false }, 'e'],
  ['two steps asked for', { steps: 'two' }, 'trse'],
  ['two steps within one account are one', { steps: 'two', crossAccount: false }, 'e'],
  ['DocumentDB', { source: snapshot({ engine: 'docdb' }) }, 'trse'],
  ['DocumentDB, one step asked for', { source: snapshot({ engine: 'docdb' }), steps: 'one' }, 'tse'],
  ['Neptune', { source: snapshot({ engine: 'neptune' }) }, 'trse'],
  ['Multi-AZ DB cluster to another account', { source: snapshot({ engine: 'mysql' }) }, 'snapshot-unusable'],
  ['Multi-AZ DB cluster to another Region', { source: snapshot({ engine: 'mysql' }), crossAccount: false }, 'e'],
  ['encrypted without a destination key', { destinationKey: false }, 'usage'],
  ['unencrypted cluster with a key', plain, 'snapshot-unusable'],
  ['unencrypted automated cluster', { ...plain, destinationKey: false }, 'ts'],
  ['unencrypted instance with a key: encrypted on its way', { source: instance, key: 'none' }, 'se'],
  ['unencrypted instance without', { source: instance, key: 'none', destinationKey: false }, 's'],
];

for (const [what, over, expected] of CHAINS) {
  test(`the way of a snapshot: ${what}`, () => {
    const planned = planChain({ ...FACTS, ...over });
    if ('reason' in planned) {
      assert.equal(planned.reason.code, expected, planned.reason.message);
      assert.match(planned.reason.next ?? '', /Nothing was changed/);
      return;
    }
    const { transit, relay, share, encrypted } = planned.chain;
    assert.equal(`${transit ? 't' : ''}${relay ? 'r' : ''}${share ? 's' : ''}${encrypted ? 'e' : ''}`, expected);
  });
}

const KEY = {
  id: '1',
  arn: 'arn:aws:kms:us-west-2:111122223333:key/1',
  account: '111122223333',
  region: 'us-west-2',
  state: 'Enabled',
  manager: 'CUSTOMER',
  multiRegion: false,
  usage: 'ENCRYPT_DECRYPT',
};
const USE = { role: 'destination', given: 'alias/dr', ...DESTINATION, sharedWith: undefined } as const;

test('what is wrong with a key is said before anything is copied', () => {
  const cases: readonly [Parameters<typeof objectionToKey>, RegExp | undefined][] = [
    [[KEY, USE], undefined],
    [[{ ...KEY, manager: 'AWS' }, USE], undefined],
    [[undefined, USE], /destination key alias\/dr is not there \(account 111122223333, us-west-2\)/],
    [
      [KEY, { ...USE, given: 'arn:aws:kms:us-east-1:111122223333:key/1' }],
      /is a key of us-east-1, but the copy under it is made in us-west-2/,
    ],
    [[{ ...KEY, region: 'eu-west-1' }, USE], /is a key of eu-west-1/],
    [[{ ...KEY, state: 'Disabled' }, USE], /is Disabled/],
    [[{ ...KEY, state: 'PendingDeletion' }, USE], /is PendingDeletion/],
    [[{ ...KEY, usage: 'SIGN_VERIFY' }, USE], /is a key for SIGN_VERIFY/],
    [
      [
        { ...KEY, manager: 'AWS' },
        { ...USE, role: 'transit', sharedWith: '999988887777' },
      ],
      /account 999988887777 can never be allowed/,
    ],
    [[{ ...KEY, state: undefined, usage: undefined, region: undefined }, USE], undefined],
  ];
  for (const [args, expected] of cases) {
    const reason = objectionToKey(...args);
    if (expected === undefined) assert.equal(reason, undefined);
    else assert.match(reason?.message ?? 'no objection', expected);
  }
});

test('a refused key is answered with the statements that may lack, as JSON to paste', () => {
  const shared = 'arn:aws:kms:us-east-1:222233334444:key/1';
  const reason = refusedKeys({
    message: 'refused',
    account: '111122223333',
    from: { key: shared, foreign: true, described: true },
    to: KEY.arn,
  });
  assert.equal(reason.code, 'key-not-accessible');
  const statement = JSON.parse(/\{.*\}/.exec(reason.next ?? '')?.[0] ?? '');
  assert.deepEqual(statement.Principal, { AWS: 'arn:aws:iam::111122223333:root' });
  assert.ok(statement.Action.includes('kms:CreateGrant'));
  assert.ok(!statement.Action.includes('kms:DescribeKey'), 'that one is allowed: it was used');
  assert.match(reason.next ?? '', new RegExp(`on ${shared} and ${KEY.arn}`));
  assert.ok(JSON.parse(keyStatement('1')).Action.includes('kms:DescribeKey'));
  assert.doesNotMatch(refusedKeys({ message: 'm', account: 'a', from: undefined, to: undefined }).next ?? '', /statement/);
});

test('looks come nearer to the end that two readings foretell, and a queue is asked seldom', () => {
  assert.equal(untilNextCopyLook([], 0, 0), 15_000);
  assert.equal(untilNextCopyLook([{ at: 300_000, percent: 0 }], 0, 300_000), 30_000);
  assert.equal(untilNextCopyLook([], 0, 36_000_000), 60_000);
  const seen = [
    { at: 0, percent: 0 },
    { at: 20_000, percent: 10 },
    { at: 30_000, percent: 20 },
  ];
  assert.equal(Math.round(untilNextCopyLook(seen, 0, 30_000)), 72_727, 'ten per cent are known to a tenth');
  assert.equal(Math.round(untilNextCopyLook([...seen, { at: 100_000, percent: 90 }], 0, 100_000)), 9_300);
  assert.equal(untilNextCopyLook([...seen, { at: 3_630_000, percent: 22 }], 0, 3_630_000), 180_000);
  assert.equal(untilNextCopyLook([...seen, { at: 109_000, percent: 99 }], 0, 112_000), 2_000);
});

test('however fast a copy goes, it is not asked often, and its end is noticed soon', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 600 }), fc.integer({ min: 30, max: 20_000 }), (queued, seconds) => {
      const end = (queued + seconds) * 1_000;
      const seen: { at: number; percent: number }[] = [];
      let looks = 0;
      let at = 0;
      while (at < end) {
        const percent = Math.max(0, Math.floor(((at - queued * 1_000) / (seconds * 1_000)) * 100));
        seen.push({ at, percent });
        at += untilNextCopyLook(seen, 0, at);
        looks += 1;
      }
      assert.ok(at - end <= Math.max(15_000, Math.min(180_000, 0.1 * end)), `${at - end} ms late`);
      assert.ok(looks <= 30 + end / 120_000, `${looks} looks for ${end} ms`);
    }),
  );
});
