import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { awsError } from '../../test-support/sdk-clients.ts';

async function key(kms: KMSClient, KeyId: string) {
  return (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata;
}

describe('DescribeKey', () => {
  test('by id, ARN, alias and alias ARN', async () => {
    const { source } = databaseWorld();
    const byAlias = await key(source.kms, 'alias/shop');
    assert.deepEqual([byAlias?.KeyManager, byAlias?.KeyState, byAlias?.AWSAccountId], ['CUSTOMER', 'Enabled', SOURCE.account]);
    for (const name of [byAlias?.KeyId, byAlias?.Arn, `arn:aws:kms:${SOURCE.region}:${SOURCE.account}:alias/shop`])
      assert.deepEqual(await key(source.kms, name ?? ''), byAlias);
    assert.equal((await key(source.kms, 'alias/aws/rds'))?.KeyManager, 'AWS');
  });

  test('what is not there', async () => {
    const { source, destination } = databaseWorld();
    const none = '00000000-0000-0000-0000-000000000000';
    for (const name of ['alias/none', none, `arn:aws:kms:${SOURCE.region}:${SOURCE.account}:key/${none}`])
      await assert.rejects(key(source.kms, name), awsError('NotFoundException', 400), name);
    const foreign = (await key(destination.kms, 'alias/dr'))?.Arn ?? '';
    await assert.rejects(key(source.kms, foreign), (error) => {
      awsError('NotFoundException', 400)(error);
      assert.equal(error instanceof Error ? error.message : '', `Invalid arn ${DESTINATION.region}`);
      return true;
    });
    await assert.rejects(key(source.kms, 'arn:aws:kms:nonsense'), awsError('InvalidArnException', 400));
    assert.equal((await key(destination.kms, 'alias/disabled'))?.KeyState, 'Disabled');
  });

  test('another account’s key only if its policy names the caller', async () => {
    const { source, across } = databaseWorld();
    const arn = async (alias: string) => (await key(source.kms, alias))?.Arn ?? '';
    assert.equal((await key(across.kms, await arn('alias/shop')))?.AWSAccountId, SOURCE.account);
    assert.equal((await key(across.kms, await arn('alias/no-grants')))?.KeyState, 'Enabled');
    await assert.rejects(key(across.kms, await arn('alias/private')), (error) => {
      awsError('AccessDeniedException', 400)(error);
      assert.match(error instanceof Error ? error.message : '', /no resource-based policy allows the kms:DescribeKey action/);
      return true;
    });
    await assert.rejects(key(across.kms, await arn('alias/aws/rds')), awsError('AccessDeniedException', 400));
  });

  test('a caller that is denied it', async () => {
    const { source } = databaseWorld('', undefined, 'deny: ["kms:*"]');
    await assert.rejects(key(source.kms, 'alias/shop'), awsError('AccessDeniedException', 400));
  });
});
