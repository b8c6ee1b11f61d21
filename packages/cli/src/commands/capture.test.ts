import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDatabaseSites } from '@breakwater/assembly';
import { connect } from '@breakwater/aws';
import { VirtualClock } from '@breakwater/core';
import { captureCluster, captureInstance, ofCluster, ofInstance, readManifest, writeManifest } from '@breakwater/operations';
import { createWorld, loadScenario, parseScenario, requestHandler } from '@breakwater/simulator';
import { recordedTerminal } from '../testing.ts';
import { capture } from './capture.ts';

function parts(scenario = loadScenario('plans/simulation/webshop.yaml')) {
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const terminal = recordedTerminal();
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
  return {
    world,
    terminal,
    parts: {
      terminal,
      clock,
      connect: (options: Parameters<typeof connect>[0]) =>
        connect({
          ...options,
          credentials: { kind: 'static', accessKeyId, secretAccessKey },
          requestHandler: requestHandler(world),
        }),
      openDatabaseSites,
      captureCluster,
      captureInstance,
      writeManifest,
    },
  };
}

const PRODUCTION = {
  account: '222233334444',
  region: 'us-east-1',
  roleArn: 'arn:aws:iam::222233334444:role/breakwater-source',
  externalId: 'webshop-dr',
};

test('capture writes a manifest that can be read back, and changes nothing', async () => {
  const { world, terminal, parts: real } = parts();
  assert.equal(await capture({ database: 'Webshop', ...PRODUCTION }, real), 0);
  const manifest = ofCluster(readManifest(terminal.text(), 'stdout'), 'stdout');
  assert.equal(manifest.cluster.id, 'webshop');
  assert.deepEqual(
    manifest.members.map(({ name, promotionTier }) => [name, promotionTier]),
    [
      ['webshop-1', 0],
      ['webshop-2', 1],
    ],
  );
  assert.ok(!terminal.text().includes('password'));
  assert.deepEqual(
    world.calls.filter(({ applied, operation }) => applied && operation !== 'AssumeRole').map(({ operation }) => operation),
    [],
  );
});

test('capture of an instance writes the manifest of one', async () => {
  const callers = 'callers: [{ account: "222233334444" }]';
  const ledger = '{ account: "222233334444", region: us-east-1, id: ledger, multiAz: true }';
  const { terminal, parts: real } = parts(parseScenario(`name: books\n${callers}\ndbInstances: [${ledger}]\n`));
  const place = { account: '222233334444', region: 'us-east-1' };
  assert.equal(await capture({ database: 'ledger', instance: true, ...place }, real), 0);
  const { instance } = ofInstance(readManifest(terminal.text(), 'stdout'), 'stdout');
  assert.deepEqual([instance.id, instance.engine, instance.multiAz], ['ledger', 'postgres', true]);
  assert.throws(() => ofCluster(readManifest(terminal.text(), 'stdout'), 'stdout'), { code: 'manifest-invalid' });
});

test('a cluster that is not there, and another account, are said before anything is written', async () => {
  const missing = parts();
  await assert.rejects(capture({ database: 'nowhere', ...PRODUCTION }, missing.parts), { code: 'cluster-unknown' });
  const other = parts();
  await assert.rejects(capture({ database: 'webshop', ...PRODUCTION, account: '111122223333' }, other.parts), {
    code: 'account-mismatch',
  });
  assert.equal(missing.terminal.text() + other.terminal.text(), '');
});
