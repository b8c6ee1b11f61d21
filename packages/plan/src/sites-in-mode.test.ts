import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PlanSet, Site } from './model.ts';
import { sitesInMode } from './sites-in-mode.ts';

const RECOVERY = 'arn:aws:iam::111122223333:role/breakwater-recovery';
const DRILL = 'arn:aws:iam::111122223333:role/breakwater-drill';

function roleIn(mode: 'drill' | 'recovery', roles: Pick<Site, 'roleArn' | 'drillRoleArn'>): string | undefined {
  const site: Site = { name: 'dr', account: '111122223333', region: 'us-west-2', externalId: 'x', ...roles };
  const set: PlanSet = { sites: new Map([['dr', site]]), groups: new Map(), plans: new Map() };
  const entered = sitesInMode(set, mode).sites.get('dr');
  assert.equal(entered?.externalId, 'x');
  assert.ok(entered !== undefined && !('drillRoleArn' in entered));
  assert.equal(set.sites.get('dr'), site, 'the set as it was read stays as it is');
  return entered.roleArn;
}

test('a drill enters a site by its role for drills, and without one by its only role', () => {
  assert.equal(roleIn('drill', { roleArn: RECOVERY, drillRoleArn: DRILL }), DRILL);
  assert.equal(roleIn('drill', { roleArn: RECOVERY }), RECOVERY);
  assert.equal(roleIn('drill', { drillRoleArn: DRILL }), DRILL);
  assert.equal(roleIn('drill', {}), undefined);
});

test('a recovery never enters by the role for drills', () => {
  assert.equal(roleIn('recovery', { roleArn: RECOVERY, drillRoleArn: DRILL }), RECOVERY);
  assert.equal(roleIn('recovery', { drillRoleArn: DRILL }), undefined);
});
