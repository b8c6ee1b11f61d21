import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instanceWorld } from '../testing/instances.ts';
import { rdsError } from '../testing/rds-error.ts';
import { restoring, run } from '../testing/restoring.ts';
import { captureInstance } from './instance-manifest.ts';

const REPLACE = { strategy: 'replace', liftProtection: true } as const;

for (const [what, settings, message] of [
  ['a subnet group that is not there', { subnetGroup: 'nowhere' }, /no subnet group "nowhere"/],
  ['a parameter group that is not there', { parameterGroup: 'nothing' }, /no parameter group "nothing"/],
  ['a default group of another version', { parameterGroup: 'default.aurora-postgresql15' }, /is for aurora-postgresql15/],
  ['a group of another engine', { parameterGroup: 'old' }, /"old" is for aurora-mysql8\.0/],
  ['a security group that is not there', { securityGroups: ['sg-1', 'sg-9'] }, /no security group sg-9/],
  ['a security group of another VPC', { securityGroups: ['sg-2'] }, /sg-2 is of VPC vpc-2.*"private" of VPC vpc-1/],
  ['capacity in thirds', { serverless: { min: 0.3, max: 4 } }, /0\.3 to 4 .* steps of 0\.5/],
  ['a capacity that the version has not', { serverless: { min: 0, max: 200 } }, /0 to 200 .*supports 0\.5 to 128/],
] as const) {
  test(`replace: ${what} is found before the old cluster is deleted`, async () => {
    const world = restoring({ ...REPLACE, settings }, { live: true });
    world.rds.groups.set('old', 'aurora-mysql8.0');
    world.rds.securityGroups.set('sg-2', 'vpc-2');
    world.rds.capacity = { min: 0.5, max: 128 };
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'usage', JSON.stringify(end));
    assert.match((end.state === 'failed' && end.reason.message) || '', message);
    assert.deepEqual(world.rds.applied, [], 'nothing was changed');
  });
}

test('replace: groups that may not be looked at, and default ones, are no objection', async () => {
  const world = restoring({ ...REPLACE, settings: { subnetGroup: 'unseen' } }, { live: true });
  world.rds.mayLookAtGroups = false;
  assert.equal((await run(world)).end.state, 'done');
  const standard = restoring(
    { ...REPLACE, settings: { subnetGroup: 'default', parameterGroup: 'default.aurora-postgresql16' } },
    { live: true },
  );
  assert.equal((await run(standard)).end.state, 'done');
});

test('replace of an instance: a group that is not there is found before it is deleted', async () => {
  const world = instanceWorld();
  const manifest = await captureInstance(world.production, 'ledger', world.clock.now());
  const settings = { parameterGroup: 'nothing' };
  const { end } = await world.run(world.ledger({ ...REPLACE, target: 'ledger', manifest, settings }));
  assert.match((end.state === 'failed' && end.reason.message) || '', /no parameter group "nothing"/, JSON.stringify(end));
  assert.equal(world.applied('DeleteDBInstance') + world.applied('ModifyDBInstance'), 0);
});

test('replace: a restore that is refused after the deletion says that the old cluster is gone, and where its data is', async () => {
  const world = restoring(REPLACE, { live: true });
  world.rds.faults.push({ operation: 'restoreCluster', nth: 1, when: 'before', error: rdsError('InvalidParameterValue') });
  const { end } = await run(world);
  const next = (end.state === 'failed' && end.reason.next) || '';
  assert.match(
    next,
    /The old cluster "webshop" is gone, and webshop-final-[0-9a-f]{6} is its final snapshot/,
    JSON.stringify(end),
  );
  assert.match(String(end.result?.['finalSnapshot']), /^webshop-final-/);
  const again = await run(world);
  assert.equal(again.end.state, 'done', 'the same step goes on');
  assert.match(String(again.end.result?.['finalSnapshot']), /^webshop-final-/, 'another process knows of it, too');
  const beside = restoring({ strategy: 'new' });
  beside.rds.faults.push({ operation: 'restoreCluster', nth: 1, when: 'before', error: rdsError('InvalidParameterValue') });
  const refused = (await run(beside)).end;
  assert.doesNotMatch((refused.state === 'failed' && refused.reason.next) || '', /is gone/);
});

test('replace: a final snapshot is in the record only when it is there', async () => {
  const world = restoring(REPLACE, { live: true });
  world.rds.faults.push({ operation: 'deleteCluster', when: 'before', error: rdsError('SnapshotQuotaExceeded') });
  const { end } = await run(world);
  assert.equal(end.state, 'failed', JSON.stringify(end));
  assert.equal(end.result?.['finalSnapshot'], undefined);
});
