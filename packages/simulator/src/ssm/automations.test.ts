import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  DescribeAutomationExecutionsCommand,
  DescribeAutomationStepExecutionsCommand,
  DescribeDocumentCommand,
  GetAutomationExecutionCommand,
  SendAutomationSignalCommand,
  type SSMClient,
  StartAutomationExecutionCommand,
  type StartAutomationExecutionCommandInput,
  StopAutomationExecutionCommand,
} from '@aws-sdk/client-ssm';
import { awsError, worldOf } from '../../test-support/sdk-clients.ts';

const TOKEN = '00000000-0000-4000-8000-000000000001';

async function begin(ssm: SSMClient, input: StartAutomationExecutionCommandInput): Promise<string> {
  return (await ssm.send(new StartAutomationExecutionCommand(input))).AutomationExecutionId ?? '';
}

async function get(ssm: SSMClient, AutomationExecutionId: string) {
  return (await ssm.send(new GetAutomationExecutionCommand({ AutomationExecutionId }))).AutomationExecution;
}

const THREE_STEPS = `
documents:
  - name: Three-Steps
    steps:
      - { name: one, duration: 10s, outputs: { A: "1" } }
      - { name: two, duration: 20s, outputs: { B: ["2", "3"] } }
      - { name: three, duration: 30s }
`;

describe('an automation', () => {
  test('is not found for a moment, then goes step by step to Success, with outputs keyed step.output', async () => {
    const { clock, ssm } = worldOf(THREE_STEPS);
    const id = await begin(ssm, { DocumentName: 'Three-Steps' });
    await assert.rejects(get(ssm, id), awsError('AutomationExecutionNotFoundException', 400));
    await clock.sleep(15_000);
    const half = await get(ssm, id);
    assert.equal(half?.AutomationExecutionStatus, 'InProgress');
    assert.equal(half?.CurrentStepName, 'two');
    assert.deepEqual(
      half?.StepExecutions?.map((step) => [step.StepName, step.StepStatus]),
      [
        ['one', 'Success'],
        ['two', 'InProgress'],
        ['three', 'Pending'],
      ],
    );
    assert.deepEqual(half?.Outputs, { 'one.A': ['1'] });
    await clock.sleep(60_000);
    const whole = await get(ssm, id);
    assert.equal(whole?.AutomationExecutionStatus, 'Success');
    assert.deepEqual(whole?.Outputs, { 'one.A': ['1'], 'two.B': ['2', '3'] });
    assert.equal((whole?.ExecutionEndTime?.getTime() ?? 0) - (whole?.ExecutionStartTime?.getTime() ?? 0), 60_000);
    assert.deepEqual(whole?.ProgressCounters, {
      TotalSteps: 3,
      SuccessSteps: 3,
      FailedSteps: 0,
      CancelledSteps: 0,
      TimedOutSteps: 0,
    });
  });

  test('is started once for a client token and the same input, in whatever order and letter case', async () => {
    const { world, ssm } = worldOf('documents: [{ name: Doc, parameters: { A: {}, B: {} } }]');
    const first = await begin(ssm, {
      DocumentName: 'Doc',
      ClientToken: TOKEN.replaceAll('0', 'a'),
      Parameters: { A: ['1'], B: ['2'] },
    });
    const again = await begin(ssm, {
      DocumentName: 'Doc',
      ClientToken: TOKEN.replaceAll('0', 'A'),
      Parameters: { B: ['2'], A: ['1'] },
    });
    assert.equal(again, first);
    assert.deepEqual(
      world.calls.map((call) => call.applied),
      [true, false],
    );
    await assert.rejects(
      begin(ssm, { DocumentName: 'Doc', ClientToken: TOKEN.replaceAll('0', 'a'), Parameters: { A: ['1'], B: ['other'] } }),
      awsError('IdempotentParameterMismatch', 400),
    );
    assert.notEqual(await begin(ssm, { DocumentName: 'Doc', Parameters: { A: ['1'], B: ['2'] } }), first);
  });

  test('reaches each of the 19 statuses', async () => {
    const all = [
      'Pending',
      'InProgress',
      'Waiting',
      'Success',
      'TimedOut',
      'Cancelling',
      'Cancelled',
      'Failed',
      'PendingApproval',
      'Approved',
      'Rejected',
      'Scheduled',
      'RunbookInProgress',
      'PendingChangeCalendarOverride',
      'ChangeCalendarOverrideApproved',
      'ChangeCalendarOverrideRejected',
      'CompletedWithSuccess',
      'CompletedWithFailure',
      'Exited',
    ];
    const { clock, ssm } = worldOf(
      `documents: [${all.map((status) => `{ name: Doc-${status}, end: ${status}, duration: 5s }`).join(', ')}]`,
    );
    for (const status of all) {
      const id = await begin(ssm, { DocumentName: `Doc-${status}` });
      await clock.sleep(60_000);
      const execution = await get(ssm, id);
      assert.equal(execution?.AutomationExecutionStatus, status);
      const final = /^(Success|TimedOut|Cancelled|Failed|Rejected|ChangeCalendarOverrideRejected|CompletedWith.*|Exited)$/.test(
        status,
      );
      assert.equal(execution?.ExecutionEndTime !== undefined, final, status);
    }
  });

  test('passes through the phases of its document before the first step', async () => {
    const { clock, ssm } = worldOf(
      'documents: [{ name: Doc, duration: 10s, phases: [{ status: Pending, duration: 10s }, { status: PendingApproval, duration: 10s }] }]',
    );
    const id = await begin(ssm, { DocumentName: 'Doc' });
    const seen: (string | undefined)[] = [];
    for (let i = 0; i < 4; i++) {
      await clock.sleep(9_000);
      seen.push((await get(ssm, id))?.AutomationExecutionStatus);
    }
    assert.deepEqual(seen, ['Pending', 'PendingApproval', 'InProgress', 'Success']);
  });

  test('that fails keeps the failing step, its FailureDetails, and leaves the rest Pending', async () => {
    const { clock, ssm } = worldOf(`
documents:
  - name: Doc
    steps:
      - { name: good, duration: 1s }
      - { name: bad, duration: 1s, fails: { message: "no such host", type: Permission, stage: PreVerification } }
      - { name: never, duration: 1s }
`);
    const id = await begin(ssm, { DocumentName: 'Doc' });
    await clock.sleep(10_000);
    const execution = await get(ssm, id);
    assert.equal(execution?.AutomationExecutionStatus, 'Failed');
    assert.match(execution?.FailureMessage ?? '', /bad.*no such host/);
    const [, bad, never] = execution?.StepExecutions ?? [];
    assert.deepEqual([bad?.StepStatus, bad?.FailureMessage], ['Failed', 'no such host']);
    assert.deepEqual(bad?.FailureDetails, {
      FailureStage: 'PreVerification',
      FailureType: 'Permission',
      Details: { VerificationErrorMessage: ['no such host'] },
    });
    assert.deepEqual([never?.StepStatus, never?.ExecutionStartTime], ['Pending', undefined]);
  });

  test('goes on after a failing step that may fail', async () => {
    const { clock, ssm } = worldOf(`
documents:
  - name: Doc
    end: CompletedWithSuccess
    steps:
      - { name: bad, duration: 1s, onFailure: Continue, fails: { message: no } }
      - { name: good, duration: 1s }
`);
    const id = await begin(ssm, { DocumentName: 'Doc' });
    await clock.sleep(10_000);
    const execution = await get(ssm, id);
    assert.equal(execution?.AutomationExecutionStatus, 'CompletedWithFailure');
    assert.deepEqual(
      execution?.StepExecutions?.map((step) => step.StepStatus),
      ['Failed', 'Success'],
    );
  });

  test('that hangs ends by its timeout, or by being stopped', async () => {
    const { clock, ssm } = worldOf(`
documents:
  - { name: Timed, steps: [{ name: wait, hangs: true, timeout: 60s }] }
  - { name: Endless, steps: [{ name: wait, hangs: true }] }
`);
    const timed = await begin(ssm, { DocumentName: 'Timed' });
    const endless = await begin(ssm, { DocumentName: 'Endless' });
    await clock.sleep(24 * 3_600_000);
    assert.equal((await get(ssm, timed))?.AutomationExecutionStatus, 'TimedOut');
    assert.equal((await get(ssm, endless))?.AutomationExecutionStatus, 'InProgress');
    await ssm.send(new StopAutomationExecutionCommand({ AutomationExecutionId: endless }));
    assert.equal((await get(ssm, endless))?.AutomationExecutionStatus, 'Cancelling');
    await clock.sleep(5_000);
    const stopped = await get(ssm, endless);
    assert.equal(stopped?.AutomationExecutionStatus, 'Cancelled');
    assert.equal(stopped?.StepExecutions?.[0]?.StepStatus, 'Cancelled');
    const again = ssm.send(new StopAutomationExecutionCommand({ AutomationExecutionId: endless }));
    await assert.rejects(again, awsError('InvalidAutomationStatusUpdateException', 400));
  });

  test('stopped with Complete finishes its current step only', async () => {
    const { clock, ssm } = worldOf(THREE_STEPS);
    const id = await begin(ssm, { DocumentName: 'Three-Steps' });
    await clock.sleep(15_000);
    await ssm.send(new StopAutomationExecutionCommand({ AutomationExecutionId: id, Type: 'Complete' }));
    assert.equal((await get(ssm, id))?.AutomationExecutionStatus, 'InProgress');
    await clock.sleep(30_000);
    const execution = await get(ssm, id);
    assert.equal(execution?.AutomationExecutionStatus, 'Success');
    assert.deepEqual(
      execution?.StepExecutions?.map((step) => step.StepStatus),
      ['Success', 'Success', 'Pending'],
    );
  });

  test('waits for approval, and is approved or rejected by a signal', async () => {
    const { clock, ssm } = worldOf(
      'documents: [{ name: Doc, steps: [{ name: ask, approval: true }, { name: go, duration: 1s }] }]',
    );
    const approved = await begin(ssm, { DocumentName: 'Doc' });
    const rejected = await begin(ssm, { DocumentName: 'Doc' });
    await clock.sleep(3_600_000);
    assert.equal((await get(ssm, approved))?.AutomationExecutionStatus, 'Waiting');
    await ssm.send(new SendAutomationSignalCommand({ AutomationExecutionId: approved, SignalType: 'Approve' }));
    await ssm.send(new SendAutomationSignalCommand({ AutomationExecutionId: rejected, SignalType: 'Reject' }));
    await clock.sleep(5_000);
    assert.equal((await get(ssm, approved))?.AutomationExecutionStatus, 'Success');
    assert.equal((await get(ssm, rejected))?.AutomationExecutionStatus, 'Rejected');
    const late = ssm.send(new SendAutomationSignalCommand({ AutomationExecutionId: approved, SignalType: 'Approve' }));
    await assert.rejects(late, awsError('InvalidAutomationSignalException', 400));
  });

  test('shows only its first steps; the others are listed page by page', async () => {
    const steps = Array.from({ length: 7 }, (_, i) => `{ name: step${i}, duration: 1s }`).join(', ');
    const { clock, ssm } = worldOf(`documents: [{ name: Doc, steps: [${steps}] }]\nssm: { stepsShown: 2 }\npageSize: 3\n`);
    const id = await begin(ssm, { DocumentName: 'Doc' });
    await clock.sleep(20_000);
    const execution = await get(ssm, id);
    assert.deepEqual([execution?.StepExecutions?.length, execution?.StepExecutionsTruncated], [2, true]);
    const names: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const answer = await ssm.send(new DescribeAutomationStepExecutionsCommand({ AutomationExecutionId: id, NextToken }));
      names.push(...(answer.StepExecutions ?? []).map((step) => step.StepName));
      NextToken = answer.NextToken;
    } while (NextToken !== undefined);
    assert.deepEqual(names, ['step0', 'step1', 'step2', 'step3', 'step4', 'step5', 'step6']);
    const foreign = ssm.send(new DescribeAutomationExecutionsCommand({ NextToken: 'nonsense' }));
    await assert.rejects(foreign, awsError('InvalidNextToken', 400));
    const odd = ssm.send(new DescribeAutomationExecutionsCommand({ Filters: [{ Key: 'OpsItemId', Values: ['x'] }] }));
    await assert.rejects(odd, awsError('InvalidFilterKey', 400));
  });

  test('is refused for what its document does not know', async () => {
    const { ssm } = worldOf(`
documents:
  - name: Doc
    versions: 2
    parameters: { Must: {}, Number: { type: Integer, default: "1" }, Many: { type: StringList, default: [a] }, Choice: { default: a, allowed: [a, b] } }
  - { name: Com, kind: command }
ssm: { concurrentAutomations: 1 }
`);
    const bad = awsError('InvalidAutomationExecutionParametersException', 400);
    await assert.rejects(begin(ssm, { DocumentName: 'Nobody' }), awsError('AutomationDefinitionNotFoundException', 400));
    await assert.rejects(begin(ssm, { DocumentName: 'Com' }), awsError('AutomationDefinitionNotFoundException', 400));
    await assert.rejects(
      begin(ssm, { DocumentName: 'Doc', DocumentVersion: '3' }),
      awsError('AutomationDefinitionVersionNotFoundException', 400),
    );
    await assert.rejects(begin(ssm, { DocumentName: 'Doc' }), bad);
    await assert.rejects(begin(ssm, { DocumentName: 'Doc', Parameters: { Must: ['x'], Other: ['y'] } }), bad);
    await assert.rejects(begin(ssm, { DocumentName: 'Doc', Parameters: { Must: ['x', 'y'] } }), bad);
    await assert.rejects(begin(ssm, { DocumentName: 'Doc', Parameters: { Must: ['x'], Number: ['one'] } }), bad);
    await assert.rejects(begin(ssm, { DocumentName: 'Doc', Parameters: { Must: ['x'], Choice: ['c'] } }), bad);
    const tags = Array.from({ length: 6 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
    await assert.rejects(
      begin(ssm, { DocumentName: 'Doc', Parameters: { Must: ['x'] }, Tags: tags }),
      awsError('ValidationException', 400),
    );
    await begin(ssm, {
      DocumentName: 'Doc',
      DocumentVersion: '$LATEST',
      Parameters: { Must: ['x'], Many: ['y', 'z'], AutomationAssumeRole: ['arn'] },
    });
    await assert.rejects(
      begin(ssm, { DocumentName: 'Doc', Parameters: { Must: ['x'] } }),
      awsError('AutomationExecutionLimitExceededException', 400),
    );
    await assert.rejects(ssm.send(new DescribeDocumentCommand({ Name: 'Nobody' })), awsError('InvalidDocument', 400));
  });
});
