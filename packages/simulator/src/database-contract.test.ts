import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseStory } from '../test-support/database-story.ts';
import { MODELS, parseJson } from './boundary.ts';
import { validate } from './model/validate.ts';

const SERVICES = ['rds', 'rds-data', 'kms', 'secretsmanager', 'sns', 'route53'] as const;

test('every database operation answers the official clients as its model says, in process and over HTTP alike', async () => {
  const [inProcess, overHttp] = await Promise.all([databaseStory('process'), databaseStory('http')]);
  assert.deepEqual(overHttp.outputs, inProcess.outputs);
  const called = new Set(inProcess.outputs.map(({ operation }) => operation));
  for (const service of SERVICES) {
    for (const operation of Object.keys(MODELS[service].operations))
      assert.ok(called.has(`${service}:${operation}`), `${service}:${operation} is not in the story`);
  }
  for (const { operation, output } of inProcess.outputs) {
    const [service = '', name = ''] = operation.split(':');
    const model = Object.entries(MODELS).find(([known]) => known === service)?.[1];
    const shape = model?.operations[name]?.output;
    if (model === undefined || shape === undefined) continue;
    assert.deepEqual(validate(model, shape, parseJson(JSON.stringify(output))), [], operation);
  }
  assert.deepEqual(
    inProcess.world.calls.filter((call) => call.outcome !== 'ok'),
    [],
  );
});

test('the stories cover every service', () => {
  assert.deepEqual([...SERVICES, 'drs', 'ssm', 'sts', 'ec2'].toSorted(), Object.keys(MODELS).toSorted());
});

test('no secret of the story is in the call log', async () => {
  const { world } = await databaseStory('process');
  const log = JSON.stringify(world.calls);
  for (const secret of ['X-Amz-Signature', '"username"', 'longValue']) assert.ok(!log.includes(secret), secret);
  assert.match(log, /"PreSignedUrl":"\*\*\*"/);
  assert.match(log, /"SecretString":"\*\*\*"/);
});
