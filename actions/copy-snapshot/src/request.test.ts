import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inputVariable, readInputs } from '@breakwater/action-kit';
import { UserError } from '@breakwater/core';
import { definition } from './definition.ts';
import { readCopyTags, readWanted } from './request.ts';
import { chooseSites } from './sites.ts';

const PLACES = {
  'source-account': '222233334444',
  'source-region': 'us-east-1',
  'destination-account': '111122223333',
  'destination-region': 'us-west-2',
};
const SITES = new Map([
  [
    'production',
    { name: 'production', account: '222233334444', region: 'us-east-1', roleArn: 'arn:aws:iam::222233334444:role/r' },
  ],
  ['safe', { name: 'safe', account: '111122223333', region: 'us-west-2', roleArn: 'arn:aws:iam::111122223333:role/r' }],
]);

async function read(given: Readonly<Record<string, string>>) {
  const environment = Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value]));
  const { inputs } = readInputs(definition, environment);
  const sites = await chooseSites(inputs, async () => SITES);
  return { sites, wanted: readWanted(inputs, sites.source), tags: readCopyTags(inputs) };
}

test('databases become a sweep of the newest that fit', async () => {
  const { wanted, sites } = await read({
    ...PLACES,
    databases: 'shop, web-*',
    tags: 'Tier=gold',
    types: 'automated',
    'snapshot-tags': 'Keep=a=b',
    'snapshot-pattern': 'rds:*',
    'max-age': '26h',
    'snapshot-before': '2026-11-20T04:00:00+01:00',
    retention: 'standard',
  });
  assert.deepEqual('what' in wanted && wanted.what, {
    kind: 'sweep',
    select: { patterns: ['shop', 'web-*'], tags: { Tier: 'gold' } },
    choice: {
      kind: 'newest',
      types: ['automated'],
      tags: { Keep: 'a=b' },
      maxAge: 93_600_000,
      before: Date.UTC(2026, 10, 20, 3),
      pattern: 'rds:*',
    },
  });
  assert.equal('retention' in wanted && wanted.retention?.apply, false, 'a dry run unless asked for');
  assert.deepEqual(sites.relay, { name: 'destination-relay', account: '111122223333', region: 'us-east-1' });
});

test('one snapshot by id, of an event, or a new one', async () => {
  const what = async (given: Readonly<Record<string, string>>) => {
    const { wanted } = await read({ ...PLACES, ...given });
    return 'what' in wanted ? { of: wanted.kind, ...wanted.what } : wanted;
  };
  assert.deepEqual(await what({ 'snapshot-id': 'x', kind: 'instance' }), {
    of: 'instance',
    kind: 'one',
    database: '',
    choice: { kind: 'id', id: 'x' },
  });
  assert.deepEqual(await what({ databases: 'shop', snapshot: 'create' }), {
    of: 'cluster',
    kind: 'one',
    database: 'shop',
    choice: { kind: 'create' },
  });
  const arn = 'arn:aws:rds:us-east-1:222233334444:snapshot:ledger-1';
  const event = JSON.stringify({ detail: { EventID: 'RDS-EVENT-0042', SourceArn: arn } });
  const { wanted } = await read({ ...PLACES, event });
  assert.equal('kind' in wanted && wanted.kind, 'instance', 'an event says itself of what it is');
  assert.ok('ignored' in (await what({ event: '{}' })));
});

test('sites of the plan files, with the destination’s role at the relay', async () => {
  const { sites } = await read({ databases: '*', 'source-site': 'production', 'destination-site': 'safe' });
  assert.equal(sites.source.roleArn, 'arn:aws:iam::222233334444:role/r');
  assert.deepEqual(sites.relay, {
    name: 'safe-relay',
    account: '111122223333',
    region: 'us-east-1',
    roleArn: 'arn:aws:iam::111122223333:role/r',
  });
  const near = await read({ databases: '*', ...PLACES, 'destination-region': 'us-east-1' });
  assert.equal(near.sites.relay, undefined);
});

test('tags for the copies: whatever AWS takes', async () => {
  const { tags } = await read({ ...PLACES, databases: 'shop', 'copy-tags': 'Purpose=dr, Straße 1/2=a=b @+_.:-, Empty=' });
  assert.deepEqual(tags, { Purpose: 'dr', 'Straße 1/2': 'a=b @+_.:-', Empty: '' });
});

test('contradictions are refused, with what would be legal', async () => {
  const SHOP = { ...PLACES, databases: 'shop' };
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ ...PLACES }, /give "databases", "snapshot-id" or "event"/],
    [{ ...SHOP, 'snapshot-id': 'x' }, /"databases" and "snapshot-id" exclude each other/],
    [{ ...PLACES, 'snapshot-id': 'x', tags: 'a=b' }, /belong to "databases", not to "snapshot-id"/],
    [{ ...SHOP, snapshot: 'create', databases: 'shop, plain' }, /takes exactly one database by its name/],
    [{ ...SHOP, snapshot: 'create', databases: 'shop*' }, /takes exactly one database by its name/],
    [{ ...SHOP, tags: 'a' }, /value "a" is not valid for "tags"\. Legal: Key=Value/],
    [
      { ...SHOP, 'copy-tags': 'Purpose=dr, aws:x=y' },
      /tag "aws:x" in "copy-tags" begins with "aws:", which AWS keeps for itself/,
    ],
    [{ ...SHOP, 'copy-tags': 'RDS:x=y' }, /begins with "rds:", which AWS keeps for itself/],
    [{ ...SHOP, 'copy-tags': 'breakwater:transit=x' }, /begins with "breakwater:", by which Breakwater knows what it made/],
    [{ ...SHOP, 'copy-tags': `${'k'.repeat(129)}=x` }, /has a key of 129 characters; AWS takes 128/],
    [{ ...SHOP, 'copy-tags': `k=${'v'.repeat(257)}` }, /tag "k" in "copy-tags" has a value of 257 characters; AWS takes 256/],
    [{ ...SHOP, 'copy-tags': 'k=a?b' }, /tag "k" in "copy-tags" has characters that AWS does not take; it takes letters, digits/],
    [{ ...SHOP, types: 'shared' }, /value "shared" is not valid for "types"/],
    [{ ...SHOP, 'apply-retention': 'true' }, /"apply-retention" needs "retention"/],
    [{ ...SHOP, retention: 'standrad' }, /value "standrad" is not valid for "retention"\. Legal: by-tag, /],
    [{ ...SHOP, retention: 'standard please' }, /value "standard please" is not valid for "retention"\. Legal: by-tag, /],
    [{ ...SHOP, retention: '{ days: -1 }' }, /days of input "retention" must be/],
    [{ ...PLACES, event: '{' }, /"event" is not JSON/],
    [{ ...SHOP, 'source-site': 'production' }, /"source-site" and "source-account", "source-region" are both given/],
    [{ databases: 'shop', 'source-site': 'nowhere' }, /no site "nowhere" is in plans\. Legal: production, safe/],
    [{ ...SHOP, 'destination-account': '222233334444', 'destination-region': 'us-east-1' }, /the same account and Region/],
    [
      { databases: 'shop', 'destination-account': '222233334444' },
      /give either "source-site", or "source-account", "source-region"/,
    ],
    [{ ...SHOP, limit: '21' }, /"21" is not valid for "limit"/],
  ];
  for (const [given, message] of cases) {
    await assert.rejects(
      read(given),
      (error: unknown) => error instanceof UserError && error.code === 'usage' && message.test(error.message),
      JSON.stringify(given),
    );
  }
});
