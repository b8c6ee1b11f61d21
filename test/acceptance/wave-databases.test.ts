import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import type { SqlBackend } from '@breakwater/simulator';
import { parse } from 'yaml';
import { rehearse } from './rehearsal.ts';
import { temporaryFolder } from './step.ts';

const SAFE = { account: '111122223333', region: 'us-west-2' };

/** The webshop's world under the shipped policies, with two live clusters at the recovery site. */
function world(): string {
  const { clusters } = parse(readFileSync('plans/simulation/webshop.yaml', 'utf8'));
  const live = (id: string) => ({
    ...SAFE,
    id,
    gib: 8,
    engineVersion: '16.6',
    databaseName: id,
    masterUsername: 'keeper',
    kmsKey: 'alias/webshop-recovery',
    subnetGroup: 'webshop-dr',
    httpEndpoint: true,
    automated: { at: '02:10', keep: '2d' },
    members: [{ id: `${id}-1`, class: 'db.r6g.large' }],
  });
  const file = path.join(temporaryFolder('two'), 'two.yaml');
  const base = path.resolve('test/acceptance/scenarios/least-privilege.yaml');
  writeFileSync(file, JSON.stringify({ extends: base, name: 'two', clusters: [...clusters, live('orders'), live('stock')] }));
  return path.relative('.', file);
}

const database = (name: string, more: object) => ({
  name,
  cluster: name,
  site: 'dr-oregon',
  snapshot: { newest: { types: ['automated'] } },
  masterPassword: 'managed',
  verification: [{ query: { name: 'rows', sql: 'SELECT count(*) FROM rows', expect: '1200' } }],
  timeout: '20h',
  ...more,
});

const PLAN = {
  apiVersion: 'breakwater/v1',
  kind: 'RecoveryPlan',
  name: 'store',
  owner: 'team-store@example.com',
  tier: 1,
  objectives: { rto: '90h', rpo: '90h' },
  waves: [
    {
      name: 'database',
      groups: ['webshop-database'],
      timeout: '20h',
      databases: [
        database('orders', { strategy: 'swap' }),
        database('stock', { strategy: 'new', target: 'stock-again', publish: { parameter: '/stock/host' } }),
      ],
    },
    { name: 'application', dependsOn: ['database'], groups: ['webshop-application'], timeout: '20h' },
  ],
};

/** Under its new name the orders are empty at first: what was proved beside does not hold any more. */
let found = 0;
const SQL: SqlBackend = {
  async execute({ clusterArn, sql }) {
    const count = clusterArn.endsWith(':cluster:orders') ? found : 1200;
    return /^SELECT count/.test(sql)
      ? { columns: ['count'], rows: [[count]], updated: 0 }
      : { columns: [], rows: [], updated: 0 };
  },
};

test('one of two databases fails its checks after the swap: it goes back, the wave fails, the other one and the servers stay', async () => {
  await using rehearsal = await rehearse(world(), 1_500, SQL);
  writeFileSync(path.join(rehearsal.workspace, 'plans', 'store.yaml'), JSON.stringify(PLAN));
  const inputs = { mode: 'recovery', plan: 'store', 'plan-files': 'plans/store.yaml' };
  const step = await rehearsal.step('execute-wave', inputs);
  assert.equal(step.code, 1, step.log);
  assert.deepEqual([step.outputs['status'], step.outputs['reason-code']], ['failed', 'swap-rolled-back']);
  const [error = ''] = step.errors;
  assert.match(
    error,
    /"orders" is the old cluster again: after the swap, 1 of 1 checks failed: rows: 1200: 0\. Clients reach the old cluster/,
  );
  assert.match(
    step.errors.at(-1) ?? '',
    /To try again what failed, and nothing else, run this step with .execution-id: store-recovery-/,
  );

  // What did come back counts, and the next job gets it.
  assert.equal(JSON.parse(step.outputs['instance-ids'] ?? '').length, 3);
  const { stock, ...others } = JSON.parse(step.outputs['databases'] ?? '');
  assert.deepEqual([stock.status, stock.cluster, others], ['succeeded', 'stock-again', {}]);
  const place = rehearsal.world.state().regions.find(({ account }) => account === SAFE.account);
  const { clusters = [], parameters = {} } = place?.databases ?? {};
  assert.equal(parameters['/stock/host'], stock.endpoint);
  const ours = (id: string) => clusters.find((cluster) => cluster.id === id)?.tags['breakwater:owner'] === 'breakwater';
  const beside = clusters.map(({ id }) => id).find((id) => /^orders-new-[0-9a-f]{6}$/.test(id)) ?? '';
  assert.deepEqual(clusters.map(({ id }) => id).sort(), ['orders', beside, 'stock', 'stock-again']);
  assert.deepEqual([ours('orders'), ours(beside), ours('stock'), ours('stock-again')], [false, true, false, true]);
  assert.deepEqual(clusters.find(({ id }) => id === 'orders')?.members, ['orders-1']);
  assert.equal(rehearsal.calls('StartRecovery').length, 1, 'the wave that depends on it was not begun');
  assert.equal(rehearsal.calls('DeleteDBCluster').length, 0);

  const report = step.summary;
  assert.match(report, /\| Servers \| 3 of 3 recovered \|/);
  assert.match(report, /\| Databases \| 1 of 2 recovered, 1 failed \|/);
  assert.match(report, new RegExp(`\\*\\*orders\\*\\* .${beside}. \\(wave database\\) failed: .swap-rolled-back.`));
  assert.match(report, /\*\*application\*\* \(wave\) skipped: .dependency-failed.: wave "database" ended failed/);
  assert.match(report, /\| orders \| rows: 1200 \| \*\*does not hold\*\* \| 0 \|/);
  assert.match(report, /\| stock \| rows: 1200 \| holds \| 1200 \|/);
  assert.match(report, /\| orders \| database \| [^|]*\| failed \| swap \|/, 'no old one by another name');
  assert.equal(readFileSync(path.join(rehearsal.workspace, step.outputs['report'] ?? ''), 'utf8').includes('orders-old-'), false);

  // Whatever it was, it is mended: only what failed is tried again, with the database that stands beside.
  found = 1200;
  const again = await rehearsal.step('execute-wave', { ...inputs, 'execution-id': step.outputs['execution-id'] ?? '' });
  assert.equal(again.code, 0, again.log);
  assert.deepEqual([again.outputs['status'], again.outputs['verdict']], ['succeeded', 'succeeded']);
  assert.deepEqual(Object.keys(JSON.parse(again.outputs['databases'] ?? '')).sort(), ['orders', 'stock']);
  const restored = rehearsal.calls('RestoreDBClusterFromSnapshot').filter(({ applied }) => applied);
  assert.equal(restored.length, 2, 'each database once');
  assert.equal(rehearsal.calls('StartRecovery').length, 2, 'the servers of each wave once');
  assert.match(again.summary, /\| orders \| database \| [^|]*\| succeeded \| swap, the old one is `orders-old-[0-9a-f]{6}` \|/);
});
