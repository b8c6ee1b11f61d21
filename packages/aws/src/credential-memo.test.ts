import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError, type BreakwaterError, VirtualClock } from '@breakwater/core';
import { CredentialMemo, type Credentials } from './credential-memo.ts';
import { START } from './scripted-site.ts';

const HOUR = 3_600_000;

function memo(renewal: (nth: number, clock: VirtualClock) => Promise<Credentials>) {
  const clock = new VirtualClock(START);
  const warnings: BreakwaterError[] = [];
  let renewals = 0;
  const source = new CredentialMemo({
    clock,
    warn: (error) => warnings.push(error),
    renew: () => renewal(renewals++, clock),
  });
  return { clock, source, warnings, renewals: () => renewals };
}

const key = (nth: number, expiresAt?: number): Credentials => ({
  accessKeyId: `K${nth}`,
  secretAccessKey: 's',
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

test('however many ask at once, they are got once', async () => {
  const { source, renewals, clock } = memo(async (nth, at) => {
    await at.sleep(100);
    return key(nth, at.now() + HOUR);
  });
  const all = await Promise.all(Array.from({ length: 20 }, () => source.get()));
  assert.deepEqual(new Set(all.map(({ accessKeyId }) => accessKeyId)), new Set(['K0']));
  assert.equal(renewals(), 1);
  await clock.sleep(54 * 60_000);
  assert.equal((await source.get()).accessKeyId, 'K0');
  assert.equal(renewals(), 1);
});

test('with less than five minutes left they are renewed beside the work, with less than one the renewal is waited for', async () => {
  const { source, renewals, clock } = memo(async (nth, at) => {
    await at.sleep(1_000);
    return key(nth, at.now() + HOUR);
  });
  await source.get();
  await clock.sleep(HOUR - 4 * 60_000);
  assert.equal((await source.get()).accessKeyId, 'K0', 'nobody waits while the old ones are good');
  await clock.sleep(2_000);
  assert.equal((await source.get()).accessKeyId, 'K1');
  await clock.sleep(HOUR - 30_000);
  assert.equal((await source.get()).accessKeyId, 'K2');
  await clock.sleep(2 * HOUR);
  assert.equal((await source.get()).accessKeyId, 'K3', 'also after they ran out');
  assert.equal(renewals(), 4);
});

test('credentials without an expiry are kept', async () => {
  const { source, renewals, clock } = memo(async (nth) => key(nth));
  await source.get();
  await clock.sleep(100 * HOUR);
  assert.equal((await source.get()).accessKeyId, 'K0');
  assert.equal(renewals(), 1);
});

test('a failed early renewal is warned of once, the old ones go on, and only their end breaks the run', async () => {
  const down = new AwsError('aws-unavailable', 'sts is down', {
    next: 'wait',
    call: {
      service: 'sts',
      operation: 'AssumeRole',
      account: undefined,
      region: undefined,
      requestId: undefined,
      httpStatus: 503,
      awsCode: 'x',
    },
  });
  const { source, warnings, renewals, clock } = memo(async (nth, at) => {
    if (nth === 0) return key(nth, at.now() + HOUR);
    throw down;
  });
  await source.get();
  await clock.sleep(HOUR - 4 * 60_000);
  const all = await Promise.all([source.get(), source.get(), source.get()]);
  assert.deepEqual(
    all.map(({ accessKeyId }) => accessKeyId),
    ['K0', 'K0', 'K0'],
  );
  await clock.sleep(0);
  assert.deepEqual(warnings, [down]);
  await source.get();
  assert.equal(renewals(), 2, 'a pause before the next try');
  await clock.sleep(31_000);
  await source.get();
  await clock.sleep(0);
  assert.equal(renewals(), 3);
  await clock.sleep(3 * 60_000);
  assert.equal((await source.get()).accessKeyId, 'K0', 'waited for, failed, and still good for some seconds');
  await clock.sleep(60_000);
  await assert.rejects(source.get(), down);
});

test('a first failure is thrown, and the next ask tries again', async () => {
  const { source, renewals } = memo(async (nth) => {
    if (nth === 0) throw new Error('no');
    return key(nth);
  });
  await assert.rejects(source.get(), /no/);
  assert.equal((await source.get()).accessKeyId, 'K1');
  assert.equal(renewals(), 2);
});

test('a source of nearly expired credentials is not asked at every call', async () => {
  const { source, renewals, clock } = memo(async (nth, at) => key(nth, at.now() + 120_000));
  for (let n = 0; n < 10; n++) {
    await source.get();
    await clock.sleep(1_000);
  }
  assert.equal(renewals(), 2);
});

test('after AWS calls them expired, others are got, and it is said whether they are others', async () => {
  const changing = memo(async (nth) => key(nth));
  const first = await changing.source.get();
  assert.equal(await changing.source.renewed(first), true);
  assert.equal(await changing.source.renewed(first), true, 'somebody else has renewed them already');
  assert.equal(changing.renewals(), 2);
  const fixed = memo(async () => key(0));
  assert.equal(await fixed.source.renewed(await fixed.source.get()), false);
});
