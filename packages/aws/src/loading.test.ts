import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { promises } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { START, scriptedSite } from './scripted-site.ts';

const here = (file: string) => JSON.stringify(fileURLToPath(new URL(file, import.meta.url)));

/** Runs a module in a Node of its own and lists the packages it loaded from the SDK. */
function loadedBy(code: string): string[] {
  const script = `
    import { createRequire, registerHooks } from 'node:module';
    const seen = new Set();
    const note = (url) => { const name = /node_modules\\/(@(?:aws-sdk|smithy)\\/[^/]+)/.exec(url)?.[1]; if (name) seen.add(name); };
    registerHooks({ load(url, context, next) { note(url); return next(url, context); } });
    ${code}
    for (const file of Object.keys(createRequire(import.meta.url).cache)) note(file);
    console.log(JSON.stringify([...seen].sort()));
  `;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

const connectTo = (ask: string) => `
  const { connect } = await import(${here('./index.ts')});
  const { ScriptedAws } = await import(${here('./scripted-aws.ts')});
  const { systemClock } = await import('@breakwater/core');
  const site = connect({ clock: systemClock, credentials: { kind: 'static', accessKeyId: 'A', secretAccessKey: 'B' }, sessionName: 'x',
    requestHandler: new ScriptedAws(() => ({ json: {} })) })({ name: 'n', account: '1', region: 'eu-west-1' });
  ${ask}
`;

test('importing the package and connecting loads nothing of the SDK', () => {
  assert.deepEqual(loadedBy(connectTo('')), []);
});

for (const [client, ask] of [
  ['ssm', 'ssm.describeManagedInstances(["i-0000000a"])'],
  ['secrets-manager', 'secrets.putSecret("a", "b")'],
  ['route-53', 'route53.changeStatus("C1").catch(() => undefined)'],
]) {
  test(`a call loads client-${client} and no other`, () => {
    const loaded = loadedBy(connectTo(`await site.${ask};`));
    const clients = loaded.filter((name) => name.startsWith('@aws-sdk/client-'));
    assert.deepEqual(clients, [`@aws-sdk/client-${client}`]);
    assert.ok(!loaded.includes('@aws-sdk/credential-providers'));
  });
}

test('loading a client and its configuration takes no time on a virtual clock', async (t) => {
  const read = promises.readFile;
  t.mock.method(promises, 'readFile', async (...args: Parameters<typeof read>) => {
    await sleep(20);
    return read(...args);
  });
  const { clock, drs, ssm, ec2, aws } = scriptedSite(({ service }) =>
    service === 'ec2' ? { xml: '<DescribeInstancesResponse/>' } : { json: { items: [] } },
  );
  const ticks: number[] = [];
  let done = false;
  const ticking = (async () => {
    while (!done) {
      await clock.sleep(1_000);
      ticks.push(clock.now());
    }
  })();
  await drs.describeSourceServers();
  await ssm.describeManagedInstances(['i-0000000a']);
  await ec2.describeInstances(['i-0000000a']);
  const took = clock.now() - START;
  done = true;
  await ticking;
  assert.equal(aws.sent.length, 3);
  assert.ok(took <= 1_000, `three first calls took ${took} ms of virtual time`);
});
