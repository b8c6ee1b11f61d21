import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drsError } from './scripted-aws.ts';
import { failure, filterOf, ids } from './scripted-drs.ts';
import { START, scriptedSite } from './scripted-site.ts';

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
