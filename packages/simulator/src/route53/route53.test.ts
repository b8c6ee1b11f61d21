import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Change,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ResourceRecordSet,
} from '@aws-sdk/client-route-53';
import { databaseWorld, ZONE } from '../../test-support/database-worlds.ts';
import { awsError, refused } from '../../test-support/sdk-clients.ts';

type World = ReturnType<typeof databaseWorld>;

const cname = (Name: string, value: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name,
  Type: 'CNAME',
  TTL: 60,
  ResourceRecords: [{ Value: value }],
  ...more,
});
const upsert = (ResourceRecordSet: ResourceRecordSet): Change => ({ Action: 'UPSERT', ResourceRecordSet });

function changing({ destination }: World, Changes: readonly Change[], HostedZoneId = ZONE) {
  return destination.route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes: [...Changes] } }));
}

async function valuesOf({ world }: World, name: string): Promise<readonly (readonly string[])[]> {
  const records = world.state().hostedZones.find(({ id }) => id === ZONE)?.records ?? [];
  return records.filter((record) => record.name === name).map(({ values }) => values);
}

test('a change stands in the zone at once, and is PENDING until all name servers have it', async () => {
  const world = databaseWorld('route53: { insyncAfter: 20s }\n');
  const { ChangeInfo } = await changing(world, [upsert(cname('DB.example.internal', 'new.example.net'))]);
  assert.equal(ChangeInfo?.Status, 'PENDING');
  assert.deepEqual(await valuesOf(world, 'db.example.internal.'), [['new.example.net']]);
  const status = async (client = world.destination) =>
    (await client.route53.send(new GetChangeCommand({ Id: ChangeInfo?.Id }))).ChangeInfo?.Status;
  await world.clock.sleep(19_000);
  assert.equal(await status(), 'PENDING');
  await world.clock.sleep(1_000);
  assert.equal(await status(), 'INSYNC');
  assert.equal(await status(world.across), 'INSYNC', 'no Region has a Route 53 of its own');
  await assert.rejects(status(world.source), awsError('NoSuchChange', 404));
});

test('what Route 53 refuses, and then changes nothing', async () => {
  const world = databaseWorld();
  const before = JSON.stringify(world.world.state().hostedZones);
  const cases: readonly (readonly [Change, RegExp])[] = [
    [
      upsert(cname('db.example.org', 'a.example.net')),
      /RRSet with DNS name db\.example\.org\. is not permitted in zone example\.internal\./,
    ],
    [upsert(cname('notexample.internal', 'a.example.net')), /not permitted in zone/],
    [upsert(cname('example.internal', 'a.example.net')), /not permitted at apex in zone/],
    [upsert(cname('mail.example.internal', 'a.example.net')), /conflicts with other records with the same DNS name/],
    [upsert(cname('db.example.internal', '10.0.0.1', { Type: 'A' })), /conflicts with other records/],
    [upsert(cname('spread.example.internal', 'a.example.net')), /SetIdentifier null cannot be created/],
    [upsert(cname('db.example.internal', 'a.example.net', { SetIdentifier: 'c', Weight: 1 })), /cannot be created/],
    [upsert(cname('two.example.internal', 'a', { ResourceRecords: [{ Value: 'a' }, { Value: 'b' }] })), /exactly one value/],
    [{ Action: 'CREATE', ResourceRecordSet: cname('db.example.internal', 'a') }, /it already exists/],
    [{ Action: 'DELETE', ResourceRecordSet: cname('none.example.internal', 'a') }, /it was not found/],
    [{ Action: 'DELETE', ResourceRecordSet: cname('db.example.internal', 'a') }, /do not match the current values/],
  ];
  for (const [change, message] of cases)
    await assert.rejects(
      changing(world, [upsert(cname('fine.example.internal', 'a')), change]),
      refused('InvalidChangeBatch', 400, message),
    );
  for (const TTL of [undefined, -1, 2_147_483_648])
    await assert.rejects(changing(world, [upsert({ ...cname('a.example.internal', 'a'), TTL })]), refused('InvalidInput', 400));
  await assert.rejects(changing(world, []), refused('InvalidInput', 400));
  assert.equal(JSON.stringify(world.world.state().hostedZones), before);
  assert.ok(world.world.calls.every(({ applied }) => !applied));
});

test('what stands there can be deleted, and the name is free for another type', async () => {
  const world = databaseWorld();
  const old = cname('db.example.internal', 'old.example.net', { TTL: 300 });
  await changing(world, [
    { Action: 'DELETE', ResourceRecordSet: old },
    upsert(cname('db.example.internal', '10.0.0.2', { Type: 'A' })),
  ]);
  assert.deepEqual(await valuesOf(world, 'db.example.internal.'), [['10.0.0.2']]);
});

test('a zone is its account’s', async () => {
  const world = databaseWorld();
  const change = [upsert(cname('db.example.org', 'a.example.net'))];
  await assert.rejects(changing(world, change, 'Z0OTHER'), awsError('AccessDenied', 403));
  await assert.rejects(changing(world, change, 'Z0NONE'), awsError('NoSuchHostedZone', 404));
});

test('records are listed by their labels from the right, page by page', async () => {
  const { destination } = databaseWorld('pageSize: 2\n');
  const found: string[] = [];
  let from: object = {};
  for (let pages = 0; ; pages += 1) {
    const answer = await destination.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, ...from }));
    found.push(
      ...(answer.ResourceRecordSets ?? []).map((set) => [set.Name, set.Type, set.SetIdentifier].filter(Boolean).join(' ')),
    );
    if (answer.IsTruncated !== true) break;
    from = {
      StartRecordName: answer.NextRecordName,
      StartRecordType: answer.NextRecordType,
      StartRecordIdentifier: answer.NextRecordIdentifier,
    };
    assert.ok(pages < 10);
  }
  assert.deepEqual(found, [
    'example.internal. NS',
    'example.internal. SOA',
    '\\052.example.internal. A',
    'db.example.internal. CNAME',
    'mail.example.internal. A',
    'spread.example.internal. CNAME a',
    'spread.example.internal. CNAME b',
  ]);
  const { ResourceRecordSets: last } = await destination.route53.send(
    new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, StartRecordName: 'spread.example.internal' }),
  );
  assert.deepEqual(
    last?.map(({ Weight }) => Weight),
    [1, 9],
  );
  for (const input of [{ StartRecordType: 'A' as const }, { StartRecordName: 'a', StartRecordIdentifier: 'b' }])
    await assert.rejects(
      destination.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, ...input })),
      refused('InvalidInput', 400),
    );
});

test('faults come in the words of the service', async () => {
  const world = databaseWorld(
    'faults: [{ match: { service: route53, times: 1 }, effect: { kind: throttle } }]\n',
    undefined,
    'deny: ["route53:*"]',
  );
  await assert.rejects(changing(world, [upsert(cname('a.example.internal', 'b'))]), refused('Throttling', 400));
  await assert.rejects(
    world.source.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: 'Z0OTHER' })),
    refused('AccessDenied', 403, /not authorized to perform: route53:ListResourceRecordSets/),
  );
});

test('a body that is no XML, and one with what nobody knows, is refused', async () => {
  const { world, keys } = databaseWorld();
  const send = (body: string) =>
    world.handle({
      method: 'POST',
      path: `/2013-04-01/hostedzone/${ZONE}/rrset`,
      query: new URLSearchParams(),
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${keys.destination.accessKeyId}/20260304/us-east-1/route53/aws4_request`,
      },
      body,
    });
  for (const body of [
    '{"json": true}',
    '<open>',
    '<A><ChangeBatch><Changes><Change><Nonsense>1</Nonsense></Change></Changes></ChangeBatch></A>',
  ]) {
    const answer = await send(body);
    assert.equal(answer.status, 400, body);
    assert.match(answer.body, /<Code>InvalidInput<\/Code>/);
  }
  assert.equal((await send('')).status, 400);
});
