import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring } from '../testing/restoring.ts';

async function run(world: Restoring) {
  const journal = new StepJournal(world.clock);
  return { journal, ...(await drive(world.restore(), journal.context())) };
}

test('writer and readers go to their parameters, and a secret of the same name as a parameter is written all the same', async () => {
  const world = restoring({ publish: { parameter: 'webshop/db', readerParameter: 'webshop/readers', secret: 'webshop/db' } });
  world.rds.secrets.set('webshop/db', '{}');
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.match(world.rds.parameters.get('webshop/db') ?? '', /^webshop\.cluster-x/);
  assert.match(world.rds.parameters.get('webshop/readers') ?? '', /^webshop\.cluster-ro-/);
  const secret = JSON.parse(world.rds.secrets.get('webshop/db') ?? '');
  assert.deepEqual(Object.keys(secret).sort(), ['dbClusterIdentifier', 'engine', 'host', 'port', 'readerHost']);
  assert.deepEqual([secret.engine, secret.dbClusterIdentifier], ['postgres', 'webshop']);
  assert.deepEqual(end.result?.['published'], ['webshop/db', 'webshop/readers', 'webshop/db']);
});

test('a secret that says it already is not written again, one that says something else is', async () => {
  const world = restoring({ publish: { secret: 's' } });
  world.rds.secrets.set('s', '{"username":"app"}');
  await run(world);
  const written = world.rds.secrets.get('s') ?? '';
  assert.equal(world.rds.changes('putSecret').length, 1);
  const { end } = await run(world);
  assert.equal(world.rds.changes('putSecret').length, 1, 'it says it already');
  assert.deepEqual(end.result?.['published'], ['s']);
  world.rds.secrets.set('s', written.replace('"port":', '"port":1'));
  await run(world);
  assert.equal(world.rds.changes('putSecret').length, 2);
  assert.equal(world.rds.secrets.get('s'), written);
});

test('an empty secret is filled, and one that is no object is never written over', async () => {
  for (const [text, taken] of [
    ['', true],
    ['  ', true],
    ['{}', true],
    ['null', false],
    ['[]', false],
    ['"host"', false],
    ['5', false],
    ['host', false],
  ] as const) {
    const world = restoring({ publish: { secret: 's' } });
    world.rds.secrets.set('s', text);
    const { end } = await run(world);
    assert.equal(end.state, taken ? 'done' : 'failed', `${text}: ${JSON.stringify(end)}`);
    assert.equal(world.rds.changes('putSecret').length, taken ? 1 : 0, text);
  }
});

test('a parameter that AWS refuses is a failure, and nothing is said to be published', async () => {
  const world = restoring({ publish: { parameter: '/p', secret: 's' } });
  world.rds.faults.push({ operation: 'putParameter', when: 'before', error: rdsError('ParameterPatternMismatch') });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'aws-fault', JSON.stringify(end));
  assert.deepEqual(end.result?.['published'], []);
  assert.equal(world.rds.changes('putSecret').length, 0);
});

test('a drill says that it publishes nothing, if anything was asked for', async () => {
  for (const [publish, said] of [
    [{ parameter: '/p' }, true],
    [{}, false],
  ] as const) {
    const world = restoring({ publish }, { mode: 'drill' });
    const { end, journal } = await run(world);
    assert.equal(end.state, 'done');
    assert.equal(journal.notes().includes('a drill does not publish its endpoint'), said);
    assert.equal(world.rds.parameters.size, 0);
  }
});

test('an export that has failed is a warning with AWS’s reason, and is not started again', async () => {
  const world = restoring({ archive: { kind: 'export', bucket: 'b', roleArn: 'r', kmsKeyId: 'k' } });
  const first = await run(world);
  assert.match(String(first.end.result?.['archived']), /^export webshop-export-[0-9a-f]{6} to S3 starting; no cluster/);
  for (const id of world.rds.exports.keys()) world.rds.exports.set(id, 'FAILED');
  const { end } = await run(world);
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings', JSON.stringify(end));
  assert.match(end.reason?.message ?? '', /the export webshop-export-[0-9a-f]{6} to S3 failed: AWS does not say why/);
  assert.equal(world.rds.changes('startExport').length, 1);
  for (const id of world.rds.exports.keys()) world.rds.exports.set(id, 'COMPLETE');
  assert.equal((await run(world)).end.reason?.code, 'ok');
});

const KEY = 'arn:aws:kms:us-west-2:111122223333:key/asked';

for (const [what, key, message] of [
  ['is not there', undefined, /does not exist/],
  ['is disabled', { state: 'Disabled', region: 'us-west-2' }, /is Disabled/],
  ['is pending deletion', { state: 'PendingDeletion', region: 'us-west-2' }, /is PendingDeletion/],
  ['is of another Region', { state: 'Enabled', region: 'eu-west-1' }, /is of Region eu-west-1/],
] as const) {
  test(`a key that ${what} is refused before anything is changed`, async () => {
    const world = restoring({ kmsKeyId: KEY });
    if (key !== undefined) world.rds.keys.set(KEY, key);
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'key-not-accessible', JSON.stringify(end));
    assert.match((end.state === 'failed' && end.reason.message) || '', message);
    assert.equal(world.rds.applied.length, 0);
  });
}

test('a key that is well is used, and one that may not be looked at too', async () => {
  for (const seen of [true, false]) {
    const world = restoring({ kmsKeyId: KEY });
    world.rds.keys.set(KEY, { state: 'Enabled', region: 'us-west-2' });
    world.rds.mayLookAtKeys = seen;
    const { end, journal } = await run(world);
    assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
    assert.equal(
      journal.notes().some((note) => note.includes('it is used unseen')),
      !seen,
    );
  }
});
