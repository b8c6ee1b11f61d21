import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { drsError, queryError, ssmError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const credentials = {
  kind: 'static',
  accessKeyId: 'AKIDBASE',
  secretAccessKey: 'top+secret/key',
  sessionToken: 'token//of==session',
} as const;
const quote = `refused: you sent ${credentials.sessionToken} signed with ${credentials.secretAccessKey}`;

test('what an answer quotes of our credentials is not in the error', async () => {
  const { drs, ssm } = scriptedSite(
    ({ service }) =>
      service === 'drs' ? drsError(400, 'ValidationException', { message: quote }) : ssmError(400, 'ValidationException', quote),
    { credentials },
  );
  for (const call of [drs.describeSourceServers(), ssm.describeManagedInstances(['i-0000000a'])]) {
    const error = await call.then(
      () => assert.fail('the script refuses'),
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof AwsError);
    assert.match(error.message, /refused: you sent \[redacted\] signed with \[redacted\]/);
    const cause = error.cause instanceof Error ? error.cause.message : '';
    for (const secret of [credentials.secretAccessKey, credentials.sessionToken])
      assert.ok(!`${error.message}${cause}`.includes(secret));
  }
});

/** What a call sends beside its credentials, quoted back. */
const quoted: [string, string, (site: ReturnType<typeof scriptedSite>) => Promise<unknown>][] = [
  ['a new master password', 'hunter22', ({ rds }) => rds.modifyCluster({ id: 'c', masterPassword: 'hunter22' })],
  ['the value of a secret', 'new value', ({ secrets }) => secrets.putSecret('x', 'new value')],
  [
    'the token in a presigned URL',
    encodeURIComponent(credentials.sessionToken),
    ({ rds }) =>
      rds.copySnapshot('cluster', { source: 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:s', target: 't', tags: {} }),
  ],
];
for (const [what, secret, ask] of quoted) {
  test(`what an answer quotes of ${what} is not in the error`, async () => {
    const site = scriptedSite(
      ({ service, input }) => {
        const words = `you sent ${input['PreSignedUrl'] ?? secret}`;
        return service === 'rds'
          ? queryError(400, 'InvalidParameterValue', words.replaceAll('&', '&amp;'))
          : ssmError(400, 'ValidationException', words);
      },
      { credentials },
    );
    const error = await ask(site).then(
      () => assert.fail('the script refuses'),
      (caught: unknown) => caught,
    );
    assert.ok(error instanceof AwsError);
    assert.match(error.message, /you sent .*\[redacted\]/);
    const cause = error.cause instanceof Error ? error.cause.message : '';
    assert.ok(!`${error.message}${cause}`.includes(secret));
  });
}
