import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DRS_QUOTAS, type DrsJob, type DrsRecoveryInstance } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import fc from 'fast-check';
import { DRS_QUOTA, lackOfCapacity, loadOf } from './drs-capacity.ts';
import { ownLaunches } from './launch-intent.ts';
import { attemptOf, isTaggedBy, recoveryTags, tagValue } from './ownership.ts';
import { standingOf } from './server-standing.ts';
import { readStartError } from './start-answer.ts';
import { judgeServers, summary } from './step-result.ts';
import { inJob, instance, job } from './testing/drs-records.ts';

const OURS = { 'breakwater:execution': 'e', 'breakwater:attempt': '1' };

test('the quotas are those of the service', () => {
  assert.equal(DRS_QUOTA.jobs, DRS_QUOTAS['L-D88FAC3A']?.value);
  assert.equal(DRS_QUOTA.serversPerJob, DRS_QUOTAS['L-B827C881']?.value);
  assert.equal(DRS_QUOTA.serversInJobs, DRS_QUOTAS['L-05AFA8C6']?.value);
});

test('everybody’s active jobs count, of any type; ended ones do not; ours that are not shown yet do', () => {
  const jobs = [
    job({ id: 'a', participants: [inJob('PENDING'), inJob('PENDING', 's-2')] }),
    job({ id: 'b', type: 'TERMINATE', status: 'PENDING', participants: [inJob('PENDING', 's-3')] }),
    job({ id: 'c', status: 'COMPLETED', participants: [inJob('LAUNCHED', 's-4')] }),
    job({ id: 'd', status: 'QUEUED', type: 'CREATE_CONVERTED_SNAPSHOT' }),
  ];
  assert.deepEqual(loadOf(jobs, []), { jobs: 3, servers: 3 });
  const begun = [
    { at: 0, servers: 2, jobId: 'a' },
    { at: 0, servers: 7, jobId: 'new' },
    { at: 0, servers: 5, jobId: undefined },
  ];
  assert.deepEqual(loadOf(jobs, begun), { jobs: 5, servers: 15 });
});

test('there is room for a job exactly up to the quotas', () => {
  assert.equal(lackOfCapacity({ jobs: 19, servers: 400 }, 100), undefined);
  assert.equal(lackOfCapacity({ jobs: 20, servers: 20 }, 1), 'waiting for DRS capacity: 20 of 20 jobs');
  assert.equal(
    lackOfCapacity({ jobs: 5, servers: 401 }, 100),
    'waiting for DRS capacity: 401 of 500 servers in jobs, 100 more wanted',
  );
});

test('tag values are legal for AWS, and two texts never become one', () => {
  assert.equal(tagValue('webshop-2026 A/B:c_d.e+f=g@h'), 'webshop-2026 A/B:c_d.e+f=g@h');
  fc.assert(
    fc.property(fc.string({ maxLength: 400 }), fc.string({ maxLength: 400 }), (one, other) => {
      assert.match(tagValue(one), /^[\p{L}\p{N} +\-=._:/@]{0,256}$/u);
      return one === other || tagValue(one) !== tagValue(other);
    }),
  );
  const owner = { execution: 'e'.repeat(300), plan: 'p', wave: 'w', mode: 'drill', attempt: 3 } as const;
  assert.ok(isTaggedBy({ tags: recoveryTags(owner, 'k') }, owner.execution));
  assert.equal(attemptOf({ tags: recoveryTags(owner, 'k') }), 3);
  assert.equal(attemptOf({ tags: { 'breakwater:attempt': 'x' } }), 0);
});

test('where a server stands', () => {
  const around = (over: object) => ({
    execution: 'e',
    attempt: 2,
    jobs: new Map<string, DrsJob>(),
    own: new Map<string, readonly string[]>(),
    instances: [] as readonly DrsRecoveryInstance[],
    mayReplace: () => false,
    ...over,
  });
  const jobs = (...all: DrsJob[]) => new Map(all.map((one) => [one.id, one]));
  const own = new Map([['drsjob-1', ['s-1']]]);
  const ended = { status: 'COMPLETED', participants: [inJob('LAUNCHED')], tags: OURS };
  const table: readonly [string, object, string][] = [
    ['nothing known', {}, 'free'],
    ['our job of this attempt runs', { jobs: jobs(job({ tags: { ...OURS, 'breakwater:attempt': '2' } })), own }, 'ours'],
    [
      'our job of this attempt failed it',
      { jobs: jobs(job({ ...ended, tags: { ...OURS, 'breakwater:attempt': '2' }, participants: [inJob('FAILED')] })), own },
      'ours',
    ],
    ['our job of an earlier attempt runs', { jobs: jobs(job({ tags: OURS })), own }, 'ours'],
    [
      'an earlier attempt launched it, and it lives',
      { jobs: jobs(job(ended)), own, instances: [instance({ isDrill: true })] },
      'ours',
    ],
    ['an earlier attempt launched it, in a recovery', { jobs: jobs(job(ended)), own, instances: [instance()] }, 'ours'],
    [
      'an earlier attempt launched it, and it is gone',
      { jobs: jobs(job(ended)), own, instances: [instance({ ec2State: 'TERMINATED' })] },
      'free',
    ],
    ['an earlier attempt failed it', { jobs: jobs(job({ ...ended, participants: [inJob('FAILED')] })), own }, 'free'],
    [
      'an earlier attempt failed it, and left an instance',
      { jobs: jobs(job({ ...ended, participants: [inJob('FAILED')] })), own, instances: [instance()] },
      'free',
    ],
    ['somebody else’s job holds it', { jobs: jobs(job({ participants: [inJob('PENDING')] })) }, 'busy'],
    ['a TERMINATE job holds it', { jobs: jobs(job({ type: 'TERMINATE', participants: [inJob('PENDING')] })) }, 'busy'],
    ['a job in an unknown status holds it', { jobs: jobs(job({ status: 'PAUSED', participants: [inJob('PENDING')] })) }, 'busy'],
    ['somebody else’s job held it', { jobs: jobs(job({ status: 'COMPLETED', participants: [inJob('LAUNCHED')] })) }, 'free'],
    ['an instance lives', { instances: [instance()] }, 'live'],
    ['an instance in an unknown state', { instances: [instance({ ec2State: undefined })] }, 'live'],
    ['a stopped instance lives too', { instances: [instance({ ec2State: 'STOPPED' })] }, 'live'],
    [
      'an instance of another execution',
      { jobs: jobs(job({ status: 'COMPLETED', tags: { 'breakwater:execution': 'f' } })), instances: [instance()] },
      'live',
    ],
    ['a live instance that may be replaced', { instances: [instance()], mayReplace: () => true }, 'free'],
    ['an instance on its way out', { instances: [instance({ ec2State: 'SHUTTING-DOWN' })] }, 'free'],
    ['an instance of a drill', { instances: [instance({ isDrill: true })] }, 'free'],
    ['another server’s instance', { instances: [instance({ sourceServerId: 's-2' })] }, 'free'],
  ];
  for (const [name, over, kind] of table) assert.equal(standingOf('s-1', around(over)).kind, kind, name);
});

test('which jobs are ours', () => {
  const launches = ['s-1', 's-2'].map((server) => ({
    server,
    snapshotId: undefined,
    replicationState: 'CONTINUOUS',
    lag: 0,
    newest: undefined,
  }));
  const announced = new Map([['e/w/1/dr/0', { key: 'e/w/1/dr/0', at: 100_000, launches }]]);
  const expected = new Map([['e/w/1/dr/1', ['s-3']]]);
  const untagged = job({ createdAt: 100_500, participants: [inJob('PENDING', 's-2'), inJob('PENDING')] });
  const ours = (over: Partial<DrsJob>) => {
    const own = ownLaunches([{ ...untagged, ...over }], { execution: 'e', isDrill: true, announced, expected }).get('drsjob-1');
    return own === undefined ? 'not ours' : [own.tagged ? 'tagged' : 'untagged', ...own.servers].join(' ');
  };
  assert.equal(ours({ tags: OURS, createdAt: 0 }), 'tagged s-2 s-1');
  assert.equal(ours({ tags: { ...OURS, 'breakwater:chunk': 'e/w/1/dr/0' }, participants: [] }), 'tagged s-1 s-2');
  assert.equal(ours({ tags: { ...OURS, 'breakwater:chunk': 'e/w/1/dr/1' }, participants: [] }), 'tagged s-3');
  assert.equal(ours({ tags: OURS, type: 'TERMINATE' }), 'not ours');
  assert.equal(ours({}), 'untagged s-2 s-1');
  assert.equal(ours({ tags: { team: 'x' } }), 'untagged s-2 s-1');
  assert.equal(
    ours({ tags: { 'breakwater:execution': 'f' } }),
    'not ours',
    'another execution, the same servers, the same moment',
  );
  assert.equal(ours({ createdAt: 90_000 }), 'not ours', 'before we announced it');
  assert.equal(ours({ createdAt: undefined }), 'not ours');
  assert.equal(ours({ initiatedBy: 'START_RECOVERY' }), 'not ours', 'a recovery is no drill');
  assert.equal(ours({ participants: [inJob('PENDING')] }), 'not ours', 'fewer servers');
  assert.equal(ours({ participants: [...untagged.participants, inJob('PENDING', 's-3')] }), 'not ours', 'more servers');
});

test('what an error to a call that is sent once lets us do', () => {
  const error = (
    code: ConstructorParameters<typeof AwsError>[0],
    awsCode: string,
    httpStatus: number | undefined,
    ambiguous = false,
  ) =>
    new AwsError(code, 'm', {
      next: 'n',
      ambiguous,
      call: {
        service: 'drs',
        operation: 'StartRecovery',
        account: undefined,
        region: undefined,
        requestId: undefined,
        httpStatus,
        awsCode,
      },
    });
  const table = [
    [error('aws-fault', 'ConflictException', 409), 'look'],
    [error('aws-unavailable', 'InternalServerException', 500), 'look'],
    [error('aws-unavailable', 'ECONNRESET', undefined, true), 'look'],
    [error('throttled', 'ThrottlingException', 429), 'throttled'],
    [error('quota-exceeded', 'ServiceQuotaExceededException', 402), 'full'],
    [error('aws-unavailable', 'ECONNREFUSED', undefined), 'not-sent'],
    [error('credentials-expired', 'ExpiredTokenException', 403), 'not-sent'],
    [error('permission-denied', 'AccessDeniedException', 403), 'refused'],
    [error('drs-uninitialised', 'UninitializedAccountException', 400), 'refused'],
    [error('aws-fault', 'ValidationException', 400), 'refused'],
    [new TypeError('a bug'), 'fault'],
  ] as const;
  for (const [cause, answer] of table) assert.equal(readStartError(cause), answer, cause.message);
});

test('a step over servers is never better than its worst critical one', () => {
  const one = (id: string, over: object = {}) =>
    ({
      id,
      name: id,
      site: 'dr',
      account: '1',
      region: 'x',
      group: 'g',
      criticality: 'critical',
      status: 'running',
      ...over,
    }) as const;
  const lost = { status: 'failed', reason: { code: 'server-failed', message: 'lost' } } as const;
  const pit = { status: 'failed', reason: { code: 'recovery-point-missing', message: 'no point' } } as const;
  const words = { done: 'all done', failedAs: 'server-failed' } as const;
  assert.equal(judgeServers([one('a')], words).state, 'done');
  assert.equal(judgeServers([one('a'), one('b', { ...lost, criticality: 'optional' })], words).reason?.code, 'degraded');
  assert.equal(judgeServers([one('a'), one('b', pit)], words).reason?.code, 'recovery-point-missing');
  assert.equal(judgeServers([one('a', lost), one('b', pit)], words).reason?.code, 'server-failed');
  assert.equal(judgeServers([one('a', lost), one('b', pit)], words).reason?.message, '2 of 2 servers: lost; no point');
  assert.equal(summary(['1', '2', '3', '4', '5', '6', '7']), '1; 2; 3; 4; 5; and 2 more');
});
