import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@breakwater/core';
import { gitSource } from '../git-source.ts';
import type { ExecutionHistory } from '../store.ts';
import { header, OK, runStarted, START, stepFinished, stepStarted, waveFinished, wavesNamed } from '../testing/records.ts';
import { type Verification, verifyHistory } from '../verify.ts';
import { Git } from './git.ts';
import { bareRepository, machine, temporaryFolder } from './testing/machine.ts';

const root = temporaryFolder();
let count = 0;
const place = () => {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  return folder;
};

const VERDICT = { verdict: 'succeeded', reason: OK, at: START } as const;
const SEAL = { tool: 'test', by: 'ann', at: START };
const two = header(wavesNamed('app', 'web'), { mode: 'recovery', id: 'recovery-1' });

/** What a job does up to its verdict: its own wave in its own stream. */
async function work(execution: ExecutionHistory, wave: string): Promise<{ readonly end: () => Promise<void> }> {
  const run = await execution.journal(`runs/${wave}`, 'refuse');
  await run.append(runStarted(wave, [wave]));
  const stream = await execution.journal(`waves/${wave}`, 'refuse');
  for (const event of [stepStarted('recover', 'recover'), stepFinished('recover', 'succeeded'), waveFinished('succeeded')]) {
    await stream.append(event);
  }
  await stream.close();
  return {
    end: async () => {
      await run.append({ type: 'run-finished', verdict: 'succeeded', reason: OK });
      await run.close();
    },
  };
}

async function conclude(execution: ExecutionHistory): Promise<void> {
  await execution.read();
  await execution.conclude(VERDICT);
  await execution.writeFile('report.md', '# fine\n');
}

async function verified(origin: string): Promise<Verification> {
  const git = await Git.open({ folder: origin, clock: systemClock, environment: process.env });
  return verifyHistory(gitSource(git, 'refs/heads/dr-history', 'origin'));
}

const told = ({ findings, executions }: Verification) =>
  [...findings, ...executions.flatMap((one) => one.findings)].map(({ file, message }) => `${file}: ${message}`);

test('two jobs that see the end at once seal all of it, whoever is first', async () => {
  for (const order of ['first', 'second', 'together'] as const) {
    const here = place();
    const origin = bareRepository(here);
    const machines = await Promise.all(['a', 'b'].map((name) => machine(join(here, name), origin)));
    const [one, other] = await Promise.all(machines.map(async ({ store }) => (await store.open(two)).execution));
    assert.ok(one !== undefined && other !== undefined);
    const [first, second] = [await work(one, 'app'), await work(other, 'web')];
    await first.end();
    // The first sees both waves ended; the second has not written its last line yet.
    await conclude(one);
    if (order === 'first') await one.seal(SEAL);
    await second.end();
    await conclude(other);
    if (order === 'together') await Promise.all([one.seal(SEAL), other.seal(SEAL)]);
    else await other.seal(SEAL);
    if (order === 'second') {
      await machines[1]?.store.close();
      await one.seal(SEAL);
    }
    for (const { store } of machines) assert.equal(await store.close(), undefined);
    const found = await verified(origin);
    assert.deepEqual(told(found), [], order);
    assert.deepEqual(
      found.executions.map(({ state, records }) => [state, records]),
      [['sealed', 10]],
    );
  }
});

test('an execution that is begun again is reopened on the branch before its first line', async () => {
  const here = place();
  const origin = bareRepository(here);
  const a = await machine(join(here, 'a'), origin);
  const { execution } = await a.store.open(two);
  await (await work(execution, 'app')).end();
  await conclude(execution);
  await execution.seal(SEAL);
  assert.equal(await a.store.close(), undefined);
  const b = await machine(join(here, 'b'), origin);
  const again = (await b.store.open(two)).execution;
  await again.reopen('kim');
  const { end } = await work(again, 'web');
  assert.equal(await b.store.close(), undefined);
  const between = await verified(origin);
  assert.deepEqual(told(between), []);
  assert.equal(between.executions[0]?.state, 'reopened');
  await end();
  await conclude(again);
  await again.seal(SEAL);
  await b.store.close();
  assert.deepEqual(told(await verified(origin)), []);
});
