import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UserError } from '@breakwater/core';
import { demandSite } from './target-site.ts';

const dr = { name: 'dr', account: '111122223333', region: 'us-west-2', roleArn: 'arn:aws:iam::111122223333:role/x' };
const none = { site: undefined, account: undefined, region: undefined, 'role-arn': undefined, 'external-id': undefined };
const files = { 'plan-files': ['plans'] };
const sites = async () => new Map([['dr', dr]]);

async function refused(inputs: Partial<Parameters<typeof demandSite>[0]>, expected: RegExp) {
  await assert.rejects(demandSite({ ...none, ...files, ...inputs }, sites), (error: unknown) => {
    assert.ok(error instanceof UserError);
    assert.equal(error.code, 'usage');
    assert.match(error.message, expected);
    return true;
  });
}

test('a site is taken from the plan files by its name', async () => {
  assert.deepEqual(await demandSite({ ...none, ...files, site: 'dr' }, sites), dr);
});

test('account and Region make a site of their own, and read no file', async () => {
  const inputs = { ...none, ...files, account: '111122223333', region: 'us-west-2', 'external-id': 'x' };
  const site = await demandSite(inputs, async () => assert.fail('no file is read'));
  assert.deepEqual(site, { name: 'target', account: '111122223333', region: 'us-west-2', externalId: 'x' });
});

test('neither, both, half or an unknown one is refused', async () => {
  await refused({}, /give either "site", or "account" and "region"/);
  await refused({ account: '111122223333' }, /give either/);
  await refused({ site: 'dr', region: 'us-west-2', 'role-arn': 'x' }, /"site" and "region", "role-arn" are both given/);
  await refused({ site: 'dr2' }, /no site "dr2" is in plans\. Legal: dr/);
});
