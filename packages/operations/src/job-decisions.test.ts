import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrsJob, DrsJobLogItem } from '@breakwater/aws';
import fc from 'fast-check';
import { launchFailure, missingPermission, phaseOf, serverEvents } from './job-log.ts';
import {
  type JobPhase,
  untilNextActionLook,
  untilNextApprovalLook,
  untilNextHealthLook,
  untilNextJobLook,
  untilNextLogReading,
} from './look-again.ts';
import { inJob, item, job } from './testing/drs-records.ts';

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
