import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeJobLogItemsCommand, DescribeJobsCommand, StartRecoveryCommand } from '@aws-sdk/client-drs';
import { VirtualClock } from '@breakwater/core';
import { clients } from '../test-support/sdk-clients.ts';
import { createWorld, loadScenario } from './index.ts';

/** What AWS logged in December 2022, in milliseconds after the job's creation. */
const RECORDED = [
  {
    jobID: 'drsjob-556c7b1d99221f996',
    servers: ['s-51d6b65c73391918f', 's-5c555d9c008f90131'],
    ended: 533_308.786,
    log: [
      [357.363, 'JOB_START'],
      [761.221, 'SNAPSHOT_START', 's-51d6b65c73391918f'],
      [786.741, 'SNAPSHOT_START', 's-5c555d9c008f90131'],
      [951.705, 'SNAPSHOT_END', 's-51d6b65c73391918f'],
      [977.707, 'SNAPSHOT_END', 's-5c555d9c008f90131'],
      [52_920.144, 'CONVERSION_START', 's-51d6b65c73391918f'],
      [52_946.416, 'CONVERSION_START', 's-5c555d9c008f90131'],
      [250_434.163, 'CONVERSION_END', 's-51d6b65c73391918f'],
      [250_495.777, 'CONVERSION_END', 's-5c555d9c008f90131'],
      [251_007.593, 'LAUNCH_START', 's-51d6b65c73391918f'],
      [251_197.202, 'LAUNCH_START', 's-5c555d9c008f90131'],
      [529_126.341, 'LAUNCH_END', 's-5c555d9c008f90131', 'i-0f554975a5cf3245e'],
      [530_527.781, 'LAUNCH_END', 's-51d6b65c73391918f', 'i-04506d5ee9a75c1e7'],
      [533_335.104, 'JOB_END'],
    ],
  },
  {
    jobID: 'drsjob-541cee6300c363be5',
    servers: ['s-5817ab4ccdfa96db3', 's-57e730f6102e1f793'],
    ended: 539_292.623,
    log: [
      [303.911, 'JOB_START'],
      [708.164, 'SNAPSHOT_START', 's-5817ab4ccdfa96db3'],
      [735.762, 'SNAPSHOT_START', 's-57e730f6102e1f793'],
      [888.357, 'SNAPSHOT_END', 's-5817ab4ccdfa96db3'],
      [915.072, 'SNAPSHOT_END', 's-57e730f6102e1f793'],
      [52_092.959, 'CONVERSION_START', 's-5817ab4ccdfa96db3'],
      [52_121.539, 'CONVERSION_START', 's-57e730f6102e1f793'],
      [226_791.956, 'CONVERSION_END', 's-5817ab4ccdfa96db3'],
      [226_852.099, 'CONVERSION_END', 's-57e730f6102e1f793'],
      [227_270.016, 'LAUNCH_START', 's-5817ab4ccdfa96db3'],
      [227_479.552, 'LAUNCH_START', 's-57e730f6102e1f793'],
      [537_139.073, 'LAUNCH_END', 's-5817ab4ccdfa96db3', 'i-0b8104bc29823c261'],
      [537_191.177, 'LAUNCH_END', 's-57e730f6102e1f793', 'i-0a2e943c01bcd45b6'],
      [539_319.892, 'JOB_END'],
    ],
  },
] as const;

test('the recorded drill is replayed: the same events in the same order, within two milliseconds', async () => {
  const scenario = loadScenario('plans/simulation/recorded-drill.yaml');
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const { drs } = clients(world);
  for (const { jobID, servers, ended, log } of RECORDED) {
    const started = await drs.send(
      new StartRecoveryCommand({ isDrill: true, sourceServers: servers.map((sourceServerID) => ({ sourceServerID })) }),
    );
    assert.equal(started.job?.jobID, jobID);
    assert.equal(started.job?.initiatedBy, 'START_DRILL');
    await clock.sleep(600_000);
    const { items: jobs = [] } = await drs.send(new DescribeJobsCommand({ filters: { jobIDs: [jobID] } }));
    const [job] = jobs;
    const created = Date.parse(job?.creationDateTime ?? '');
    assert.match(job?.creationDateTime ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/);
    assert.equal(job?.status, 'COMPLETED');
    near(Date.parse(job?.endDateTime ?? '') - created, ended);
    // As recorded: no recoveryInstanceID in the finished job.
    assert.deepEqual(
      job?.participatingServers,
      servers.map((sourceServerID) => ({ sourceServerID, launchStatus: 'LAUNCHED' })),
    );
    const { items = [] } = await drs.send(new DescribeJobLogItemsCommand({ jobID }));
    assert.deepEqual(
      items.map((item) => [item.event, item.eventData?.sourceServerID, item.eventData?.targetInstanceID]),
      log.map(([, event, server, instance]) => [event, server, instance]),
    );
    items.forEach((item, index) => {
      near(Date.parse(item.logDateTime ?? '') - created, log[index]?.[0] ?? Number.NaN);
    });
  }
});

function near(actual: number, recorded: number): void {
  assert.ok(Math.abs(actual - recorded) <= 2, `${actual} ms is not within 2 ms of the recorded ${recorded} ms`);
}
