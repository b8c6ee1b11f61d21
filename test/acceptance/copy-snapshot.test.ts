import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';

const SCENARIO = 'test/acceptance/scenarios/copy-snapshot.yaml';
const WHERE = {
  'source-account': '222233334444',
  'source-region': 'us-east-1',
  'source-role-arn': 'arn:aws:iam::222233334444:role/breakwater-snapshots',
  'destination-account': '111122223333',
  'destination-region': 'us-west-2',
  'destination-role-arn': 'arn:aws:iam::111122223333:role/breakwater-snapshots',
  'kms-key': 'alias/dr',
  'max-wait': '90h',
};
const SHOP = { ...WHERE, databases: 'shop' };

function snapshots({ world }: Rehearsal, region: string) {
  return world.state().regions.flatMap((each) => (each.region === region ? each.databases.snapshots : []));
}

function copies(rehearsal: Rehearsal) {
  return snapshots(rehearsal, 'us-west-2').filter(({ id }) => !/night|by-hand/.test(id));
}

/** Shares and transit copies that are still there. */
function leftBehind(rehearsal: Rehearsal): readonly string[] {
  return snapshots(rehearsal, 'us-east-1').flatMap(({ id, sharedWith, status }) =>
    sharedWith.length > 0 || (/-(transit|relay)-/.test(id) && status !== 'deleting') ? [`${id}: ${sharedWith.join(', ')}`] : [],
  );
}

function applied(rehearsal: Rehearsal, operation: string): number {
  return rehearsal.calls(operation).filter((call) => call.applied).length;
}

test('an encrypted automated snapshot to another account and Region; a re-run finds it', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const first = await rehearsal.step('copy-snapshot', { ...SHOP, 'copy-tags': 'Purpose=dr' });
  assert.equal(first.code, 0, first.log);
  assert.equal(first.outputs['status'], 'succeeded');
  assert.equal(first.outputs['reason-code'], 'ok');
  assert.ok(Number(first.outputs['duration']) > 300, `${first.outputs['duration']} s: two copies`);
  assert.match(first.outputs['snapshot-id'] ?? '', /^shop-202611200210-[0-9a-f]{6}$/);
  const [copy] = copies(rehearsal);
  assert.equal(copy?.arn, first.outputs['snapshot-arn']);
  assert.match(copy?.kmsKey ?? '', /^arn:aws:kms:us-west-2:111122223333:key\//);
  assert.equal(copy?.tags['Team'], 'shop');
  assert.equal(copy?.tags['Purpose'], 'dr');
  assert.deepEqual(leftBehind(rehearsal), []);
  const result = JSON.parse(first.outputs['result'] ?? '');
  assert.equal(result.schema, 'breakwater.copy-snapshot/1');
  assert.deepEqual(result.counts, { succeeded: 1 });
  assert.equal(result.freshness[0].id, first.outputs['snapshot-id']);
  assert.match(first.summary, /Simulated: this is no evidence/);
  assert.match(first.summary, /Newest good copy/);
  assert.match(
    first.summary,
    /\| shop \| rds:shop-2026-11-20-\S+ \| shop-20261120\S+ \| succeeded \|/,
    'what was copied, and to what',
  );

  const again = await rehearsal.step('copy-snapshot', SHOP, { env: { GITHUB_RUN_ATTEMPT: '2' } });
  assert.equal(again.code, 0, again.log);
  assert.equal(again.outputs['snapshot-arn'], first.outputs['snapshot-arn']);
  assert.equal(applied(rehearsal, 'CopyDBClusterSnapshot'), 2);
});

test('keys: each case is refused before anything is left, and says what lacks', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const cases: readonly [Readonly<Record<string, string>>, string, RegExp][] = [
    [
      { databases: 'defaulted' },
      'key-not-accessible',
      /default key aws\/rds, which no other account can use.*customer-managed KMS key/,
    ],
    [{ databases: 'plain' }, 'snapshot-unusable', /AWS cannot encrypt a cluster snapshot by copying it/],
    [
      { databases: 'shop', 'kms-key': 'arn:aws:kms:us-east-1:111122223333:key/11111111-2222-4333-8444-555555555555' },
      'key-not-accessible',
      /is a key of us-east-1, but the copy under it is made in us-west-2/,
    ],
    [{ databases: 'ungranted' }, 'key-not-accessible', /"Action":\["kms:CreateGrant"/],
    [{ databases: 'shop', 'kms-key': '' }, 'usage', /is encrypted: a copy in another account needs a key of the destination/],
    [{ databases: 'nobody' }, 'snapshot-missing', /no database of the source is selected/],
  ];
  for (const [inputs, code, message] of cases) {
    const step = await rehearsal.step('copy-snapshot', { ...WHERE, ...inputs });
    assert.equal(step.code, 1, step.log);
    assert.equal(step.outputs['reason-code'], code, step.log);
    assert.match(step.errors.at(-1) ?? '', message);
  }
  assert.deepEqual(copies(rehearsal), []);
  assert.deepEqual(leftBehind(rehearsal), []);
});

test('what a default key and no key need: a transit key, and no key', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const transit = { ...WHERE, databases: 'defaulted', 'transit-kms-key': 'alias/transit', retention: 'by-tag' };
  const step = await rehearsal.step('copy-snapshot', transit);
  assert.equal(step.code, 0, step.log);
  assert.match(step.warnings.join(), /Draco_Lifecycle says "standrad", which is no policy known here: all its copies are kept/);
  const plain = await rehearsal.step('copy-snapshot', { ...WHERE, databases: 'plain', 'kms-key': '' });
  assert.equal(plain.code, 0, plain.log);
  const instance = await rehearsal.step('copy-snapshot', { ...WHERE, kind: 'instance', databases: 'ledger' });
  assert.equal(instance.code, 0, instance.log);
  assert.equal(copies(rehearsal).length, 3);
  assert.deepEqual(leftBehind(rehearsal), []);
});

test('in two steps, by the destination’s account in the source’s Region; at sites of the plan files; of a new snapshot', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const site = (name: string, account: string, region: string) => `---
apiVersion: breakwater/v1
kind: Site
name: ${name}
account: "${account}"
region: ${region}
roleArn: arn:aws:iam::${account}:role/breakwater-snapshots
`;
  const file = path.join(rehearsal.workspace, 'sites.yaml');
  writeFileSync(file, site('production', '222233334444', 'us-east-1') + site('safe', '111122223333', 'us-west-2'));
  const sites = { 'source-site': 'production', 'destination-site': 'safe', 'plan-files': 'sites.yaml', 'kms-key': 'alias/dr' };
  const step = await rehearsal.step('copy-snapshot', {
    ...sites,
    databases: 'shop',
    steps: 'two',
    snapshot: 'create',
    'max-wait': '90h',
  });
  assert.equal(step.code, 0, step.log);
  assert.equal(applied(rehearsal, 'CreateDBClusterSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CopyDBClusterSnapshot'), 2, 'to the relay, and on');
  assert.equal(copies(rehearsal).length, 1);
  assert.deepEqual(leftBehind(rehearsal), []);
  const wrong = await rehearsal.step('copy-snapshot', { ...sites, 'source-site': 'nowhere', databases: 'shop' });
  assert.match(wrong.errors.at(-1) ?? '', /no site "nowhere" is in sites\.yaml\. Legal: production, safe/);
});

const MOMENTS: readonly (readonly [string, RegExp])[] = [
  ['the transit copy', /CopyDBClusterSnapshot \S+-transit-/],
  ['the share', /ModifyDBClusterSnapshotAttribute \S+ \+111122223333/],
  ['the copy', /CopyDBClusterSnapshot arn:aws:rds:us-west-2:/],
  ['the end of the copy', /is available and as wanted/],
  ['the end of the share', /ModifyDBClusterSnapshotAttribute \S+ -111122223333/],
  ['the deletion', /DeleteDBClusterSnapshot/],
];

test('killed right after each step, the next run goes on: one copy, nothing left shared', async () => {
  for (const [what, when] of MOMENTS) {
    await using rehearsal = await rehearse(SCENARIO);
    const killed = await rehearsal.step('copy-snapshot', SHOP, { interrupt: { when, signal: 'SIGKILL' } });
    assert.equal(killed.code, undefined, `${what}: ${killed.log}`);
    const step = await rehearsal.step('copy-snapshot', SHOP);
    assert.equal(step.code, 0, `${what}: ${step.log}`);
    assert.equal(copies(rehearsal).length, 1, what);
    assert.deepEqual(leftBehind(rehearsal), [], what);
    const starts = rehearsal.calls('CopyDBClusterSnapshot').filter((call) => call.applied && call.region === 'us-west-2');
    assert.equal(starts.length, 1, what);
  }
});

test('a new snapshot, copied by way of a relay, with retention: killed at each step, each thing is made and deleted once', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const inputs = { ...SHOP, snapshot: 'create', steps: 'two', retention: 'by-tag', 'apply-retention': 'true' };
  const { last, killed } = await killedAt(rehearsal, 'copy-snapshot', inputs, [
    /CreateDBClusterSnapshot /,
    /CopyDBClusterSnapshot \S+-relay-/,
    /CopyDBClusterSnapshot arn:aws:rds:us-west-2:/,
    /DeleteDBClusterSnapshot \S+-relay-/,
    /ModifyDBClusterSnapshotAttribute \S+ -111122223333/,
    /shop-night-05: deleted by retention/,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(killed >= 4, `${killed} killed`);
  assert.equal(applied(rehearsal, 'CreateDBClusterSnapshot'), 1);
  assert.equal(applied(rehearsal, 'CopyDBClusterSnapshot'), 2);
  assert.equal(copies(rehearsal).length, 1);
  assert.equal(snapshots(rehearsal, 'us-west-2').filter(({ id }) => /night-0[5-9]/.test(id)).length, 0, 'what was to go is gone');
  assert.deepEqual(leftBehind(rehearsal), []);
});

test('without waiting it starts and hands over; the same step, later, goes on to the end', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const inputs = { ...SHOP, wait: 'false' };
  let step = await rehearsal.step('copy-snapshot', inputs);
  assert.equal(step.code, 0, step.log);
  assert.equal(step.outputs['status'], 'in-progress');
  assert.equal(step.outputs['reason-code'], 'in-progress');
  assert.match(
    JSON.parse(step.outputs['result'] ?? '').copies[0].goesOn,
    /copy shop-\S+-transit-\w+ goes on in account 222233334444/,
  );
  let runs = 1;
  for (; step.outputs['status'] === 'in-progress' && runs < 30; runs += 1) step = await rehearsal.step('copy-snapshot', inputs);
  assert.equal(step.outputs['status'], 'succeeded', step.log);
  assert.ok(runs >= 2, `${runs} runs`);
  assert.equal(copies(rehearsal).length, 1);
  assert.deepEqual(leftBehind(rehearsal), []);
});

test('an event of a finished snapshot is copied, any other is ignored with the reason', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  // Automated snapshots come into being when somebody looks.
  rehearsal.world.state();
  const payload = rehearsal.world.events.find(
    ({ detail }) => detail.EventID === 'RDS-EVENT-0169' && detail.SourceIdentifier === 'rds:shop-2026-11-20-02-10',
  );
  assert.ok(payload, 'the simulated AWS has sent it');
  const step = await rehearsal.step('copy-snapshot', { ...WHERE, event: JSON.stringify({ event: payload }) });
  assert.equal(step.code, 0, step.log);
  assert.match(step.outputs['snapshot-id'] ?? '', /^shop-202611200210-/);
  const before = rehearsal.world.calls.length;
  const foreign = JSON.stringify(payload).replaceAll('222233334444', '999988887777');
  const ignored = await rehearsal.step('copy-snapshot', { ...WHERE, event: foreign });
  assert.equal(ignored.code, 0, ignored.log);
  assert.equal(ignored.outputs['status'], 'skipped');
  assert.equal(ignored.outputs['reason-code'], 'event-ignored');
  assert.match(ignored.log, /it is of account 999988887777, the source is 222233334444/);
  assert.equal(rehearsal.world.calls.length, before, 'AWS was not asked anything');
});

test('retention tells first, deletes only when asked, and never what is not ours; the gate tells old copies', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const nights = () =>
    snapshots(rehearsal, 'us-west-2').filter(({ id, status }) => /night/.test(id) && status === 'available').length;
  const dry = await rehearsal.step('copy-snapshot', { ...SHOP, retention: 'by-tag', rpo: '90h' });
  assert.equal(dry.code, 0, dry.log);
  assert.equal(nights(), 9);
  assert.match(dry.summary, /would go \(a dry run: nothing is deleted\)/);
  assert.match(dry.log, /shop-night-09: would go by retention: test does not keep it: not among the newest 3; /);
  assert.equal(dry.outputs['deleted'], '[]');
  const real = await rehearsal.step('copy-snapshot', { ...SHOP, retention: 'by-tag', 'apply-retention': 'true', rpo: '1m' });
  assert.equal(real.outputs['reason-code'], 'copy-stale', real.log);
  assert.equal(real.outputs['stale'], '["shop"]');
  const deleted: readonly string[] = JSON.parse(real.outputs['deleted'] ?? '');
  assert.ok(deleted.length >= 4 && deleted.every((id) => /^shop-night-\d\d$/.test(id)), real.log);
  assert.equal(nights(), 9 - deleted.length);
  assert.equal(applied(rehearsal, 'DeleteDBClusterSnapshot'), deleted.length + 1, 'the transit copy, and what goes');
  for (const left of ['shop-by-hand', 'archived-by-hand', 'restored-by-hand'])
    assert.ok(
      snapshots(rehearsal, 'us-west-2').some(({ id, status }) => id === left && status === 'available'),
      left,
    );
});

test('a sweep by tag copies what it can and fails for what it cannot, by name', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const step = await rehearsal.step('copy-snapshot', {
    ...WHERE,
    databases: '*',
    tags: 'Team=other',
    'transit-kms-key': 'alias/transit',
  });
  assert.equal(step.code, 1, step.log);
  assert.deepEqual(JSON.parse(step.outputs['result'] ?? '').counts, { failed: 1, succeeded: 2 });
  assert.equal(step.outputs['reason-code'], 'snapshot-unusable', 'the unencrypted cluster cannot get the key');
  assert.deepEqual(leftBehind(rehearsal), []);
});

test('contradictions are refused before AWS is asked anything', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const cases: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ ...WHERE }, /give "databases", "snapshot-id" or "event"/],
    [{ ...SHOP, 'snapshot-id': 'x' }, /"databases" and "snapshot-id" exclude each other/],
    [{ ...SHOP, retention: 'standrad' }, /value "standrad" is not valid for "retention"/],
  ];
  for (const [inputs, message] of cases) {
    const step = await rehearsal.step('copy-snapshot', inputs);
    assert.equal(step.outputs['reason-code'], 'usage', step.log);
    assert.match(step.errors.at(-1) ?? '', message);
  }
  assert.equal(rehearsal.world.calls.length, 0);
});

test('only the AWS clients that are used are loaded', async () => {
  await using rehearsal = await rehearse(SCENARIO);
  const list = path.join(rehearsal.workspace, 'loaded.txt');
  const env = { BREAKWATER_LOADED: list, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'loaded-chunks.ts')}` };
  const step = await rehearsal.step('copy-snapshot', SHOP, { env });
  assert.equal(step.code, 0, step.log);
  const loaded = [...new Set(readFileSync(list, 'utf8').trim().split('\n'))];
  assert.deepEqual(loaded.filter((file) => file.endsWith('-client.js')).sort(), [
    'kms-client.js',
    'rds-client.js',
    'sts-client.js',
  ]);
});
