import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordingRunner, runAction } from '@breakwater/action-kit';
import type { RunEnvironment, RunOutcome, RunRequest } from '@breakwater/assembly';
import { RefusedError, type Status, systemClock, type Verdict } from '@breakwater/core';
import type { Execution, ExecutionHeader, ServerRecord } from '@breakwater/history';
import { definition } from './definition.ts';
import { executeWave } from './run.ts';

const header: ExecutionHeader = {
  schema: 'breakwater.execution/1',
  id: 'webshop-drill-1',
  mode: 'drill',
  createdAt: Date.UTC(2026, 10, 20, 3),
  actor: 'ann',
  tool: 'breakwater/0.1.0',
  simulated: false,
  plan: {
    name: 'webshop',
    digest: 'd'.repeat(64),
    owner: 'team',
    tier: 1,
    objectives: { rto: 3_600_000, rpo: 900_000 },
    waves: [{ name: 'database', dependsOn: [] }],
    definition: {},
  },
};

function server(n: number, status: Status): ServerRecord {
  const place = { site: 'dr', account: '111122223333', region: 'us-west-2', group: 'g', criticality: 'critical' } as const;
  const reason = { code: 'server-failed', message: 'UnauthorizedOperation', next: 'Allow ec2:RunInstances.' } as const;
  const ids = { jobId: 'drsjob-1', instanceId: `i-${n}` };
  return { id: `s-${n}`, name: `db-${n}`, ...place, status, ...ids, ...(status === 'failed' ? { reason } : {}) };
}

function execution(verdict: Verdict, servers: readonly ServerRecord[], status: Status = 'succeeded'): Execution {
  const reason = {
    code: verdict === 'succeeded' ? 'ok' : verdict === 'in-progress' ? 'interrupted' : 'server-failed',
    message: `it ${verdict}`,
  } as const;
  return {
    header,
    verdict,
    reason,
    startedAt: header.createdAt,
    rto: { objective: 3_600_000 },
    rpo: { objective: 900_000 },
    waves: [{ name: 'database', dependsOn: [], status, reason, steps: [], servers }],
    finally: [],
    runs: [],
    problems: [],
  };
}

async function play(
  outcome: (request: RunRequest, environment: RunEnvironment) => Promise<RunOutcome>,
  environment: Record<string, string> = {},
) {
  const runner = recordingRunner({ INPUT_MODE: 'drill', ...environment });
  let request: RunRequest | undefined;
  let given: RunEnvironment | undefined;
  await runAction(
    definition,
    (door) =>
      executeWave(door, {
        clock: systemClock,
        runPlan: async (...args) => {
          [request, given] = args;
          return outcome(...args);
        },
      }),
    runner,
  );
  return { runner, request, environment: given };
}

const ending =
  (made: Execution, extra: Partial<RunOutcome> = {}) =>
  async (): Promise<RunOutcome> => ({
    execution: made,
    place: '.breakwater/history/webshop/webshop-drill-1',
    report: 'report.md',
    problems: [],
    ...extra,
  });

test('inputs and the run’s own facts become a typed request', async () => {
  const { request, environment } = await play(ending(execution('succeeded', [])), {
    INPUT_MODE: 'recovery',
    'INPUT_PLAN-FILES': 'plans/a.yaml\nplans/b.yaml',
    INPUT_PLAN: 'webshop',
    INPUT_WAVES: 'database, web',
    'INPUT_EXECUTION-ID': 'webshop-drill-1',
    'INPUT_APPROVED-GATES': 'web',
    'INPUT_REPLACE-LIVE': 's-1',
    GITHUB_TRIGGERING_ACTOR: 'ann',
    GITHUB_SHA: 'abc',
    GITHUB_RUN_ID: '7',
    GITHUB_RUN_ATTEMPT: '2',
    GITHUB_REPOSITORY: 'example/webshop',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_JOB: 'fail over',
    GITHUB_ACTION: '__x_2',
  });
  assert.deepEqual(request, {
    files: ['plans/a.yaml', 'plans/b.yaml'],
    mode: 'recovery',
    plan: 'webshop',
    waves: ['database', 'web'],
    history: '.breakwater/history',
    execution: 'webshop-drill-1',
    approvals: ['web'],
    replaceLive: ['s-1'],
    part: 'whole',
    actor: 'ann',
    commit: 'abc',
    repository: 'example/webshop',
    page: 'https://github.com/example/webshop/actions/runs/7/attempts/2',
    run: 'github-7-2-fail-over--x-2-database-web-82bf9143',
  });
  assert.equal(environment?.clock, systemClock);
  assert.equal(environment?.simulated, false);
  assert.deepEqual(environment?.aws.credentials, { kind: 'default' });
});

test('a role to assume means OIDC tokens of this job, and secrets are masked before use', async () => {
  const role = 'arn:aws:iam::444455556666:role/breakwater-github';
  const { runner } = await play(
    async (_, { aws }) => {
      assert.equal(aws.credentials.kind, 'web-identity');
      if (aws.credentials.kind === 'web-identity') assert.equal(await aws.credentials.token(), 'token-for-sts.amazonaws.com');
      aws.onSecret?.('session-token-of-the-site');
      return ending(execution('succeeded', []))();
    },
    {
      'INPUT_ROLE-TO-ASSUME': role,
      ACTIONS_ID_TOKEN_REQUEST_URL: 'http://127.0.0.1:1',
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request',
    },
  );
  assert.deepEqual(runner.masked, ['request', 'token-for-sts.amazonaws.com', 'session-token-of-the-site']);
  assert.deepEqual(runner.failures, []);
});

test('a good drill passes, with everything the next step needs', async () => {
  const { runner } = await play(ending(execution('succeeded', [server(1, 'succeeded'), server(2, 'succeeded')])));
  const { result, ...outputs } = runner.outputs;
  assert.deepEqual(outputs, {
    status: 'succeeded',
    verdict: 'succeeded',
    'reason-code': 'ok',
    'execution-id': '',
    'handed-over': 'false',
    'job-ids': '["drsjob-1"]',
    'instance-ids': '["i-1","i-2"]',
    databases: '{}',
    history: '',
    report: 'report.md',
    seal: '',
  });
  assert.match(JSON.parse(result ?? '').schema, /^breakwater\./);
  assert.deepEqual(runner.failures, []);
  assert.match(runner.summary, /webshop/);
});

test('the execution id is put out before anything starts, so that a killed step can be resumed', async () => {
  const { runner } = await play(async (_, { began }) => {
    began?.(header, 'place');
    throw new RefusedError('not-ready', 'db-1 is STALLED', { next: 'Mend it.' });
  });
  assert.equal(runner.outputs['execution-id'], 'webshop-drill-1');
  assert.equal(runner.outputs['history'], 'place');
  assert.equal(runner.outputs['reason-code'], 'not-ready');
  assert.equal(runner.outputs['status'], 'failed');
  assert.deepEqual(runner.failures, ['not-ready: db-1 is STALLED. Mend it.']);
});

test('degraded passes with a warning', async () => {
  const { runner } = await play(ending(execution('degraded', [server(1, 'succeeded')], 'succeeded-with-warnings')));
  assert.equal(runner.outputs['status'], 'degraded');
  assert.deepEqual(runner.failures, []);
  assert.deepEqual(runner.warnings, ['Degraded: server-failed: it degraded.']);
});

test('a failed server fails the step: one annotation for it, and how to try again', async () => {
  const { runner } = await play(ending(execution('failed', [server(1, 'succeeded'), server(2, 'failed')], 'failed')));
  assert.equal(runner.outputs['status'], 'failed');
  assert.equal(runner.outputs['instance-ids'], '["i-1"]');
  assert.deepEqual(runner.errors, [
    'wave database: server db-2 failed: server-failed: UnauthorizedOperation. Allow ec2:RunInstances.',
  ]);
  assert.deepEqual(runner.failures, [
    'server-failed: it failed. To try again what failed, and nothing else, run this step with `execution-id: webshop-drill-1` and the same history.',
  ]);
});

test('in-progress fails the step, and says that AWS goes on and how to resume', async () => {
  const { runner } = await play(ending(execution('in-progress', [server(1, 'running')], 'running')));
  assert.equal(runner.outputs['status'], 'in-progress');
  assert.equal(runner.outputs['reason-code'], 'interrupted');
  assert.deepEqual(runner.failures, [
    'interrupted: it in-progress. AWS goes on with what was begun; to resume, run this step with `execution-id: webshop-drill-1` and the same history.',
  ]);
});

test('without a report the step still tells how it ended, and warns', async () => {
  const { report: _, ...rest } = await ending(execution('succeeded', []))();
  const { runner } = await play(async () => ({ ...rest, problems: ['the report could not be written: disk full'] }));
  assert.equal(runner.outputs['report'], '');
  assert.deepEqual(runner.warnings, ['Record: the report could not be written: disk full']);
  assert.deepEqual(runner.failures, []);
});

test('no summary is written when it is not wanted', async () => {
  const { runner } = await play(ending(execution('succeeded', [])), { INPUT_SUMMARY: 'false' });
  assert.equal(runner.summary, '');
});

test('a rehearsal’s clock is refused where AWS could be real', async () => {
  const { runner } = await play(async () => assert.fail('nothing is started'), { BREAKWATER_CLOCK: '200@0@0' });
  assert.match(runner.failures[0] ?? '', /^usage: BREAKWATER_CLOCK is set, but AWS_ENDPOINT_URL does not lead to a simulator/);
});

test('two jobs that call the same workflow at once have records of their own', async () => {
  const nameOf = async (waves: string, attempt: string) => {
    const run = { GITHUB_RUN_ID: '7', GITHUB_RUN_ATTEMPT: attempt, GITHUB_JOB: 'wave', GITHUB_ACTION: 'execute' };
    const { request } = await play(ending(execution('succeeded', [])), { INPUT_WAVES: waves, ...run });
    return request?.run ?? '';
  };
  const names = await Promise.all([nameOf('a.b', '1'), nameOf('a-b', '1'), nameOf('a-b', '2'), nameOf('', '1')]);
  assert.equal(new Set(names).size, names.length, names.join(', '));
  for (const name of names) assert.match(name, /^[A-Za-z0-9-]{1,100}$/);
});
