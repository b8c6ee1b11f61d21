import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RdsCluster } from '@breakwater/aws';
import { AwsError, CancelledError, type ReasonCode } from '@breakwater/core';
import { drive } from '../testing/drive.ts';
import { rdsError } from '../testing/rds-error.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring } from '../testing/restoring.ts';
import type { DatabaseSql } from './restore-contracts.ts';

const run = (world: Restoring) => drive(world.restore(), new StepJournal(world.clock).context());

const SECRET = 'webshop/master';

for (const [password, taken] of [
  ['a'.repeat(8), true],
  ['a'.repeat(41), true],
  ['!#$%&()*+,-.:;<=>?[]^_`{|}~', true],
  ['a'.repeat(7), false],
  ['a'.repeat(42), false],
  ['with/slash', false],
  ['with"quote', false],
  ['with@sign', false],
  ['with space', false],
  ['with\nline', false],
  ['', false],
] as const) {
  test(`master password ${JSON.stringify(password)} is ${taken ? 'taken' : 'refused before RDS is asked'}`, async () => {
    const world = restoring({ master: { kind: 'secret', secret: SECRET } });
    world.rds.secrets.set(SECRET, JSON.stringify({ username: 'u', password }));
    const { end } = await run(world);
    const asked = world.rds.changes('modifyCluster');
    if (taken) {
      assert.equal(end.state, 'done', JSON.stringify(end));
      assert.deepEqual(
        asked.map(({ request }) => request),
        [{ id: 'webshop', masterPassword: password }],
      );
      return;
    }
    assert.equal(end.state === 'failed' && end.reason.code, 'users-failed', JSON.stringify(end));
    assert.deepEqual(asked, []);
    assert.ok(password === '' || !JSON.stringify(end).includes(JSON.stringify(password).slice(1, -1)), 'it is not told');
  });
}

test('a secret that holds no password is refused before RDS is asked', async () => {
  for (const text of [
    '',
    'null',
    '[]',
    '"password"',
    '{"password":12345678}',
    '{"Password":"good-enough"}',
    '{"password":null}',
  ]) {
    const world = restoring({ master: { kind: 'secret', secret: SECRET } });
    world.rds.secrets.set(SECRET, text);
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, 'users-failed', text);
    assert.match((end.state === 'failed' && end.reason.message) || '', /is no JSON object with a "password"/, text);
    assert.deepEqual(world.rds.changes('modifyCluster'), [], text);
  }
});

/** Hides something of the restored cluster for so many looks after it was asked for. */
function hides(world: Restoring, operation: string, what: (cluster: RdsCluster) => RdsCluster, looks = 3): void {
  let left = looks;
  world.rds.shows = (cluster) => {
    if (world.rds.changes(operation).length === 0 || left <= 0) return cluster;
    left -= 1;
    return what(cluster);
  };
}

test('what AWS does not show yet is not asked for twice: the master secret', async () => {
  const world = restoring({ master: { kind: 'managed' } });
  hides(world, 'modifyCluster', (cluster) => ({ ...cluster, status: 'available', masterSecret: undefined }));
  const { end, notes } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.ok(notes.includes('the master secret is being made'), notes.join('; '));
  assert.equal(world.rds.changes('modifyCluster').length, 1);
});

test('what AWS does not show yet is not asked for twice: the Data API', async () => {
  const world = restoring({ settings: { httpEndpoint: true } });
  hides(world, 'enableHttpEndpoint', (cluster) => ({ ...cluster, httpEndpoint: false }));
  const { end } = await run(world);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(world.rds.changes('enableHttpEndpoint').length, 1);
});

test('the Data API is switched on where it is wanted or needed, and nowhere else', async () => {
  const checks = [{ kind: 'database', name: 'shop' }] as const;
  const master = { kind: 'managed' } as const;
  for (const [over, times] of [
    [{ settings: { httpEndpoint: false } }, 0],
    [{ settings: { httpEndpoint: true } }, 1],
    [{ settings: { httpEndpoint: false }, checks, master }, 1],
    [{ settings: { httpEndpoint: false }, checks, master, connection: 'direct' }, 0],
  ] as const) {
    const world = restoring(over);
    const { end } = await run(world);
    assert.equal(end.state, 'done', JSON.stringify(end));
    assert.equal(world.rds.changes('enableHttpEndpoint').length, times, JSON.stringify(over));
  }
});

test('a master secret that is impaired is a failure, not something to wait for', async () => {
  const world = restoring({ master: { kind: 'managed' } });
  world.rds.shows = (cluster) =>
    cluster.masterSecret === undefined ? cluster : { ...cluster, masterSecret: { ...cluster.masterSecret, status: 'impaired' } };
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'restore-failed', JSON.stringify(end));
  assert.match((end.state === 'failed' && end.reason.message) || '', /master secret of webshop is impaired/);
});

const aws = (code: ReasonCode) => new AwsError(code, 'no answer', { next: 'Look.', call: rdsError('x').call });
const SPOKEN = { master: { kind: 'managed' }, users: { secret: 's' }, checks: [{ kind: 'database', name: 'shop' }] } as const;

for (const [what, code] of [
  ['applyUsers', 'users-failed'],
  ['verify', 'verification-failed'],
] as const) {
  const failing = (errors: Error[]): Partial<DatabaseSql> => {
    const answer = async () => {
      const error = errors.shift();
      if (error !== undefined) throw error;
    };
    if (what === 'verify') {
      return {
        verify: async (_, checks) => {
          await answer();
          return checks.map(() => ({ check: 'c', ok: true, found: 'f' }));
        },
      };
    }
    return {
      applyUsers: async () => {
        await answer();
        return [];
      },
    };
  };

  test(`${what}: what passes is tried again`, async () => {
    const errors = [aws('throttled'), aws('aws-unavailable')];
    const world = restoring(SPOKEN, { sql: failing(errors) });
    const { end } = await run(world);
    assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
    assert.deepEqual(errors, []);
  });

  test(`${what}: what concerns the credentials or the run itself is no verdict on the database`, async () => {
    for (const error of [
      aws('credentials-expired'),
      new CancelledError('interrupted', 'stop', { next: 'Again.' }),
      new Error('bug'),
    ]) {
      const world = restoring(SPOKEN, { sql: failing([error]) });
      await assert.rejects(run(world), /no answer|stop|bug/);
    }
  });

  test(`${what}: a refusal that stays is a verdict, with its reason`, async () => {
    const world = restoring(SPOKEN, { sql: failing(Array.from({ length: 50 }, () => aws('permission-denied'))) });
    const { end } = await run(world);
    assert.equal(end.state === 'failed' && end.reason.code, code, JSON.stringify(end));
    assert.match((end.state === 'failed' && end.reason.message) || '', /: no answer$/);
    assert.match((end.state === 'failed' && end.reason.next) || '', /^Look\. What was restored is kept/);
  });
}

test('checks that were not all answered do not hold', async () => {
  const world = restoring(SPOKEN, { sql: { verify: async () => [] } });
  const { end } = await run(world);
  assert.equal(end.state === 'failed' && end.reason.code, 'verification-failed', JSON.stringify(end));
  assert.match((end.state === 'failed' && end.reason.message) || '', /not every check was answered/);
});

test('a new password that the database does not take yet is waited for, not for longer than a minute and a half', async () => {
  for (const [slow, state] of [
    [30_000, 'done'],
    [100_000, 'failed'],
  ] as const) {
    let since: number | undefined;
    const world: Restoring = restoring(
      { master: { kind: 'secret', secret: SECRET }, users: { secret: 'u' }, checks: [{ kind: 'database', name: 'shop' }] },
      {
        sql: {
          applyUsers: async () => {
            since ??= world.clock.now();
            if (world.clock.now() - since < slow) throw rdsError('28P01', { message: 'password authentication failed' });
            return [];
          },
        },
      },
    );
    world.rds.secrets.set(SECRET, '{"username":"u","password":"good-enough"}');
    const { end } = await run(world);
    assert.equal(end.state, state, JSON.stringify(end));
    assert.equal(world.rds.changes('modifyCluster').length, 1);
    if (end.state === 'failed') assert.match(end.reason.message, /password authentication failed/);
  }
});
