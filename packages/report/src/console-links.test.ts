import assert from 'node:assert/strict';
import { test } from 'node:test';
import { automationLink, changeLink, commandLink, drsJobLink, instanceLink, sourceServerLink } from './console-links.ts';

const ID = '0a1b2c3d-0000-4000-8000-000000000001';

test('addresses lead to the page of the thing, in its Region', () => {
  const host = 'https://us-west-2.console.aws.amazon.com';
  assert.equal(drsJobLink('us-west-2', 'drsjob-1'), `${host}/drs/home?region=us-west-2#/launchHistory/drsjob-1`);
  assert.equal(sourceServerLink('us-west-2', 's-1'), `${host}/drs/home?region=us-west-2#/sourceServers/s-1/recovery_dashboard`);
  assert.equal(instanceLink('us-west-2', 'i-1'), `${host}/ec2/home?region=us-west-2#InstanceDetails:instanceId=i-1`);
  assert.equal(automationLink('us-west-2', ID), `${host}/systems-manager/automation/execution/${ID}?region=us-west-2`);
  assert.equal(commandLink('us-west-2', ID), `${host}/systems-manager/run-command/${ID}?region=us-west-2`);
});

test('each partition has its own console', () => {
  assert.ok(instanceLink('cn-northwest-1', 'i-1')?.startsWith('https://cn-northwest-1.console.amazonaws.cn/'));
  assert.ok(instanceLink('us-gov-west-1', 'i-1')?.startsWith('https://us-gov-west-1.console.amazonaws-us-gov.com/'));
  assert.ok(instanceLink('ap-southeast-2', 'i-1')?.startsWith('https://ap-southeast-2.console.aws.amazon.com/'));
});

test('no address is built from text that AWS did not give out', () => {
  for (const region of ['', 'evil.example/', 'us-west-2@evil.example', 'us west 2', 'US-WEST-2'])
    assert.equal(drsJobLink(region, 'drsjob-1'), undefined, region);
  for (const id of ['', 'a b', 'x)', '../x', 'i-1"', 'x'.repeat(65)]) assert.equal(instanceLink('us-west-2', id), undefined, id);
});

test('a change leads to what its operation made', () => {
  assert.match(changeLink('drs:StartRecovery', 'drsjob-1', 'us-west-2') ?? '', /launchHistory\/drsjob-1$/);
  assert.match(changeLink('drs:TerminateRecoveryInstances', 'drsjob-1', 'us-west-2') ?? '', /launchHistory/);
  assert.match(changeLink('ssm:StartAutomationExecution', ID, 'us-west-2') ?? '', /automation\/execution/);
  assert.match(changeLink('ssm:SendCommand', ID, 'us-west-2') ?? '', /run-command/);
  const rds = 'https://us-west-2.console.aws.amazon.com/rds/home?region=us-west-2#database:id=a;is-cluster=';
  for (const way of ['FromSnapshot', 'ToPointInTime'])
    assert.equal(changeLink(`rds:RestoreDBCluster${way}`, 'a', 'us-west-2'), `${rds}true`);
  for (const way of ['FromDBSnapshot', 'ToPointInTime'])
    assert.equal(changeLink(`rds:RestoreDBInstance${way}`, 'a', 'us-west-2'), `${rds}false`);
  assert.equal(changeLink('drs:TagResource', 's-1', 'us-west-2'), undefined);
  assert.equal(changeLink('rds:CopyDBSnapshot', 'x', 'us-west-2'), undefined);
  assert.equal(changeLink('drs:StartRecovery', 'drsjob-1', undefined), undefined);
});
