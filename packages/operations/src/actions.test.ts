import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SiteGateways, SsmInvocation } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import type { JsonObject, ServerRecord } from '@breakwater/history';
import { drive } from './testing/drive.ts';
import { launch } from './testing/launching.ts';
import { StepJournal } from './testing/recording-context.ts';
import { ACCOUNT, action, REGION, type Simulated, serverYaml, simulated } from './testing/simulated.ts';

const TWO = [serverYaml('web', '', 1), serverYaml('web', '', 2)].join('\n');
const DOCUMENTS = `
documents:
  - name: Promote
    parameters: { Cluster: { type: String, required: false }, Title: { type: String, required: false }, InstanceId: { type: StringList, required: false } }
    steps: [{ name: promote, duration: 6s, outputs: { Endpoint: db.example.com, MasterPassword: hunter2, Log: "key AKIAABCDEFGHIJKLMNOP used" } }]
  - name: Breaks
    steps: [{ name: prepare, duration: 2s }, { name: swap, action: "aws:executeAwsApi", duration: 2s, fails: { message: "no such cluster, password=hunter2", type: Action } }]
  - name: Limps
    steps: [{ name: warm, duration: 2s, onFailure: Continue, fails: { message: cold, type: Action } }, { name: go, duration: 2s }]
  - name: Asks
    steps: [{ name: ask, action: "aws:approve", approval: true }]
  - { name: Hangs, steps: [{ name: hang, hangs: true }] }
  - { name: Restart, kind: command, duration: 6s, output: "restarted, token=abc123" }
  - { name: Fails, kind: command, duration: 3s, exitCode: 7, errorOutput: "no such unit" }
  - { name: Endless, kind: command, hangs: true }
`;

function act(
  aws: Simulated,
  over: Parameters<typeof action>[0],
  servers: readonly ServerRecord[] = [],
  journal = new StepJournal(aws.clock),
  attempt = 1,
) {
  const operation = aws.deeds().act(action(over), 'pre', aws.wave, servers);
  return { operation, journal, driven: drive(operation, journal.context(attempt), { patience: 3_600_000 }) };
}

function automationsOf(aws: Simulated) {
  return aws.world.state().regions.flatMap(({ automations }) => automations);
}

async function online(
  servers = TWO,
  through?: (aws: SiteGateways) => SiteGateways,
): Promise<{ aws: Simulated; servers: readonly ServerRecord[] }> {
  const aws = simulated({ servers, more: DOCUMENTS, ...(through === undefined ? {} : { through }) });
  const { end } = await launch(aws);
  await aws.clock.sleep(60_000);
  return { aws, servers: end.servers ?? [] };
}

test('an automation runs with its parameters filled in, under the token of its name, and leaves its outputs, masked', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const parameters = {
    Cluster: ['db'],
    Title: [`${['mode', 'plan', 'wave', 'execution', 'HOME'].map((name) => `$\{${name}}`).join(' ')}`],
  };
  const { driven, journal } = act(aws, { document: 'Promote', parameters });
  const { end } = await driven;
  assert.equal(end.state === 'done' && end.status, 'succeeded');
  const [call] = aws.changes('StartAutomationExecution');
  assert.deepEqual(call?.request?.['Parameters'], {
    Cluster: ['db'],
    Title: [`drill webshop web webshop-20260304T030000Z-1 $\{HOME}`],
  });
  assert.equal(call?.request?.['ClientToken'], journal.of('intent')[0]?.key);
  assert.match(String(call?.request?.['ClientToken']), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual(end.result?.['outputs'], {
    'promote.Endpoint': ['db.example.com'],
    'promote.MasterPassword': ['[redacted]'],
    'promote.Log': ['key [redacted] used'],
  });
  assert.deepEqual(
    journal.lines.map(({ type }) => type),
    ['intent', 'change'],
  );
  assert.doesNotMatch(JSON.stringify([end, journal.lines]), /hunter2|AKIAABCDEFGHIJKLMNOP/);
});

test('a failed automation names its step in AWS’s words, without the secrets in them', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const { end } = await act(aws, { document: 'Breaks' }).driven;
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'automation-failed');
  assert.match(end.reason?.message ?? '', /ended Failed in step swap \(aws:executeAwsApi\): Action: .*no such cluster/);
  assert.doesNotMatch(JSON.stringify(end), /hunter2/);
});

test('a step that failed although the automation succeeded is a warning', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const { end } = await act(aws, { document: 'Limps' }).driven;
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings');
  assert.match(end.reason?.message ?? '', /step warm of automation/);
});

test('while a human is asked, the note says so', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const { operation, journal } = {
    operation: aws.deeds().act(action({ document: 'Asks' }), 'pre', aws.wave, []),
    journal: new StepJournal(aws.clock),
  };
  await assert.rejects(drive(operation, journal.context(), { patience: 60_000 }), /waiting for approval in step ask/);
});

test('AWS answers the same token with the same execution, whatever happened to the first answer', async () => {
  for (const effect of [
    { kind: 'drop', when: 'after' },
    { kind: 'unavailable', status: 503, when: 'after' },
    { kind: 'throttle' },
  ]) {
    const aws = simulated({ servers: TWO, more: DOCUMENTS });
    aws.arm({ match: { operation: 'StartAutomationExecution', times: 2 }, effect });
    const { end } = await act(aws, { document: 'Promote' }).driven;
    assert.equal(end.state, 'done', JSON.stringify(effect));
    assert.equal(automationsOf(aws).length, 1, JSON.stringify(effect));
  }
});

test('an unknown document is AWS’s refusal, told as it is', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const { end } = await act(aws, { document: 'Missing' }).driven;
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /AutomationDefinitionNotFound/);
});

for (const [status, state] of [
  ['TimedOut', 'failed'],
  ['Cancelled', 'failed'],
  ['Rejected', 'failed'],
  ['Exited', 'failed'],
  ['ChangeCalendarOverrideRejected', 'failed'],
  ['CompletedWithFailure', 'failed'],
  ['CompletedWithSuccess', 'done'],
] as const) {
  test(`an automation that ends ${status} has ${state}`, async () => {
    const aws = simulated({ servers: TWO, more: DOCUMENTS });
    aws.arm({ match: { document: 'Promote' }, effect: { kind: 'automation-ends', status, message: 'so it ended' } });
    const { end } = await act(aws, { document: 'Promote' }).driven;
    assert.equal(end.state, state);
  });
}

test('a status that AWS has added since is waited for, with one warning', async () => {
  const through = (gateways: SiteGateways): SiteGateways => ({
    ...gateways,
    ssm: {
      ...gateways.ssm,
      getAutomation: async (id) => {
        const automation = await gateways.ssm.getAutomation(id);
        return automation?.status === 'InProgress' ? { ...automation, status: 'Levitating' } : automation;
      },
    },
  });
  const aws = simulated({ servers: TWO, more: DOCUMENTS, through });
  const { driven, journal } = act(aws, { document: 'Promote' });
  assert.equal((await driven).end.state, 'done');
  assert.equal(journal.warnings().length, 1);
  assert.match(journal.warnings()[0] ?? '', /Levitating/);
});

test('an execution that SSM never shows has failed, after 30 s', async () => {
  const through = (gateways: SiteGateways): SiteGateways => ({
    ...gateways,
    ssm: { ...gateways.ssm, getAutomation: async () => undefined },
  });
  const aws = simulated({ servers: TWO, more: DOCUMENTS, through });
  const { end } = await act(aws, { document: 'Promote' }).driven;
  assert.match(end.reason?.message ?? '', /SSM does not know it/);
  assert.ok(aws.clock.now() - aws.context.createdAt >= 30_000);
});

test('an automation for the recovered instances gets 50 ids at a time, one part after the other', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const servers = Array.from({ length: 120 }, (_, index) => record(`i-${String(index).padStart(17, '0')}`));
  const { driven } = act(aws, { document: 'Promote', target: 'recovered-instances' }, servers);
  const { end } = await driven;
  assert.equal(end.state, 'done');
  const sent = aws
    .changes('StartAutomationExecution')
    .map(({ request, at }) => ({ ids: Object(request?.['Parameters']).InstanceId, at }));
  assert.deepEqual(
    sent.map(({ ids }) => ids.length),
    [50, 50, 20],
  );
  assert.deepEqual(
    sent.flatMap(({ ids }) => ids),
    servers.map(({ instanceId }) => instanceId),
  );
  assert.ok((sent[1]?.at ?? 0) - (sent[0]?.at ?? 0) >= 6_000);
});

function record(instanceId: string, over: Partial<ServerRecord> = {}): ServerRecord {
  return {
    id: `s-${instanceId}`,
    name: 'web',
    site: 'dr',
    account: ACCOUNT,
    region: REGION,
    group: 'web',
    criticality: 'critical',
    status: 'succeeded',
    instanceId,
    ...over,
  };
}

test('nothing launched: an action on recovered instances has nothing to run on', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const lost = [record('i-00000000000000001', { status: 'failed' })];
  for (const kind of ['automation', 'command'] as const) {
    const { end } = await act(aws, { document: 'Restart', kind, target: 'recovered-instances' }, lost).driven;
    assert.equal(end.reason?.code, 'selection-empty', kind);
  }
  const { end } = await act(aws, { document: 'Restart', kind: 'command' }).driven;
  assert.equal(end.reason?.code, 'selection-empty', 'a command without a target');
});

test('an automation is stopped when nobody waits for it any more, and a resumed run starts it anew', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const journal = new StepJournal(aws.clock);
  const hung = aws.deeds().act(action({ document: 'Promote' }), 'pre', aws.wave, []);
  await hung.advance(journal.context());
  const id = journal.of('change')[0]?.id;
  await aws.clock.sleep(3_000);
  assert.equal(await hung.abandon?.(journal.context()), `automation ${id} ("Promote") was asked to stop`);
  assert.equal(aws.changes('StopAutomationExecution').length, 1);
  const { end } = await act(aws, { document: 'Promote' }, [], journal).driven;
  assert.equal(end.state, 'done');
  assert.equal(automationsOf(aws).length, 2);
  assert.notEqual(journal.of('change')[1]?.id, id);
});

test('an automation that had succeeded before it could be stopped is not run again', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  const journal = new StepJournal(aws.clock);
  const operation = aws.deeds().act(action({ document: 'Promote' }), 'pre', aws.wave, []);
  await operation.advance(journal.context());
  await aws.clock.sleep(10_000);
  assert.match((await operation.abandon?.(journal.context())) ?? '', /asked to stop/);
  const { end } = await act(aws, { document: 'Promote' }, [], journal).driven;
  assert.equal(end.state, 'done');
  assert.equal(automationsOf(aws).length, 1);
});

test('another attempt is another execution, the same one is not', async () => {
  const aws = simulated({ servers: TWO, more: DOCUMENTS });
  await act(aws, { document: 'Promote' }).driven;
  await act(aws, { document: 'Promote' }).driven;
  assert.equal(automationsOf(aws).length, 1);
  await act(aws, { document: 'Promote' }, [], new StepJournal(aws.clock), 2).driven;
  assert.equal(automationsOf(aws).length, 2);
});

test('a command runs on the recovered instances and leaves its output, masked', async () => {
  const { aws, servers } = await online();
  const { driven, journal } = act(aws, { document: 'Restart', kind: 'command', target: 'recovered-instances' }, servers);
  const { end } = await driven;
  assert.equal(end.state === 'done' && end.status, 'succeeded');
  const [call] = aws.changes('SendCommand');
  assert.deepEqual(
    call?.request?.['InstanceIds'],
    servers.map(({ instanceId }) => instanceId),
  );
  assert.match(String(call?.request?.['Comment']), /^breakwater [0-9a-f]{12}$/);
  const [command] = Object(end.result?.['commands']);
  assert.deepEqual(
    command.instances.map((one: JsonObject) => [one['status'], one['output']]),
    [
      ['Success', 'restarted, token=[redacted]'],
      ['Success', 'restarted, token=[redacted]'],
    ],
  );
  assert.deepEqual(
    journal.lines.map(({ type }) => type),
    ['intent', 'change'],
  );
});

test('a command fails when one instance did not succeed, with its code and its words', async () => {
  const { aws, servers } = await online();
  const { end } = await act(aws, { document: 'Fails', kind: 'command', target: 'recovered-instances' }, servers).driven;
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'command-failed');
  assert.match(
    end.reason?.message ?? '',
    /did not succeed on 2 of 2 instances: i-[0-9a-f]+: Failed, response code 7: no such unit/,
  );
});

for (const [effect, calls] of [
  [{ kind: 'drop', when: 'after' }, 1],
  [{ kind: 'unavailable', status: 500, when: 'after' }, 1],
  [{ kind: 'drop', when: 'before' }, 2],
] as const) {
  test(`an unclear answer to SendCommand (${JSON.stringify(effect)}): looked for by its comment, run once`, async () => {
    const { aws, servers } = await online();
    aws.arm({ match: { operation: 'SendCommand', nth: 1 }, effect });
    const { end } = await act(aws, { document: 'Restart', kind: 'command', target: 'recovered-instances' }, servers).driven;
    assert.equal(end.state, 'done');
    assert.equal(aws.calls('SendCommand').length, calls);
    assert.equal(aws.changes('SendCommand').length, 1);
  });
}

test('instances that SSM does not know are its refusal, told as it is', async () => {
  const { aws } = await online();
  const { end } = await act(aws, { document: 'Restart', kind: 'command', target: 'recovered-instances' }, [
    record('i-0badbadbadbadbad0'),
  ]).driven;
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /InvalidInstanceId/);
});

test('a command is cancelled when nobody waits for it any more, and a resumed run sends it anew', async () => {
  const { aws, servers } = await online();
  const journal = new StepJournal(aws.clock);
  const over = { document: 'Endless', kind: 'command', target: 'recovered-instances' } as const;
  const operation = aws.deeds().act(action(over), 'pre', aws.wave, servers);
  assert.equal(await operation.abandon?.(journal.context()), undefined, 'nothing was sent');
  await operation.advance(journal.context());
  assert.match((await operation.abandon?.(journal.context())) ?? '', /was asked to stop/);
  assert.equal(aws.changes('CancelCommand').length, 1);
  await assert.rejects(drive(aws.deeds().act(action(over), 'pre', aws.wave, servers), journal.context(), { patience: 120_000 }));
  assert.equal(aws.changes('SendCommand').length, 2);
});

test('invocations that never show up fail the command', async () => {
  const hidden = (gateways: SiteGateways): SiteGateways => ({
    ...gateways,
    ssm: { ...gateways.ssm, listInvocations: async (): Promise<SsmInvocation[]> => [] },
  });
  const { aws, servers } = await online(TWO, hidden);
  const { end } = await act(aws, { document: 'Restart', kind: 'command', target: 'recovered-instances' }, servers).driven;
  assert.match(end.reason?.message ?? '', /SSM shows nothing of it on i-/);
});

test('a lost connection before anything was sent is the engine’s to retry', async () => {
  const through = (gateways: SiteGateways): SiteGateways => ({
    ...gateways,
    ssm: {
      ...gateways.ssm,
      sendCommand: async () => {
        throw new AwsError('credentials-expired', 'expired', {
          next: 'Log in.',
          call: {
            service: 'ssm',
            operation: 'SendCommand',
            account: ACCOUNT,
            region: REGION,
            requestId: undefined,
            httpStatus: 400,
            awsCode: 'ExpiredTokenException',
          },
        });
      },
    },
  });
  const { aws, servers } = await online(TWO, through);
  const { driven } = act(aws, { document: 'Restart', kind: 'command', target: 'recovered-instances' }, servers);
  await assert.rejects(driven, { code: 'credentials-expired' });
});
