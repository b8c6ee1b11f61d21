import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { copyWorld } from '../testing/copying.ts';
import { copyTags, hasRoomToShare, sharedTag, tagsLeftOut } from './copy-tags.ts';

const ARN = 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:shop-by-hand';
const DESTINATION = { account: '111122223333', region: 'us-west-2' };
const FROM = { sourceArn: ARN, takenAt: 0, execution: 'run/1' };

/** `tag-01`, `tag-02` … */
function many(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`tag-${String(index + 1).padStart(2, '0')}`, 'x']));
}

test('of 50 tags those stay that fit beside ours, by name; which ones go is told', () => {
  const tags = copyTags(many(50), {}, FROM);
  assert.equal(Object.keys(tags).length, 48, 'two places are free for what is marked later');
  assert.equal(tags['breakwater:owner'], 'breakwater');
  assert.equal(tags['breakwater:source-arn'], ARN);
  assert.deepEqual([tags['tag-44'], tags['tag-45']], ['x', undefined]);
  assert.deepEqual(tagsLeftOut(many(50), {}, FROM), ['tag-45', 'tag-46', 'tag-47', 'tag-48', 'tag-49', 'tag-50']);
  assert.deepEqual(tagsLeftOut(many(44), {}, FROM), []);
  assert.equal(Object.keys(copyTags(many(50), {}, { ...FROM, role: 'transit' })).length, 48);
});

test('the tag by which retention goes stays first, those of AWS itself go first', () => {
  const source = { ...many(48), 'aws:cloudformation:stack-name': 'shop', zzz: 'last', Draco_Lifecycle: 'weekly' };
  const tags = copyTags(source, { Purpose: 'dr', Team: 'night' }, FROM);
  assert.deepEqual([tags['Draco_Lifecycle'], tags['Purpose'], tags['Team']], ['weekly', 'dr', 'night']);
  const left = tagsLeftOut(source, { Purpose: 'dr', Team: 'night' }, FROM);
  assert.deepEqual(left.slice(-2), ['zzz', 'origin:aws:cloudformation:stack-name']);
  assert.equal(left.length, 48 + 3 - (48 - 4 - 2));
});

test('more tags than AWS takes may be asked for: ours stay', () => {
  const tags = copyTags({ Team: 'shop' }, many(60), FROM);
  assert.equal(Object.keys(tags).length, 48);
  assert.equal(tags['breakwater:owner'], 'breakwater');
  assert.equal(tagsLeftOut({ Team: 'shop' }, many(60), FROM).length, 17);
});

test('the order in which AWS lists the tags decides nothing, and every tag is kept or told', () => {
  const key = fc.string({ minLength: 1, maxLength: 140 });
  fc.assert(
    fc.property(fc.dictionary(key, fc.constant('x'), { maxKeys: 70 }), (source) => {
      const turned = Object.fromEntries(Object.entries(source).reverse());
      assert.deepEqual(copyTags(source, {}, FROM), copyTags(turned, {}, FROM));
      assert.deepEqual(tagsLeftOut(source, {}, FROM), tagsLeftOut(turned, {}, FROM));
      const known = new Set([...Object.keys(copyTags(source, {}, FROM)), ...tagsLeftOut(source, {}, FROM)]);
      for (const name of Object.keys(source)) {
        if (name.toLowerCase().startsWith('breakwater:')) continue;
        assert.ok(known.has(/^(aws|rds):/i.test(name) ? `origin:${name}` : name), name);
      }
    }),
  );
});

test('whether there is room to mark a share: not at 50 tags, unless the mark is there; tags of AWS count for nothing', () => {
  assert.equal(hasRoomToShare(many(49), DESTINATION), true);
  assert.equal(hasRoomToShare(many(50), DESTINATION), false);
  assert.equal(hasRoomToShare({ ...many(49), 'aws:cloudformation:stack-name': 'shop' }, DESTINATION), true);
  assert.equal(
    hasRoomToShare({ ...many(49), [sharedTag(DESTINATION)]: '' }, DESTINATION),
    true,
    'a resumed copy goes the same way',
  );
});

for (const [how, more, copies] of [
  ['at once', '', 2],
  ['by a relay', 'rds: { oneStepCopies: false }\n', 3],
] as const) {
  test(`a snapshot of somebody that has 50 tags is copied ${how}, by way of a copy at home that can be marked`, async () => {
    const aws = copyWorld(more);
    const choice = { kind: 'id', id: 'shop-by-hand' } as const;
    const [full] = await aws.source.aws.rds.describeSnapshots('cluster', { id: choice.id });
    assert.ok(full !== undefined);
    await aws.source.aws.rds.addTags(full.arn, many(49));
    const { end } = await aws.run({ choice });
    assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
    assert.match(
      end.reason?.message ?? '',
      /6 of the tags of snapshot shop-by-hand have no room on it beside ours: tag-44, tag-45, tag-46, tag-47, tag-48, tag-49/,
    );
    assert.match(end.reason?.next ?? '', /50 tags/);
    assert.equal(aws.changes('CopyDBClusterSnapshot').length, copies);
    assert.deepEqual(await aws.leftBehind(), []);
    const [after] = await aws.source.aws.rds.describeSnapshots('cluster', { id: choice.id });
    assert.deepEqual(after?.tags, { ...full.tags, ...many(49) }, 'it is left as it was');
    const again = await aws.run({ choice });
    assert.equal(again.end.result?.['adopted'], true);
    assert.equal(again.end.reason?.message, end.reason?.message);
    assert.equal(aws.changes('CopyDBClusterSnapshot').length, copies);
  });
}

test('a new snapshot has the tags that AWS would carry, had it none of ours, and so has its copy', async () => {
  for (const [database, expected] of [
    ['shop', { Team: 'shop', Draco_Lifecycle: 'weekly' }],
    // Its tags are not to be carried.
    ['docs', {}],
  ] as const) {
    const aws = copyWorld();
    const [live] = await aws.source.aws.rds.describeClusters(database);
    assert.ok(live !== undefined);
    if (database === 'docs') await aws.source.aws.rds.addTags(live.arn, { Team: 'docs' });
    const { end } = await aws.run({ database, choice: { kind: 'create' }, tags: { Purpose: 'dr' } });
    assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
    const [taken] = await aws.source.aws.rds
      .describeSnapshots('cluster', { database, type: 'manual' })
      .then((all) => all.filter(({ id }) => id.includes('-snapshot-')));
    const [copy] = await aws.destination.aws.rds.describeSnapshots('cluster', { id: String(end.result?.['id']) });
    for (const snapshot of [taken, copy]) {
      const foreign = Object.entries(snapshot?.tags ?? {}).filter(([key]) => !key.startsWith('breakwater:'));
      assert.deepEqual(Object.fromEntries(foreign), { ...expected, Purpose: 'dr' });
    }
  }
});
