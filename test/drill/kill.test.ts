import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { writeClockVariable } from '@breakwater/assembly';
import { scaledClock } from '@breakwater/core';
import { type CallRecord, createWorld, loadScenario, type SimulatorServer, serve, type World } from '@breakwater/simulator';
import { folderWith, scratch, webshopFiles } from './virtual-drill.ts';

/** Simulated seconds a real one: fast, yet a request stays shorter than the steps it watches. */
const SPEED = 600;

/** Moments at which the process dies: the call after which it gets no further. */
const MOMENTS: readonly { readonly what: string; readonly at: (call: CallRecord, nth: number) => boolean }[] = [
  {
    what: 'right after an automation was started',
    at: ({ operation }, nth) => operation === 'StartAutomationExecution' && nth === 1,
  },
  { what: 'right after StartRecovery was applied', at: ({ operation }, nth) => operation === 'StartRecovery' && nth === 1 },
  {
    what: 'right after the cluster was restored',
    at: ({ operation }, nth) => operation === 'RestoreDBClusterFromSnapshot' && nth === 1,
  },
  { what: 'right after its writer was made', at: ({ operation }, nth) => operation === 'CreateDBInstance' && nth === 1 },
  { what: 'in the middle of a DRS job', at: ({ operation }, nth) => operation === 'DescribeJobs' && nth === 40 },
  { what: 'while instances are proved', at: ({ operation }, nth) => operation === 'DescribeInstanceStatus' && nth === 5 },
  { what: 'right after a command was sent', at: ({ operation }, nth) => operation === 'SendCommand' && nth === 1 },
  { what: 'right after the clean-up began', at: ({ operation }, nth) => operation === 'TerminateRecoveryInstances' && nth === 1 },
  { what: 'while the cluster is deleted', at: ({ operation }, nth) => operation === 'DeleteDBInstance' && nth === 1 },
];

let world: World;
let server: SimulatorServer;
let environment: NodeJS.ProcessEnv;
let plan: string;

before(async () => {
  // A busy machine takes simulated minutes to start a process; neither deadlines nor the RTO are what is rehearsed here.
  const { 'webshop.yaml': text = '', ...others } = await webshopFiles();
  const patient = text.replaceAll(/(maxWait|timeout): \w+/g, '$1: 10h').replace('rto: 90m', 'rto: 90h');
  plan = join(await folderWith({ ...others, 'webshop.yaml': patient }), 'webshop.yaml');
  const scenario = loadScenario('plans/simulation/no-database.yaml');
  const scale = { anchorReal: Date.now(), anchorClock: scenario.start ?? 0, speed: SPEED };
  world = createWorld({ scenario, clock: scaledClock(scale) });
  server = await serve(world);
  environment = {
    PATH: process.env['PATH'],
    HOME: await scratch(),
    AWS_ENDPOINT_URL: server.url,
    BREAKWATER_CLOCK: writeClockVariable(scale),
    ...world.credentials,
  };
});

after(() => server.close());

function start(history: string): ChildProcess {
  const args = ['packages/cli/src/main.ts', 'run', plan, '--mode', 'drill', '--execution', 'killed-1', '--history', history];
  return spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Kills the process outright once the call has been answered; resolves when it is gone, to whether it was killed. */
async function killAt(child: ChildProcess, at: (call: CallRecord, nth: number) => boolean): Promise<boolean> {
  const seen = new Map<string, number>();
  let next = 0;
  const watch = setInterval(() => {
    for (const call of world.calls.slice(next)) {
      next += 1;
      const nth = (seen.get(call.operation) ?? 0) + 1;
      seen.set(call.operation, nth);
      if (at(call, nth)) child.kill('SIGKILL');
    }
  }, 1);
  try {
    await once(child, 'exit');
  } finally {
    clearInterval(watch);
  }
  return child.signalCode === 'SIGKILL';
}

test('killed at nine moments and started again each time: nothing is done twice, and the drill succeeds', async () => {
  const history = await scratch();
  let killed = 0;
  for (const { at } of MOMENTS) if (await killAt(start(history), at)) killed += 1;
  const last = start(history);
  let output = '';
  last.stdout?.on('data', (chunk) => {
    output += chunk;
  });
  last.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  const [code] = await once(last, 'exit');
  assert.equal(code, 0, output);
  assert.match(output, /succeeded/i);
  assert.ok(killed >= 7, `only ${killed} of ${MOMENTS.length} moments were met`);

  const applied = (operation: string) => world.calls.filter((call) => call.operation === operation && call.applied);
  assert.equal(applied('StartRecovery').length, 3);
  assert.equal(applied('SendCommand').length, 1);
  assert.equal(applied('TerminateRecoveryInstances').length, 1);
  assert.equal(applied('RestoreDBClusterFromSnapshot').length, 1);
  assert.equal(applied('CreateDBInstance').length, 2);
  assert.equal(applied('DeleteDBCluster').length, 1);
  const region = world.state().regions.find(({ jobs }) => jobs.length > 0);
  assert.equal(region?.automations.length, 6, 'each automation once, whatever was sent again');
  assert.deepEqual(
    region?.instances.filter(({ state }) => state === 'running').map(({ id }) => id),
    [],
  );
});
