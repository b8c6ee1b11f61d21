import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { drsError, ssmError } from './scripted-aws.ts';
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
