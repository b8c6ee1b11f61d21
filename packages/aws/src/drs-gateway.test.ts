import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, BreakwaterError, CancelledError } from '@breakwater/core';
import { drsError, type ScriptedAnswer } from './scripted-aws.ts';
import { START, scriptedSite } from './scripted-site.ts';

const ids = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix}${String(n).padStart(17, '0')}`);
const filterOf = (input: Readonly<Record<string, unknown>>, key: string) => JSON.parse(JSON.stringify(input))['filters']?.[key];

async function failure(work: Promise<unknown>): Promise<BreakwaterError> {
  const error = await work.then(
    () => assert.fail('it should have failed'),
    (caught: unknown) => caught,
  );
  assert.ok(error instanceof BreakwaterError, String(error));
  return error;
}

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

test('startRecovery always says whether it is a drill, and keeps a pinned snapshot', async () => {
  const { drs, aws } = scriptedSite(() => ({
    status: 202,
    json: {
      job: {
        jobID: 'drsjob-1',
        arn: 'arn:job',
        type: 'LAUNCH',
        initiatedBy: 'START_RECOVERY',
        status: 'PENDING',
        creationDateTime: '2022-12-07T19:15:38.846723+00:00',
        participatingServers: [{ sourceServerID: 's-1' }, { launchStatus: 'PENDING' }],
        tags: { a: 'b' },
      },
    },
  }));
  const job = await drs.startRecovery({
    servers: [{ id: 's-1' }, { id: 's-2', snapshotId: 'pit-1' }],
    isDrill: false,
    tags: { a: 'b' },
  });
  assert.deepEqual(aws.sent[0]?.input, {
    sourceServers: [{ sourceServerID: 's-1' }, { sourceServerID: 's-2', recoverySnapshotID: 'pit-1' }],
    isDrill: false,
    tags: { a: 'b' },
  });
  assert.deepEqual(job, {
    id: 'drsjob-1',
    arn: 'arn:job',
    type: 'LAUNCH',
    initiatedBy: 'START_RECOVERY',
    status: 'PENDING',
    createdAt: Date.parse('2022-12-07T19:15:38.846Z'),
    endedAt: undefined,
    participants: [{ sourceServerId: 's-1', launchStatus: 'UNKNOWN', recoveryInstanceId: undefined }],
    tags: { a: 'b' },
  });
});

const lostAnswers: [string, ScriptedAnswer][] = [
  ['503', { status: 503, json: {} }],
  ['500 by name', drsError(500, 'InternalServerException')],
  ['504 with text', { status: 504, headers: { 'content-type': 'text/html' }, xml: '<html>gateway</html>' }],
  ['a reset socket', { socketError: 'ECONNRESET' }],
  ['a timed out socket', { socketError: 'ETIMEDOUT' }],
  ['an unreadable success', { status: 202, xml: '{"job": {"jobID": "drsj' }],
  ['a success without a job', { status: 202, json: {} }],
];
for (const [name, answer] of lostAnswers) {
  test(`startRecovery and terminate are sent once and are ambiguous after ${name}`, async () => {
    const { drs, aws, clock } = scriptedSite(() => answer);
    const started = await failure(drs.startRecovery({ servers: [{ id: 's-1' }], isDrill: true, tags: {} }));
    const ended = await failure(drs.terminateRecoveryInstances(['i-1']));
    for (const error of [started, ended]) {
      assert.ok(error instanceof AwsError);
      assert.equal(error.ambiguous, true);
      assert.ok(error.code === 'aws-unavailable' || error.code === 'aws-fault');
      assert.match(error.next, /by hand/);
    }
    assert.deepEqual(aws.operations(), ['StartRecovery', 'TerminateRecoveryInstances']);
    assert.equal(clock.now(), START, 'nobody waited');
  });
}

const clearRefusals: [ScriptedAnswer, string][] = [
  [drsError(429, 'ThrottlingException'), 'throttled'],
  [drsError(409, 'ConflictException', { resourceId: 's-1' }), 'aws-fault'],
  [drsError(402, 'ServiceQuotaExceededException', { quotaCode: 'L-D88FAC3A' }), 'quota-exceeded'],
  [drsError(403, 'AccessDeniedException'), 'permission-denied'],
  [drsError(400, 'UninitializedAccountException'), 'drs-uninitialised'],
  [drsError(403, 'ExpiredTokenException'), 'credentials-expired'],
];
for (const [answer, code] of clearRefusals) {
  test(`startRecovery is sent once and is not ambiguous when AWS says ${code}`, async () => {
    const { drs, aws } = scriptedSite(() => answer);
    const error = await failure(drs.startRecovery({ servers: [{ id: 's-1' }], isDrill: true, tags: {} }));
    assert.ok(error instanceof AwsError);
    assert.equal(error.code, code);
    assert.equal(error.ambiguous, false);
    assert.equal(aws.sent.length, 1);
  });
}

test('too many or no servers are refused before anything is sent', async () => {
  const { drs, aws } = scriptedSite(() => ({}));
  const many = ids('s-', 201).map((id) => ({ id }));
  assert.equal((await failure(drs.startRecovery({ servers: many, isDrill: true, tags: {} }))).code, 'internal');
  assert.equal((await failure(drs.startRecovery({ servers: [], isDrill: true, tags: {} }))).code, 'internal');
  assert.equal((await failure(drs.terminateRecoveryInstances([]))).code, 'internal');
  assert.equal(aws.sent.length, 0);
});

test('jobs asked for at one moment go into one request', async () => {
  const { drs, aws, clock } = scriptedSite(({ input }) => ({
    json: {
      items: filterOf(input, 'jobIDs')
        .filter((jobID: string) => jobID !== 'drsjob-unknown')
        .map((jobID: string, n: number) => ({ jobID, creationDateTime: new Date(START + n).toISOString() })),
    },
  }));
  const polls = [
    drs.describeJobsById(['drsjob-a']),
    drs.describeJobsById(['drsjob-b', 'drsjob-a', 'drsjob-unknown']),
    clock.sleep(0).then(() => drs.describeJobsById(['drsjob-c'])),
  ];
  const answers = await Promise.all(polls);
  assert.deepEqual(
    answers.map((jobs) => jobs.map(({ id }) => id)),
    [['drsjob-a'], ['drsjob-b', 'drsjob-a'], ['drsjob-c']],
  );
  assert.ok(aws.sent.length <= 2);
  // Two at one moment of the clock, but on different turns of the event loop.
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  await Promise.all([
    clock.sleep(15_000).then(() => drs.describeJobsById(['drsjob-d'])),
    clock
      .sleep(15_000)
      .then(turn)
      .then(() => drs.describeJobsById(['drsjob-e'])),
  ]);
  const last = aws.sent.at(-1);
  assert.deepEqual(filterOf(last?.input ?? {}, 'jobIDs'), ['drsjob-d', 'drsjob-e']);
  assert.deepEqual(await drs.describeJobsById([]), []);
});

test('more than a thousand jobs are asked for in several requests', async () => {
  const { drs, aws } = scriptedSite(({ input }) => ({
    json: { items: filterOf(input, 'jobIDs').map((jobID: string) => ({ jobID })) },
  }));
  assert.equal((await drs.describeJobsById(ids('drsjob-', 1_001))).length, 1_001);
  assert.deepEqual(
    aws.sent.map(({ input }) => filterOf(input, 'jobIDs').length),
    [1_000, 1],
  );
});

test('a failed batch fails all who asked, with the same error', async () => {
  const { drs } = scriptedSite(() => drsError(400, 'UninitializedAccountException'));
  const errors = await Promise.all([failure(drs.describeJobsById(['drsjob-a'])), failure(drs.describeJobsById(['drsjob-b']))]);
  assert.deepEqual(
    errors.map(({ code }) => code),
    ['drs-uninitialised', 'drs-uninitialised'],
  );
});

test('jobs since a moment: filtered by date, newest first', async () => {
  const { drs, aws } = scriptedSite(() => ({
    json: {
      items: [
        { jobID: 'drsjob-1', creationDateTime: '2026-11-20T01:00:00+00:00' },
        { jobID: 'drsjob-2', creationDateTime: '2026-11-20T02:00:00Z' },
        { jobID: 'drsjob-3', status: 'HIBERNATING' },
      ],
    },
  }));
  const jobs = await drs.describeJobsSince(START);
  assert.deepEqual(
    jobs.map(({ id, status }) => [id, status]),
    [
      ['drsjob-3', 'HIBERNATING'],
      ['drsjob-2', 'UNKNOWN'],
      ['drsjob-1', 'UNKNOWN'],
    ],
  );
  assert.deepEqual(aws.sent[0]?.input, { filters: { fromDate: '2026-11-20T03:00:00.000Z' } });
});

test('the job log keeps events that are in no enum', async () => {
  const { drs } = scriptedSite(() => ({
    json: {
      items: [
        {
          logDateTime: '2022-12-07T19:15:38.846723+00:00',
          event: 'LAUNCH_END',
          eventData: { sourceServerID: 's-1', targetInstanceID: 'i-1', conversionServerID: 'i-2', rawError: 'no' },
        },
        { logDateTime: 'yesterday' },
      ],
    },
  }));
  assert.deepEqual(await drs.describeJobLog('drsjob-1'), [
    {
      at: Date.parse('2022-12-07T19:15:38.846Z'),
      event: 'LAUNCH_END',
      sourceServerId: 's-1',
      conversionServerId: 'i-2',
      targetInstanceId: 'i-1',
      rawError: 'no',
    },
    {
      at: undefined,
      event: 'UNKNOWN',
      sourceServerId: undefined,
      conversionServerId: undefined,
      targetInstanceId: undefined,
      rawError: undefined,
    },
  ]);
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

test('terminateRecoveryInstances and tagResource speak the service’s words', async () => {
  const { drs, aws } = scriptedSite(({ operation }) =>
    operation === 'TagResource' ? { status: 204, xml: '' } : { json: { job: { jobID: 'drsjob-9', type: 'TERMINATE' } } },
  );
  assert.equal((await drs.terminateRecoveryInstances(['i-1', 'i-2'])).type, 'TERMINATE');
  await drs.tagResource('arn:aws:drs:eu-west-1:1:source-server/s-1', { owner: 'dr' });
  assert.deepEqual(aws.sent[0]?.input, { recoveryInstanceIDs: ['i-1', 'i-2'] });
  assert.equal(aws.sent[1]?.path, '/tags/arn%3Aaws%3Adrs%3Aeu-west-1%3A1%3Asource-server%2Fs-1');
  assert.deepEqual(aws.sent[1]?.input, { tags: { owner: 'dr' } });
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

test('an abort ends a read that hangs, and a change is brought to its answer', async () => {
  const stop = new AbortController();
  const answer = Promise.withResolvers<ScriptedAnswer>();
  const { drs, aws } = scriptedSite(({ operation }) => (operation === 'StartRecovery' ? answer.promise : new Promise(() => {})), {
    signal: stop.signal,
  });
  const read = failure(drs.describeSourceServers());
  const change = drs.startRecovery({ servers: [{ id: 's-1' }], isDrill: true, tags: {} });
  while (aws.sent.length < 2) await new Promise((resolve) => setImmediate(resolve));
  stop.abort('SIGTERM');
  const error = await read;
  assert.ok(error instanceof CancelledError);
  assert.equal(error.code, 'interrupted');
  assert.match(error.message, /SIGTERM.*drs:DescribeSourceServers/);
  answer.resolve({ status: 202, json: { job: { jobID: 'drsjob-1' } } });
  assert.equal((await change).id, 'drsjob-1');
  assert.equal((await failure(drs.describeJobLog('drsjob-1'))).code, 'interrupted');
  assert.equal(aws.sent.length, 2, 'nothing is read after the abort');
});
