import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrsGateway, DrsJob, SiteGateways } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import { dieAndCarryOn } from './testing/crashing.ts';
import { launch, waveServers } from './testing/launching.ts';
import { StepJournal } from './testing/recording-context.ts';
import { ACCOUNT, REGION, serverId, serverYaml, simulated } from './testing/simulated.ts';

/** What AWS can say that the simulator does not: the answers are bent on their way. */
function bend(over: (drs: DrsGateway) => Partial<DrsGateway>): (aws: SiteGateways) => SiteGateways {
  return (aws) => ({ ...aws, drs: { ...aws.drs, ...over(aws.drs) } });
}

function bendJobs(change: (job: DrsJob) => DrsJob): (aws: SiteGateways) => SiteGateways {
  return bend((drs) => ({
    startRecovery: async (request) => change(await drs.startRecovery(request)),
    describeJobsById: async (ids) => (await drs.describeJobsById(ids)).map(change),
    describeJobsSince: async (since) => (await drs.describeJobsSince(since)).map(change),
  }));
}

const [ONE, OTHER] = [serverId('web', 1), serverId('web', 2)];
const TWO = [serverYaml('web', '', 1), serverYaml('web', '', 2)].join('\n');
const whenCompleted =
  (change: (job: DrsJob) => Partial<DrsJob>) =>
  (job: DrsJob): DrsJob =>
    job.status === 'COMPLETED' && job.type === 'LAUNCH' ? { ...job, ...change(job) } : job;

test('a completed job with no participants has launched nothing', async () => {
  const aws = simulated({ servers: TWO, through: bendJobs(whenCompleted(() => ({ participants: [] }))) });
  const { end } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'no-participants');
});

test('a server that is missing from the completed job has failed', async () => {
  const only = whenCompleted(({ participants }) => ({ participants: participants.filter((one) => one.sourceServerId === ONE) }));
  const { end, records } = await launch(simulated({ servers: TWO, through: bendJobs(only) }));
  assert.equal(end.state, 'failed');
  assert.equal(records.get(ONE)?.status, 'running');
  assert.equal(records.get(OTHER)?.reason?.code, 'server-failed');
});

test('a completed job with a server still in progress is looked at again, for five minutes', async () => {
  const status = (launchStatus: string) =>
    whenCompleted(({ participants }) => ({ participants: participants.map((one) => ({ ...one, launchStatus })) }));
  const stuck = await launch(simulated({ servers: TWO, through: bendJobs(status('IN_PROGRESS')) }));
  assert.equal(stuck.end.state, 'failed');
  assert.match(stuck.end.reason?.message ?? '', /still IN_PROGRESS/);
  let looks = 0;
  const late = whenCompleted(({ participants }) => {
    looks += 1;
    return looks > 5 ? {} : { participants: participants.map((one) => ({ ...one, launchStatus: 'PENDING' })) };
  });
  const settled = await launch(simulated({ servers: TWO, through: bendJobs(late) }));
  assert.equal(settled.end.state, 'done');
});

test('a launch status that AWS has added since is waited out and warned about once', async () => {
  let looks = 0;
  const odd = whenCompleted(({ participants }) => {
    looks += 1;
    return looks > 4 ? {} : { participants: participants.map((one) => ({ ...one, launchStatus: 'REHYDRATING' })) };
  });
  const { end, journal } = await launch(simulated({ servers: serverYaml('web'), through: bendJobs(odd) }));
  assert.equal(end.state, 'done');
  assert.deepEqual(journal.warnings(), ['DRS reports launch status REHYDRATING, which this version does not know; waiting']);
});

test('a job status that AWS has added since is waited out and warned about once', async () => {
  const odd = (job: DrsJob): DrsJob => (job.status === 'STARTED' ? { ...job, status: 'FINALISING' } : job);
  const { end, journal } = await launch(simulated({ servers: TWO, through: bendJobs(odd) }));
  assert.equal(end.state, 'done');
  assert.equal(journal.warnings().length, 1);
  assert.match(journal.warnings()[0] ?? '', /FINALISING/);
});

test('TERMINATED in a launch job: somebody ended the instance', async () => {
  const gone = whenCompleted(({ participants }) => ({
    participants: participants.map((one) => ({ ...one, launchStatus: 'TERMINATED' })),
  }));
  const { end } = await launch(simulated({ servers: serverYaml('web'), through: bendJobs(gone) }));
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /was terminated while job/);
});

test('an instance of an earlier job is never taken for ours, however long ours is missing', async () => {
  const aws = simulated({
    servers: serverYaml('web', 'recoveryInstance: { kind: drill, age: 2d, id: i-0aaaaaaaaaaaaaaaa }'),
    through: bend((drs) => ({
      describeRecoveryInstances: async (filter) =>
        (await drs.describeRecoveryInstances(filter)).map((one) => ({
          ...one,
          id: 'i-0aaaaaaaaaaaaaaaa',
          ec2InstanceId: 'i-0aaaaaaaaaaaaaaaa',
          jobId: 'drsjob-00000000000000old',
        })),
    })),
  });
  const { end, records, journal } = await launch(aws);
  const logged = journal
    .notes(serverId('web'))
    .findLast((note) => note.startsWith('launched: '))
    ?.slice(10);
  assert.equal(end.state, 'done');
  assert.equal(records.get(serverId('web'))?.instanceId, logged, 'the id comes from the log of our own job');
  assert.equal(records.get(serverId('web'))?.rpa, undefined);
  assert.ok(journal.warnings().some((message) => message.includes('how much data')));
});

test('a launched server without any instance to be found has failed', async () => {
  const aws = simulated({
    servers: serverYaml('web'),
    through: bend((drs) => ({
      describeRecoveryInstances: async () => [],
      describeJobLog: async (id) => (await drs.describeJobLog(id)).filter(({ event }) => event !== 'LAUNCH_END'),
    })),
  });
  const { end } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /no instance of job drsjob-\w+ can be found/);
});

const withoutTags = (job: DrsJob): DrsJob => ({ ...job, tags: {} });

test('a role that may not tag: the job is known by its kind, its time and its very servers', async () => {
  const denied = bend((drs) => ({
    startRecovery: async (request) => withoutTags(await drs.startRecovery(request)),
    describeJobsById: async (ids) => (await drs.describeJobsById(ids)).map(withoutTags),
    describeJobsSince: async (since) => (await drs.describeJobsSince(since)).map(withoutTags),
    tagResource: async () => {
      throw new AwsError('permission-denied', 'not authorized to perform: drs:TagResource', {
        next: 'Allow it.',
        call: {
          service: 'drs',
          operation: 'TagResource',
          account: ACCOUNT,
          region: REGION,
          requestId: undefined,
          httpStatus: 403,
          awsCode: 'AccessDeniedException',
        },
      });
    },
  }));
  const aws = simulated({ servers: TWO, through: denied });
  const servers = await waveServers(aws);
  // Dies right after the call: the change is not in the journal, and no tag tells.
  const { end, journal } = await dieAndCarryOn(aws, () => aws.deeds().recover(aws.wave, servers), { entry: 2, when: 'before' });
  assert.equal(end.state, 'done');
  assert.equal(aws.calls('StartRecovery').length, 1);
  assert.deepEqual(
    journal.of('change').map(({ adopted }) => adopted),
    [true],
  );
  assert.ok(journal.warnings().some((message) => message.includes('could not be tagged')));
});

test('an untagged job of ours is tagged as soon as it is seen', async () => {
  let tagged = false;
  const aws = simulated({
    servers: TWO,
    through: bend((drs) => ({
      startRecovery: async (request) => drs.startRecovery({ ...request, tags: {} }),
      tagResource: async (arn, tags) => {
        tagged = true;
        await drs.tagResource(arn, tags);
      },
    })),
  });
  const { end, journal } = await launch(aws);
  assert.equal(end.state, 'done');
  assert.ok(tagged);
  assert.deepEqual(journal.warnings(), []);
  const jobs = await aws.aws.drs.describeJobsSince(aws.context.createdAt);
  assert.equal(jobs[0]?.tags['breakwater:execution'], aws.context.execution);
});

test('an untagged job of somebody else on some of the servers is not ours', async () => {
  const aws = simulated({ servers: TWO });
  const servers = await waveServers(aws);
  const journal = new StepJournal(aws.clock);
  await journal.context().intent('drs:StartRecovery', `${aws.context.execution}/web/1/dr/0`, {
    site: 'dr',
    isDrill: true,
    servers: [{ id: ONE }, { id: OTHER }],
  });
  await aws.clock.sleep(1_000);
  await aws.aws.drs.startRecovery({ servers: [{ id: ONE }], isDrill: true, tags: {} });
  const { end } = await launch(aws, { servers, journal });
  assert.equal(end.state, 'done');
  const [foreign, ...own] = aws.changes('StartRecovery');
  assert.deepEqual(foreign?.request?.['tags'], {});
  assert.ok(
    own.length >= 1 && own.every(({ at }) => at - aws.context.createdAt > 60_000),
    'not before the foreign job has ended',
  );
});

test('a record that names the job of another execution is not believed', async () => {
  const aws = simulated({ servers: serverYaml('web') });
  const servers = await waveServers(aws);
  const foreign = await aws.aws.drs.startRecovery({
    servers: [{ id: serverId('web') }],
    isDrill: true,
    tags: { 'breakwater:execution': 'another' },
  });
  const journal = new StepJournal(aws.clock);
  await journal.context().change({
    operation: 'drs:StartRecovery',
    key: 'k',
    id: foreign.id,
    adopted: false,
    site: 'dr',
    detail: { servers: [serverId('web')] },
  });
  const { end, records } = await launch(aws, { servers, journal });
  assert.equal(end.state, 'done');
  assert.notEqual(records.get(serverId('web'))?.jobId, foreign.id);
  assert.ok(journal.warnings().some((message) => message.includes('its tags name another')));
});

test('a job log that may not be read: one warning, and the launch is watched to its end', async () => {
  const aws = simulated({
    servers: [serverYaml('web', '', 1), serverYaml('web', 'fails: { phase: launch, rawError: x }', 2)].join('\n'),
  });
  aws.arm({
    match: { operation: 'DescribeJobLogItems' },
    effect: { kind: 'error', code: 'AccessDeniedException', status: 403, message: 'no' },
  });
  const { end, records, journal } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.equal(records.get(ONE)?.status, 'running');
  assert.match(records.get(OTHER)?.reason?.message ?? '', /gives no reason/);
  assert.equal(aws.calls('DescribeJobLogItems').length, 1);
  assert.equal(journal.warnings().length, 1);
});

test('an instance that goes live between the look and the call is seen by the last look before it', async () => {
  let looks = 0;
  const aws = simulated({
    servers: serverYaml('web', 'recoveryInstance: { kind: recovery, age: 2d }'),
    mode: 'recovery',
    through: bend((drs) => ({
      // The inspection and the first look of the launch come too early to see it.
      describeRecoveryInstances: async (filter) => {
        looks += 1;
        return looks <= 3 ? [] : drs.describeRecoveryInstances(filter);
      },
    })),
  });
  const { end } = await launch(aws);
  assert.equal(end.reason?.code, 'live-recovery-instance');
  assert.deepEqual(aws.calls('StartRecovery'), []);
});
