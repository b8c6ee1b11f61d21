import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputVariable, readInputs } from '@breakwater/action-kit';
import { UserError } from '@breakwater/core';
import { definition } from './definition.ts';
import { draftRequest } from './request.ts';

const DNS = { 'publish-dns-zone': 'Z0123456789ABC', 'publish-dns-name': 'db.webshop.internal' };

function published(given: Readonly<Record<string, string>>) {
  const environment = Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value]));
  const draft = draftRequest(readInputs(definition, environment).inputs);
  draft.kind(undefined);
  return draft.wishes.publish;
}

test('DNS names are read, and live a minute unless said otherwise', () => {
  const cluster = { 'source-cluster': 'webshop' };
  assert.deepEqual(published(cluster), {});
  const dns = { zone: 'Z0123456789ABC', name: 'db.webshop.internal', ttl: 60 };
  assert.deepEqual(published({ ...cluster, ...DNS }), { dns });
  assert.deepEqual(
    published({ ...cluster, ...DNS, 'publish-dns-reader-name': '_ro.db-1.webshop.internal', 'publish-dns-ttl': '86400' }),
    { dns: { ...dns, readerName: '_ro.db-1.webshop.internal', ttl: 86_400 } },
  );
  assert.deepEqual(published({ 'source-instance': 'ledger', ...DNS }), { dns });
});

const LABEL = 'a'.repeat(63);

for (const [what, over, message] of [
  ['a name without its zone', { 'publish-dns-zone': '' }, /"publish-dns-zone" and "publish-dns-name"/],
  ['a zone without a name', { 'publish-dns-name': '' }, /"publish-dns-zone" and "publish-dns-name"/],
  ['a TTL alone', { 'publish-dns-zone': '', 'publish-dns-name': '', 'publish-dns-ttl': '60' }, /a DNS name is published with/],
  ['a site alone', { 'publish-dns-zone': '', 'publish-dns-name': '', 'publish-dns-site': 'x' }, /a DNS name is published with/],
  ['a zone by its name', { 'publish-dns-zone': 'webshop.internal' }, /the id of a hosted zone/],
  ['a dot at the end', { 'publish-dns-name': 'db.webshop.internal.' }, /without a dot at the end/],
  ['a wildcard', { 'publish-dns-name': '*.webshop.internal' }, /a whole DNS name/],
  ['a single label', { 'publish-dns-name': 'db' }, /a whole DNS name/],
  ['a label that is too long', { 'publish-dns-name': `${LABEL}a.internal` }, /a whole DNS name/],
  ['a name that is too long', { 'publish-dns-name': `${LABEL}.${LABEL}.${LABEL}.${LABEL}.io` }, /253 characters/],
  ['no TTL at all', { 'publish-dns-ttl': '0' }, /a whole number of seconds/],
  ['a TTL of more than a day', { 'publish-dns-ttl': '86401' }, /from 1 to 86400/],
  ['one name for both', { 'publish-dns-reader-name': 'DB.webshop.internal' }, /the name of the writer/],
  [
    'readers of an instance',
    { 'source-cluster': '', 'source-instance': 'ledger', 'publish-dns-reader-name': 'ro.webshop.internal' },
    /"publish-dns-reader-name" does not go with "source-instance"/,
  ],
] as const) {
  test(`${what} is refused before AWS is asked anything`, () => {
    assert.throws(
      () => published({ 'source-cluster': 'webshop', ...DNS, ...over }),
      (error: unknown) => error instanceof UserError && error.code === 'usage' && message.test(error.message),
    );
  });
}

test('durations that would mean nothing, or for ever, are refused', () => {
  const draft = (given: Readonly<Record<string, string>>) => {
    const all = { 'source-cluster': 'webshop', ...given };
    const environment = Object.fromEntries(Object.entries(all).map(([name, value]) => [inputVariable(name), value]));
    return draftRequest(readInputs(definition, environment).inputs).wishes;
  };
  for (const [name, ...wrong] of [
    // A driver takes 0 for no limit, and what is beyond a timer's reach for 0.
    ['connection-timeout', '0s', '61m', '60d'],
    ['drill-ttl', '0s', '367d', '99999999d'],
    ['max-age', '0s', '99999999d'],
  ] as const) {
    for (const text of wrong)
      assert.throws(() => draft({ [name]: text }), { code: 'usage', message: new RegExp(`"${name}"`) }, `${name} ${text}`);
  }
  const { connectionTimeout, drillTtl, choice } = draft({ 'connection-timeout': '1h', 'drill-ttl': '1m', 'max-age': '366d' });
  assert.deepEqual([connectionTimeout, drillTtl], [3_600_000, 60_000]);
  assert.equal(choice.kind === 'newest' && choice.maxAge, 366 * 86_400_000);
});
