import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { verifyStream } from '@breakwater/history';
import { loadScenario, pgliteBackend } from '@breakwater/simulator';
import { scratch, VirtualDrill } from './virtual-drill.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';

test('the sample plan drills whole: servers launched and proved, its database restored and verified, all of it ended, within its objectives', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const { execution, problems } = await drill.run({});
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  assert.deepEqual(problems, []);
  const servers = execution.waves.flatMap((wave) => wave.servers);
  assert.equal(servers.length, 14);
  for (const server of servers) {
    assert.equal(server.status, 'succeeded');
    assert.ok(server.instanceId !== undefined && server.healthyAt !== undefined && server.rpa !== undefined, server.id);
  }
  const databases = execution.waves.flatMap((wave) => wave.databases ?? []);
  assert.deepEqual(
    databases.map(({ name, status, rpa, checks }) => [name, status, rpa, checks?.map(({ ok }) => ok)]),
    [['webshop', 'succeeded', 50 * 60_000, [true, true, true, true]]],
  );
  assert.equal(drill.applied('RestoreDBClusterFromSnapshot'), 1);
  assert.equal(drill.applied('CreateDBInstance'), 2);
  assert.equal(drill.applied('DeleteDBCluster'), 1);
  assert.equal(drill.applied('PutParameter'), 0, 'nobody is led to the drill’s cluster');
  assert.equal(execution.rto.met, true);
  assert.equal(execution.rpo.met, true);
  assert.equal(drill.applied('StartRecovery'), 3);
  assert.equal(drill.applied('TerminateRecoveryInstances'), 1);
  const left = drill.world.state().regions.flatMap(({ instances }) => instances.filter(({ state }) => state === 'running'));
  assert.deepEqual(left, []);
  assert.equal(drill.world.state().unroutable, 0);
});

test('the users of the restored database are set up and its checks asked on a PostgreSQL: the reader reads, and no longer writes', async () => {
  const scenario = loadScenario(WEBSHOP);
  const sql = pgliteBackend(() => scenario.sqlServer?.contents ?? '');
  const drill = new VirtualDrill(scenario, sql);
  const { execution } = await drill.run({});
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  const [database] = execution.waves.flatMap((wave) => wave.databases ?? []);
  assert.deepEqual(
    database?.checks?.map(({ check, ok, found }) => [check, ok, found]),
    [
      ['engine version 16', true, '16.6'],
      ['rows of webshop.orders: at least 1000', true, 'at least 1000'],
      ['table webshop.customers exists', true, 'it exists'],
      ['orders-add-up: 0', true, '0'],
    ],
  );
  const done = database?.users?.join('\n') ?? '';
  assert.match(done, /^set the password of "webshop_readonly"$/m, 'what was done is in the record');
  assert.match(done, /^took from "webshop_readonly".* the right to change TABLE public\.customers/m);
  const said = sql.asked.map((request) => request.sql).join();
  assert.doesNotMatch(said, /simulated-webshop/, 'no password is in a statement');
  const [first] = sql.asked;
  assert.ok(first !== undefined);
  const as = async (username: string, password: string, statement: string) => {
    const answer = await sql.execute({ ...first, credentials: { username, password }, isMaster: false, sql: statement });
    return 'error' in answer ? answer.error.message : answer.rows;
  };
  const reader = ['webshop_readonly', 'simulated-webshop-readonly'] as const;
  const app = ['webshop_app', 'simulated-webshop-app'] as const;
  assert.deepEqual(await as(...reader, 'SELECT count(*) FROM customers'), [[300]]);
  for (const write of ["INSERT INTO customers VALUES (0, 'x')", 'UPDATE customers SET id = 0', 'DELETE FROM orders']) {
    assert.match(String(await as(...reader, write)), /permission denied/, write);
  }
  assert.deepEqual(await as(...app, "UPDATE customers SET email = 'new' WHERE id = 1 RETURNING id"), [[1]]);
  assert.match(String(await as(...app, 'DROP TABLE customers')), /must be owner/);
  assert.match(String(await as('webshop_readonly', 'of-last-year', 'SELECT 1')), /password authentication failed/);
  await sql.close();
});

test('every StartRecovery says that it is a drill and carries our tags', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  await drill.run({ execution: 'tagged-drill-1' });
  for (const { request } of drill.world.calls.filter(({ operation }) => operation === 'StartRecovery')) {
    const { isDrill, tags } = request as { isDrill: boolean; tags: Record<string, string> };
    assert.equal(isDrill, true);
    assert.equal(tags['breakwater:execution'], 'tagged-drill-1');
    assert.equal(tags['breakwater:plan'], 'webshop');
  }
});

test('the same seed gives the same journals, byte by byte', async () => {
  const journals = async () => {
    const history = await scratch();
    await VirtualDrill.of('plans/simulation/bad-night.yaml').run({ history, execution: 'same-drill-1' });
    const folder = join(history, 'webshop', 'same-drill-1');
    const names = (await readdir(folder, { recursive: true }))
      .filter((name) => name.endsWith('.jsonl') || name.endsWith('.json'))
      .sort();
    return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')]));
  };
  const [first, second] = [await journals(), await journals()];
  assert.ok(first.length >= 6, `${first.length} files`);
  assert.deepEqual(first, second);
});

test('on a bad night the drill is degraded: the optional server failed, with AWS’s own reason, and nothing was started twice', async () => {
  const drill = VirtualDrill.of('plans/simulation/bad-night.yaml');
  const { execution } = await drill.run({});
  assert.equal(execution.verdict, 'degraded', execution.reason.message);
  const failed = execution.waves.flatMap((wave) => wave.servers).filter((server) => server.status === 'failed');
  assert.deepEqual(
    failed.map(({ name, criticality, reason }) => [name.split('.')[0], criticality, reason?.code]),
    [['webshop-reporting-01', 'optional', 'server-failed']],
  );
  assert.match(failed[0]?.reason?.message ?? '', /UnauthorizedOperation when calling RunInstances/);
  assert.equal(drill.applied('StartRecovery'), 3);
});

test('a critical server that fails fails the drill, skips what depends on it, and still cleans up', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  drill.world.arm({
    match: { server: 'webshop-db-02' },
    effect: { kind: 'launch-fails', phase: 'conversion', rawError: 'boot volume' },
  });
  const { execution } = await drill.run({});
  assert.equal(execution.verdict, 'failed');
  assert.deepEqual(
    execution.waves.map(({ name, status }) => [name, status]),
    [
      ['database', 'failed'],
      ['application', 'skipped'],
      ['web', 'skipped'],
    ],
  );
  assert.deepEqual(
    execution.finally.map(({ id, status }) => [id, status]),
    [
      ['finally/notify-operations', 'succeeded'],
      ['clean-up', 'succeeded'],
      ['clean-up-databases', 'succeeded'],
    ],
  );
  assert.equal(drill.applied('StartRecovery'), 1);
  assert.deepEqual(
    execution.waves.flatMap(({ databases = [] }) => databases.map(({ status }) => status)),
    ['succeeded'],
    'what ran beside it was brought to its end',
  );
});

test('a whole recovery stops at its gate, resumes with the approval, and terminates nothing', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  const first = await drill.run({ history, mode: 'recovery', execution: 'real-recovery-1' });
  assert.equal(first.execution.verdict, 'in-progress');
  assert.equal(first.execution.reason.code, 'gate-closed');
  const second = await drill.run({ history, mode: 'recovery', execution: 'real-recovery-1', approvals: ['web'] });
  assert.equal(second.execution.verdict, 'succeeded', second.execution.reason.message);
  assert.equal(drill.applied('StartRecovery'), 3);
  assert.equal(drill.applied('TerminateRecoveryInstances'), 0);
  assert.equal(drill.applied('DeleteDBCluster'), 0);
  assert.equal(drill.applied('PutParameter'), 1, 'the endpoint is published');
  assert.equal(second.execution.runs.length, 2);
});

test('one wave at a time under one execution id, each in a run of its own', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  const verdicts: string[] = [];
  for (const wave of ['database', 'application', 'web']) {
    verdicts.push((await drill.run({ history, execution: 'stepwise-1', waves: [wave] })).execution.verdict);
  }
  assert.deepEqual(verdicts, ['in-progress', 'in-progress', 'succeeded']);
  assert.equal(drill.applied('StartRecovery'), 3);
  assert.equal(drill.applied('TerminateRecoveryInstances'), 1);
});

test('an execution that has ended well is not run again', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  await drill.run({ history, execution: 'twice-1' });
  const calls = drill.world.calls.length;
  const again = await drill.run({ history, execution: 'twice-1' });
  assert.equal(again.execution.verdict, 'succeeded');
  assert.equal(
    drill.world.calls.slice(calls).filter((call) => call.applied && /^(Start|Send|Terminate)/.test(call.operation)).length,
    0,
  );
});

test('every journal of a drill verifies', async () => {
  const history = await scratch();
  const { execution, place } = await VirtualDrill.of(WEBSHOP).run({ history });
  const names = (await readdir(place, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
  assert.ok(names.length >= 5);
  for (const name of names) {
    const identity = {
      execution: execution.header.id,
      stream: name.replace(/\.jsonl$/, ''),
      planDigest: execution.header.plan.digest,
    };
    assert.deepEqual(verifyStream(await readFile(join(place, name)), identity), [], name);
  }
});
