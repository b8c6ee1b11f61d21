import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type BreakwaterError, UserError, VirtualClock } from '@breakwater/core';
import { type ConnectOptions, connect } from './connect.ts';
import {
  callerIdentity,
  drsError,
  ec2Answer,
  queryError,
  type Script,
  type ScriptedAnswer,
  ScriptedAws,
  type SentRequest,
  session,
  ssmError,
} from './scripted-aws.ts';
import { START, scriptedSite } from './scripted-site.ts';

const HOUR = 3_600_000;
const HUB = 'arn:aws:iam::999988887777:role/hub';
const SITE = {
  name: 'recovery',
  account: '111122223333',
  region: 'eu-west-1',
  roleArn: 'arn:aws:iam::111122223333:role/dr',
  externalId: 'secret:handshake',
};

/** STS that hands out keys of an hour by the clock and knows which have expired; other services check the key they see. */
function world(
  options: Partial<ConnectOptions> = {},
  script: (...args: Parameters<Script>) => ScriptedAnswer | undefined = () => undefined,
) {
  const clock = new VirtualClock(START);
  const expiries = new Map<string, number>();
  const tokens: string[] = [];
  const secrets: string[] = [];
  const warnings: BreakwaterError[] = [];
  const answer = (request: SentRequest) => {
    const { service, operation, key } = request;
    if (service === 'sts' && operation.startsWith('AssumeRole')) {
      const fresh = `${operation === 'AssumeRole' ? 'SITE' : 'BASE'}${expiries.size}`;
      expiries.set(fresh, clock.now() + HOUR);
      return session(operation, fresh, clock.now() + HOUR);
    }
    if (key !== undefined && (expiries.get(key) ?? Number.POSITIVE_INFINITY) <= clock.now()) {
      return service === 'drs' ? drsError(403, 'ExpiredTokenException') : ssmError(400, 'ExpiredTokenException');
    }
    if (service === 'sts') return callerIdentity('111122223333');
    if (service === 'ec2') return ec2Answer(operation, '');
    return { json: { items: [] } };
  };
  const aws = new ScriptedAws((request, nth) => script(request, nth) ?? answer(request));
  const at = connect({
    clock,
    credentials: {
      kind: 'web-identity',
      roleArn: HUB,
      token: async () => {
        tokens.push(`jwt-${tokens.length}`);
        return tokens.at(-1) ?? '';
      },
    },
    sessionName: 'run [1/2]',
    requestHandler: aws,
    onSecret: (secret) => secrets.push(secret),
    onWarning: (error) => warnings.push(error),
    ...options,
  });
  return { clock, aws, at, tokens, secrets, warnings };
}

const renewals = (aws: ScriptedAws, operation: string) => aws.sent.filter((request) => request.operation === operation);

test('an eight-hour run: both SDK generations sign with what is fresh, and each renewal happens once', async () => {
  const { aws, at, clock, tokens, secrets } = world();
  const { drs, ssm, ec2, identity } = at(SITE);
  for (let minute = 0; minute < 480; minute += 10) {
    await Promise.all([
      drs.describeSourceServers(),
      ssm.describeManagedInstances(['i-0000000a']),
      ec2.describeInstances(['i-0000000a']),
      identity(),
    ]);
    await clock.sleep(600_000);
  }
  const keysOf = (service: string) => new Set(aws.sent.filter((request) => request.service === service).map(({ key }) => key));
  const assumed = renewals(aws, 'AssumeRole');
  // Asked every ten minutes, an hour's credentials are last used with ten minutes left and then found expired: once an hour.
  assert.equal(assumed.length, 8);
  assert.equal(renewals(aws, 'AssumeRoleWithWebIdentity').length, 8);
  assert.equal(tokens.length, 8, 'each renewal asks for a token of its own');
  assert.deepEqual(
    renewals(aws, 'AssumeRoleWithWebIdentity').map(({ input }) => input['WebIdentityToken']),
    tokens,
  );
  for (const service of ['drs', 'ssm', 'ec2']) assert.equal(keysOf(service).size, 8, service);
  assert.deepEqual(keysOf('drs'), keysOf('ec2'));
  assert.equal(renewals(aws, 'DescribeSourceServers').length, 48, 'none was refused and sent again');
  assert.equal(renewals(aws, 'DescribeInstanceInformation').length, 48);
  const first = assumed[0];
  assert.equal(first?.region, 'eu-west-1');
  assert.deepEqual(first?.input, {
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: SITE.roleArn,
    RoleSessionName: 'run-1-2-',
    DurationSeconds: '3600',
    ExternalId: 'secret:handshake',
  });
  const unsigned = renewals(aws, 'AssumeRoleWithWebIdentity')[0];
  assert.equal(unsigned?.key, undefined);
  assert.equal(unsigned?.region, 'eu-west-1', 'STS of the site’s Region, never the global one');
  assert.equal(unsigned?.input['RoleArn'], HUB);
  assert.deepEqual(secrets.slice(0, 5), ['jwt-0', 'secret-of-BASE0', 'token-of-BASE0', 'secret-of-SITE1', 'token-of-SITE1']);
});

test('polled every minute, credentials are renewed before they expire and no call is refused', async () => {
  const { aws, at, clock } = world();
  const { drs, ssm } = at(SITE);
  for (let minute = 0; minute < 180; minute++) {
    await drs.describeSourceServers();
    await ssm.describeManagedInstances(['i-0000000a']);
    await clock.sleep(60_000);
  }
  assert.equal(renewals(aws, 'DescribeSourceServers').length, 180);
  assert.equal(renewals(aws, 'DescribeInstanceInformation').length, 180);
  assert.equal(renewals(aws, 'AssumeRole').length, 4, 'every 55 to 56 minutes');
});

test('one site, one set of gateways and credentials; two Regions, an STS each', async () => {
  const { aws, at } = world();
  assert.equal(at(SITE), at({ ...SITE, name: 'the same by another name' }));
  assert.notEqual(at(SITE), at({ ...SITE, externalId: 'other' }));
  const other = { ...SITE, region: 'eu-central-1' };
  await Promise.all([
    at(SITE).drs.describeSourceServers(),
    at(SITE).drs.describeJobsSince(0),
    at(other).drs.describeJobsSince(0),
  ]);
  assert.deepEqual(
    renewals(aws, 'AssumeRoleWithWebIdentity')
      .map(({ region }) => region)
      .sort(),
    ['eu-central-1', 'eu-west-1'],
  );
  assert.equal(renewals(aws, 'AssumeRole').length, 2);
});

test('a site whose role is the run’s own, or that has none, is not chained', async () => {
  const { aws, at } = world();
  await at({ ...SITE, roleArn: HUB, externalId: undefined }).identity();
  await at({ name: 'plain', account: '999988887777', region: 'eu-west-1' }).identity();
  assert.deepEqual(new Set(aws.operations()), new Set(['AssumeRoleWithWebIdentity', 'GetCallerIdentity']));
});

test('STS throttled or broken for a moment does not fail a run', async () => {
  const { aws, at } = world({}, ({ operation }, nth) => {
    if (operation !== 'AssumeRole' || nth >= 2) return undefined;
    return nth === 0 ? queryError(400, 'Throttling') : { socketError: 'ECONNRESET' };
  });
  await at(SITE).drs.describeSourceServers();
  assert.equal(renewals(aws, 'AssumeRole').length, 3);
});

test('STS down at renewal time: the run goes on with what it has, warned', async () => {
  let down = false;
  const { at, aws, clock, warnings } = world({}, ({ operation }) =>
    down && operation.startsWith('AssumeRole') ? { socketError: 'ENOTFOUND' } : undefined,
  );
  const { drs } = at(SITE);
  await drs.describeSourceServers();
  down = true;
  await clock.sleep(HOUR - 4 * 60_000);
  await drs.describeSourceServers();
  await clock.sleep(150_000);
  assert.ok(warnings.length >= 1);
  assert.equal(warnings[0]?.code, 'aws-unavailable');
  await drs.describeSourceServers();
  await clock.sleep(10 * 60_000);
  await assert.rejects(drs.describeSourceServers(), { code: 'aws-unavailable', ambiguous: false });
  assert.equal(renewals(aws, 'DescribeSourceServers').length, 3);
  down = false;
  await drs.describeSourceServers();
});

test('a role that may not be assumed is named, and nothing else is sent', async () => {
  const message = `User: ${HUB}/x is not authorized to perform: sts:AssumeRole on resource: ${SITE.roleArn}`;
  const { at, aws } = world({}, ({ operation }) =>
    operation === 'AssumeRole' ? queryError(403, 'AccessDenied', message) : undefined,
  );
  const error = await at(SITE)
    .drs.startRecovery({ servers: [{ id: 's-1' }], isDrill: true, tags: {} })
    .catch((caught: unknown) => caught);
  assert.ok(error instanceof AwsError);
  assert.equal(error.code, 'permission-denied');
  assert.equal(error.missing, 'sts:AssumeRole');
  assert.equal(error.ambiguous, false, 'the change was never sent');
  assert.match(error.next, /trust policy/);
  assert.ok(!`${error.message}${error.next}`.includes(SITE.externalId));
  assert.deepEqual(aws.operations(), ['AssumeRoleWithWebIdentity', 'AssumeRole']);
});

test('no identity token: the job’s permission is named', async () => {
  for (const token of [async () => '', () => Promise.reject(new Error('Unable to get ACTIONS_ID_TOKEN_REQUEST_URL'))]) {
    const { at, aws } = world({ credentials: { kind: 'web-identity', roleArn: HUB, token } });
    await assert.rejects(at(SITE).identity(), { code: 'credentials-missing', next: /id-token: write/ });
    assert.equal(aws.sent.length, 0);
  }
  const own = new UserError('usage', 'ours', { next: 'do' });
  const { at } = world({ credentials: { kind: 'web-identity', roleArn: HUB, token: () => Promise.reject(own) } });
  await assert.rejects(at(SITE).identity(), own);
});

test('an answer of STS without credentials is a fault, not a crash', async () => {
  const empty = { xml: '<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>' };
  const { at } = world({}, ({ operation }) => (operation === 'AssumeRole' ? empty : undefined));
  await assert.rejects(at(SITE).identity(), { code: 'aws-fault' });
  const nobody = scriptedSite(() => ({
    xml: '<GetCallerIdentityResponse><GetCallerIdentityResult/></GetCallerIdentityResponse>',
  }));
  await assert.rejects(nobody.identity(), { code: 'aws-fault' });
});

for (const service of ['drs', 'ssm'] as const) {
  test(`a ${service} read that AWS calls expired is sent again with new credentials, once`, async () => {
    const expired = service === 'drs' ? drsError(403, 'ExpiredTokenException') : ssmError(400, 'ExpiredTokenException');
    const { at, aws } = world({}, ({ service: asked, operation }, nth) =>
      asked === service && nth === 0 && operation !== 'StartRecovery' ? expired : undefined,
    );
    const { drs, ssm } = at(SITE);
    await (service === 'drs' ? drs.describeSourceServers() : ssm.describeManagedInstances(['i-0000000a']));
    assert.equal(renewals(aws, 'AssumeRole').length, 2);
    const keys = aws.sent.filter((request) => request.service === service).map(({ key }) => key);
    assert.equal(new Set(keys).size, 2);
  });
}

test('static credentials that have expired are not tried again, and say so', async () => {
  const { drs, aws } = scriptedSite(() => drsError(403, 'ExpiredTokenException'));
  await assert.rejects(drs.describeSourceServers(), { code: 'credentials-expired' });
  assert.equal(aws.sent.length, 1);
});

async function withEnvironment(values: Record<string, string>, run: () => Promise<void>): Promise<void> {
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/nonexistent/config',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
    ...values,
  });
  try {
    await run();
  } finally {
    process.env = before;
  }
}

test('the default chain: found in the environment, or missing with advice', async () => {
  const script = () => callerIdentity('111122223333');
  await withEnvironment({ AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's3', AWS_SESSION_TOKEN: 't3' }, async () => {
    const secrets: string[] = [];
    const { identity, aws } = scriptedSite(script, {
      credentials: { kind: 'default' },
      onSecret: (secret) => secrets.push(secret),
    });
    assert.deepEqual(await identity(), { account: '111122223333', arn: 'arn:aws:sts::111122223333:assumed-role/dr/run' });
    assert.equal(aws.sent[0]?.key, 'AKIDENV');
    assert.equal(aws.sent[0]?.headers['x-amz-security-token'], 't3');
    assert.deepEqual(secrets, ['s3', 't3']);
  });
  await withEnvironment({}, async () => {
    const { identity, aws } = scriptedSite(script, { credentials: { kind: 'default' } });
    await assert.rejects(identity(), { code: 'credentials-missing', next: /AWS_PROFILE/ });
    assert.equal(aws.sent.length, 0);
  });
});

test('another endpoint, and who we are, reach every client', async () => {
  const hosts: string[] = [];
  const { aws, drs, ssm } = scriptedSite(() => ({ json: { items: [] } }), {
    endpoint: 'http://127.0.0.1:4000',
    userAgent: [['breakwater', '0.1.0']],
  });
  await drs.describeSourceServers();
  await ssm.describeManagedInstances(['i-0000000a']);
  for (const { headers } of aws.sent) {
    hosts.push(headers['host'] ?? '');
    assert.match(headers['user-agent'] ?? '', /breakwater\/0\.1\.0/);
  }
  assert.deepEqual(hosts, ['127.0.0.1:4000', '127.0.0.1:4000']);
});
