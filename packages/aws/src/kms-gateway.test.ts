import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ssmError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const ARN = 'arn:aws:kms:eu-west-1:222233334444:key/mrk-1';

test('a key, with the account and the Region it stands in', async () => {
  const { kms, aws } = scriptedSite((_, nth) => ({
    json: {
      KeyMetadata:
        nth === 0
          ? {
              KeyId: 'mrk-1',
              Arn: ARN,
              AWSAccountId: '222233334444',
              KeyState: 'Enabled',
              KeyManager: 'CUSTOMER',
              MultiRegion: true,
              KeyUsage: 'ENCRYPT_DECRYPT',
            }
          : nth === 1
            ? { Arn: ARN }
            : {},
    },
  }));
  const key = { id: 'mrk-1', arn: ARN, account: '222233334444', region: 'eu-west-1' };
  assert.deepEqual(await kms.describeKey('alias/dr'), {
    ...key,
    state: 'Enabled',
    manager: 'CUSTOMER',
    multiRegion: true,
    usage: 'ENCRYPT_DECRYPT',
  });
  const unknown = { state: undefined, manager: undefined, multiRegion: false, usage: undefined };
  assert.deepEqual(await kms.describeKey('alias/dr'), { ...key, id: 'alias/dr', ...unknown });
  assert.deepEqual(await kms.describeKey('k'), { id: 'k', arn: '', account: undefined, region: undefined, ...unknown });
  assert.deepEqual(aws.sent[0]?.input, { KeyId: 'alias/dr' });
});

test('a key that is not there is undefined; one that is not permitted, or no key at all, is an error', async () => {
  const { kms } = scriptedSite((_, nth) =>
    nth === 0
      ? ssmError(400, 'NotFoundException', 'Alias arn:aws:kms:eu-west-1:111122223333:alias/dr is not found.')
      : nth === 1
        ? ssmError(400, 'AccessDeniedException', 'User: x is not authorized to perform: kms:DescribeKey on resource: k')
        : ssmError(400, 'InvalidArnException', 'Invalid keyId dr'),
  );
  assert.equal(await kms.describeKey('alias/dr'), undefined);
  await assert.rejects(kms.describeKey('alias/dr'), { code: 'permission-denied', missing: 'kms:DescribeKey' });
  await assert.rejects(kms.describeKey('dr'), { code: 'aws-fault', next: /alias\// });
});
