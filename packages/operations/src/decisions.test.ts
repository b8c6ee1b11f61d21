import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DRS_QUOTAS, type DrsJob, type DrsJobLogItem, type DrsRecoveryInstance, type SsmAutomation } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import fc from 'fast-check';
import { partKey, partsOf } from './action-parts.ts';
import { automationNote, automationState } from './automation-outcome.ts';
import { commandState } from './command-outcome.ts';
import { DRS_QUOTA, lackOfCapacity, loadOf } from './drs-capacity.ts';
import { launchFailure, missingPermission, phaseOf, serverEvents } from './job-log.ts';
import { ownLaunches } from './launch-intent.ts';
import {
  type JobPhase,
  untilNextActionLook,
  untilNextApprovalLook,
  untilNextHealthLook,
  untilNextJobLook,
  untilNextLogReading,
} from './look-again.ts';
import { maskOutputs, maskText } from './masking.ts';
import { attemptOf, isTaggedBy, recoveryTags, tagValue } from './ownership.ts';
import { commandComment } from './run-command.ts';
import { standingOf } from './server-standing.ts';
import { readStartError } from './start-answer.ts';
import { judgeServers, summary } from './step-result.ts';
import { action, serverYaml, simulated } from './testing/simulated.ts';

function job(over: Partial<DrsJob> = {}): DrsJob {
  return {
    id: 'drsjob-1',
    arn: undefined,
    type: 'LAUNCH',
    initiatedBy: 'START_DRILL',
    status: 'STARTED',
    createdAt: 0,
    endedAt: undefined,
    participants: [],
    tags: {},
    ...over,
  };
}

function item(event: string, over: Partial<DrsJobLogItem> = {}): DrsJobLogItem {
  return {
    at: 0,
    event,
    sourceServerId: 's-1',
    conversionServerId: undefined,
    targetInstanceId: undefined,
    rawError: undefined,
    ...over,
  };
}

function instance(over: Partial<DrsRecoveryInstance> = {}): DrsRecoveryInstance {
  return {
    id: 'i-1',
    ec2InstanceId: 'i-1',
    ec2State: 'RUNNING',
    jobId: 'drsjob-1',
    sourceServerId: 's-1',
    isDrill: false,
    pointInTime: undefined,
    tags: {},
    ...over,
  };
}

const inJob = (launchStatus: string, sourceServerId = 's-1') => ({ sourceServerId, launchStatus, recoveryInstanceId: undefined });
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

test('why a server was not launched: the last failure of its own, verbatim', () => {
  const log = [
    item('SNAPSHOT_FAIL', { rawError: 'first' }),
    item('LAUNCH_FAILED', { rawError: 'other', sourceServerId: 's-2' }),
    item('LAUNCH_FAILED', { rawError: 'the real one' }),
    item('CLEANUP_START'),
  ];
  const server = { id: 's-1', name: 'db' };
  assert.equal(launchFailure('drsjob-1', server, log).message, 'DRS did not launch db (s-1): LAUNCH_FAILED: the real one');
  assert.equal(
    launchFailure('drsjob-1', server, [item('SERVER_SKIPPED')]).message,
    'DRS did not launch db (s-1): SERVER_SKIPPED: no reason given',
  );
  assert.match(launchFailure('drsjob-1', server, []).message, /the log of job drsjob-1 gives no reason/);
});

test('a missing permission is named from EC2’s words', () => {
  assert.equal(
    missingPermission('UnauthorizedOperation when calling DeleteLaunchTemplateVersions operation'),
    'ec2:DeleteLaunchTemplateVersions',
  );
  assert.equal(
    missingPermission(
      'An error occurred (UnauthorizedOperation) when calling the RunInstances operation: You are not authorized',
    ),
    'ec2:RunInstances',
  );
  assert.equal(missingPermission('User: arn:x is not authorized to perform: iam:PassRole on resource: y'), 'iam:PassRole');
  // EC2's words name the call alone; some calls of a launch are other services'.
  assert.equal(missingPermission('UnauthorizedOperation when calling PassRole operation'), 'iam:PassRole');
  assert.equal(missingPermission('UnauthorizedOperation when calling DescribeKey operation'), 'kms:DescribeKey');
  assert.equal(missingPermission('UnauthorizedOperation when calling SomethingNew operation'), 'ec2:SomethingNew');
  assert.equal(missingPermission('AccessDenied'), 'the EC2 permissions that DRS needs');
  assert.equal(missingPermission('InsufficientInstanceCapacity'), undefined);
});

test('events of servers are told, those of the job and unknown ones too, without a crash', () => {
  const events = serverEvents('drsjob-1', [
    item('JOB_START', { sourceServerId: undefined }),
    item('LAUNCH_END', { targetInstanceId: 'i-1', at: undefined }),
    item('BRAND_NEW'),
  ]);
  assert.deepEqual(
    events.map(({ note }) => note),
    ['launched: i-1', 'BRAND_NEW'],
  );
});

test('how far a job is', () => {
  const phase = (participants: DrsJob['participants'], log: readonly DrsJobLogItem[]): JobPhase =>
    phaseOf(job({ participants }), ['s-1', 's-2'], log, 100_000);
  const both = [inJob('PENDING'), inJob('PENDING', 's-2')];
  assert.deepEqual(phase(both, []), { kind: 'preparing' });
  assert.deepEqual(
    phase(both, [item('LAUNCH_START', { at: 40_000 }), item('LAUNCH_START', { at: 60_000, sourceServerId: 's-2' })]),
    { kind: 'launching', since: 40_000 },
  );
  assert.equal(phase(both, [item('LAUNCH_START'), item('LAUNCH_END')]).kind, 'launching');
  assert.deepEqual(
    phase(both, [item('LAUNCH_END', { at: 90_000 }), item('CONVERSION_FAIL', { at: 95_000, sourceServerId: 's-2' })]),
    { kind: 'ending', since: 5_000 },
  );
  assert.equal(phase([inJob('LAUNCHED'), inJob('FAILED', 's-2')], []).kind, 'ending');
});

test('looks are never closer than half a second nor further than 15, and a second apart for jobs', () => {
  const ms = fc.integer({ min: 0, max: 10_000_000 });
  const phases: fc.Arbitrary<JobPhase> = fc.oneof(
    fc.constant({ kind: 'preparing' } as const),
    ms.map((since) => ({ kind: 'launching', since }) as const),
    ms.map((since) => ({ kind: 'ending', since }) as const),
  );
  fc.assert(
    fc.property(phases, ms, (phase, age) => untilNextJobLook(phase, age) >= 1_000 && untilNextJobLook(phase, age) <= 15_000),
  );
  for (const policy of [untilNextHealthLook, untilNextActionLook, untilNextApprovalLook]) {
    fc.assert(fc.property(ms, (elapsed) => policy(elapsed) >= 500 && policy(elapsed) <= 15_000));
  }
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      (servers) => untilNextLogReading(servers) >= 25_000 && untilNextLogReading(servers) <= 60_000,
    ),
  );
});

test('looks at the recorded drill’s job: close to its end, few before', () => {
  assert.equal(untilNextJobLook({ kind: 'preparing' }, 100_000), 15_000);
  assert.equal(untilNextJobLook({ kind: 'launching', since: 100_000 }, 350_000), 10_500);
  assert.equal(
    untilNextJobLook({ kind: 'launching', since: 196_000 }, 446_000),
    4_000,
    'not past the moment from which the end is near',
  );
  assert.equal(untilNextJobLook({ kind: 'launching', since: 278_000 }, 529_000), 3_000);
  assert.equal(untilNextJobLook({ kind: 'launching', since: 900_000 }, 1_200_000), 12_000);
  assert.equal(untilNextJobLook({ kind: 'ending', since: 2_000 }, 531_000), 1_000);
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

test('all 19 automation statuses, and one that is none of them', () => {
  const table = {
    succeeded: ['Success', 'CompletedWithSuccess'],
    failed: ['TimedOut', 'Cancelled', 'Failed', 'Rejected', 'ChangeCalendarOverrideRejected', 'CompletedWithFailure', 'Exited'],
    underway: [
      'Pending',
      'InProgress',
      'Cancelling',
      'Approved',
      'Scheduled',
      'RunbookInProgress',
      'ChangeCalendarOverrideApproved',
    ],
    asking: ['Waiting', 'PendingApproval', 'PendingChangeCalendarOverride'],
    unknown: ['Levitating', '', 'success'],
  } as const;
  for (const [state, statuses] of Object.entries(table))
    for (const status of statuses) assert.equal(automationState(status), state, status);
  assert.equal(Object.values(table).flat().length, 19 + 3);
});

test('the note tells for what a human is asked', () => {
  const automation: SsmAutomation = {
    id: 'x',
    status: 'Waiting',
    document: 'd',
    startedAt: 0,
    endedAt: undefined,
    outputs: {},
    failureMessage: undefined,
    currentStep: 'ask',
    steps: [],
  };
  assert.equal(automationNote(automation), 'automation x: waiting for approval in step ask');
  assert.equal(
    automationNote({ ...automation, status: 'PendingChangeCalendarOverride' }),
    'automation x: waiting for a change calendar override in step ask',
  );
  assert.equal(automationNote({ ...automation, status: 'InProgress', currentStep: undefined }), 'automation x: InProgress');
});

test('a command has ended when every instance has, and succeeded when every one has', () => {
  const one = (instanceId: string, status: string) => ({
    commandId: 'c',
    instanceId,
    status,
    statusDetails: undefined,
    responseCode: 0,
    output: '',
    errorOutput: '',
  });
  const state = commandState(['a', 'b', 'c', 'd'], [one('a', 'Success'), one('b', 'Failed'), one('c', 'Dancing')]);
  assert.deepEqual(state.open, ['c', 'd']);
  assert.deepEqual(state.unseen, ['d']);
  assert.deepEqual(
    state.failed.map(({ instanceId }) => instanceId),
    ['b'],
  );
  assert.deepEqual(state.unknown, ['Dancing']);
  for (const status of ['Cancelled', 'TimedOut', 'Failed'])
    assert.equal(commandState(['a'], [one('a', status)]).failed.length, 1, status);
  for (const status of ['Pending', 'InProgress', 'Delayed', 'Cancelling'])
    assert.deepEqual(commandState(['a'], [one('a', status)]).open, ['a'], status);
});

test('secrets do not pass, whatever they are called', () => {
  const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIEabc\n-----END RSA PRIVATE KEY-----';
  for (const text of [
    'AKIAABCDEFGHIJKLMNOP',
    'password=hunter2',
    '"token": "hunter2"',
    'api_key: hunter2',
    key,
    'https://x/?X-Amz-Signature=0123456789abcdef0123',
    'postgres://admin:hunter2@db/x',
  ]) {
    assert.doesNotMatch(maskText(`before ${text} after`), /hunter2|MIIE|AKIAABC|0123456789abcdef/, text);
  }
  assert.equal(maskText('Endpoint db.example.com, 3 tokens left'), 'Endpoint db.example.com, 3 tokens left');
  assert.match(maskText('x'.repeat(5_000)), /^x{2000}… \(3000 more characters\)$/);
  assert.deepEqual(
    maskOutputs({ 'a.SecretArn': ['v'], 'a.Endpoint': ['db'], 'b.AccessKeyId': ['v'], 'c.DbPassword': ['v', 'w'] }),
    {
      'a.SecretArn': ['[redacted]'],
      'a.Endpoint': ['db'],
      'b.AccessKeyId': ['[redacted]'],
      'c.DbPassword': ['[redacted]', '[redacted]'],
    },
  );
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

test('the key of a call tells every call apart, and is the same in every process', () => {
  const { context, wave } = simulated({ servers: serverYaml('web') });
  const work = { deed: context, action: action({ document: 'D' }), stage: 'pre', wave, servers: [] };
  const keys = [
    partKey(work, 1, 0, 0),
    partKey({ ...work, stage: 'post' }, 1, 0, 0),
    partKey({ ...work, wave: undefined }, 1, 0, 0),
    partKey({ ...work, action: action({ document: 'E' }) }, 1, 0, 0),
    partKey({ ...work, deed: { ...context, execution: 'other' } }, 1, 0, 0),
    partKey(work, 2, 0, 0),
    partKey(work, 1, 1, 0),
    partKey(work, 1, 0, 1),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(new Set(keys.map(commandComment)).size, keys.length);
  assert.equal(partKey({ ...work }, 1, 0, 0), keys[0]);
});

test('where an action runs', () => {
  const { context, wave } = simulated({ servers: serverYaml('web') });
  const second = { name: 'second', account: '444455556666', region: 'eu-west-1' };
  const two = { ...context, set: { ...context.set, sites: new Map([...context.set.sites, ['second', second]]) } };
  const work = { deed: two, action: action({ document: 'D' }), stage: 'pre', wave, servers: [] };
  const siteOf = (over: object) => {
    const cut = partsOf({ ...work, ...over });
    return 'parts' in cut ? cut.parts.map(({ site }) => site) : cut.reason.code;
  };
  assert.deepEqual(siteOf({}), ['dr']);
  assert.deepEqual(siteOf({ action: action({ document: 'D', site: 'second' }) }), ['second']);
  assert.deepEqual(siteOf({ wave: undefined }), ['dr'], 'a finally action of a plan with one site');
  const server = {
    id: 's',
    name: 's',
    account: '1',
    region: 'x',
    group: 'web',
    criticality: 'critical',
    status: 'succeeded',
  } as const;
  const servers = [
    { ...server, site: 'dr', instanceId: 'i-1' },
    { ...server, site: 'second', instanceId: 'i-2' },
  ];
  const onInstances = action({ document: 'D', target: 'recovered-instances' });
  assert.deepEqual(siteOf({ action: onInstances, servers }), ['dr', 'second']);
  assert.deepEqual(siteOf({ action: { ...onInstances, site: 'second' }, servers }), ['second']);
});
