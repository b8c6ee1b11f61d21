import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallRecord } from '@breakwater/simulator';
import { drive } from './testing/drive.ts';
import { launch, waveServers } from './testing/launching.ts';
import { StepJournal } from './testing/recording-context.ts';
import { serverId, serverYaml, simulated } from './testing/simulated.ts';

const TWO = [serverYaml('web', '', 1), serverYaml('web', '', 2)].join('\n');
const [ONE, OTHER] = [serverId('web', 1), serverId('web', 2)];

function sentServers(call: CallRecord | undefined): readonly string[] {
  const servers = call?.request?.['sourceServers'];
  return Array.isArray(servers) ? servers.map((server) => String(server.sourceServerID)) : [];
}

test('a wave is launched in one job, and every server gets its instance, recovery point and loss', async () => {
  const aws = simulated({ servers: TWO });
  const { end, records, journal } = await launch(aws);
  assert.equal(end.state, 'done');
  assert.equal(end.state === 'done' && end.status, 'succeeded');
  const [call] = aws.changes('StartRecovery');
  assert.equal(aws.calls('StartRecovery').length, 1);
  assert.deepEqual(sentServers(call), [ONE, OTHER]);
  assert.equal(call?.request?.['isDrill'], true);
  assert.deepEqual(call?.request?.['tags'], {
    'breakwater:execution': 'webshop-20260304T030000Z-1',
    'breakwater:plan': 'webshop',
    'breakwater:wave': 'web',
    'breakwater:mode': 'drill',
    'breakwater:attempt': '1',
    'breakwater:chunk': 'webshop-20260304T030000Z-1/web/1/dr/0',
  });
  const [job] = aws.world.state().regions.flatMap((region) => region.jobs);
  for (const record of records.values()) {
    // Launched, not yet proved: a wave that ends here must not show it as succeeded.
    assert.equal(record.status, 'running');
    assert.equal(record.jobId, job?.id);
    assert.match(record.instanceId ?? '', /^i-[0-9a-f]{17}$/);
    assert.equal(record.recoveryPoint, 'latest');
    assert.equal(record.lag, 4_000);
    assert.ok(record.recoveryPointAt !== undefined);
    assert.equal(record.rpa, Math.max(4_000, aws.context.createdAt - (record.recoveryPointAt - 4_000)));
    assert.ok((record.launchedAt ?? 0) > aws.context.createdAt);
  }
  assert.deepEqual(journal.notes(ONE), [
    'taking a snapshot',
    'snapshot taken',
    'converting',
    'converted',
    'launching',
    `launched: ${records.get(ONE)?.instanceId}`,
  ]);
  assert.equal(journal.of('intent').length, 1);
  assert.deepEqual(
    journal.of('change').map(({ id, adopted, key }) => ({ id, adopted, key })),
    [{ id: job?.id, adopted: false, key: 'webshop-20260304T030000Z-1/web/1/dr/0' }],
  );
  assert.deepEqual(journal.warnings(), []);
});

test('a recovery says isDrill false, in so many words', async () => {
  const aws = simulated({ servers: serverYaml('web'), mode: 'recovery' });
  await launch(aws);
  assert.deepEqual(
    aws.calls('StartRecovery').map(({ request }) => request?.['isDrill']),
    [false],
  );
});

test('more than 100 servers go in jobs of at most 100, cut alike every time', async () => {
  const servers = `  - { count: 130, account: "111122223333", region: us-west-2, hostname: "web-{n}", tags: { Group: web }, replication: { lag: 4s } }`;
  const aws = simulated({ servers });
  const { end, records } = await launch(aws);
  assert.equal(end.state, 'done');
  const order = [...records.keys()];
  assert.deepEqual(aws.changes('StartRecovery').map(sentServers), [order.slice(0, 100), order.slice(100)]);
  assert.deepEqual(
    aws.changes('StartRecovery').map(({ request }) => Object(request?.['tags'])['breakwater:chunk']),
    ['webshop-20260304T030000Z-1/web/1/dr/0', 'webshop-20260304T030000Z-1/web/1/dr/1'],
  );
});

test('COMPLETED is not success: a server that DRS did not launch fails the wave, with the reason from the job log', async () => {
  const rawError = 'UnauthorizedOperation when calling DeleteLaunchTemplateVersions operation';
  const aws = simulated({
    servers: [serverYaml('web', '', 1), serverYaml('web', `fails: { phase: launch, rawError: "${rawError}" }`, 2)].join('\n'),
  });
  const { end, records } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'server-failed');
  assert.match(
    end.reason?.message ?? '',
    /LAUNCH_FAILED: UnauthorizedOperation when calling DeleteLaunchTemplateVersions operation/,
  );
  assert.match(end.reason?.next ?? '', /ec2:DeleteLaunchTemplateVersions/);
  assert.equal(records.get(OTHER)?.status, 'failed');
  assert.equal(records.get(OTHER)?.instanceId, undefined);
  assert.equal(records.get(ONE)?.status, 'running');
});

test('only an optional server failed: done, with warnings', async () => {
  const aws = simulated({
    servers: [serverYaml('web', '', 1), serverYaml('web', 'fails: { phase: conversion, rawError: "no space" }', 2)].join('\n'),
    wave: { servers: [{ match: { kind: 'servers', servers: [OTHER] }, criticality: 'optional' }] },
  });
  const { end } = await launch(aws);
  assert.equal(end.state === 'done' && end.status, 'succeeded-with-warnings');
  assert.match(end.reason?.message ?? '', /CONVERSION_FAIL: no space/);
});

test('the next attempt launches only what had failed', async () => {
  const aws = simulated({ servers: TWO });
  aws.arm({ match: { server: OTHER }, effect: { kind: 'launch-fails', phase: 'launch', rawError: 'capacity' }, for: '10m' });
  const first = await launch(aws);
  assert.equal(first.end.state, 'failed');
  await aws.clock.sleep(600_000);
  const second = await launch(aws, { attempt: 2 });
  assert.equal(second.end.state, 'done');
  assert.deepEqual(aws.changes('StartRecovery').map(sentServers), [[ONE, OTHER], [OTHER]]);
  assert.equal(second.records.get(ONE)?.instanceId, first.records.get(ONE)?.instanceId);
  assert.notEqual(second.records.get(OTHER)?.instanceId, undefined);
});

for (const effect of [
  { kind: 'drop', when: 'after' },
  { kind: 'unavailable', status: 503, when: 'after' },
  { kind: 'error', code: 'ConflictException', status: 409, when: 'after' },
]) {
  test(`an answer lost after StartRecovery was applied (${JSON.stringify(effect)}): the job is found by its tags, never sent twice`, async () => {
    const aws = simulated({ servers: TWO, more: 'faults: []' });
    aws.arm({ match: { operation: 'StartRecovery', nth: 1 }, effect });
    const { end, journal } = await launch(aws);
    assert.equal(end.state, 'done');
    assert.equal(aws.calls('StartRecovery').length, 1);
    assert.deepEqual(
      journal.of('change').map(({ adopted }) => adopted),
      [true],
    );
  });
}

test('a job that becomes visible only after 25 s is waited for, not sent again', async () => {
  const aws = simulated({ servers: TWO });
  aws.arm({ match: { operation: 'StartRecovery' }, effect: { kind: 'visibility-lag', by: '25s' } });
  aws.arm({ match: { operation: 'StartRecovery', nth: 1 }, effect: { kind: 'drop', when: 'after' } });
  const { end } = await launch(aws);
  assert.equal(end.state, 'done');
  assert.equal(aws.calls('StartRecovery').length, 1);
});

for (const effect of [
  { kind: 'drop', when: 'before' },
  { kind: 'unavailable', status: 500, when: 'before' },
  { kind: 'error', code: 'ConflictException', status: 409, when: 'before' },
]) {
  test(`an unclear answer to a StartRecovery that was not applied (${JSON.stringify(effect)}): sent again after 30 s of looking`, async () => {
    const aws = simulated({ servers: TWO });
    aws.arm({ match: { operation: 'StartRecovery', nth: 1 }, effect });
    const { end, journal, notes } = await launch(aws);
    assert.equal(end.state, 'done');
    const calls = aws.calls('StartRecovery');
    assert.equal(calls.length, 2);
    assert.ok((calls[1]?.at ?? 0) - (calls[0]?.at ?? 0) >= 30_000);
    assert.equal(aws.changes('StartRecovery').length, 1);
    assert.equal(journal.of('intent').length, 2, 'each call is announced');
    assert.ok(notes.some((note) => note.includes('looking for its job')));
  });
}

test('throttling is waited out, without the wait for visibility', async () => {
  const aws = simulated({ servers: TWO });
  aws.arm({ match: { operation: 'StartRecovery', times: 2 }, effect: { kind: 'throttle' } });
  const { end } = await launch(aws);
  assert.equal(end.state, 'done');
  const calls = aws.calls('StartRecovery');
  assert.equal(calls.length, 3);
  assert.ok((calls[2]?.at ?? 0) - (calls[0]?.at ?? 0) < 15_000);
});

test('a denied StartRecovery fails the servers, names the permission, and starts nothing', async () => {
  const aws = simulated({ servers: TWO });
  aws.arm({
    match: { operation: 'StartRecovery' },
    effect: {
      kind: 'error',
      code: 'AccessDeniedException',
      status: 403,
      message: 'User: arn:aws:iam::111122223333:user/x is not authorized to perform: drs:StartRecovery on resource: *',
    },
  });
  const { end } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'permission-denied');
  assert.match(end.reason?.message ?? '', /drs:StartRecovery/);
  assert.equal(aws.changes('StartRecovery').length, 0);
});

test('a server that makes AWS refuse the whole request is found, and the others are launched', async () => {
  const servers = [1, 2, 3, 4, 5].map((number) => serverYaml('web', '', number)).join('\n');
  const aws = simulated({ servers });
  aws.arm({
    match: { operation: 'StartRecovery', server: serverId('web', 4) },
    effect: { kind: 'error', code: 'ValidationException', status: 400, message: 'one of the servers is not launchable' },
  });
  const { end, records } = await launch(aws);
  assert.equal(end.state, 'failed');
  assert.match(end.reason?.message ?? '', /not launchable/);
  assert.deepEqual(
    [...records.values()].map(({ status }) => status),
    ['running', 'running', 'running', 'failed', 'running'],
  );
  assert.deepEqual(aws.changes('StartRecovery').flatMap(sentServers).length, 4, 'each launched once');
});

test('20 jobs of others: it waits and says so, then starts', async () => {
  const aws = simulated({ servers: TWO });
  const servers = await waveServers(aws);
  aws.arm({ match: {}, effect: { kind: 'other-jobs', jobs: 20, servers: 20, for: '4m' } });
  const { end, notes } = await launch(aws, { servers });
  assert.equal(end.state, 'done');
  assert.ok(notes.includes('waiting for DRS capacity: 20 of 20 jobs'), notes.join(' | '));
  const [call] = aws.calls('StartRecovery');
  assert.equal(aws.calls('StartRecovery').length, 1, 'nothing is sent only to be refused');
  assert.ok((call?.at ?? 0) - aws.context.createdAt >= 240_000);
});

test('a quota that only AWS knows of is waited out', async () => {
  const aws = simulated({ servers: TWO });
  aws.arm({
    match: { operation: 'StartRecovery', times: 2 },
    effect: { kind: 'error', code: 'ServiceQuotaExceededException', status: 402, message: 'too many jobs' },
  });
  const { end, notes } = await launch(aws);
  assert.equal(end.state, 'done');
  assert.ok(notes.some((note) => note.startsWith('waiting for DRS capacity:')));
  assert.equal(aws.changes('StartRecovery').length, 1);
});

test('two waves see one free slot: one starts, the other waits for it', async () => {
  const aws = simulated({ servers: TWO });
  const servers = await waveServers(aws);
  aws.arm({ match: {}, effect: { kind: 'other-jobs', jobs: 19, servers: 19, for: '30m' } });
  const deeds = aws.deeds();
  const ends = await Promise.all(
    ['one', 'two'].map((name, index) => {
      const wave = { ...aws.wave, name };
      return drive(deeds.recover(wave, servers.slice(index, index + 1)), new StepJournal(aws.clock).context());
    }),
  );
  assert.deepEqual(
    ends.map(({ end }) => end.state),
    ['done', 'done'],
  );
  assert.deepEqual(
    aws.calls('StartRecovery').map(({ outcome }) => outcome),
    ['ok', 'ok'],
  );
});

test('a live recovery instance that appears after the inspection is never replaced', async () => {
  const aws = simulated({ servers: TWO, mode: 'recovery' });
  const servers = await waveServers(aws);
  await aws.aws.drs.startRecovery({ servers: [{ id: ONE }], isDrill: false, tags: { team: 'somebody-else' } });
  const { end, records, journal, notes } = await launch(aws, { servers });
  assert.equal(end.state, 'failed');
  assert.equal(records.get(ONE)?.status, 'failed');
  assert.equal(records.get(ONE)?.reason?.code, 'live-recovery-instance');
  assert.equal(records.get(OTHER)?.status, 'running', 'the rest goes on');
  assert.ok(
    notes.some((note) => /waiting for drsjob-\w+, which holds 1 server/.test(note)),
    notes.join(' | '),
  );
  assert.ok(journal.notes(ONE).some((note) => /held by DRS job drsjob-\w+ \(LAUNCH\), which is not ours/.test(note)));
  assert.deepEqual(aws.changes('StartRecovery').map(sentServers), [[ONE], [OTHER]]);
});

test('a drill replaces no live instance, whatever was allowed and whoever inspected', async () => {
  const aws = simulated({
    servers: serverYaml('web', 'recoveryInstance: { kind: recovery, age: 2d }'),
    replaceLive: [serverId('web')],
  });
  const { waves } = await aws.deeds({ mode: 'recovery' }).inspect([aws.wave]);
  const { end } = await launch(aws, { servers: waves.get('web') ?? [] });
  assert.equal(end.reason?.code, 'live-recovery-instance');
  assert.deepEqual(aws.calls('StartRecovery'), []);
});

test('a drill of somebody else is waited for, and its instance may be replaced', async () => {
  const aws = simulated({ servers: TWO });
  const servers = await waveServers(aws);
  await aws.aws.drs.startRecovery({ servers: [{ id: ONE }], isDrill: true, tags: { team: 'somebody-else' } });
  const { end, records } = await launch(aws, { servers });
  assert.equal(end.state, 'done');
  assert.deepEqual(aws.changes('StartRecovery').map(sentServers), [[ONE], [OTHER], [ONE]]);
  assert.deepEqual(
    aws.changes('StartRecovery').map(({ request }) => Object(request?.['tags'])['breakwater:chunk']),
    [undefined, 'webshop-20260304T030000Z-1/web/1/dr/0', 'webshop-20260304T030000Z-1/web/1/dr/0.2'],
  );
  assert.notEqual(records.get(ONE)?.jobId, records.get(OTHER)?.jobId);
});

test('a TERMINATE job holds its servers too', async () => {
  const aws = simulated({ servers: serverYaml('web', 'recoveryInstance: { kind: drill, age: 2d }') });
  const servers = await waveServers(aws);
  const [instance] = await aws.aws.drs.describeRecoveryInstances({ sourceServerIds: [serverId('web')] });
  await aws.aws.drs.terminateRecoveryInstances([instance?.id ?? '']);
  const { end, journal } = await launch(aws, { servers });
  assert.equal(end.state, 'done');
  assert.ok(journal.notes().some((note) => /held by DRS job drsjob-\w+ \(TERMINATE\)/.test(note)));
  assert.equal(aws.calls('StartRecovery').length, 1, 'no conflict was provoked');
});

test('what is said when nobody waits any more: DRS jobs go on', async () => {
  const aws = simulated({ servers: TWO });
  const operation = aws.deeds().recover(aws.wave, await waveServers(aws));
  const journal = new StepJournal(aws.clock);
  assert.equal(await operation.abandon?.(journal.context()), undefined, 'nothing has begun');
  await operation.advance(journal.context());
  const id = journal.of('change')[0]?.id;
  assert.equal(await operation.abandon?.(journal.context()), `DRS cannot cancel jobs: ${id} goes on`);
  const [fresh, lost] = [aws.deeds().recover(aws.wave, await waveServers(aws)), new StepJournal(aws.clock)];
  assert.equal(await fresh.abandon?.(journal.context()), `DRS cannot cancel jobs: ${id} goes on`, 'another process knows it too');
  await lost.context().intent('drs:StartRecovery', 'k', { site: 'dr', servers: [{ id: ONE }] });
  const unsure = aws.deeds().recover(aws.wave, await waveServers(aws));
  assert.match((await unsure.abandon?.(lost.context())) ?? '', /answer is not known/);
});

test('a wave without servers is not a success', async () => {
  const aws = simulated({ servers: TWO });
  const { end } = await drive(aws.deeds().recover(aws.wave, []), new StepJournal(aws.clock).context());
  assert.equal(end.state, 'failed');
  assert.equal(end.reason?.code, 'selection-empty');
});

test('a wave over two sites: a job at each, one change a look', async () => {
  const aws = simulated({ servers: TWO });
  const [first, second] = await waveServers(aws);
  assert.ok(first !== undefined && second !== undefined);
  const sites = new Map([...aws.context.set.sites, ['other', { name: 'other', account: '111122223333', region: 'us-west-2' }]]);
  const deeds = aws.deeds({ set: { ...aws.context.set, sites } });
  const servers = [first, { ...second, record: { ...second.record, site: 'other' } }];
  const journal = new StepJournal(aws.clock);
  let made = 0;
  const { end } = await drive(deeds.recover(aws.wave, servers), journal.context(), {
    onLook: () => {
      assert.ok(aws.changes('StartRecovery').length - made <= 1);
      made = aws.changes('StartRecovery').length;
    },
  });
  assert.equal(end.state, 'done');
  assert.deepEqual(aws.changes('StartRecovery').map(sentServers), [[ONE], [OTHER]]);
  assert.deepEqual(
    journal.of('change').map(({ site, key }) => [site, key]),
    [
      ['dr', 'webshop-20260304T030000Z-1/web/1/dr/0'],
      ['other', 'webshop-20260304T030000Z-1/web/1/other/0'],
    ],
  );
});
