import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSnapshotEvent } from './rds-event.ts';

const SOURCE = { account: '222233334444', region: 'us-east-1' };
const ARN = 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:rds:shop-2026-03-04-03-07';

const INSTANCE = 'arn:aws:rds:us-east-1:222233334444:snapshot:shop-1';

/** As EventBridge writes it. */
function event(detail: object = {}, more: object = {}): object {
  return {
    version: '0',
    id: '844e2571-85d4-695f-b930-0153b71dcb42',
    'detail-type': 'RDS DB Cluster Snapshot Event',
    source: 'aws.rds',
    account: '222233334444',
    time: '2026-03-04T03:12:00Z',
    region: 'us-east-1',
    resources: [ARN],
    detail: {
      EventCategories: ['backup'],
      SourceType: 'CLUSTER_SNAPSHOT',
      SourceArn: ARN,
      SourceIdentifier: 'rds:shop-2026-03-04-03-07',
      Message: 'Automated cluster snapshot created',
      EventID: 'RDS-EVENT-0169',
      ...detail,
    },
    ...more,
  };
}

test('a finished snapshot of the source asks for its copy, however the event is wrapped', () => {
  const wanted = {
    event: '844e2571-85d4-695f-b930-0153b71dcb42',
    kind: 'cluster',
    snapshotArn: ARN,
    snapshot: 'rds:shop-2026-03-04-03-07',
    ...SOURCE,
  };
  for (const payload of [event(), { event: event() }, { client_payload: event() }, { client_payload: { event: event() } }]) {
    assert.deepEqual(readSnapshotEvent(payload, SOURCE), { wanted });
  }
  const read = readSnapshotEvent(event({ EventID: 'RDS-EVENT-0042', SourceArn: INSTANCE }), SOURCE);
  assert.equal('wanted' in read && read.wanted.kind, 'instance');
  assert.ok('wanted' in readSnapshotEvent(event({ SourceArn: undefined }), SOURCE), 'the ARN is in resources too');
  assert.ok('wanted' in readSnapshotEvent(event({ EventID: undefined, Message: 'see …#RDS-EVENT-0169' }), SOURCE));
});

test('everything else is ignored, and it is said why', () => {
  const cases: readonly [unknown, RegExp][] = [
    [undefined, /no JSON object/],
    ['text', /no JSON object/],
    [[], /no JSON object/],
    [{}, /no JSON object/],
    [{ detail: 'x' }, /no JSON object/],
    [{ event: { event: { event: { event: event() } } } }, /no JSON object/],
    [event({}, { source: 'aws.drs' }), /comes from aws\.drs/],
    [event({ EventID: undefined, Message: 'x' }), /no EventID/],
    [event({ EventID: 'RDS-EVENT-0168' }), /was begun/],
    [event({ EventID: 'RDS-EVENT-0172' }), /RDS-EVENT-0172 is not about a finished snapshot/],
    [event({ EventID: 'constructor' }), /is not about a finished snapshot/],
    [event({ SourceArn: 'arn:aws:rds:us-east-1:222233334444:cluster:shop' }), /names no snapshot/],
    [event({ SourceArn: undefined }, { resources: [] }), /SourceArn is missing/],
    [event({ EventID: 'RDS-EVENT-0042' }), /is about instance snapshots/],
    [
      event({ EventID: 'RDS-EVENT-0075', SourceArn: ARN.replace(/rds:shop.*/, 'shop-202603040307-transit-0a1b2c') }),
      /on its way/,
    ],
    [event({ EventID: 'RDS-EVENT-0042', SourceArn: `${INSTANCE}-202603040307-relay-0a1b2c` }), /on its way/],
    [[event()], /no JSON object/],
    [event({ SourceArn: ARN.replace('222233334444', '999988887777') }), /of account 999988887777, the source is 222233334444/],
    [event({ SourceArn: ARN.replace('us-east-1', 'eu-west-1') }), /of eu-west-1, the source is in us-east-1/],
  ];
  for (const [payload, expected] of cases) {
    const read = readSnapshotEvent(payload, SOURCE);
    assert.match('ignored' in read ? read.ignored : 'wanted', expected);
  }
});
