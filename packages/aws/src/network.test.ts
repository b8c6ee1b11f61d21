import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createServer, type RequestListener } from 'node:http';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AwsError, systemClock } from '@breakwater/core';
import { createWorld, parseScenario, serve } from '@breakwater/simulator';
import { toAwsError } from './aws-error.ts';
import { clientSettings } from './client-settings.ts';
import { connect } from './connect.ts';
import { networkHandler } from './network-handler.ts';

const ACCOUNT = '111122223333';
const CREDENTIALS = { kind: 'static', accessKeyId: 'AKIDBASE', secretAccessKey: 'secret' } as const;

async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}

const siteAt = (endpoint: string, signal?: AbortSignal) =>
  connect({
    clock: systemClock,
    credentials: CREDENTIALS,
    sessionName: 'x',
    endpoint,
    ...(signal === undefined ? {} : { signal }),
  })({
    name: 'n',
    account: ACCOUNT,
    region: 'eu-west-1',
  });

test('over a real socket: both SDK generations against the simulator', async () => {
  const yaml = `name: http\ncallers: [{ account: "${ACCOUNT}" }]\nservers: [{ hostname: a, account: "${ACCOUNT}", region: eu-west-1 }]`;
  const world = createWorld({ scenario: parseScenario(yaml), clock: systemClock });
  const server = await serve(world);
  after(() => server.close());
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
  const credentials = { kind: 'static', accessKeyId, secretAccessKey } as const;
  const site = connect({ clock: systemClock, credentials, sessionName: 'x', endpoint: server.url })({
    name: 'n',
    account: ACCOUNT,
    region: 'eu-west-1',
  });
  const [identity, servers, managed] = await Promise.all([
    site.identity(),
    site.drs.describeSourceServers(),
    site.ssm.describeManagedInstances(['i-0000000a']),
  ]);
  assert.equal(identity.account, ACCOUNT);
  assert.equal(servers.length, 1);
  assert.deepEqual(managed, []);
});

for (const service of ['drs', 'ssm'] as const) {
  test(`a connection cut after the ${service} request was read: ambiguous, and the request came once`, async () => {
    let requests = 0;
    const endpoint = await listening((request) => {
      requests += 1;
      request.resume().on('end', () => request.socket.destroy());
    });
    const { drs, ssm } = siteAt(endpoint);
    const change =
      service === 'drs'
        ? drs.startRecovery({ servers: [{ id: 's-1' }], isDrill: true, tags: {} })
        : ssm.sendCommand({ document: 'D', parameters: {}, instanceIds: ['i-1'], comment: '', deliveryTimeout: 1 });
    await assert.rejects(change, { code: 'aws-unavailable', ambiguous: true });
    assert.equal(requests, 1);
  });

  test(`a ${service} answer that never comes is a timeout, not a wait for ever`, async () => {
    const endpoint = await listening(() => undefined);
    const settings = clientSettings({
      region: 'eu-west-1',
      userAgent: [],
      endpoint,
      handler: networkHandler({ connection: 1_000, request: 100 }),
      dispatched: () => undefined,
      credentials: async () => ({ accessKeyId: 'A', secretAccessKey: 'B', expiration: new Date(0) }),
    });
    const send = async () => {
      if (service === 'drs') {
        const { DescribeJobsCommand, DrsClient } = await import('./drs-client.ts');
        return new DrsClient(settings).send(new DescribeJobsCommand({}));
      }
      const { ListCommandsCommand, SSMClient } = await import('./ssm-client.ts');
      return new SSMClient(settings).send(new ListCommandsCommand({}));
    };
    const caught = await send().catch((error: unknown) => error);
    const call = { service, operation: 'X', account: undefined, region: undefined, effect: 'once' } as const;
    const error = toAwsError(caught, call);
    assert.ok(error instanceof AwsError);
    assert.equal(error.code, 'aws-unavailable');
    assert.equal(error.call.awsCode, 'TimeoutError');
    assert.equal(error.ambiguous, true);
  });
}

test('an abort ends a read on a real socket at once, for both generations together', async () => {
  const stop = new AbortController();
  let open = 0;
  const endpoint = await listening(() => {
    open += 1;
    if (open === 3) stop.abort('SIGTERM');
  });
  const { drs, ssm } = siteAt(endpoint, stop.signal);
  const reads = [drs.describeSourceServers(), drs.describeJobsSince(0), ssm.describeManagedInstances(['i-0000000a'])];
  for (const outcome of await Promise.allSettled(reads)) {
    assert.ok(outcome.status === 'rejected' && outcome.reason.code === 'interrupted', JSON.stringify(outcome));
  }
});

test('nothing keeps the process once a request has failed', () => {
  const script = `
    import { connect } from ${JSON.stringify(fileURLToPath(new URL('./index.ts', import.meta.url)))};
    import { systemClock } from '@breakwater/core';
    const credentials = { kind: 'static', accessKeyId: 'A', secretAccessKey: 'B' };
    const site = connect({ clock: systemClock, credentials, sessionName: 'x', endpoint: 'http://127.0.0.1:1' })({ name: 'n', account: '1', region: 'eu-west-1' });
    await site.drs.terminateRecoveryInstances(['i-1']).catch((error) => console.log(error.code, error.ambiguous));
  `;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 15_000 });
  assert.equal(child.status, 0, `ended by ${child.signal}: ${child.stderr}`);
  assert.equal(child.stdout, 'aws-unavailable true\n');
});
