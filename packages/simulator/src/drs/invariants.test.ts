import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DescribeRecoveryInstancesCommand,
  DrsServiceException,
  StartRecoveryCommand,
  TerminateRecoveryInstancesCommand,
} from '@aws-sdk/client-drs';
import fc from 'fast-check';
import { ACCOUNT, REGION, serverIds, servers, worldOf } from '../../test-support/sdk-clients.ts';
import { currentRecoveryInstance, isActive, type Job } from './state.ts';

const SERVERS = 6;
const QUOTAS = { jobs: 3, serversInJob: 4, serversInJobs: 7 };

type Step =
  | { readonly kind: 'start'; readonly servers: readonly number[]; readonly isDrill: boolean }
  | { readonly kind: 'terminate'; readonly server: number }
  | { readonly kind: 'wait'; readonly seconds: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('start' as const),
    servers: fc.uniqueArray(fc.integer({ min: 0, max: SERVERS - 1 }), { minLength: 1 }),
    isDrill: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('terminate' as const), server: fc.integer({ min: 0, max: SERVERS - 1 }) }),
  fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 900 }) }),
);

/** The order in which one server's events may stand in a log. */
const LAUNCH_ORDER = [
  'CLEANUP_START',
  'CLEANUP_END',
  'SNAPSHOT_START',
  'SNAPSHOT_END',
  'CONVERSION_START',
  'CONVERSION_END',
  'LAUNCH_START',
  'LAUNCH_END',
];

test('whatever is asked in whatever order, the rules of DRS hold', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), fc.integer({ min: 0, max: 1_000 }), async (steps, seed) => {
      const { world, clock, drs } = worldOf(`seed: ${seed}\n${servers(SERVERS)}drs: { quotas: ${JSON.stringify(QUOTAS)} }\n`);
      const ids = serverIds(world);
      const state = world.region(ACCOUNT, REGION);
      for (const now of steps) {
        const applied = world.calls.filter((call) => call.applied).length;
        const jobs = state.drs.jobs.size;
        try {
          if (now.kind === 'wait') await clock.sleep(now.seconds * 1_000);
          else if (now.kind === 'start') {
            const sourceServers = now.servers.map((index) => ({ sourceServerID: ids[index] ?? '' }));
            await drs.send(new StartRecoveryCommand({ isDrill: now.isDrill, sourceServers }));
          } else {
            const { items = [] } = await drs.send(
              new DescribeRecoveryInstancesCommand({ filters: { sourceServerIDs: [ids[now.server] ?? ''] } }),
            );
            const id = items[0]?.recoveryInstanceID;
            if (id !== undefined) await drs.send(new TerminateRecoveryInstancesCommand({ recoveryInstanceIDs: [id] }));
          }
        } catch (error) {
          assert.ok(error instanceof DrsServiceException);
          assert.match(error.name, /^(ConflictException|ServiceQuotaExceededException)$/);
          assert.equal(state.drs.jobs.size, jobs, 'a refused call changes nothing');
        }
        assert.equal(world.calls.filter((call) => call.applied).length - applied, state.drs.jobs.size - jobs);
        const active = [...state.drs.jobs.values()].filter((job) => isActive(job, clock.now()));
        const held = active.flatMap((job) => job.servers.map((server) => server.serverId));
        assert.equal(new Set(held).size, held.length, 'one active job a server');
        assert.ok(active.length <= QUOTAS.jobs && held.length <= QUOTAS.serversInJobs);
      }
      for (const job of state.drs.jobs.values()) assertOrderly(job);
      await clock.sleep(3_600_000);
      for (const id of ids) {
        const launched = [...state.instances.values()].filter(
          (instance) => instance.serverId === id && instance.terminatedAt === undefined,
        );
        assert.ok(launched.length <= 1, 'at most one instance of a server lives on');
        assert.equal(currentRecoveryInstance(state.drs, id, clock.now())?.id, launched[0]?.id);
      }
    }),
    { numRuns: 40 },
  );
});

function assertOrderly(job: Job): void {
  assert.deepEqual([job.log[0]?.event, job.log.at(-1)?.event], ['JOB_START', 'JOB_END']);
  assert.deepEqual(
    job.log.map((item) => item.at),
    job.log.map((item) => item.at).toSorted((a, b) => a - b),
  );
  for (const { serverId, endsAt } of job.servers) {
    assert.ok(job.createdAt < job.startedAt && endsAt <= job.endedAt);
    const order = job.log.filter((item) => item.serverId === serverId).map((item) => LAUNCH_ORDER.indexOf(item.event));
    assert.ok(!order.includes(-1));
    assert.deepEqual(
      order,
      order.toSorted((a, b) => a - b),
    );
  }
}
