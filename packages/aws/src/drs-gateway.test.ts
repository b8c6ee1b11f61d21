import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drsError } from './scripted-aws.ts';
import { failure, filterOf, ids } from './scripted-drs.ts';
import { START, scriptedSite } from './scripted-site.ts';

test('source servers: every page, in our words', async () => {
  const { drs, aws } = scriptedSite(({ input }) =>
    input['nextToken'] === undefined
      ? { json: { items: [], nextToken: 'two' } }
      : {
          json: {
            items: [
              {
                sourceServerID: 's-1',
                arn: 'arn:aws:drs:eu-west-1:1:source-server/s-1',
                tags: { Name: 'web', empty: '' },
                recoveryInstanceId: 'i-0abc',
                replicationDirection: 'FAILOVER',
                stagingArea: { status: 'EXTENDED' },
                sourceProperties: { identificationHints: { fqdn: 'web1.example', hostname: 'web1' } },
                dataReplicationInfo: {
                  dataReplicationState: 'STALLED',
                  lagDuration: 'PT30S',
                  dataReplicationError: { error: 'AGENT_NOT_SEEN', rawError: 'gone' },
                },
                usageOperationData: { surprise: true },
              },
              { sourceServerID: 's-2', dataReplicationInfo: { dataReplicationState: 'WARPING', lagDuration: 'P0D' } },
              { sourceServerID: 's-3', tags: { Name: 'db' }, sourceProperties: { identificationHints: { hostname: '' } } },
              { arn: 'no id' },
            ],
          },
        },
  );
  const servers = await drs.describeSourceServers();
  assert.deepEqual(servers[0], {
    id: 's-1',
    arn: 'arn:aws:drs:eu-west-1:1:source-server/s-1',
    name: 'web1.example',
    tags: { Name: 'web', empty: '' },
    replicationState: 'STALLED',
    lag: 30_000,
    replicationError: 'AGENT_NOT_SEEN: gone',
    recoveryInstanceId: 'i-0abc',
    stagingStatus: 'EXTENDED',
    replicationDirection: 'FAILOVER',
  });
  assert.deepEqual(
    servers.map(({ name, replicationState, lag }) => ({ name, replicationState, lag })),
    [
      { name: 'web1.example', replicationState: 'STALLED', lag: 30_000 },
      { name: 's-2', replicationState: 'WARPING', lag: 0 },
      { name: 'db', replicationState: 'UNKNOWN', lag: undefined },
    ],
  );
  assert.deepEqual(
    aws.sent.map(({ input }) => input),
    [{ filters: {} }, { filters: {}, nextToken: 'two' }],
  );
});

test('source servers by id: 200 a request, each once, and none at all for an empty list', async () => {
  const { drs, aws } = scriptedSite(({ input }) => ({
    json: { items: filterOf(input, 'sourceServerIDs').map((sourceServerID: string) => ({ sourceServerID })) },
  }));
  assert.deepEqual(await drs.describeSourceServers([]), []);
  assert.equal(aws.sent.length, 0, 'an empty filter means all servers to DRS');
  const wanted = ids('s-', 201);
  const servers = await drs.describeSourceServers([...wanted, ...wanted]);
  assert.deepEqual(
    servers.map(({ id }) => id),
    wanted,
  );
  assert.deepEqual(
    aws.sent.map(({ input }) => filterOf(input, 'sourceServerIDs').length),
    [200, 1],
  );
});

test('a page token that answers with itself ends in an error, not in a loop', async () => {
  const { drs, aws } = scriptedSite(() => ({ json: { items: [], nextToken: 'again' } }));
  const error = await failure(drs.describeSourceServers());
  assert.equal(error.code, 'aws-fault');
  assert.match(error.message, /drs:DescribeSourceServers in 111122223333\/eu-west-1/);
  assert.equal(aws.sent.length, 2);
});

test('recovery snapshots: newest first, not after the wanted moment, no page too many', async () => {
  const { drs, aws } = scriptedSite(({ input }) =>
    input['nextToken'] === undefined
      ? {
          json: {
            items: [
              { snapshotID: 'pit-expected', sourceServerID: 's-1', expectedTimestamp: '2026-11-20T03:00:00Z' },
              { snapshotID: 'pit-late', sourceServerID: 's-1', timestamp: '2026-11-20T02:59:00.000001+00:00' },
              { snapshotID: 'pit-new', sourceServerID: 's-1', timestamp: '2026-11-20T02:50:00.846723+00:00' },
              { snapshotID: 'pit-old', sourceServerID: 's-1', timestamp: '2026-11-20T02:40:00Z' },
            ],
            nextToken: 'more',
          },
        }
      : { json: { items: [{ snapshotID: 'pit-older', timestamp: '2026-11-20T02:30:00Z' }] } },
  );
  const notAfter = Date.parse('2026-11-20T02:58:00Z');
  assert.deepEqual(await drs.describeRecoverySnapshots('s-1', { notAfter, limit: 1 }), [
    { id: 'pit-expected', sourceServerId: 's-1', takenAt: undefined },
    { id: 'pit-new', sourceServerId: 's-1', takenAt: Date.parse('2026-11-20T02:50:00.846Z') },
  ]);
  assert.equal(aws.sent.length, 1);
  assert.deepEqual(aws.sent[0]?.input, {
    sourceServerID: 's-1',
    order: 'DESC',
    filters: { toDateTime: '2026-11-20T02:58:00.000Z' },
  });
  const all = await drs.describeRecoverySnapshots('s-1');
  assert.deepEqual(
    all.map(({ id }) => id),
    ['pit-expected', 'pit-late', 'pit-new', 'pit-old', 'pit-older'],
  );
});

test('recovery instances: an unsaid drill is taken for live, and lag of any shape is no crash', async () => {
  const { drs, aws } = scriptedSite(() => ({
    json: {
      items: [
        {
          recoveryInstanceID: 'i-1',
          ec2InstanceID: 'i-1',
          ec2InstanceState: 'RUNNING',
          jobID: 'drsjob-1',
          sourceServerID: 's-1',
          isDrill: true,
          pointInTimeSnapshotDateTime: '2026-11-20T02:00:00Z',
          dataReplicationInfo: { lagDuration: '2026-11-20T02:00:00Z' },
        },
        { recoveryInstanceID: 'i-2' },
      ],
    },
  }));
  assert.deepEqual(await drs.describeRecoveryInstances({}), [
    {
      id: 'i-1',
      ec2InstanceId: 'i-1',
      ec2State: 'RUNNING',
      jobId: 'drsjob-1',
      sourceServerId: 's-1',
      isDrill: true,
      pointInTime: Date.parse('2026-11-20T02:00:00Z'),
      tags: {},
    },
    {
      id: 'i-2',
      ec2InstanceId: 'i-2',
      ec2State: undefined,
      jobId: undefined,
      sourceServerId: undefined,
      isDrill: false,
      pointInTime: undefined,
      tags: {},
    },
  ]);
  await drs.describeRecoveryInstances({ sourceServerIds: ids('s-', 201) });
  await drs.describeRecoveryInstances({ ids: ['i-1'] });
  assert.deepEqual(await drs.describeRecoveryInstances({ sourceServerIds: [] }), []);
  assert.deepEqual(await drs.describeRecoveryInstances({ ids: [], sourceServerIds: ['s-1'] }), []);
  assert.deepEqual(
    aws.sent.map(({ input }) => [filterOf(input, 'sourceServerIDs')?.length, filterOf(input, 'recoveryInstanceIDs')?.length]),
    [
      [undefined, undefined],
      [200, undefined],
      [1, undefined],
      [undefined, 1],
    ],
  );
});

test('a throttled describe waits on the clock until it is answered', async () => {
  const { drs, aws, clock } = scriptedSite((_, nth) =>
    nth < 7 ? drsError(429, 'ThrottlingException') : { json: { items: [] } },
  );
  assert.deepEqual(await drs.describeSourceServers(), []);
  assert.equal(aws.sent.length, 8);
  assert.ok(clock.now() - START > 5_000, `waited ${clock.now() - START} ms`);
  const attempts = aws.sent.map(({ headers }) => headers['amz-sdk-request']);
  assert.deepEqual(new Set(attempts), new Set(['attempt=1; max=1']), 'the SDK itself never tries twice');
});
