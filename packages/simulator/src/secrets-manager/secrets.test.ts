import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { at, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { awsError } from '../../test-support/sdk-clients.ts';

const WORLD = `secrets: [{ ${at(SOURCE)}, name: shop/users, value: { app_username: app } }]\n`;

test('a secret has versions: the newest is current, the one before stays readable', async () => {
  const { secrets } = databaseWorld(WORLD).source;
  const first = await secrets.send(new GetSecretValueCommand({ SecretId: 'shop/users' }));
  assert.equal(first.SecretString, '{"app_username":"app"}');
  assert.match(first.ARN ?? '', /:secret:shop\/users-[0-9a-zA-Z]{6}$/);
  const put = await secrets.send(new PutSecretValueCommand({ SecretId: first.ARN, SecretString: 'second' }));
  assert.deepEqual(put.VersionStages, ['AWSCURRENT']);
  const read = async (more: object) =>
    (await secrets.send(new GetSecretValueCommand({ SecretId: first.ARN?.slice(0, -7), ...more }))).SecretString;
  assert.equal(await read({}), 'second');
  assert.equal(await read({ VersionStage: 'AWSPREVIOUS' }), first.SecretString);
  assert.equal(await read({ VersionId: first.VersionId }), first.SecretString);
  await assert.rejects(read({ VersionStage: 'MINE' }), awsError('ResourceNotFoundException', 400));
  const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId: 'shop/users' }));
  assert.deepEqual(Object.values(VersionIdsToStages ?? {}), [['AWSPREVIOUS'], ['AWSCURRENT']]);
});

test('writing is idempotent by token; what exists is not made again', async () => {
  const { secrets } = databaseWorld(WORLD).source;
  const ClientRequestToken = '00000000-0000-4000-8000-000000000001';
  const put = (SecretString: string) =>
    secrets.send(new PutSecretValueCommand({ SecretId: 'shop/users', SecretString, ClientRequestToken }));
  assert.deepEqual((await put('a')).VersionId, (await put('a')).VersionId);
  await assert.rejects(put('b'), awsError('ResourceExistsException', 400));
  const create = (Name: string, SecretString: string) =>
    secrets.send(new CreateSecretCommand({ Name, SecretString, ClientRequestToken, Tags: [{ Key: 'a', Value: 'b' }] }));
  assert.equal((await create('new', 'a')).ARN, (await create('new', 'a')).ARN);
  await assert.rejects(create('new', 'b'), awsError('ResourceExistsException', 400));
  await assert.rejects(create('shop/users', 'b'), awsError('ResourceExistsException', 400));
  await assert.rejects(secrets.send(new CreateSecretCommand({ Name: 'empty' })), awsError('InvalidRequestException', 400));
});

test('no such secret, somebody else’s secret, RDS’s secret', async () => {
  const { source, destination, clock } = databaseWorld(WORLD);
  const read = new GetSecretValueCommand({ SecretId: 'shop/users' });
  await assert.rejects(destination.secrets.send(read), awsError('ResourceNotFoundException', 400));
  await assert.rejects(
    source.secrets.send(new PutSecretValueCommand({ SecretId: 'none', SecretString: 'x' })),
    awsError('ResourceNotFoundException', 400),
  );
  const { DBCluster } = await source.rds.send(
    new ModifyDBClusterCommand({ DBClusterIdentifier: 'shop', ManageMasterUserPassword: true, ApplyImmediately: true }),
  );
  await clock.sleep(60_000);
  const SecretId = DBCluster?.MasterUserSecret?.SecretArn;
  await assert.rejects(
    source.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'x' })),
    awsError('InvalidRequestException', 400),
  );
});
