import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UserError } from '@breakwater/core';
import { type InventoryServer, loadPlanSources, matches, resolveTargets } from './index.ts';

const ID = (n: number) => `s-${String(n).padStart(17, '0')}`;
const PIT = `pit-${'0'.repeat(17)}`;

const SITES = `apiVersion: breakwater/v1
kind: Site
name: here
account: "111122223333"
region: us-west-2
---
apiVersion: breakwater/v1
kind: Site
name: here-as-admin
account: "111122223333"
region: us-west-2
---
apiVersion: breakwater/v1
kind: Site
name: there
account: "444455556666"
region: us-west-2
`;

const group = (name: string, rest: string) => `---\napiVersion: breakwater/v1\nkind: ProtectionGroup\nname: ${name}\n${rest}`;

function load(groups: string, waves: string) {
  const text = `${SITES}${groups}---
apiVersion: breakwater/v1
kind: RecoveryPlan
name: p
owner: o
tier: 1
objectives: { rto: 1h, rpo: 1h }
waves:
${waves}`;
  const loaded = loadPlanSources([{ file: 'p.yaml', text }]);
  assert.deepEqual(loaded.findings, []);
  const plan = loaded.set.plans.get('p');
  assert.ok(plan);
  return { plan, set: loaded.set };
}

const server = (n: number, tags: Record<string, string> = {}): InventoryServer => ({ id: ID(n), tags });

function resolve(groups: string, waves: string, servers: InventoryServer[], only?: string[], site = 'here') {
  const { plan, set } = load(groups, waves);
  const asked = plan.waves.filter(({ name }) => only === undefined || only.includes(name));
  return resolveTargets(plan, set, asked, new Map([[site, servers]]));
}

const TAGGED = group('g', 'site: here\nselect: { tags: { App: shop } }\n');
const LISTED = (...ids: number[]) => group('g', `site: here\nselect: { servers: [${ids.map(ID).join(', ')}] }\n`);
const ONE = '  - { name: one, groups: [g] }\n';

describe('matches', () => {
  it('wants all tags, exactly', () => {
    const selector = { kind: 'tags', tags: { App: 'shop', Tier: 'db' } } as const;
    assert.ok(matches(selector, server(1, { App: 'shop', Tier: 'db', More: 'x' })));
    assert.ok(!matches(selector, server(1, { App: 'shop' })));
    assert.ok(!matches(selector, server(1, { App: 'Shop', Tier: 'db' })));
    assert.ok(!matches({ kind: 'tags', tags: { constructor: 'x' } }, server(1)));
  });
});

describe('resolveTargets', () => {
  it('selects by tags, leaves exclusions out, orders by group and id, and applies the first rule that matches', () => {
    const groups =
      group('g', `site: here\nselect: { tags: { App: shop } }\nexclude: [{ tags: { Old: "yes" } }, { servers: [${ID(9)}] }]\n`) +
      group('h', `site: there\nselect: { servers: [${ID(7)}] }\n`);
    const waves = `  - name: one
    groups: [h, g]
    servers:
      - match: { servers: [${ID(2)}] }
      - match: { tags: { Role: extra } }
        criticality: optional
    recoveryPoint: { pinned: { ${ID(2)}: ${PIT} } }
`;
    const { plan, set } = load(groups, waves);
    const shop = { App: 'shop' };
    const here = [
      server(3, { ...shop, Role: 'extra' }),
      server(2, { ...shop, Role: 'extra' }),
      server(9, shop),
      server(4, { ...shop, Old: 'yes' }),
      server(5),
    ];
    const inventory = new Map([
      ['here', here],
      ['there', [server(7), server(8)]],
    ]);
    assert.deepEqual(resolveTargets(plan, set, plan.waves, inventory).waves.get('one'), [
      { id: ID(7), site: 'there', group: 'h', criticality: 'critical', recoveryPoint: { kind: 'latest' } },
      {
        id: ID(2),
        site: 'here',
        group: 'g',
        criticality: 'critical',
        recoveryPoint: { kind: 'pinned', snapshots: { [ID(2)]: PIT } },
      },
      { id: ID(3), site: 'here', group: 'g', criticality: 'optional', recoveryPoint: { kind: 'latest' } },
    ]);
  });

  it('refuses an empty selection, also of one group among others', () => {
    const empty = { code: 'selection-empty', message: /group "g": tags App=shop selects no server at site "here"/ };
    assert.throws(() => resolve(TAGGED, ONE, [server(1, { App: 'Shop' })]), empty);
    const groups = TAGGED + group('h', 'site: here\nselect: { tags: { App: x } }\n');
    assert.throws(() => resolve(groups, '  - { name: one, groups: [g, h] }\n', [server(1, { App: 'x' })]), empty);
  });

  it('allows an empty group that expects none, but no empty wave', () => {
    const groups =
      group('g', 'site: here\nselect: { tags: { App: shop } }\nexpect: { min: 0 }\n') +
      group('h', 'site: here\nselect: { tags: { App: x } }\n');
    const targets = resolve(groups, '  - { name: one, groups: [g, h] }\n', [server(1, { App: 'x' })]);
    assert.equal(targets.waves.get('one')?.length, 1);
    assert.throws(() => resolve(groups, ONE, []), { code: 'selection-empty', message: /nothing to recover/ });
  });

  it('names every unknown id, but not those that are excluded anyway', () => {
    assert.throws(() => resolve(LISTED(1, 2, 3), ONE, [server(2)]), {
      code: 'server-unknown',
      message: new RegExp(`does not know ${ID(1)}, ${ID(3)}`),
    });
    const excluded = group('g', `site: here\nselect: { servers: [${ID(1)}, ${ID(2)}] }\nexclude: [{ servers: [${ID(1)}] }]\n`);
    assert.equal(resolve(excluded, ONE, [server(2)]).waves.get('one')?.length, 1);
  });

  it('holds the selection against what the owner expects', () => {
    const expecting = (expect: string) => group('g', `site: here\nselect: { tags: { App: shop } }\nexpect: ${expect}\n`);
    const two = [server(1, { App: 'shop' }), server(2, { App: 'shop' })];
    assert.throws(() => resolve(expecting('{ min: 3 }'), ONE, two), {
      code: 'selection-unexpected',
      message: /2 servers selected, at least 3 expected/,
    });
    assert.throws(() => resolve(expecting('{ max: 1 }'), ONE, two), {
      code: 'selection-unexpected',
      message: /2 servers selected, 1 expected/,
    });
    assert.throws(() => resolve(expecting('{ min: 0, max: 1 }'), ONE, two), { message: /0 to 1 expected/ });
    assert.equal(resolve(expecting('{ min: 2, max: 2 }'), ONE, two).waves.get('one')?.length, 2);
  });

  it('refuses a server in two groups or two waves, even when only one wave was asked for, and by two names of one place', () => {
    const tags = group('h', 'site: here\nselect: { tags: { Tier: db } }\n');
    const both = [server(1, { App: 'shop', Tier: 'db' })];
    const conflict = (wave: string) => ({
      code: 'selection-conflict',
      message: new RegExp(`server ${ID(1)} is selected by group "g" of wave "one" and group "h" of wave "${wave}"`),
    });
    assert.throws(() => resolve(TAGGED + tags, '  - { name: one, groups: [g, h] }\n', both), conflict('one'));
    const twoWaves = '  - { name: one, groups: [g] }\n  - { name: two, groups: [h] }\n';
    assert.throws(() => resolve(TAGGED + tags, twoWaves, both), conflict('two'));
    assert.throws(() => resolve(TAGGED + tags, twoWaves, both, ['two']), conflict('two'));
    const { plan, set } = load(TAGGED + tags.replace('here', 'here-as-admin'), twoWaves);
    const inventory = new Map([
      ['here', both],
      ['here-as-admin', both],
    ]);
    assert.throws(() => resolveTargets(plan, set, plan.waves, inventory), conflict('two'));
  });

  it('keeps the same id of two accounts apart', () => {
    const { plan, set } = load(
      LISTED(1) + group('h', `site: there\nselect: { servers: [${ID(1)}] }\n`),
      '  - { name: one, groups: [g, h] }\n',
    );
    const inventory = new Map([
      ['here', [server(1)]],
      ['there', [server(1)]],
    ]);
    assert.equal(resolveTargets(plan, set, plan.waves, inventory).waves.get('one')?.length, 2);
  });

  it('does not let a wave that was not asked for stop the others by its own troubles', () => {
    const groups =
      LISTED(1) +
      group('h', `site: there\nselect: { servers: [${ID(2)}] }\n`) +
      group('i', 'site: here\nselect: { tags: { A: b } }\n');
    const waves = '  - { name: one, groups: [g] }\n  - { name: two, groups: [h] }\n  - { name: three, groups: [i] }\n';
    const targets = resolve(groups, waves, [server(1)], ['one']);
    assert.deepEqual([...targets.waves.keys()], ['one']);
  });

  it('names every offender at once, under the code of the gravest', () => {
    const groups =
      LISTED(1, 5) +
      group('h', 'site: here\nselect: { tags: { A: b } }\n') +
      group('i', `site: here\nselect: { servers: [${ID(5)}] }\nexpect: { min: 1 }\n`);
    const waves = '  - { name: one, groups: [g] }\n  - { name: two, groups: [h] }\n  - { name: three, groups: [i] }\n';
    try {
      resolve(groups, waves, [server(5)]);
      assert.fail('not refused');
    } catch (error) {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'selection-conflict');
      assert.match(error.message, /4 problems/);
      for (const word of [ID(1), ID(5), '"h"', '"two"']) assert.ok(error.message.includes(word), word);
      assert.ok(error.next.length > 0);
    }
  });

  it('refuses a pinned recovery point that fits no server of the wave', () => {
    const pin = `  - { name: one, groups: [g], recoveryPoint: { pinned: { ${ID(8)}: ${PIT} } } }\n`;
    assert.throws(() => resolve(TAGGED, pin, [server(1, { App: 'shop' })]), {
      code: 'server-unknown',
      message: new RegExp(`pinned for ${ID(8)}, which the wave does not recover`),
    });
  });

  it('wants the inventory of the sites it was asked for, and groups that exist', () => {
    assert.throws(() => resolve(TAGGED, ONE, [], undefined, 'there'), { code: 'internal' });
    const { plan, set } = load('', '  - { name: one, groups: [ghost] }\n');
    assert.throws(() => resolveTargets(plan, set, plan.waves, new Map()), { code: 'plan-invalid', message: /"ghost"/ });
  });
});
