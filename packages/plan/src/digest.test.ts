import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadPlanSources, planDefinition, planDigest } from './index.ts';

const TEXT = `apiVersion: breakwater/v1
kind: Site
name: here
account: "111122223333"
region: us-west-2
---
apiVersion: breakwater/v1
kind: Site
name: other
account: "111122223333"
region: us-west-1
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: g
site: here
select: { tags: { App: shop, Tier: db } }
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: stranger
site: here
select: { tags: { App: x } }
---
apiVersion: breakwater/v1
kind: RecoveryPlan
name: p
owner: o
tier: 1
objectives: { rto: 1h, rpo: 15m }
waves:
  - name: one
    groups: [g]
    postWaveActions:
      - { name: act, document: Doc, parameters: { X: "1.10" } }
finally:
  - { name: bye, document: Doc, site: other }
`;

function setOf(text: string) {
  const loaded = loadPlanSources([{ file: 'p.yaml', text }]);
  assert.deepEqual(loaded.findings, []);
  return loaded.set;
}

const digestOf = (text: string) => planDigest(setOf(text), 'p');

describe('planDigest', () => {
  it('is the same for comments, formatting, key order, written defaults, and other files', () => {
    const [sites = '', ...rest] = TEXT.split('---\n');
    const same = [
      `# a comment\n${TEXT}`,
      TEXT.replaceAll('\n', '\r\n'),
      TEXT.replace('select: { tags: { App: shop, Tier: db } }', 'select:\n  tags:\n    Tier: "db"\n    App: shop'),
      TEXT.replace('rto: 1h', 'rto: 60m'),
      TEXT.replace('tier: 1\n', 'tier: 1\nreadiness: { maxLag: 15m }\ndrill: { cleanUp: terminate }\n'),
      TEXT.replace('document: Doc, parameters', 'when: [recovery, drill], kind: automation, document: Doc, parameters'),
      TEXT.replace('"1.10"', '1.10'),
      TEXT.replace('"1.10"', '["1.10"]'),
      `${rest.join('---\n')}---\n${sites}`,
      TEXT.replace('App: x', 'App: y'),
    ];
    for (const text of same) assert.equal(digestOf(text), digestOf(TEXT), text);
    assert.match(digestOf(TEXT), /^[0-9a-f]{64}$/);
  });

  it('changes with anything that means something, in the plan, its groups and its sites', () => {
    const others = [
      ['rto: 1h', 'rto: 61m'],
      ['owner: o', 'owner: O'],
      ['Tier: db', 'Tier: DB'],
      ['name: act', 'name: act2'],
      ['"1.10"', '"1.1"'],
      ['us-west-1', 'us-east-1'],
      ['region: us-west-2', 'region: us-west-2\nroleArn: arn:aws:iam::111122223333:role/x'],
      ['groups: [g]', 'groups: [g]\n    gate: {}'],
      ['select: { tags: { App: shop, Tier: db } }', 'select: { tags: { App: shop, Tier: db } }\nexpect: { min: 1 }'],
    ] as const;
    const digests = others.map(([from, to]) => {
      assert.ok(TEXT.includes(from));
      return digestOf(TEXT.replace(from, to));
    });
    assert.equal(new Set([digestOf(TEXT), ...digests]).size, others.length + 1);
  });

  it('says what is missing', () => {
    assert.throws(() => planDigest(setOf(TEXT), 'q'), { code: 'plan-unknown', next: /There is: p/ });
  });
});

describe('planDefinition', () => {
  it('holds the plan, its groups and its sites, and no other', () => {
    const definition = planDefinition(setOf(TEXT), 'p');
    const names = (value: unknown) => (Array.isArray(value) ? value.map((each: { name: string }) => each.name) : value);
    assert.deepEqual(names(definition['groups']), ['g']);
    assert.deepEqual(names(definition['sites']), ['here', 'other']);
    assert.equal(definition['schema'], 'breakwater.plan/1');
    assert.deepEqual(JSON.parse(JSON.stringify(definition)), definition);
  });

  it('keeps no secret, while the digest still tells one from another', () => {
    const withSecret = (value: string) =>
      TEXT.replace('{ X: "1.10" }', `{ MasterPassword: ${value}, Url: "db://u:${value}@h", SecretArn: x }`);
    const set = setOf(withSecret('hunter2'));
    const text = JSON.stringify(planDefinition(set, 'p'));
    assert.ok(!text.includes('hunter2'), text);
    assert.match(text, /"MasterPassword":\["\[redacted\]"\].*"SecretArn":\["x"\]/);
    assert.notEqual(planDigest(set, 'p'), planDigest(setOf(withSecret('hunter3')), 'p'));
  });
});
