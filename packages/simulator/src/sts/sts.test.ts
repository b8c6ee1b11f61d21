import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DescribeJobsCommand, StartRecoveryCommand } from '@aws-sdk/client-drs';
import { DescribeInstancesCommand } from '@aws-sdk/client-ec2';
import { DescribeDocumentCommand } from '@aws-sdk/client-ssm';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  type STSClient,
} from '@aws-sdk/client-sts';
import { ACCOUNT, awsError, clients, type Keys, servers, worldOf } from '../../test-support/sdk-clients.ts';

const HERE = `arn:aws:iam::${ACCOUNT}:role/here`;
const THERE = 'arn:aws:iam::222222222222:role/path/there';
const ROLES = `
roles:
  - { arn: "${HERE}", webIdentity: { subjects: ["repo:octo/shop:*"] }, maxSession: 4h }
  - { arn: "${THERE}", externalId: secret-handshake, trust: ["${HERE}", "${ACCOUNT}"], deny: ["drs:StartRecovery", "ssm:*", "ec2:DescribeInstances"] }
  - { arn: "arn:aws:iam::222222222222:role/closed", trust: ["999999999999"] }
`;

async function assume(
  sts: STSClient,
  RoleArn: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<Keys & { expiration: Date }> {
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'test', ...more }));
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
    expiration: Credentials?.Expiration ?? new Date(0),
  };
}

describe('AssumeRole', () => {
  test('gives a session that is the role in its account', async () => {
    const { world, sts } = worldOf(ROLES);
    const keys = await assume(sts, THERE, { ExternalId: 'secret-handshake' });
    const who = await clients(world, { keys }).sts.send(new GetCallerIdentityCommand({}));
    assert.equal(who.Account, '222222222222');
    assert.equal(who.Arn, 'arn:aws:sts::222222222222:assumed-role/there/test');
    assert.match(who.UserId ?? '', /^AROA[A-Z2-7]{17}:test$/);
  });

  test('refuses a wrong or missing external id, a caller that is not trusted, and an unknown role, alike', async () => {
    const { sts } = worldOf(ROLES);
    const refused = awsError('AccessDenied', 403, {
      message: `User: arn:aws:iam::${ACCOUNT}:user/breakwater is not authorized to perform: sts:AssumeRole on resource: ${THERE}`,
    });
    await assert.rejects(assume(sts, THERE), refused);
    await assert.rejects(assume(sts, THERE, { ExternalId: 'wrong' }), refused);
    await assert.rejects(assume(sts, 'arn:aws:iam::222222222222:role/closed'), awsError('AccessDenied', 403));
    await assert.rejects(assume(sts, 'arn:aws:iam::222222222222:role/none'), awsError('AccessDenied', 403));
  });

  test('holds a chained session to one hour, and every session to its role’s maximum', async () => {
    const { world, sts } = worldOf(ROLES);
    const tooLong = awsError('ValidationError', 400);
    await assume(sts, HERE, { DurationSeconds: 14_400 });
    await assert.rejects(assume(sts, HERE, { DurationSeconds: 14_401 }), tooLong);
    const keys = await assume(sts, HERE);
    const chained = clients(world, { keys }).sts;
    await assert.rejects(assume(chained, THERE, { ExternalId: 'secret-handshake', DurationSeconds: 3_601 }), tooLong);
    await assume(chained, THERE, { ExternalId: 'secret-handshake', DurationSeconds: 3_600 });
  });

  test('refuses a session name with illegal characters, naming the pattern', async () => {
    const { sts } = worldOf(ROLES);
    await assert.rejects(
      sts.send(new AssumeRoleCommand({ RoleArn: HERE, RoleSessionName: 'a b/c' })),
      awsError('ValidationError', 400, {
        message:
          "1 validation error detected: Value 'a b/c' at 'RoleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      }),
    );
  });
});

describe('keys', () => {
  test('that nobody handed out are refused in each service’s words', async () => {
    const { world } = worldOf(servers(1));
    const { drs, ssm, sts, ec2 } = clients(world, { keys: { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'x' } });
    await assert.rejects(sts.send(new GetCallerIdentityCommand({})), awsError('InvalidClientTokenId', 403));
    await assert.rejects(ec2.send(new DescribeInstancesCommand({})), awsError('InvalidClientTokenId', 403));
    await assert.rejects(drs.send(new DescribeJobsCommand({})), awsError('UnrecognizedClientException', 403));
    await assert.rejects(ssm.send(new DescribeDocumentCommand({ Name: 'Doc' })), awsError('UnrecognizedClientException', 400));
    assert.deepEqual(
      world.calls.map((call) => call.account),
      [undefined, undefined, undefined, undefined],
    );
  });

  test('with another session token are refused', async () => {
    const { world, sts } = worldOf(ROLES);
    const keys = await assume(sts, HERE);
    const forged = clients(world, { keys: { ...keys, sessionToken: 'forged' } });
    await assert.rejects(forged.sts.send(new GetCallerIdentityCommand({})), awsError('InvalidClientTokenId', 403));
  });

  test('expire, in each service’s words', async () => {
    const { world, clock, sts } = worldOf(ROLES);
    const keys = await assume(sts, HERE, { DurationSeconds: 900 });
    assert.equal(keys.expiration.toISOString(), '2026-03-04T03:15:00.000Z');
    const session = clients(world, {
      keys: { accessKeyId: keys.accessKeyId, secretAccessKey: keys.secretAccessKey, sessionToken: keys.sessionToken ?? '' },
    });
    await session.sts.send(new GetCallerIdentityCommand({}));
    await clock.sleep(900_000);
    await assert.rejects(session.sts.send(new GetCallerIdentityCommand({})), awsError('ExpiredToken', 403));
    await assert.rejects(session.ec2.send(new DescribeInstancesCommand({})), awsError('ExpiredToken', 403));
    await assert.rejects(session.drs.send(new DescribeJobsCommand({})), awsError('ExpiredTokenException', 403));
    await assert.rejects(session.ssm.send(new DescribeDocumentCommand({ Name: 'Doc' })), awsError('ExpiredTokenException', 400));
  });

  test('of a role that is denied an action get AWS’s text for it', async () => {
    const { world, sts } = worldOf(`${ROLES}accounts: [{ id: "222222222222", regions: [us-west-2] }]\n`);
    const session = clients(world, { keys: await assume(sts, THERE, { ExternalId: 'secret-handshake' }) });
    const start = session.drs.send(new StartRecoveryCommand({ sourceServers: [{ sourceServerID: 's-00000000000000000' }] }));
    await assert.rejects(start, (error) => {
      awsError('AccessDeniedException', 403)(error);
      assert.match(
        error instanceof Error ? error.message : '',
        /^User: arn:aws:sts::222222222222:assumed-role\/there\/test is not authorized to perform: drs:StartRecovery on resource: arn:aws:drs:us-west-2:222222222222:\S+ because no identity-based policy allows the drs:StartRecovery action$/,
      );
      return true;
    });
    await assert.rejects(session.ssm.send(new DescribeDocumentCommand({ Name: 'Doc' })), awsError('AccessDeniedException', 400));
    await assert.rejects(session.ec2.send(new DescribeInstancesCommand({})), awsError('UnauthorizedOperation', 403));
    await session.drs.send(new DescribeJobsCommand({}));
  });
});

describe('AssumeRoleWithWebIdentity', () => {
  const jwt = (claims: object): string =>
    ['{"alg":"RS256"}', JSON.stringify(claims), 'sig'].map((part) => Buffer.from(part).toString('base64url')).join('.');
  const good = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sts.amazonaws.com',
    sub: 'repo:octo/shop:environment:dr',
    exp: Date.parse('2026-03-04T03:05:00Z') / 1_000,
  };
  const assumeWith = (sts: STSClient, WebIdentityToken: string, RoleArn = HERE) =>
    sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'run-1', WebIdentityToken }));

  test('needs no keys and gives a session', async () => {
    const { world } = worldOf(ROLES);
    const anonymous = clients(world, { keys: { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'x' } }).sts;
    const answer = await assumeWith(anonymous, jwt(good));
    assert.equal(answer.SubjectFromWebIdentityToken, good.sub);
    assert.equal(answer.AssumedRoleUser?.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/here/run-1`);
    assert.equal(world.calls[0]?.request?.['WebIdentityToken'], '***');
    assert.ok(!JSON.stringify(world.calls).includes(answer.Credentials?.SessionToken ?? ''));
  });

  test('checks token, audience, issuer, subject and expiry', async () => {
    const { clock, sts } = worldOf(ROLES);
    await assert.rejects(assumeWith(sts, 'not-a-token'), awsError('InvalidIdentityTokenException', 400));
    await assert.rejects(assumeWith(sts, jwt({ ...good, aud: 'other' })), awsError('InvalidIdentityTokenException', 400));
    await assert.rejects(
      assumeWith(sts, jwt({ ...good, iss: 'https://evil.example' })),
      awsError('InvalidIdentityTokenException', 400),
    );
    await assert.rejects(assumeWith(sts, jwt({ ...good, sub: 'repo:evil/shop:x' })), awsError('AccessDenied', 403));
    await assert.rejects(assumeWith(sts, jwt(good), THERE), awsError('AccessDenied', 403));
    await clock.sleep(300_000);
    await assert.rejects(assumeWith(sts, jwt(good)), awsError('ExpiredTokenException', 400));
  });
});
