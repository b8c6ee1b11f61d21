import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usersFromSecret } from './users-spec.ts';

const SECRET = {
  app_username: 'shop_app',
  app_password: 'app-word',
  readonly_username: 'shop_reader',
  readonly_password: 'reader-word',
};

test('reads the layout of the secret', () => {
  const users = usersFromSecret(JSON.stringify({ ...SECRET, database: 'shop', host: 'ignored' }));
  assert.deepEqual(users, {
    app: { username: 'shop_app', password: 'app-word' },
    readonly: { username: 'shop_reader', password: 'reader-word' },
    database: 'shop',
  });
  assert.equal(usersFromSecret(JSON.stringify({ ...SECRET, database: 'shop' }), 'other').database, 'other', 'the request wins');
  assert.equal(usersFromSecret(JSON.stringify({ ...SECRET, database: 'shop' }), undefined, 'other').database, 'shop');
  assert.equal(usersFromSecret(JSON.stringify(SECRET), undefined, 'other').database, 'other');
});

test('names the key that is missing, empty or no text', () => {
  for (const key of Object.keys(SECRET)) {
    for (const value of [undefined, '', 7, null]) {
      const text = JSON.stringify({ ...SECRET, [key]: value });
      assert.throws(() => usersFromSecret(text, 'shop'), {
        code: 'users-failed',
        message: `the secret of the database users has no text under "${key}"`,
      });
    }
  }
  assert.throws(() => usersFromSecret(JSON.stringify(SECRET)), { message: /"database"/ });
});

test('what cannot be read is not shown', () => {
  for (const text of ['{"app_password": "app-word"', '"app-word"', '["app-word"]', 'app-word', 'null', '']) {
    assert.throws(
      () => usersFromSecret(text, 'shop'),
      (error: Error & { code?: string }) =>
        error.code === 'users-failed' && !error.message.includes('app-word') && error.cause === undefined,
      text,
    );
  }
});
