import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, output, pwned, type Team } from './team.ts';

const SITES = `apiVersion: breakwater/v1
kind: Site
name: production
account: "222233334444"
region: us-east-1
roleArn: arn:aws:iam::222233334444:role/breakwater-snapshots
---
apiVersion: breakwater/v1
kind: Site
name: safe
account: "111122223333"
region: us-west-2
roleArn: arn:aws:iam::111122223333:role/breakwater-snapshots
`;
const VARS = { BREAKWATER_COPY_FROM: 'production', BREAKWATER_COPY_TO: 'safe', BREAKWATER_COPY_KEY: 'alias/dr' };

async function openSnapshots(): Promise<Team> {
  const team = await openTeam('test/acceptance/scenarios/copy-snapshot.yaml');
  writeFileSync(path.join(team.repository.folder, 'plans', 'sites-of-snapshots.yaml'), SITES);
  team.repository.commit('Name the sites of the snapshots');
  return team;
}

const created = (source: string, event: string) => ({
  action: 'rds-snapshot',
  client_payload: {
    source: 'aws.rds',
    'detail-type': 'RDS DB Cluster Snapshot Event',
    account: '222233334444',
    region: 'us-east-1',
    time: '2026-11-20T03:01:00Z',
    detail: {
      SourceType: 'CLUSTER_SNAPSHOT',
      SourceIdentifier: source,
      SourceArn: `arn:aws:rds:us-east-1:222233334444:cluster-snapshot:${source}`,
      EventID: event,
      EventCategories: ['creation'],
      Date: '2026-11-20T03:01:00Z',
      Message: 'Automated cluster snapshot created',
    },
  },
});

const applied = (team: Team, operation: string) => team.aws.calls(operation).filter((call) => call.applied).length;

test('an event of RDS copies that snapshot; another event, and one of elsewhere, are told why not', async () => {
  await using team = await openSnapshots();
  const dispatch = (runId: string, payload: ReturnType<typeof created>, vars: Readonly<Record<string, string>> = VARS) =>
    team.run({ workflow: 'copy-snapshots.yml', event: 'repository_dispatch', runId, vars, payload });
  const idle = await dispatch('800', created('rds:shop-2026-11-20-02-10', 'RDS-EVENT-0169'), {});
  assert.deepEqual([idle.code, idle.jobs], [0, []], 'a repository that names no site');
  assert.equal(team.aws.world.calls.length, 0);

  const run = await dispatch('801', created('rds:shop-2026-11-20-02-10', 'RDS-EVENT-0169'));
  assert.equal(run.code, 0, run.log);
  assert.equal(output(run, 'status'), 'succeeded');
  assert.match(output(run, 'copies') ?? '', /^\["arn:aws:rds:us-west-2:111122223333:cluster-snapshot:shop-/);
  const before = applied(team, 'CopyDBClusterSnapshot');
  assert.ok(before > 0);

  const other = await dispatch('802', created('rds:shop-2026-11-20-02-10', 'RDS-EVENT-9999'));
  assert.equal(other.code, 0, other.log);
  assert.equal(output(other, 'reason-code'), 'event-ignored');
  assert.match(other.log, /the event is ignored: RDS-EVENT-9999 is not about a finished snapshot/);
  // Whoever may dispatch may write anything into an event: no snapshot of that name is there.
  const made = await dispatch('803', created('rds:shop-$(touch pwned)', 'RDS-EVENT-0169'));
  assert.notEqual(made.code, 0);
  assert.deepEqual(pwned(team, made), []);
  assert.equal(applied(team, 'CopyDBClusterSnapshot'), before);
});

test('a sweep each night copies what no event has brought; by hand one database, and what cannot be copied fails', async () => {
  await using team = await openSnapshots();
  const sweep = await team.run({
    workflow: 'copy-snapshots.yml',
    event: 'schedule',
    runId: '811',
    vars: { ...VARS, BREAKWATER_COPY_TRANSIT_KEY: 'alias/transit' },
    payload: { schedule: '47 2 * * *' },
  });
  // One of the clusters is not encrypted, so its copy cannot be under the key: the others are copied, and the night is red.
  assert.notEqual(sweep.code, 0);
  assert.equal(output(sweep, 'status'), 'failed', sweep.log);
  assert.match(sweep.log, /::error[^\n]*snapshot-unusable: snapshot rds:plain-\S+ is not encrypted/);
  const copies = output(sweep, 'copies') ?? '[]';
  for (const cluster of ['shop', 'defaulted', 'ungranted']) assert.match(copies, new RegExp(`:${cluster}-`), copies);

  const dispatch = (runId: string, inputs: Readonly<Record<string, string>>) =>
    team.run({ workflow: 'copy-snapshots.yml', event: 'workflow_dispatch', runId, vars: VARS, inputs });
  const one = await dispatch('812', { databases: 'shop', rpo: '26h' });
  assert.equal(one.code, 0, one.log);
  assert.match(output(one, 'copies') ?? '', /:shop-/);
  const calls = team.aws.world.calls.length;
  const nowhere = await dispatch('813', { databases: 'shop', 'destination-site': 'saef' });
  assert.notEqual(nowhere.code, 0);
  assert.match(nowhere.log, /::error[^\n]*saef/);
  assert.equal(team.aws.world.calls.length, calls);
});
