import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { DescribeJobsCommand, DescribeSourceServersCommand, StartReplicationCommand } from '@aws-sdk/client-drs';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { GetParameterHistoryCommand, ListCommandsCommand, StartAutomationExecutionCommand } from '@aws-sdk/client-ssm';
import { GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { awsError, clients, serverIds, servers, worldOf } from '../test-support/sdk-clients.ts';
import { serve } from './index.ts';

async function served(yaml = servers(2)) {
  const made = worldOf(yaml);
  const server = await serve(made.world);
  after(() => server.close());
  const control = async (method: string, route: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(`${server.url}/_simulator/${route}`, init);
    const value: unknown = await response.json();
    return { status: response.status, value };
  };
  return { ...made, server, control, http: clients(made.world, { endpoint: server.url }) };
}

describe('over HTTP', () => {
  test('AWS_ENDPOINT_URL and ordinary key variables are all that a client needs', async () => {
    const { server, world } = await served();
    const { execFile } = await import('node:child_process');
    const { promisify } = await import('node:util');
    const code = `
      const { DrsClient, DescribeSourceServersCommand } = await import('@aws-sdk/client-drs');
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
      const { items } = await new DrsClient({}).send(new DescribeSourceServersCommand({}));
      const { Account } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
      console.log(items.length, Account);`;
    const env = { PATH: process.env['PATH'] ?? '', AWS_ENDPOINT_URL: server.url, ...world.credentials };
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
      env,
      cwd: import.meta.dirname,
    });
    assert.equal(stdout.trim(), '2 111122223333');
  });

  test('a dropped connection is an ECONNRESET at the client', async () => {
    const { http, control, world } = await served('documents: [{ name: Doc }]\n');
    const armed = await control('POST', 'faults', {
      match: { operation: 'StartAutomationExecution', times: 1 },
      effect: { kind: 'drop', when: 'after' },
    });
    assert.deepEqual(armed, { status: 201, value: { id: 1 } });
    await assert.rejects(http.ssm.send(new StartAutomationExecutionCommand({ DocumentName: 'Doc' })), { code: 'ECONNRESET' });
    assert.deepEqual([world.calls[0]?.outcome, world.calls[0]?.applied], ['dropped', true]);
  });

  test('the control routes list calls, show the world, arm faults and move the clock', async () => {
    const { http, control, clock, world } = await served();
    await http.drs.send(new DescribeSourceServersCommand({}));
    await http.drs.send(new DescribeJobsCommand({}));
    const calls = await control('GET', 'calls?operation=DescribeJobs');
    assert.deepEqual(calls.value, [
      {
        number: 2,
        service: 'drs',
        operation: 'DescribeJobs',
        account: '111122223333',
        region: 'us-west-2',
        principal: 'arn:aws:iam::111122223333:user/breakwater',
        at: world.began + 50,
        request: {},
        outcome: 'ok',
        status: 200,
        applied: false,
        faults: [],
        unroutable: false,
      },
    ]);
    const state = await control('GET', 'state');
    assert.deepEqual(state.value, JSON.parse(JSON.stringify(world.state())));
    const before = clock.now();
    assert.deepEqual(await control('POST', 'clock', { advance: '5m' }), { status: 200, value: { now: before + 300_000 } });
    assert.equal(clock.now(), before + 300_000);
  });

  test('bad control requests are refused in words', async () => {
    const { control } = await served();
    for (const [method, route, body] of [
      ['POST', 'faults', { effect: { kind: 'explode' } }],
      ['POST', 'faults', 'not json'],
      ['POST', 'clock', { advance: 'soon' }],
      ['POST', 'clock', '7'],
    ] as const) {
      const { status, value } = await control(method, route, body);
      assert.equal(status, 400);
      assert.ok(JSON.stringify(value).includes('"message":'));
    }
    assert.equal((await control('GET', 'nothing')).status, 404);
  });

  test('a port that is taken is a usage error', async () => {
    const { server, world } = await served();
    await assert.rejects(serve(world, { port: server.port }), { code: 'usage', message: new RegExp(`port ${server.port}`) });
  });

  test('a client that goes away does not harm the server', async () => {
    const { http, control, world } = await served(
      `${servers(1)}faults: [{ match: { times: 1 }, effect: { kind: slow, by: 1h } }]\n`,
    );
    const controller = new AbortController();
    const gone = assert.rejects(http.ssm.send(new ListCommandsCommand({}), { abortSignal: controller.signal }), {
      name: 'AbortError',
    });
    while (world.calls.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await gone;
    assert.equal((await control('GET', 'state')).status, 200);
    await http.drs.send(new DescribeJobsCommand({}));
  });
});

describe('what the simulator does not know', () => {
  test('official operations that it does not implement say so by name, and are counted', async () => {
    const { world, drs, ssm, sts, ec2 } = worldOf(servers(1));
    const named = (name: string) => (error: unknown) => {
      awsError('SimulatorNotImplemented', 501)(error);
      assert.match(error instanceof Error ? error.message : '', new RegExp(name));
      return true;
    };
    await assert.rejects(
      drs.send(new StartReplicationCommand({ sourceServerID: serverIds(world)[0] ?? '' })),
      named('drs:StartReplication'),
    );
    await assert.rejects(ssm.send(new GetParameterHistoryCommand({ Name: 'a' })), named('ssm:GetParameterHistory'));
    await assert.rejects(sts.send(new GetSessionTokenCommand({})), named('sts:GetSessionToken'));
    await assert.rejects(ec2.send(new DescribeVpcsCommand({})), named('ec2:DescribeVpcs'));
    assert.deepEqual(
      world.calls.map((call) => [call.unroutable, call.outcome]),
      Array.from({ length: 4 }, () => [true, 'SimulatorNotImplemented']),
    );
    assert.equal(world.state().unroutable, 4);
  });

  test('operations that nobody has get the service’s own error', async () => {
    const { world, server } = await served();
    const scope = (service: string) =>
      `AWS4-HMAC-SHA256 Credential=${world.credentials.AWS_ACCESS_KEY_ID}/20260304/us-west-2/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const form = 'application/x-www-form-urlencoded';
    const post = async (path: string, headers: Readonly<Record<string, string>>, body: string) => {
      const response = await fetch(`${server.url}${path}`, { method: 'POST', headers, body });
      return { status: response.status, type: response.headers.get('x-amzn-errortype'), text: await response.text() };
    };
    const drs = await post('/Explode', { authorization: scope('drs'), 'content-type': 'application/json' }, '{}');
    assert.deepEqual([drs.status, drs.type], [404, 'UnknownOperationException']);
    const ssm = await post('/', { authorization: scope('ssm'), 'x-amz-target': 'AmazonSSM.Explode' }, '{}');
    assert.equal(ssm.status, 400);
    assert.match(ssm.text, /^\{"__type":"UnknownOperationException"/);
    const sts = await post('/', { authorization: scope('sts'), 'content-type': form }, 'Action=Explode&Version=2011-06-15');
    assert.match(
      sts.text,
      /<Code>InvalidAction<\/Code><Message>Could not find operation Explode for version 2011-06-15<\/Message>/,
    );
    const ec2 = await post('/', { authorization: scope('ec2'), 'content-type': form }, 'Action=Explode&Version=2016-11-15');
    assert.match(ec2.text, /<Code>InvalidAction<\/Code>/);
    const rds = await post('/', { authorization: scope('rds'), 'content-type': form }, 'Action=Explode&Version=2014-10-31');
    assert.match(rds.text, /Could not find operation Explode for version 2014-10-31/);
    const data = await post('/Explode', { authorization: scope('rds-data'), 'content-type': 'application/json' }, '{}');
    assert.deepEqual([data.status, data.type], [404, 'UnknownOperationException']);
    const kms = await post('/', { authorization: scope('kms'), 'x-amz-target': 'TrentService.Explode' }, '{}');
    assert.match(kms.text, /^\{"__type":"UnknownOperationException"/);
    const sqs = await post('/', { authorization: scope('sqs'), 'content-type': form }, 'Action=ListQueues&Version=2012-11-05');
    assert.equal(sqs.status, 501);
    assert.match(sqs.text, /no service 'sqs'/);
    const unsigned = await post('/DescribeJobs', {}, '{}');
    assert.deepEqual([unsigned.status, unsigned.type], [403, 'MissingAuthenticationToken']);
    assert.equal(world.state().unroutable, 9);
  });

  test('bodies that cannot be parsed are refused, not crashed on', async () => {
    const { world, server } = await served();
    const authorization = `AWS4-HMAC-SHA256 Credential=${world.credentials.AWS_ACCESS_KEY_ID}/20260304/us-west-2/SERVICE/aws4_request`;
    for (const [service, headers, expected] of [
      ['drs', {}, 'ValidationException'],
      ['ssm', { 'x-amz-target': 'AmazonSSM.ListCommands' }, 'SerializationException'],
    ] as const) {
      for (const body of ['{"a":', '[]', '7', 'null']) {
        const response = await fetch(`${server.url}/${service === 'drs' ? 'DescribeJobs' : ''}`, {
          method: 'POST',
          headers: { ...headers, authorization: authorization.replace('SERVICE', service) },
          body,
        });
        assert.equal(response.status, 400);
        assert.ok(`${response.headers.get('x-amzn-errortype')}${await response.text()}`.includes(expected), `${service} ${body}`);
      }
    }
  });
});
