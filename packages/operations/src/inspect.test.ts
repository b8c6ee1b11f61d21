import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrsSourceServer } from '@breakwater/aws';
import { RefusedError, UserError } from '@breakwater/core';
import { doubtOf } from './readiness.ts';
import { launch } from './testing/launching.ts';
import { ACCOUNT, REGION, serverId, simulated } from './testing/simulated.ts';

function server(number: number, replication: string, more = ''): string {
  return `  - { id: ${serverId('web', number)}, account: "${ACCOUNT}", region: ${REGION}, hostname: web-${number}, domain: corp, tags: { Group: web }, replication: ${replication}${more} }`;
}

const ILL = [
  server(1, '{ lag: 4s }'),
  server(2, '{ state: STALLED, lag: null, error: AGENT_NOT_SEEN }'),
  server(3, '{ lag: 9m }'),
  server(4, '{ lag: 4s }', `, staging: { status: EXTENSION_ERROR, account: "${ACCOUNT}" }`),
].join('\n');

test('every wave gets its servers with what is known of them', async () => {
  const aws = simulated({ servers: server(1, '{ lag: 4s }') });
  const { waves, warnings } = await aws.deeds().inspect([aws.wave]);
  assert.deepEqual(warnings, []);
  assert.deepEqual(waves.get('web'), [
    {
      recoveryPoint: { kind: 'latest' },
      record: {
        id: serverId('web', 1),
        name: 'web-1.corp',
        site: 'dr',
        account: ACCOUNT,
        region: REGION,
        group: 'web',
        criticality: 'critical',
        status: 'pending',
        replicationState: 'CONTINUOUS',
        lag: 4_000,
      },
    },
  ]);
});

test('a drill is refused while replication is not ready, and every offender is named', async () => {
  const aws = simulated({ servers: ILL });
  await assert.rejects(aws.deeds().inspect([aws.wave]), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, 'not-ready');
    assert.doesNotMatch(error.message, /web-1\b/);
    assert.match(error.message, /web-2\.corp \(s-web0+2\): replication is STALLED, lag unknown, AGENT_NOT_SEEN/);
    assert.match(error.message, /web-3\.corp \(s-web0+3\): lag 9m 00s is more than 5m 00s/);
    assert.match(error.message, /web-4\.corp \(s-web0+4\): its extension from the staging account is broken/);
    return true;
  });
});

test('a recovery is never refused for that: it warns', async () => {
  const aws = simulated({ servers: ILL, mode: 'recovery' });
  const { waves, warnings } = await aws.deeds().inspect([aws.wave]);
  assert.equal(waves.get('web')?.length, 4);
  assert.deepEqual(
    warnings.map(({ wave, server: id }) => [wave, id]),
    [2, 3, 4].map((number) => ['web', serverId('web', number)]),
  );
});

const LIVE = [server(1, '{ lag: 4s }', ', recoveryInstance: { kind: recovery, age: 2d }'), server(2, '{ lag: 4s }')].join('\n');

for (const mode of ['drill', 'recovery'] as const) {
  test(`a live recovery instance stops a ${mode} before anything is changed`, async () => {
    const aws = simulated({ servers: LIVE, mode });
    await assert.rejects(aws.deeds().inspect([aws.wave]), (error) => {
      assert.ok(error instanceof RefusedError);
      assert.equal(error.code, 'live-recovery-instance');
      assert.match(error.message, /web-1\.corp \(s-web0+1\) has live recovery instance i-[0-9a-f]+ \(job unknown\)/);
      return true;
    });
  });
}

test('a live instance may be replaced by a recovery, if somebody asked for that very server; by a drill never', async () => {
  const replaceLive = [serverId('web', 1)];
  const aws = simulated({ servers: LIVE, mode: 'recovery', replaceLive });
  const { warnings } = await aws.deeds().inspect([aws.wave]);
  assert.match(warnings[0]?.message ?? '', /will be replaced, as asked for/);
  const { end } = await launch(aws);
  assert.equal(end.state, 'done');
  const drill = simulated({ servers: LIVE, replaceLive });
  await assert.rejects(drill.deeds().inspect([drill.wave]), { code: 'live-recovery-instance' });
});

test('an instance of a drill, and one that this execution launched itself, stop nothing', async () => {
  const drilled = simulated({ servers: server(1, '{ lag: 4s }', ', recoveryInstance: { kind: drill, age: 2d }') });
  assert.equal((await drilled.deeds().inspect([drilled.wave])).waves.get('web')?.length, 1);
  const own = simulated({ servers: server(1, '{ lag: 4s }'), mode: 'recovery' });
  await launch(own);
  assert.equal((await own.deeds().inspect([own.wave])).waves.get('web')?.length, 1);
  await assert.rejects(own.deeds({ execution: 'another' }).inspect([own.wave]), { code: 'live-recovery-instance' });
});

test('a drill is not held back by the replication of what it has launched itself, when it is resumed', async () => {
  const aws = simulated({ servers: server(1, '{ lag: 4s }') });
  await launch(aws);
  const impatient = { plan: { ...aws.context.plan, readiness: { maxLag: 1_000 } } };
  const { warnings } = await aws.deeds(impatient).inspect([aws.wave]);
  assert.match(warnings[0]?.message ?? '', /lag 4s is more than 1s/);
  await assert.rejects(aws.deeds({ ...impatient, execution: 'another' }).inspect([aws.wave]), { code: 'not-ready' });
});

test('a selection that finds nothing is the user’s error', async () => {
  const aws = simulated({ servers: server(1, '{ lag: 4s }') });
  const set = {
    ...aws.context.set,
    groups: new Map([
      ['web', { name: 'web', site: 'dr', select: { kind: 'tags', tags: { Group: 'none' } }, exclude: [], expect: {} } as const],
    ]),
  };
  await assert.rejects(
    aws.deeds({ set }).inspect([aws.wave]),
    (error) => error instanceof UserError && error.code === 'selection-empty',
  );
});

test('inspecting changes nothing', async () => {
  const aws = simulated({ servers: LIVE });
  await assert.rejects(aws.deeds().inspect([aws.wave]));
  assert.ok(aws.world.calls.length >= 2);
  assert.deepEqual(
    aws.world.calls.filter(({ operation }) => !operation.startsWith('Describe')),
    [],
  );
});

test('the account is proved, and the wrong one named', async () => {
  const aws = simulated({ servers: server(1, '{ lag: 4s }') });
  const site = { name: 'dr', account: ACCOUNT, region: REGION };
  const [proved] = await aws.deeds().proveIdentities([site]);
  assert.equal(proved?.account, ACCOUNT);
  assert.match(proved?.arn ?? '', /^arn:aws:/);
  await assert.rejects(aws.deeds().proveIdentities([{ ...site, name: 'other', account: '999999999999' }]), (error) => {
    assert.ok(error instanceof RefusedError);
    assert.equal(error.code, 'account-mismatch');
    assert.match(
      error.message,
      /site "other" is account 999999999999, but the credentials of this run lead to account 111122223333/,
    );
    return true;
  });
});

test('what speaks against drilling a server', () => {
  const sound: DrsSourceServer = {
    id: 's-1',
    arn: '',
    name: 'db',
    tags: {},
    replicationState: 'CONTINUOUS',
    lag: 0,
    replicationError: undefined,
    recoveryInstanceId: undefined,
    stagingStatus: undefined,
    replicationDirection: undefined,
  };
  assert.equal(doubtOf(sound, 0), undefined);
  assert.equal(doubtOf({ ...sound, stagingStatus: 'EXTENDED' }, 0), undefined);
  for (const state of [
    'STOPPED',
    'INITIATING',
    'INITIAL_SYNC',
    'BACKLOG',
    'CREATING_SNAPSHOT',
    'PAUSED',
    'RESCAN',
    'STALLED',
    'DISCONNECTED',
    'NEW_STATE',
  ]) {
    assert.equal(doubtOf({ ...sound, replicationState: state }, 0)?.message, `db (s-1): replication is ${state}, lag 0s`);
  }
  assert.equal(doubtOf({ ...sound, lag: undefined }, 60_000)?.message, 'db (s-1): lag unknown');
  assert.equal(doubtOf({ ...sound, lag: 61_000 }, 60_000)?.message, 'db (s-1): lag 1m 01s is more than 1m 00s');
});
