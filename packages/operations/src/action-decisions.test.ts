import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SsmAutomation } from '@breakwater/aws';
import { partKey, partsOf } from './action-parts.ts';
import { automationNote, automationState } from './automation-outcome.ts';
import { commandState } from './command-outcome.ts';
import { maskOutputs, maskText } from './masking.ts';
import { commandComment } from './run-command.ts';
import { action, serverYaml, simulated } from './testing/simulated.ts';

test('all 19 automation statuses, and one that is none of them', () => {
  const table = {
    succeeded: ['Success', 'CompletedWithSuccess'],
    failed: ['TimedOut', 'Cancelled', 'Failed', 'Rejected', 'ChangeCalendarOverrideRejected', 'CompletedWithFailure', 'Exited'],
    underway: [
      'Pending',
      'InProgress',
      'Cancelling',
      'Approved',
      'Scheduled',
      'RunbookInProgress',
      'ChangeCalendarOverrideApproved',
    ],
    asking: ['Waiting', 'PendingApproval', 'PendingChangeCalendarOverride'],
    unknown: ['Levitating', '', 'success'],
  } as const;
  for (const [state, statuses] of Object.entries(table))
    for (const status of statuses) assert.equal(automationState(status), state, status);
  assert.equal(Object.values(table).flat().length, 19 + 3);
});

test('the note tells for what a human is asked', () => {
  const automation: SsmAutomation = {
    id: 'x',
    status: 'Waiting',
    document: 'd',
    startedAt: 0,
    endedAt: undefined,
    outputs: {},
    failureMessage: undefined,
    currentStep: 'ask',
    steps: [],
  };
  assert.equal(automationNote(automation), 'automation x: waiting for approval in step ask');
  assert.equal(
    automationNote({ ...automation, status: 'PendingChangeCalendarOverride' }),
    'automation x: waiting for a change calendar override in step ask',
  );
  assert.equal(automationNote({ ...automation, status: 'InProgress', currentStep: undefined }), 'automation x: InProgress');
});

test('a command has ended when every instance has, and succeeded when every one has', () => {
  const one = (instanceId: string, status: string) => ({
    commandId: 'c',
    instanceId,
    status,
    statusDetails: undefined,
    responseCode: 0,
    output: '',
    errorOutput: '',
  });
  const state = commandState(['a', 'b', 'c', 'd'], [one('a', 'Success'), one('b', 'Failed'), one('c', 'Dancing')]);
  assert.deepEqual(state.open, ['c', 'd']);
  assert.deepEqual(state.unseen, ['d']);
  assert.deepEqual(
    state.failed.map(({ instanceId }) => instanceId),
    ['b'],
  );
  assert.deepEqual(state.unknown, ['Dancing']);
  for (const status of ['Cancelled', 'TimedOut', 'Failed'])
    assert.equal(commandState(['a'], [one('a', status)]).failed.length, 1, status);
  for (const status of ['Pending', 'InProgress', 'Delayed', 'Cancelling'])
    assert.deepEqual(commandState(['a'], [one('a', status)]).open, ['a'], status);
});

test('secrets do not pass, whatever they are called', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----';
  for (const text of [
    'AKIAABCDEFGHIJKLMNOP',
    'password=hunter2',
    '"token": "hunter2"',
    'api_key: hunter2',
    key,
    'https://x/?X-Amz-Signature=0123456789abcdef0123',
    'postgres://admin:hunter2@db/x',
  ]) {
    assert.doesNotMatch(maskText(`before ${text} after`), /hunter2|MIIE|AKIAABC|0123456789abcdef/, text);
  }
  assert.equal(maskText('Endpoint db.example.com, 3 tokens left'), 'Endpoint db.example.com, 3 tokens left');
  assert.match(maskText('x'.repeat(5_000)), /^x{2000}… \(3000 more characters\)$/);
  assert.deepEqual(
    maskOutputs({ 'a.SecretArn': ['v'], 'a.Endpoint': ['db'], 'b.AccessKeyId': ['v'], 'c.DbPassword': ['v', 'w'] }),
    {
      'a.SecretArn': ['[redacted]'],
      'a.Endpoint': ['db'],
      'b.AccessKeyId': ['[redacted]'],
      'c.DbPassword': ['[redacted]', '[redacted]'],
    },
  );
});

test('the key of a call tells every call apart, and is the same in every process', () => {
  const { context, wave } = simulated({ servers: serverYaml('web') });
  const work = { deed: context, action: action({ document: 'D' }), stage: 'pre', wave, servers: [] };
  const keys = [
    partKey(work, 1, 0, 0),
    partKey({ ...work, stage: 'post' }, 1, 0, 0),
    partKey({ ...work, wave: undefined }, 1, 0, 0),
    partKey({ ...work, action: action({ document: 'E' }) }, 1, 0, 0),
    partKey({ ...work, deed: { ...context, execution: 'other' } }, 1, 0, 0),
    partKey(work, 2, 0, 0),
    partKey(work, 1, 1, 0),
    partKey(work, 1, 0, 1),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(keys.map(commandComment)).size, keys.length);
  assert.equal(partKey({ ...work }, 1, 0, 0), keys[0]);
});

test('where an action runs', () => {
  const { context, wave } = simulated({ servers: serverYaml('web') });
  const second = { name: 'second', account: '444455556666', region: 'eu-west-1' };
  const two = { ...context, set: { ...context.set, sites: new Map([...context.set.sites, ['second', second]]) } };
  const work = { deed: two, action: action({ document: 'D' }), stage: 'pre', wave, servers: [] };
  const siteOf = (over: object) => {
    const cut = partsOf({ ...work, ...over });
    return 'parts' in cut ? cut.parts.map(({ site }) => site) : cut.reason.code;
  };
  assert.deepEqual(siteOf({}), ['dr']);
  assert.deepEqual(siteOf({ action: action({ document: 'D', site: 'second' }) }), ['second']);
  assert.deepEqual(siteOf({ wave: undefined }), ['dr'], 'a finally action of a plan with one site');
  const server = {
    id: 's',
    name: 's',
    account: '1',
    region: 'x',
    group: 'web',
    criticality: 'critical',
    status: 'succeeded',
  } as const;
  const servers = [
    { ...server, site: 'dr', instanceId: 'i-1' },
    { ...server, site: 'second', instanceId: 'i-2' },
  ];
  const onInstances = action({ document: 'D', target: 'recovered-instances' });
  assert.deepEqual(siteOf({ action: onInstances, servers }), ['dr', 'second']);
  assert.deepEqual(siteOf({ action: { ...onInstances, site: 'second' }, servers }), ['second']);
});
