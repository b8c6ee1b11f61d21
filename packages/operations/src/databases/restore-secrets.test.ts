import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FULL, restoring, run } from '../testing/restoring.ts';
import type { RestoreClusterRequest } from './restore-contracts.ts';
import { outlookOf } from './restore-outlook.ts';

const arn = (region: string) => `arn:aws:secretsmanager:${region}:111122223333:secret:webshop/users-a1b2c3`;

test('a secret that is named by an ARN of another Region is refused before anything is changed', async () => {
  const burning = arn('us-east-1');
  const asked: readonly Partial<RestoreClusterRequest>[] = [
    { users: { secret: burning } },
    { master: { kind: 'secret', secret: burning } },
    { master: { kind: 'keep', secret: burning } },
    { publish: { secret: burning } },
  ];
  for (const over of asked) {
    const world = restoring({ ...FULL, ...over });
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'usage', JSON.stringify(end));
    assert.match(
      end.state === 'failed' ? end.reason.message : '',
      /secret arn:\S+us-east-1\S+ is of Region us-east-1, not of us-west-2/,
    );
    assert.match((end.state === 'failed' && end.reason.next) || '', /replica.*Nothing was changed/s);
    assert.equal(world.rds.changes('restoreCluster').length, 0);
  }
});

test('one of the Region itself, and one that is named without it, are read where the database stands', async () => {
  for (const secret of [arn('us-west-2'), 'webshop/users', 'arn-like']) {
    const { end } = await run(restoring({ ...FULL, publish: {}, users: { secret } }));
    assert.equal(end.state, 'done', JSON.stringify(end));
  }
});

test('a drill publishes nothing, so where it would does not matter', async () => {
  const { end } = await run(restoring({ publish: { secret: arn('us-east-1') } }, { mode: 'drill' }));
  assert.equal(end.state, 'done', JSON.stringify(end));
});

test('it is seen before a run', async () => {
  const world = restoring();
  const { site } = { site: world.rds.site() };
  const request: RestoreClusterRequest = {
    site,
    database: 'webshop',
    choice: { kind: 'newest', types: ['manual'] },
    strategy: 'new',
    master: { kind: 'managed' },
    users: { secret: arn('us-east-1') },
  };
  const sql = { applyUsers: async () => [], verify: async () => [] };
  const copy = () => ({ advance: async () => Promise.reject(new Error('no copy is expected')) });
  const objections = await outlookOf(request, world.deed, { sql, copy });
  assert.match(objections.map(({ reason }) => reason.message).join(), /is of Region us-east-1/);
});
