import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { asAction, asPlanSet, asServers, parseParameters, type SsmDeed } from './deed.ts';

const deed: SsmDeed = {
  site: { name: 'target', account: '111122223333', region: 'us-west-2' },
  document: 'Webshop-PromoteDatabase',
  kind: 'automation',
  version: undefined,
  parameters: {},
  instances: [],
  targetParameter: 'InstanceIds',
  maxWait: 60_000,
};

test('parameters are YAML or JSON; every value becomes a list of the texts that were written', () => {
  assert.deepEqual(parseParameters(undefined), {});
  assert.deepEqual(parseParameters('Port: 5432\nMode: 0755\nYes: yes\nHosts: [a, b]\nEmpty: ""'), {
    Port: ['5432'],
    Mode: ['0755'],
    Yes: ['yes'],
    Hosts: ['a', 'b'],
    Empty: [''],
  });
  assert.deepEqual(parseParameters('{"commands": ["systemctl start x"]}'), { commands: ['systemctl start x'] });
});

test('what is not an object of texts is refused, by name', () => {
  const cases: readonly [string, RegExp][] = [
    ['just text', /is not an object of parameters/],
    ['- a\n- b', /is not an object of parameters/],
    ['a: {b: c}', /has a value for "a" that is neither a text nor a list of texts/],
    ['a: [[b]]', /has a value for "a"/],
    ['a: [', /is not YAML/],
    ['a: 1\na: 2', /is not YAML/],
  ];
  for (const [text, expected] of cases) {
    assert.throws(
      () => parseParameters(text),
      (error: unknown) => error instanceof UserError && error.code === 'usage' && expected.test(error.message),
      text,
    );
  }
});

test('the deed becomes an action at its own site', () => {
  assert.equal(asAction(deed).target, 'none');
  assert.equal('version' in asAction(deed), false);
  const onInstances = { ...deed, instances: ['i-0123456789abcdef0'], version: '3' };
  assert.equal(asAction(onInstances).target, 'recovered-instances');
  assert.equal(asAction(onInstances).version, '3');
  assert.deepEqual(
    asServers(onInstances).map(({ instanceId, status, account }) => [instanceId, status, account]),
    [['i-0123456789abcdef0', 'succeeded', '111122223333']],
  );
  assert.deepEqual([...asPlanSet(deed).set.sites.keys()], ['target']);
});
