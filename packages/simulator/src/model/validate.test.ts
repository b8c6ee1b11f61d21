import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StartRecoveryCommand } from '@aws-sdk/client-drs';
import { SendCommandCommand, StartAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { awsError, clients, servers, worldOf } from '../../test-support/sdk-clients.ts';
import { MODELS } from '../boundary.ts';
import type { Member, ServiceModel, TypeRef } from './service-model.ts';
import { validate } from './validate.ts';

const model: ServiceModel = {
  service: 'test',
  apiVersion: '1',
  protocol: 'aws-json',
  official: [],
  operations: {},
  errors: {},
  shapes: {
    In: {
      members: {
        id: { type: 'string', required: true, pattern: 's-[0-9]{3}', min: 5, max: 5 },
        kind: { type: 'string', enum: ['A', 'B'] },
        count: { type: 'integer', min: 1, max: 10 },
        ratio: { type: 'double' },
        flag: { type: 'boolean' },
        at: { type: 'timestamp' },
        raw: { type: 'blob' },
        secret: { type: 'string', max: 2, sensitive: true },
        list: { type: 'list', of: { type: 'structure', shape: 'Item' }, min: 1, max: 2 },
        map: { type: 'map', key: { type: 'string', max: 2 }, value: { type: 'list', of: { type: 'string', min: 1 } }, max: 1 },
      },
    },
    Item: { members: { name: { type: 'string', required: true } } },
  },
};

const messages = (value: unknown): readonly string[] => validate(model, 'In', value).map((violation) => violation.message);

test('a value that fits has no violations; null counts as absent', () => {
  const whole = {
    id: 's-123',
    kind: 'A',
    count: 1,
    ratio: 0.5,
    flag: false,
    at: 0,
    raw: '',
    secret: 'x',
    list: [{ name: 'a' }],
    map: { a: ['b'] },
  };
  assert.deepEqual(messages(whole), []);
  assert.deepEqual(messages({ id: 's-123', kind: null, list: undefined }), []);
});

describe('each constraint is told in AWS’s words', () => {
  const failed = 'failed to satisfy constraint: Member must';
  for (const [value, expected] of [
    [{}, [`Value null at 'id' ${failed} not be null`]],
    [
      { id: 's-12' },
      [
        `Value 's-12' at 'id' ${failed} have length greater than or equal to 5`,
        `Value 's-12' at 'id' ${failed} satisfy regular expression pattern: s-[0-9]{3}`,
      ],
    ],
    [{ id: 's-123', kind: 'C' }, [`Value 'C' at 'kind' ${failed} satisfy enum value set: [A, B]`]],
    [{ id: 's-123', count: 11 }, [`Value '11' at 'count' ${failed} have value less than or equal to 10`]],
    [{ id: 's-123', count: 1.5 }, ["Value '1.5' at 'count' must be a number (integer)"]],
    [{ id: 's-123', ratio: 'x' }, ["Value 'x' at 'ratio' must be a number (double)"]],
    [{ id: 's-123', flag: 'yes' }, ["Value 'yes' at 'flag' must be a boolean"]],
    [{ id: 's-123', at: {} }, ["Value at 'at' must be a timestamp"]],
    [{ id: 's-123', raw: 1 }, ["Value at 'raw' must be a blob"]],
    [{ id: 123 }, ["Value '123' at 'id' must be a string"]],
    [
      { id: 's-123', secret: 'hush' },
      [`Value '***Sensitive Data Redacted***' at 'secret' ${failed} have length less than or equal to 2`],
    ],
    [{ id: 's-123', list: [] }, [`Value '[…]' at 'list' ${failed} have length greater than or equal to 1`]],
    [{ id: 's-123', list: {} }, ["Value at 'list' must be a list"]],
    [{ id: 's-123', list: [{}] }, [`Value null at 'list.1.member.name' ${failed} not be null`]],
    [{ id: 's-123', list: ['x'] }, ["Value at 'list.1.member' must be a structure"]],
    [{ id: 's-123', map: [] }, ["Value at 'map' must be a map"]],
    [
      { id: 's-123', map: { abc: [''] } },
      [
        `Value 'abc' at 'map.key' ${failed} have length less than or equal to 2`,
        `Value '' at 'map.abc.member.1.member' ${failed} have length greater than or equal to 1`,
      ],
    ],
    [{ id: 's-123', other: 1 }, ["Unknown member 'other'"]],
    [{ id: 's-123', list: [{ name: 'a', other: 1 }] }, ["Unknown member 'list.1.member.other'"]],
    ['text', ["Value at '' must be a structure"]],
  ] as const) {
    test(JSON.stringify(value), () => assert.deepEqual(messages(value), expected));
  }
});

describe('requests are held to the models', () => {
  test('DRS: ValidationException with the list of fields', async () => {
    const { drs } = worldOf(servers(1));
    const send = drs.send(
      new StartRecoveryCommand({ sourceServers: [{ sourceServerID: 's-1', recoverySnapshotID: 'snap-0123456789abcdef0' }] }),
    );
    await assert.rejects(send, (error) => {
      awsError('ValidationException', 400, { reason: 'fieldValidationFailed' })(error);
      const fields: unknown = error instanceof Error ? Reflect.get(error, 'fieldList') : undefined;
      assert.ok(Array.isArray(fields));
      assert.deepEqual(
        fields.map((field: { name: string }) => field.name),
        [
          'sourceServers.1.member.sourceServerID',
          'sourceServers.1.member.sourceServerID',
          'sourceServers.1.member.recoverySnapshotID',
          'sourceServers.1.member.recoverySnapshotID',
        ],
      );
      return true;
    });
    await assert.rejects(drs.send(new StartRecoveryCommand({ sourceServers: [] })), awsError('ValidationException', 400));
    await assert.rejects(drs.send(new StartRecoveryCommand({ sourceServers: undefined })), awsError('ValidationException', 400));
  });

  test('SSM: ValidationException that counts the violations', async () => {
    const { ssm } = worldOf('');
    await assert.rejects(
      ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'x', ClientToken: 'short' })),
      (error) =>
        error instanceof Error && error.name === 'ValidationException' && /^3 validation errors detected: /.test(error.message),
    );
    const long = ssm.send(new SendCommandCommand({ DocumentName: 'Doc', Comment: 'x'.repeat(101) }));
    await assert.rejects(long, awsError('ValidationException', 400));
    const values = Array.from({ length: 51 }, () => 'x');
    await assert.rejects(
      ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'Doc', Parameters: { P: values } })),
      awsError('ValidationException', 400),
    );
    await assert.rejects(
      ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'Doc', Parameters: { P: ['x'.repeat(513)] } })),
      awsError('ValidationException', 400),
    );
  });

  test('nothing is applied by a request that is refused', async () => {
    const { world } = worldOf(servers(1));
    const { drs } = clients(world);
    await assert.rejects(drs.send(new StartRecoveryCommand({ sourceServers: [{ sourceServerID: 'nonsense' }] })));
    assert.deepEqual([world.calls[0]?.applied, world.state().regions[0]?.jobs.length], [false, 0]);
  });
});

test('the models hold together: every shape and error they name exists, and every pattern compiles', () => {
  for (const [service, { operations, shapes, errors, official }] of Object.entries(MODELS)) {
    const walk = (type: TypeRef, at: string): void => {
      if (type.type === 'structure') assert.ok(shapes[type.shape], `${service}: ${at} names ${type.shape}`);
      else if (type.type === 'list') walk(type.of, at);
      else if (type.type === 'map') {
        walk(type.key, at);
        walk(type.value, at);
      } else if (type.type === 'string' && type.pattern !== undefined)
        assert.doesNotThrow(() => new RegExp(type.pattern ?? ''), at);
      else assert.match(type.type, /^(string|integer|long|double|float|boolean|timestamp|blob)$/, at);
    };
    for (const [name, shape] of Object.entries(shapes)) {
      for (const [member, type] of Object.entries<Member>(shape.members)) walk(type, `${name}.${member}`);
    }
    for (const [name, operation] of Object.entries(operations)) {
      assert.ok(official.includes(name), `${service}:${name} is not official`);
      assert.ok(shapes[operation.input] && (operation.output === undefined || shapes[operation.output]), name);
      for (const error of operation.errors) assert.ok(errors[error], `${name} declares ${error}`);
    }
  }
});
