import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { killedAt } from './killing.ts';
import { type Rehearsal, rehearse } from './rehearsal.ts';
import { temporaryFolder } from './step.ts';

const SPEED = 3_000;
const ZONE = 'Z0123456789ABC';
const NETWORK = 'Z0NETWORK';
const NAME = 'db.webshop.internal';
const READERS = 'db-ro.webshop.internal';

/** The webshop's world with a hosted zone in the recovery account, and one in another. */
function world(): string {
  const file = path.join(temporaryFolder('dns'), 'dns.yaml');
  writeFileSync(
    file,
    `extends: ${path.resolve('test/acceptance/scenarios/least-privilege.yaml')}
name: dns
route53: { insyncAfter: 45s }
hostedZones:
  - account: "111122223333"
    id: ${ZONE}
    name: webshop.internal
    records:
      - { name: ${NAME}, values: [webshop.cluster-old.us-east-1.rds.amazonaws.com], ttl: 300 }
      - { name: api.webshop.internal, type: A, values: [10.0.0.1] }
      - { name: blue.webshop.internal, values: [a.example.net], setIdentifier: a, weight: 1 }
  - { account: "222233334444", id: ${NETWORK}, name: corp.example }
`,
  );
  return path.relative('.', file);
}

const INPUTS = {
  'source-cluster': 'webshop',
  manifest: 'plans/manifests/webshop.json',
  site: 'dr-oregon',
  'snapshot-types': 'manual',
  'subnet-group': 'webshop-dr',
  'security-groups': 'sg-0f1e2d3c4b5a69788',
  'target-cluster': 'webshop',
  'publish-dns-zone': ZONE,
  'publish-dns-name': NAME,
  'max-wait': '90h',
};

/** What stands under a name: type, TTL and values. */
function points(rehearsal: Rehearsal, zone: string, name: string) {
  const records = rehearsal.world.state().hostedZones.find(({ id }) => id === zone)?.records ?? [];
  return records.filter((record) => record.name === `${name}.`).map(({ type, ttl, values }) => [type, ttl, ...values]);
}

const applied = (rehearsal: Rehearsal, operation: string) => rehearsal.calls(operation).filter((call) => call.applied).length;

test('a name changes over to the restored cluster, killed between the change and its arrival; a re-run changes nothing', async () => {
  await using rehearsal = await rehearse(world(), SPEED);
  const inputs = { ...INPUTS, 'publish-dns-reader-name': READERS, 'publish-dns-ttl': '30' };
  const { last, killed } = await killedAt(rehearsal, 'restore-aurora', inputs, [
    /ChangeResourceRecordSets: Z0123456789ABC\/db\.webshop/,
    /Route 53 is telling its name servers/,
  ]);
  assert.equal(last.code, 0, last.log);
  assert.ok(killed >= 1, `${killed} killed`);
  const [endpoint, readers] = [last.outputs['endpoint'], last.outputs['reader-endpoint']];
  assert.deepEqual(points(rehearsal, ZONE, NAME), [['CNAME', 30, endpoint]]);
  assert.deepEqual(points(rehearsal, ZONE, READERS), [['CNAME', 30, readers]]);
  const { result } = JSON.parse(last.outputs['result'] ?? '');
  assert.deepEqual(result.dns, [
    {
      zone: ZONE,
      name: NAME,
      value: endpoint,
      ttl: 30,
      changed: true,
      before: { value: 'webshop.cluster-old.us-east-1.rds.amazonaws.com', ttl: 300 },
    },
    { zone: ZONE, name: READERS, value: readers, ttl: 30, changed: true, before: null },
  ]);
  assert.match(last.summary, /DNS \| db\.webshop\.internal points to .*before: webshop\.cluster-old/);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1);
  assert.ok(rehearsal.calls('GetChange').length > 0, 'its arrival was waited for');
  assert.ok(rehearsal.calls('ChangeResourceRecordSets').every(({ account }) => account === '111122223333'));

  const sent = applied(rehearsal, 'ChangeResourceRecordSets');
  const again = await rehearsal.step('restore-aurora', inputs);
  assert.equal(again.code, 0, again.log);
  assert.equal(applied(rehearsal, 'ChangeResourceRecordSets'), sent);
  assert.deepEqual(JSON.parse(again.outputs['result'] ?? '').result.dns, result.dns);
});

test('the zone of another account is changed by its site’s role; a drill changes none', async () => {
  await using rehearsal = await rehearse(world(), SPEED);
  writeFileSync(
    path.join(rehearsal.workspace, 'plans/network.yaml'),
    `apiVersion: breakwater/v1
kind: Site
name: network
account: "222233334444"
region: us-east-1
roleArn: arn:aws:iam::222233334444:role/breakwater-source
externalId: webshop-dr
`,
  );
  const inputs = { ...INPUTS, 'publish-dns-zone': NETWORK, 'publish-dns-name': 'shop.corp.example' };
  const wrong = await rehearsal.step('restore-aurora', inputs);
  assert.equal(wrong.code, 1);
  assert.equal(wrong.outputs['reason-code'], 'permission-denied', wrong.log);
  assert.match(wrong.errors.at(-1) ?? '', /route53:ListResourceRecordSets/);
  assert.match(wrong.log, /what stands under shop\.corp\.example could not be looked at beforehand/);
  assert.equal(applied(rehearsal, 'RestoreDBClusterFromSnapshot'), 1, 'the database does not wait for its name');

  const there = { ...inputs, 'publish-dns-site': 'network' };
  const list = path.join(rehearsal.workspace, 'loaded.txt');
  const env = { BREAKWATER_LOADED: list, NODE_OPTIONS: `--import=${path.join(import.meta.dirname, 'loaded-chunks.ts')}` };
  const drill = await rehearsal.step('restore-aurora', { ...there, mode: 'drill', key: 'drill' }, { env });
  assert.equal(drill.code, 0, drill.log);
  const loaded = readFileSync(list, 'utf8').split('\n');
  assert.ok(
    loaded.includes('rds-client.js') && !loaded.includes('route53-client.js'),
    'whoever does not ask it does not load it',
  );
  assert.deepEqual(points(rehearsal, NETWORK, 'shop.corp.example'), []);
  assert.equal(applied(rehearsal, 'ChangeResourceRecordSets'), 0);

  const step = await rehearsal.step('restore-aurora', there);
  assert.equal(step.code, 0, step.log);
  assert.equal(
    applied(rehearsal, 'RestoreDBClusterFromSnapshot'),
    2,
    'one of them the drill’s: what was restored before is adopted',
  );
  assert.deepEqual(points(rehearsal, NETWORK, 'shop.corp.example'), [['CNAME', 60, step.outputs['endpoint']]]);
  assert.deepEqual(
    rehearsal.calls('ChangeResourceRecordSets').map(({ account }) => account),
    ['222233334444'],
  );
});

test('what must not be overwritten, and what cannot be asked for, is refused before anything is changed', async () => {
  await using rehearsal = await rehearse(world(), SPEED);
  const cases: readonly (readonly [object, string, RegExp])[] = [
    [{ 'publish-dns-name': 'api.webshop.internal' }, 'usage', /other records than a CNAME \(A\)/],
    [{ 'publish-dns-name': 'blue.webshop.internal' }, 'usage', /one of several sets \(CNAME "a"\)/],
    [{ 'publish-dns-name': 'webshop.internal' }, 'usage', /is the hosted zone Z0123456789ABC itself/],
    [{ 'publish-dns-zone': 'Z0NONE' }, 'aws-fault', /No hosted zone found with ID: Z0NONE/],
    [{ 'publish-dns-site': 'nowhere' }, 'usage', /no site "nowhere"/],
  ];
  for (const [over, code, message] of cases) {
    const step = await rehearsal.step('restore-aurora', { ...INPUTS, ...over });
    assert.equal(step.code, 1, JSON.stringify(over));
    assert.equal(step.outputs['reason-code'], code, step.log);
    assert.match(step.errors.join('\n'), message);
  }
  assert.ok(rehearsal.world.calls.every(({ applied: changed, service }) => !changed || service === 'sts'));
});
