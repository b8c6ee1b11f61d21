import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@breakwater/core';
import { queryError, route53Answer, type ScriptedAnswer } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const ZONE = 'Z0123456789ABC';
const CNAME = { zone: ZONE, name: 'db.example.com', value: 'new.example.net', ttl: 60, comment: 'webshop-1' };

const set = (name: string, type: string, more: string) =>
  `<ResourceRecordSet><Name>${name}</Name><Type>${type}</Type>${more}</ResourceRecordSet>`;
const plain = (value: string, ttl = 300) =>
  `<TTL>${ttl}</TTL><ResourceRecords><ResourceRecord><Value>${value}</Value></ResourceRecord></ResourceRecords>`;
/** `next`: name, type and identifier of the record that the next page begins with. */
const listing = (sets: readonly string[], next?: readonly [string, string, string?]): ScriptedAnswer =>
  route53Answer(
    'ListResourceRecordSets',
    `<ResourceRecordSets>${sets.join('')}</ResourceRecordSets><IsTruncated>${next !== undefined}</IsTruncated><MaxItems>300</MaxItems>${
      next === undefined
        ? ''
        : `<NextRecordName>${next[0]}</NextRecordName><NextRecordType>${next[1]}</NextRecordType>${next[2] === undefined ? '' : `<NextRecordIdentifier>${next[2]}</NextRecordIdentifier>`}`
    }`,
  );
const change = (status: string, id = '/change/C2682N5HXP0BZ4'): ScriptedAnswer =>
  route53Answer(
    'ChangeResourceRecordSets',
    `<ChangeInfo><Id>${id}</Id><Status>${status}</Status><SubmittedAt>2026-11-20T03:00:00.000Z</SubmittedAt></ChangeInfo>`,
  );

test('the records of one name, whatever their kind, and nothing of its neighbours', async () => {
  const { route53, aws } = scriptedSite(() =>
    listing([
      set('db.example.com.', 'CNAME', plain('old.example.net.')),
      set('db.example.com.', 'TXT', plain('"a &amp; b"', 60)),
      set(
        'db.example.com.',
        'A',
        '<SetIdentifier>one</SetIdentifier><Weight>10</Weight><AliasTarget><HostedZoneId>Z2</HostedZoneId><DNSName>lb.example.net.</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth></AliasTarget>',
      ),
      set('db2.example.com.', 'A', plain('10.0.0.1')),
    ]),
  );
  const record = { name: 'db.example.com', alias: undefined, setIdentifier: undefined };
  assert.deepEqual(await route53.recordsOf(ZONE, 'DB.Example.com'), [
    { ...record, type: 'CNAME', ttl: 300, values: ['old.example.net.'] },
    { ...record, type: 'TXT', ttl: 60, values: ['"a & b"'] },
    { ...record, type: 'A', ttl: undefined, values: [], alias: 'lb.example.net.', setIdentifier: 'one' },
  ]);
  const [request] = aws.sent;
  assert.equal(request?.path, `/2013-04-01/hostedzone/${ZONE}/rrset`);
  assert.deepEqual(request?.input, { name: 'db.example.com.' });
  assert.deepEqual([request?.service, request?.region], ['route53', 'us-east-1'], 'whatever the Region of the site');
  assert.equal(request?.host, 'route53.amazonaws.com');
});

test('an escaped name is read; a zone without the name has no records of it', async () => {
  const { route53 } = scriptedSite(() => listing([set('\\052.example.com.', 'A', plain('10.0.0.1'))]));
  assert.equal((await route53.recordsOf(ZONE, '*.example.com')).length, 1);
  assert.deepEqual(await route53.recordsOf(ZONE, 'db.example.com'), []);
});

test('pages are followed as long as they are of the name, weighted sets and all', async () => {
  const weighted = (id: string) =>
    set('db.example.com.', 'CNAME', `<SetIdentifier>${id}</SetIdentifier><Weight>1</Weight>${plain(id)}`);
  const { route53, aws } = scriptedSite((_, nth) =>
    nth === 0 ? listing([weighted('a')], ['db.example.com.', 'CNAME', 'b']) : listing([weighted('b')], ['e.example.com.', 'A']),
  );
  const found = await route53.recordsOf(ZONE, 'db.example.com');
  assert.deepEqual(
    found.map(({ setIdentifier }) => setIdentifier),
    ['a', 'b'],
  );
  assert.deepEqual(aws.sent[1]?.input, { name: 'db.example.com.', type: 'CNAME', identifier: 'b' });
  assert.equal(aws.sent.length, 2, 'the next page is of other names');
});

test('a listing that never ends is an error, not half an answer', async () => {
  const { route53 } = scriptedSite(() => listing([], ['db.example.com.', 'CNAME', 'b']));
  await assert.rejects(route53.recordsOf(ZONE, 'db.example.com'), { code: 'aws-fault' });
});

test('a CNAME is upserted, the same again after a lost answer, and the change is known by its bare id', async () => {
  const { route53, aws } = scriptedSite((_, nth) => (nth === 0 ? { socketError: 'ECONNRESET' } : change('PENDING')));
  assert.equal(await route53.upsertCname({ ...CNAME, value: 'a&b.example.net', comment: 'x'.repeat(300) }), 'C2682N5HXP0BZ4');
  assert.equal(aws.sent.length, 2);
  assert.deepEqual(aws.sent[0]?.input, aws.sent[1]?.input);
  const xml = String(aws.sent[1]?.input['xml']);
  assert.match(xml, /<Action>UPSERT<\/Action>/);
  assert.match(xml, /<Name>db\.example\.com\.<\/Name><Type>CNAME<\/Type><TTL>60<\/TTL>/);
  assert.match(xml, /<Value>a&amp;b\.example\.net<\/Value>/);
  assert.match(xml, /<Comment>x{256}<\/Comment>/);
  assert.equal((xml.match(/<Change>/g) ?? []).length, 1);
});

test('a change is pending, then in sync, and unknown is no error', async () => {
  const { route53, aws } = scriptedSite((_, nth) =>
    nth < 2 ? change(nth === 0 ? 'PENDING' : 'INSYNC') : queryError(404, 'NoSuchChange'),
  );
  assert.deepEqual(
    [await route53.changeStatus('C1'), await route53.changeStatus('C1'), await route53.changeStatus('C1')],
    ['PENDING', 'INSYNC', undefined],
  );
  assert.equal(aws.sent[0]?.path, '/2013-04-01/change/C1');
});

test('an answer without the id of the change is no success', async () => {
  const { route53 } = scriptedSite(() => route53Answer('ChangeResourceRecordSets', '<ChangeInfo/>'));
  await assert.rejects(route53.upsertCname(CNAME), { code: 'aws-fault', ambiguous: true });
});

test('a zone that takes another change is asked again', async () => {
  const { route53, aws } = scriptedSite((_, nth) =>
    nth < 3
      ? queryError(
          400,
          'PriorRequestNotComplete',
          'The request was rejected because Route 53 was still processing a prior request.',
        )
      : change('PENDING'),
  );
  assert.equal(await route53.upsertCname(CNAME), 'C2682N5HXP0BZ4');
  assert.equal(aws.sent.length, 4);
});

for (const [code, status, reason, next] of [
  ['PriorRequestNotComplete', 400, 'throttled', /still taking another change of the zone/],
  ['Throttling', 400, 'throttled', /too many calls/],
  ['NoSuchHostedZone', 404, 'aws-fault', /list-hosted-zones.*role of a site there/],
  ['InvalidInput', 400, 'aws-fault', /compare zone, name and TTL/],
  ['InvalidChangeBatch', 400, 'aws-fault', /below the name of the hosted zone.*nothing but a CNAME/],
] as const) {
  test(`${code} is ${reason}`, async () => {
    const { route53 } = scriptedSite(() => queryError(status, code));
    await assert.rejects(route53.upsertCname(CNAME), { code: reason, next, ambiguous: false });
  });
}

test('what is wrong with a batch is in the message', async () => {
  const said = 'RRSet with DNS name db.example.org. is not permitted in zone example.com.';
  const bare = `<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>${said}</Message><Message>More.</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>`;
  for (const answer of [queryError(400, 'InvalidChangeBatch', `[${said}]`), { status: 400, xml: bare }]) {
    const { route53 } = scriptedSite(() => answer);
    await assert.rejects(route53.upsertCname(CNAME), (error) => {
      assert.ok(error instanceof AwsError);
      assert.equal(error.call.awsCode, 'InvalidChangeBatch');
      assert.match(error.message, /RRSet with DNS name db\.example\.org\. is not permitted in zone example\.com\./);
      return true;
    });
  }
});

test('a refusal names the permission', async () => {
  for (const [message, missing] of [
    [
      'User: arn:aws:sts::111122223333:assumed-role/dr/run is not authorized to perform: route53:ChangeResourceRecordSets on resource: arn:aws:route53:::hostedzone/Z0123456789ABC because no identity-based policy allows the route53:ChangeResourceRecordSets action',
      'route53:ChangeResourceRecordSets',
    ],
    [
      'User: arn:aws:sts::111122223333:assumed-role/dr/run is not authorized to access this resource',
      'route53:ChangeResourceRecordSets',
    ],
  ] as const) {
    const { route53 } = scriptedSite(() => queryError(403, 'AccessDenied', message));
    await assert.rejects(route53.upsertCname(CNAME), { code: 'permission-denied', missing });
  }
});
