import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, CancelledError } from '@breakwater/core';
import { drsError, type ScriptedAnswer } from './scripted-aws.ts';
import { failure, ids } from './scripted-drs.ts';
import { START, scriptedSite } from './scripted-site.ts';

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
