import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openTeam, type Team } from './team.ts';

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

test('an event of RDS copies that snapshot; another event is ignored, with its reason', async () => {
  await using team = await openSnapshots();
  const run = await team.run({
    workflow: 'copy-snapshots.yml',
    event: 'repository_dispatch',
    runId: '801',
    vars: VARS,
    payload: created('rds:shop-2026-11-20-02-10', 'RDS-EVENT-0169'),
  });
  assert.equal(run.code, 0, run.log);
  const copies = () => team.aws.calls('CopyDBClusterSnapshot').filter((call) => call.applied).length;
  assert.ok(copies() > 0, run.log);
  const before = copies();
  const other = await team.run({
    workflow: 'copy-snapshots.yml',
    event: 'repository_dispatch',
    runId: '802',
    vars: VARS,
    payload: created('rds:shop-2026-11-20-02-10', 'RDS-EVENT-9999'),
  });
  assert.equal(other.code, 0, other.log);
  assert.match(other.log, /event-ignored/);
  assert.equal(copies(), before);
});
