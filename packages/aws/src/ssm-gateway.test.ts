import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ScriptedAnswer, ssmError } from './scripted-aws.ts';
import { START, scriptedSite } from './scripted-site.ts';

const EXECUTION = '73c8eef8-f4ee-4a05-820c-e354fa12e5e1';
const start = {
  document: 'DR-Warm',
  parameters: { Role: ['a'] },
  clientToken: '5b1e0e0c-3c5e-5f0e-8c57-1a2b3c4d5e6f',
  tags: { run: '1' },
};
const command = {
  document: 'AWS-RunShellScript',
  parameters: { commands: ['true'] },
  instanceIds: ['i-0000000a'],
  comment: 'breakwater 1',
  deliveryTimeout: 600_000,
};

test('startAutomation sends its token, and is tried again with the same one', async () => {
  const { ssm, aws } = scriptedSite((_, nth) =>
    nth === 0 ? { socketError: 'ECONNRESET' } : { json: { AutomationExecutionId: EXECUTION } },
  );
  assert.equal(await ssm.startAutomation({ ...start, version: '$LATEST' }), EXECUTION);
  assert.equal(aws.sent.length, 2);
  for (const { input } of aws.sent) {
    assert.deepEqual(input, {
      DocumentName: 'DR-Warm',
      DocumentVersion: '$LATEST',
      Parameters: { Role: ['a'] },
      ClientToken: start.clientToken,
      Tags: [{ Key: 'run', Value: '1' }],
    });
  }
});

test('startAutomation without tags sends none, and an answer without id is ambiguous', async () => {
  const { ssm, aws } = scriptedSite(() => ({ json: {} }));
  await assert.rejects(ssm.startAutomation({ ...start, tags: {} }), { code: 'aws-fault', ambiguous: true });
  assert.equal(aws.sent[0]?.input['Tags'], undefined);
});

test('startAutomation without parameters sends no empty map, which SSM refuses', async () => {
  const { ssm, aws } = scriptedSite(() => ({ json: { AutomationExecutionId: EXECUTION } }));
  await ssm.startAutomation({ ...start, parameters: {} });
  assert.equal('Parameters' in (aws.sent[0]?.input ?? {}), false);
});

test('getAutomation: dates, outputs and failures of steps', async () => {
  const { ssm } = scriptedSite(() => ({
    json: {
      AutomationExecution: {
        AutomationExecutionId: EXECUTION,
        AutomationExecutionStatus: 'RunbookOnTheMoon',
        DocumentName: 'DR-Warm',
        ExecutionStartTime: START / 1_000 + 0.25,
        Outputs: { 'step.out': ['1', '2'] },
        FailureMessage: 'Step x failed',
        CurrentStepName: 'x',
        StepExecutionsTruncated: false,
        StepExecutions: [
          {
            StepName: 'x',
            Action: 'aws:executeScript',
            StepStatus: 'Failed',
            FailureMessage: 'bad',
            FailureDetails: { FailureType: 'Action' },
          },
          {},
        ],
      },
    },
  }));
  assert.deepEqual(await ssm.getAutomation(EXECUTION), {
    id: EXECUTION,
    status: 'RunbookOnTheMoon',
    document: 'DR-Warm',
    startedAt: START + 250,
    endedAt: undefined,
    outputs: { 'step.out': ['1', '2'] },
    failureMessage: 'Step x failed',
    currentStep: 'x',
    steps: [
      { name: 'x', action: 'aws:executeScript', status: 'Failed', failureMessage: 'bad', failureType: 'Action' },
      { name: 'unknown', action: undefined, status: 'Unknown', failureMessage: undefined, failureType: undefined },
    ],
  });
});

test('getAutomation completes a truncated step list, and knows nothing of an execution not visible yet', async () => {
  const { ssm, aws } = scriptedSite(({ operation, input }): ScriptedAnswer => {
    if (operation === 'GetAutomationExecution') {
      if (input['AutomationExecutionId'] !== EXECUTION) return ssmError(400, 'AutomationExecutionNotFoundException');
      return { json: { AutomationExecution: { StepExecutionsTruncated: true, StepExecutions: [{ StepName: 'one' }] } } };
    }
    return input['NextToken'] === undefined
      ? { json: { StepExecutions: [{ StepName: 'one' }], NextToken: 'n' } }
      : { json: { StepExecutions: [{ StepName: 'two' }], NextToken: '' } };
  });
  const automation = await ssm.getAutomation(EXECUTION);
  assert.deepEqual(
    automation?.steps.map(({ name }) => name),
    ['one', 'two'],
  );
  assert.equal(automation?.status, 'Unknown');
  assert.equal(await ssm.getAutomation('another'), undefined);
  assert.deepEqual(aws.operations(), [
    'GetAutomationExecution',
    'DescribeAutomationStepExecutions',
    'DescribeAutomationStepExecutions',
    'GetAutomationExecution',
  ]);
});

test('stopAutomation resolves when there is nothing left to stop, and fails otherwise', async () => {
  const ended = scriptedSite(() => ssmError(400, 'InvalidAutomationStatusUpdateException'));
  await ended.ssm.stopAutomation(EXECUTION);
  assert.deepEqual(ended.aws.sent[0]?.input, { AutomationExecutionId: EXECUTION, Type: 'Cancel' });
  const denied = scriptedSite(() => ssmError(400, 'AccessDeniedException'));
  await assert.rejects(denied.ssm.stopAutomation(EXECUTION), {
    code: 'permission-denied',
    missing: 'ssm:StopAutomationExecution',
  });
});

test('stopAutomation still works, once, after the run was told to stop', async () => {
  const stop = new AbortController();
  stop.abort('SIGINT');
  const { ssm, aws } = scriptedSite(() => ({ json: {} }), { signal: stop.signal });
  await ssm.stopAutomation(EXECUTION);
  assert.equal(aws.sent.length, 1);
  const broken = scriptedSite(() => ssmError(500, 'InternalServerError'), { signal: stop.signal });
  await assert.rejects(broken.ssm.stopAutomation(EXECUTION), { code: 'aws-unavailable', ambiguous: true });
  assert.equal(broken.aws.sent.length, 1, 'no time is left to try again');
});

test('sendCommand is sent once and keeps its limits', async () => {
  const { ssm, aws } = scriptedSite(() => ({
    json: {
      Command: {
        CommandId: 'c-1',
        DocumentName: 'AWS-RunShellScript',
        Comment: 'breakwater 1',
        Status: 'Pending',
        RequestedDateTime: START / 1_000,
      },
    },
  }));
  assert.deepEqual(await ssm.sendCommand({ ...command, version: '1' }), {
    id: 'c-1',
    document: 'AWS-RunShellScript',
    comment: 'breakwater 1',
    requestedAt: START,
    status: 'Pending',
  });
  assert.deepEqual(aws.sent[0]?.input, {
    DocumentName: 'AWS-RunShellScript',
    DocumentVersion: '1',
    Parameters: { commands: ['true'] },
    InstanceIds: ['i-0000000a'],
    Comment: 'breakwater 1',
    TimeoutSeconds: 600,
  });
  await ssm.sendCommand({ ...command, deliveryTimeout: 1 });
  assert.equal(aws.sent[1]?.input['TimeoutSeconds'], 30);
  await assert.rejects(ssm.sendCommand({ ...command, instanceIds: [] }), { code: 'internal' });
  await assert.rejects(ssm.sendCommand({ ...command, comment: 'x'.repeat(101) }), { code: 'internal' });
  assert.equal(aws.sent.length, 2);
});

for (const answer of [{ status: 503 }, { socketError: 'ECONNRESET' }, { json: {} }] satisfies ScriptedAnswer[]) {
  test(`sendCommand is never repeated and is ambiguous after ${JSON.stringify(answer)}`, async () => {
    const { ssm, aws } = scriptedSite(() => answer);
    await assert.rejects(ssm.sendCommand(command), { name: 'AwsError', ambiguous: true });
    assert.equal(aws.sent.length, 1);
  });
}

test('commands since a moment, newest first', async () => {
  const { ssm, aws } = scriptedSite(({ input }) =>
    input['NextToken'] === undefined
      ? { json: { Commands: [{ CommandId: 'old', RequestedDateTime: 1 }], NextToken: 'n' } }
      : { json: { Commands: [{ CommandId: 'new', RequestedDateTime: 2 }, { Comment: 'no id' }] } },
  );
  const commands = await ssm.listCommandsSince(START + 999);
  assert.deepEqual(
    commands.map(({ id, status }) => [id, status]),
    [
      ['new', 'Unknown'],
      ['old', 'Unknown'],
    ],
  );
  assert.deepEqual(aws.sent[0]?.input, { Filters: [{ key: 'InvokedAfter', value: '2026-11-20T03:00:00Z' }], MaxResults: 50 });
});

test('invocations: both streams, and the plugin that tells', async () => {
  const { ssm, aws } = scriptedSite(() => ({
    json: {
      CommandInvocations: [
        {
          CommandId: 'c-1',
          InstanceId: 'i-0000000a',
          Status: 'Failed',
          StatusDetails: 'Failed',
          CommandPlugins: [
            { Name: 'a', Status: 'Success', ResponseCode: 0, Output: 'first' },
            { Name: 'b', Status: 'Failed', ResponseCode: 7, Output: 'second\n----------ERROR-------\nboom' },
            { Name: 'c', Status: 'Pending', ResponseCode: -1 },
          ],
        },
        { InstanceId: 'i-0000000b' },
        { Status: 'no instance' },
      ],
    },
  }));
  assert.deepEqual(await ssm.listInvocations('c-1'), [
    {
      commandId: 'c-1',
      instanceId: 'i-0000000a',
      status: 'Failed',
      statusDetails: 'Failed',
      responseCode: 7,
      output: 'first\nsecond',
      errorOutput: 'boom',
    },
    {
      commandId: 'c-1',
      instanceId: 'i-0000000b',
      status: 'Unknown',
      statusDetails: undefined,
      responseCode: undefined,
      output: '',
      errorOutput: '',
    },
  ]);
  assert.equal(aws.sent[0]?.input['Details'], true);
});

test('cancelCommand and managed instances', async () => {
  const { ssm, aws } = scriptedSite(({ operation }) =>
    operation === 'CancelCommand'
      ? { json: {} }
      : {
          json: {
            InstanceInformationList: [{ InstanceId: 'i-0000000a', PingStatus: 'Online', LastPingDateTime: START / 1_000 }, {}],
          },
        },
  );
  await ssm.cancelCommand('c-1');
  const many = Array.from({ length: 101 }, (_, n) => `i-${String(n).padStart(8, '0')}`);
  assert.deepEqual((await ssm.describeManagedInstances(many))[0], {
    instanceId: 'i-0000000a',
    pingStatus: 'Online',
    lastPingAt: START,
  });
  assert.deepEqual(await ssm.describeManagedInstances([]), []);
  assert.deepEqual(aws.operations(), ['CancelCommand', 'DescribeInstanceInformation', 'DescribeInstanceInformation']);
  assert.deepEqual(aws.sent[2]?.input, { Filters: [{ Key: 'InstanceIds', Values: ['i-00000100'] }], MaxResults: 50 });
});
