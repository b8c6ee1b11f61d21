import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { awsError, worldOf } from '../../test-support/sdk-clients.ts';

test('a parameter is made, refused a second time, and overwritten when asked for', async () => {
  const { ssm, world } = worldOf('');
  const put = (Value: string, more: object = {}) =>
    ssm.send(new PutParameterCommand({ Name: '/shop/endpoint', Value, Type: 'String', ...more }));
  assert.equal((await put('one')).Version, 1);
  await assert.rejects(put('two'), awsError('ParameterAlreadyExists', 400));
  assert.equal((await put('two', { Overwrite: true, Type: undefined })).Version, 2);
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/shop/endpoint' }));
  assert.deepEqual([Parameter?.Value, Parameter?.Version, Parameter?.Type], ['two', 2, 'String']);
  assert.deepEqual(world.state().regions[0]?.databases.parameters, { '/shop/endpoint': 'two' });
  assert.doesNotMatch(JSON.stringify(world.calls), /"(one|two)"/);
});

test('a SecureString is readable only with decryption', async () => {
  const { ssm, world } = worldOf('');
  await ssm.send(new PutParameterCommand({ Name: 'hidden', Value: 'hunter2', Type: 'SecureString' }));
  const read = async (WithDecryption: boolean) =>
    (await ssm.send(new GetParameterCommand({ Name: 'hidden', WithDecryption }))).Parameter?.Value;
  assert.notEqual(await read(false), 'hunter2');
  assert.equal(await read(true), 'hunter2');
  assert.doesNotMatch(JSON.stringify(world.state()), /hunter2/);
});

test('what cannot be', async () => {
  const { ssm } = worldOf('');
  const put = (Name: string, more: object = {}) =>
    ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String', ...more }));
  for (const name of ['aws-x', '/ssm/x', 'a b', '/']) await assert.rejects(put(name), awsError('ValidationException', 400), name);
  await assert.rejects(put('x', { Type: undefined }), awsError('ValidationException', 400));
  await assert.rejects(put('x', { Value: 'v'.repeat(4_097) }), awsError('ValidationException', 400));
  await assert.rejects(put('x', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }), awsError('ValidationException', 400));
  await assert.rejects(ssm.send(new GetParameterCommand({ Name: 'none' })), awsError('ParameterNotFound', 400));
});
