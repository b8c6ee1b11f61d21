import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ssmError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

function reading(SecretString: string | undefined) {
  const told: string[] = [];
  const site = scriptedSite(() => ({ json: { SecretString } }), { onSecret: (secret) => told.push(secret) });
  return { ...site, told };
}

test('a secret is told whole, and every text in it that is long enough to hide and no name', async () => {
  const text = JSON.stringify({
    username: 'app_user',
    app_username: 'shop_app',
    database: 'shop',
    host: 'shop.example',
    password: 'pässword "x"',
    port: 5432,
    pin: 'abc',
    more: { roles: ['reader'] },
  });
  const { secrets, told, aws } = reading(text);
  assert.equal(await secrets.getSecret('shop/app'), text);
  assert.deepEqual(new Set(told), new Set(['key-of-AKIDBASE', text, 'pässword "x"', 'reader']));
  assert.deepEqual(aws.sent[0]?.input, { SecretId: 'shop/app' });
});

test('a bare password is a secret too', async () => {
  const { secrets, told } = reading('{not json');
  assert.equal(await secrets.getSecret('x'), '{not json');
  assert.ok(told.includes('{not json'));
});

test('a secret of bytes is refused, a missing one is an error', async () => {
  await assert.rejects(reading(undefined).secrets.getSecret('x'), {
    code: 'aws-fault',
    message: /a text in the secret x/,
    ambiguous: false,
  });
  const bytes = scriptedSite(() => ({ json: { SecretBinary: Buffer.from('hunter2').toString('base64') } }));
  await assert.rejects(bytes.secrets.getSecret('x'), (error: Error & { kind?: string; next?: string }) => {
    assert.equal(error.kind, 'user');
    assert.match(error.message, /the secret x is binary/);
    assert.match(error.next ?? '', /as text/);
    return !error.message.includes('hunter2');
  });
  const { secrets } = scriptedSite(() =>
    ssmError(400, 'ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
  );
  await assert.rejects(secrets.getSecret('x'), { code: 'aws-fault', next: /check the id/ });
});

test('a secret whose key is closed names the key as the fault', async () => {
  const { secrets } = scriptedSite(() => ssmError(400, 'DecryptionFailure'));
  await assert.rejects(secrets.getSecret('x'), { code: 'key-not-accessible' });
});

test('putting is told first, retried with one token, and the next put has another', async () => {
  const told: string[] = [];
  const { secrets, aws } = scriptedSite(
    (_, nth) => {
      assert.ok(told.includes('value 1'));
      return nth === 0 ? { socketError: 'ECONNRESET' } : { json: {} };
    },
    { onSecret: (secret) => told.push(secret) },
  );
  await secrets.putSecret('x', 'value 1');
  await secrets.putSecret('x', 'value 1');
  const tokens = aws.sent.map(({ input }) => String(input['ClientRequestToken']));
  assert.deepEqual(
    aws.sent.map(({ input: { ClientRequestToken: _, ...rest } }) => rest),
    Array.from({ length: 3 }, () => ({ SecretId: 'x', SecretString: 'value 1' })),
  );
  assert.equal(tokens[0], tokens[1]);
  assert.notEqual(tokens[1], tokens[2]);
  assert.match(tokens[0] ?? '', /^[0-9a-f-]{36}$/);
});

test('two puts at the same moment are two versions', async () => {
  const { secrets, aws } = scriptedSite(() => ({ json: {} }));
  await Promise.all([secrets.putSecret('x', 'one'), secrets.putSecret('x', 'two')]);
  assert.equal(new Set(aws.sent.map(({ input }) => input['ClientRequestToken'])).size, 2);
});
