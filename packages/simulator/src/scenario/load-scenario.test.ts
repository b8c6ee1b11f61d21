import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { createWorld, defaultScenario, loadScenario, parseScenario, SCENARIO_SCHEMA } from '../index.ts';

const FOLDER = 'plans/simulation';

function refused(load: () => unknown, code: string, message: RegExp): void {
  assert.throws(load, (error) => {
    assert.ok(error instanceof Error);
    assert.equal(Reflect.get(error, 'code'), code);
    assert.match(error.message, message);
    assert.notEqual(Reflect.get(error, 'next'), '');
    return true;
  });
}

describe('the scenarios of this repository', () => {
  for (const file of readdirSync(FOLDER)) {
    test(`${file} is valid and makes a world`, () => {
      const scenario = loadScenario(join(FOLDER, file));
      const world = createWorld({ scenario, clock: new VirtualClock(scenario.start ?? 0) });
      assert.ok(world.state().regions.some(({ servers, databases }) => servers.length + databases.clusters.length > 0));
    });
  }

  test('the default scenario makes a world', () => {
    const world = createWorld({ scenario: defaultScenario, clock: new VirtualClock(0) });
    assert.equal(world.state().regions[0]?.servers.length, 2);
  });

  test('webshop holds what plans/webshop.yaml selects, and every document it names', () => {
    const { servers, documents } = loadScenario(join(FOLDER, 'webshop.yaml'));
    const count = (tags: Readonly<Record<string, string>>) =>
      servers.filter((server) => Object.entries(tags).every(([k, v]) => server.tags[k] === v)).length;
    assert.equal(count({ Application: 'webshop', Tier: 'database' }), 3);
    assert.equal(count({ Application: 'webshop', Tier: 'application' }), 5);
    assert.equal(count({ Application: 'webshop', Tier: 'web' }), 6);
    assert.equal(count({ Application: 'webshop', Role: 'reporting' }), 1);
    assert.equal(new Set(servers.map((server) => server.id)).size, 14);
    const plan = readFileSync('plans/webshop.yaml', 'utf8');
    const named = [...plan.matchAll(/document: (\S+)/g)].map(([, name]) => name ?? '');
    assert.ok(named.length >= 7);
    for (const name of named)
      assert.ok(
        documents.some((document) => document.name === name),
        name,
      );
  });

  test('webshop has a cluster in production, and a fortnight of its copies in the recovery account', () => {
    const scenario = loadScenario(join(FOLDER, 'webshop.yaml'));
    const world = createWorld({ scenario, clock: new VirtualClock(scenario.start ?? 0) });
    const at = (account: string) => world.state().regions.find((region) => region.account === account)?.databases;
    const production = at('222233334444');
    const recovery = at('111122223333');
    const [cluster] = production?.clusters ?? [];
    assert.deepEqual([cluster?.id, cluster?.members, cluster?.writer], ['webshop', ['webshop-1', 'webshop-2'], 'webshop-1']);
    const automated = production?.snapshots.map(({ arn, type, kmsKey }) => [arn, type, kmsKey?.split('/')[1]]) ?? [];
    const newest = 'arn:aws:rds:us-east-1:222233334444:cluster-snapshot:rds:webshop-2026-03-04-02-10';
    assert.deepEqual(automated.at(-1), [newest, 'automated', '6f1c7a52-8a1f-4c0e-9d3e-52a1b0c4d701']);
    assert.equal(recovery?.snapshots.length, 14);
    const copy = recovery?.snapshots[0];
    assert.deepEqual(
      [copy?.id, copy?.sourceArn, copy?.tags['breakwater:source-arn'], copy?.tags['breakwater:source-time']],
      ['webshop-202603040210', newest, newest, '2026-03-04T02:10:00Z'],
    );
  });

  test('estate is 200 clusters of many sizes, each with its snapshots', () => {
    const scenario = loadScenario(join(FOLDER, 'estate.yaml'));
    const sizes = scenario.clusters.map(({ gib }) => gib);
    assert.equal(new Set(scenario.clusters.map(({ id }) => id)).size, 200);
    assert.ok(Math.min(...sizes) >= 20 && Math.max(...sizes) <= 800 && new Set(sizes).size > 100);
    const world = createWorld({ scenario, clock: new VirtualClock(scenario.start ?? 0) });
    assert.equal(world.state().regions.flatMap(({ databases }) => databases.snapshots).length, 400);
  });

  test('the published schema is the one that is used', () => {
    const published: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/scenario.schema.json'), 'utf8'));
    const { FAULT_SCHEMA, POLICY_SCHEMA } = schemas;
    const $defs = { fault: FAULT_SCHEMA, policy: POLICY_SCHEMA };
    assert.deepEqual(published, JSON.parse(JSON.stringify({ ...SCENARIO_SCHEMA, $defs })));
  });
});

const schemas = await import('./scenario-schema.ts');

describe('a bad scenario', () => {
  test('is refused with every problem and its path', () => {
    refused(() => parseScenario('nmae: x'), 'scenario-invalid', /'name'[\s\S]*'nmae'/);
    refused(() => parseScenario('name: x\nlatency: soon\npageSize: 0'), 'scenario-invalid', /\/latency[\s\S]*\/pageSize/);
    refused(
      () => parseScenario('name: x\nservers: [{ hostname: a, account: "1", region: us-west-2 }]'),
      'scenario-invalid',
      /\/servers\/0\/account/,
    );
    refused(() => parseScenario('name: x\nfaults: [{ effect: { kind: slow } }]'), 'scenario-invalid', /\/faults\/0\/effect.*by/);
    refused(() => parseScenario('- a\n- b'), 'scenario-invalid', /must be object/);
    refused(() => parseScenario(''), 'scenario-invalid', /must be object/);
  });

  test('that is not YAML is refused with the line', () => {
    refused(() => parseScenario('name: [x', 'night.yaml'), 'scenario-invalid', /night\.yaml[\s\S]*line 1/);
    refused(() => parseScenario('name: x\nname: y'), 'scenario-invalid', /unique[\s\S]*line 2/);
  });

  test('full of aliases is refused, not expanded', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefghi'.split('').map((key, i) => `${key}: &${key} [${`*${'abcdefgh'[i]},`.repeat(9)}]`),
    ].join('\n');
    refused(() => parseScenario(bomb), 'scenario-invalid', /alias/i);
  });

  test('file that is missing or a folder is unreadable', () => {
    refused(() => loadScenario('no/such/file.yaml'), 'file-unreadable', /no\/such\/file\.yaml/);
    refused(() => loadScenario('plans'), 'file-unreadable', /plans/);
  });

  test('that extends itself is refused; one that extends another takes its fields and faults', () => {
    const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
    writeFileSync(join(folder, 'self.yaml'), 'name: self\nextends: self.yaml\n');
    refused(() => loadScenario(join(folder, 'self.yaml')), 'scenario-invalid', /without end/);
    writeFileSync(join(folder, 'base.yaml'), 'name: base\nseed: 7\nfaults: [{ effect: { kind: throttle } }]\n');
    writeFileSync(join(folder, 'more.yaml'), 'name: more\nextends: base.yaml\nfaults: [{ effect: { kind: drop } }]\n');
    const { name, seed, faults } = loadScenario(join(folder, 'more.yaml'));
    assert.deepEqual([name, seed, faults.map((fault) => fault.effect.kind)], ['more', 7, ['throttle', 'drop']]);
    refused(() => parseScenario('name: x\nextends: base.yaml'), 'scenario-invalid', /extends/);
  });
});

test('counted servers get their own names and ids, the same for the same seed', () => {
  const text = (seed: number) =>
    `name: x\nseed: ${seed}\nservers: [{ hostname: "web-{n}", count: 120, account: "111122223333", region: us-west-2 }]`;
  const { servers } = parseScenario(text(1));
  assert.deepEqual([servers[0]?.hostname, servers[119]?.hostname], ['web-001', 'web-120']);
  assert.equal(new Set(servers.map((server) => server.id)).size, 120);
  assert.deepEqual(parseScenario(text(1)).servers, servers);
  assert.notEqual(parseScenario(text(2)).servers[0]?.id, servers[0]?.id);
});
