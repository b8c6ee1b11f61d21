import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkPlans, loadPlanSources } from './index.ts';
import { BASE, CASES } from './testing/corpus.ts';

const FULL = `apiVersion: breakwater/v1
kind: RecoveryPlan
name: shop
description: Everything.
owner: team
tier: 0
objectives: { rto: 1h30m, rpo: 15m }
readiness: { maxLag: 90s }
drill: { cleanUp: keep }
waves:
  - name: db
    description: Data.
    groups: [a]
    recoveryPoint: { before: 2026-11-20T04:00:00+01:00 }
    timeout: 20m
    gate: { description: Sure?, environment: prod, when: [recovery, drill] }
    preWaveActions:
      - name: pre
        description: First.
        document: Doc
        version: 3
        parameters: { Text: a, Number: 0080, Float: 1.10, Flag: true, List: [a, 1, no], Empty: [] }
        maxWait: 30s
        onFailure: continue
        when: [recovery]
        site: there
    postWaveActions:
      - { name: post, kind: command, document: Doc, target: recovered-instances, targetParameter: Ids }
  - name: web
    dependsOn: [db]
    groups: [b]
    servers: [{ match: { tags: { Role: x } }, criticality: optional }, { match: { servers: [s-00000000000000001] } }]
    recoveryPoint: { pinned: { s-00000000000000001: pit-00000000000000001 } }
    gate: {}
finally:
  - { name: bye, document: Doc }
`;

describe('loadPlanSources', () => {
  it('reads every field of a plan', () => {
    const { set, findings } = loadPlanSources([{ file: 'p.yaml', text: FULL }]);
    assert.deepEqual(findings, []);
    const defaults = {
      maxWait: 600_000,
      onFailure: 'stop',
      when: ['drill', 'recovery'],
      target: 'none',
      targetParameter: 'InstanceIds',
    };
    assert.deepEqual(set.plans.get('shop'), {
      name: 'shop',
      description: 'Everything.',
      owner: 'team',
      tier: 0,
      objectives: { rto: 5_400_000, rpo: 900_000 },
      readiness: { maxLag: 90_000 },
      drill: { cleanUp: 'keep' },
      waves: [
        {
          name: 'db',
          description: 'Data.',
          dependsOn: [],
          groups: ['a'],
          servers: [],
          recoveryPoint: { kind: 'before', time: Date.UTC(2026, 10, 20, 3) },
          preWaveActions: [
            {
              ...defaults,
              name: 'pre',
              description: 'First.',
              kind: 'automation',
              document: 'Doc',
              version: '3',
              parameters: { Text: ['a'], Number: ['0080'], Float: ['1.10'], Flag: ['true'], List: ['a', '1', 'no'], Empty: [] },
              maxWait: 30_000,
              onFailure: 'continue',
              when: ['recovery'],
              site: 'there',
            },
          ],
          postWaveActions: [
            {
              ...defaults,
              name: 'post',
              kind: 'command',
              document: 'Doc',
              parameters: {},
              target: 'recovered-instances',
              targetParameter: 'Ids',
            },
          ],
          gate: { description: 'Sure?', environment: 'prod', when: ['drill', 'recovery'] },
          timeout: 1_200_000,
        },
        {
          name: 'web',
          dependsOn: ['db'],
          groups: ['b'],
          servers: [
            { match: { kind: 'tags', tags: { Role: 'x' } }, criticality: 'optional' },
            { match: { kind: 'servers', servers: ['s-00000000000000001'] }, criticality: 'critical' },
          ],
          recoveryPoint: { kind: 'pinned', snapshots: { 's-00000000000000001': 'pit-00000000000000001' } },
          preWaveActions: [],
          postWaveActions: [],
          gate: { when: ['recovery'] },
          timeout: 3_600_000,
        },
      ],
      finally: [{ ...defaults, name: 'bye', kind: 'automation', document: 'Doc', parameters: {} }],
    });
  });

  it('takes the RPO for the lag, and the latest recovery point, where the plan says nothing', () => {
    const text = FULL.replace('readiness: { maxLag: 90s }\n', '').replace(
      / {4}recoveryPoint: \{ before.*\n/,
      '    recoveryPoint: latest\n',
    );
    const plan = loadPlanSources([{ file: 'p.yaml', text }]).set.plans.get('shop');
    assert.equal(plan?.readiness.maxLag, 900_000);
    assert.deepEqual(plan?.waves[0]?.recoveryPoint, { kind: 'latest' });
  });

  it('reads sites and groups', () => {
    const text = `apiVersion: breakwater/v1
kind: Site
name: s
account: "012345678901"
region: us-west-2
roleArn: arn:aws:iam::012345678901:role/x
externalId: e1
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: g
site: s
select: { tags: { __proto__: x, A: b } }
exclude: [{ servers: [s-00000000000000001] }]
expect: { min: 0, max: 4 }
`;
    const { set, findings, locate } = loadPlanSources([{ file: 'p.yaml', text }]);
    assert.deepEqual(findings, []);
    assert.deepEqual(set.sites.get('s'), {
      name: 's',
      account: '012345678901',
      region: 'us-west-2',
      roleArn: 'arn:aws:iam::012345678901:role/x',
      externalId: 'e1',
    });
    const group = set.groups.get('g');
    assert.deepEqual(group?.exclude, [{ kind: 'servers', servers: ['s-00000000000000001'] }]);
    assert.deepEqual(group?.expect, { min: 0, max: 4 });
    assert.deepEqual(group?.select.kind === 'tags' ? Object.entries(group.select.tags) : [], [
      ['__proto__', 'x'],
      ['A', 'b'],
    ]);
    assert.deepEqual(locate('ProtectionGroup', 'g', ['expect', 'max']), { file: 'p.yaml', line: 15, column: 24 });
    assert.deepEqual(locate('Site', 's'), { file: 'p.yaml', line: 3, column: 7 });
    assert.equal(locate('Site', 'g'), undefined);
  });

  it('reports all errors at once, of the schema and beyond, and keeps such a plan out of the set', () => {
    const text = FULL.replace('tier: 0', 'tier: zero')
      .replace('timeout: 20m', 'timeout: 20 m\n    colour: red')
      .replace('dependsOn: [db]', 'dependsOn: [dbb]')
      .replace('groups: [b]', 'groups: [ghost]');
    const loaded = loadPlanSources([{ file: 'p.yaml', text }], [{ file: 'base.yaml', text: BASE }]);
    assert.deepEqual(
      checkPlans(loaded).map(({ rule, location }) => `${rule} ${location.line}:${location.column}`),
      ['BW112 6:7', 'BW501 15:14', 'BW110 16:5', 'BW206 31:17', 'BW205 32:14'],
    );
    assert.equal(loaded.set.plans.size, 0);
  });

  it('suggests what was meant', () => {
    const wrong = [
      ['dependsOn: [db]', 'dependOn: [db]', /Did you mean dependsOn\?/],
      ['kind: command', 'kind: comand', /Did you mean command\?/],
      ['kind: RecoveryPlan', 'kind: recoveryplan', /Did you mean RecoveryPlan\?/],
      ['groups: [b]', 'groups: [B]', /Did you mean b\?/],
      ['tier: 0', 'tier: "0"', /whole number|most important/],
    ] as const;
    for (const [from, to, next] of wrong) {
      const loaded = loadPlanSources([{ file: 'p.yaml', text: FULL.replace(from, to) }], [{ file: 'base.yaml', text: BASE }]);
      assert.ok(
        checkPlans(loaded).some((found) => next.test(`${found.message} ${found.next}`)),
        to,
      );
    }
  });

  it('finds nothing in plans that are fine, however they are built', () => {
    const plans = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 4 }), after: fc.array(fc.nat(9), { maxLength: 3 }), optional: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 10,
      },
    );
    fc.assert(
      fc.property(plans, fc.constantFrom('\n', '\r\n'), (waves, newline) => {
        const lines = waves.map(({ after, optional }, index) => {
          const dependsOn = [...new Set(after.filter((each) => each < index))].map((each) => `w${each}`);
          const rule = optional
            ? `, servers: [{ match: { servers: [s-${String(index * 10).padStart(17, '0')}] }, criticality: optional }]`
            : '';
          return `  - { name: w${index}, groups: [g${index}], dependsOn: [${dependsOn.join(', ')}]${rule} }\n`;
        });
        const groups = waves.map(({ size }, index) => {
          const ids = Array.from({ length: size }, (_, n) => `s-${String(index * 10 + n).padStart(17, '0')}`);
          return `---\napiVersion: breakwater/v1\nkind: ProtectionGroup\nname: g${index}\nsite: here\nselect: { servers: [${ids.join(', ')}] }\n`;
        });
        const head = FULL.split('waves:')[0]?.replace('1h30m', '24h');
        const text = `${head}waves:\n${lines.join('')}${groups.join('')}`.replaceAll('\n', newline);
        const loaded = loadPlanSources([{ file: 'p.yaml', text }], [{ file: 'base.yaml', text: BASE }]);
        assert.deepEqual(checkPlans(loaded), []);
      }),
      { numRuns: 50 },
    );
  });

  it('never throws, whatever the text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc
        .tuple(
          fc.constantFrom(...CASES.map((each) => each.good).filter((each) => each.length < 5_000), FULL),
          fc.nat(),
          fc.nat(60),
          fc.string({ maxLength: 8 }),
        )
        .map(([base, at, cut, put]) => base.slice(0, at % base.length) + put + base.slice((at % base.length) + cut)),
      fc.json().map((json) => `apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: x\nwaves: ${json}\n`),
    );
    fc.assert(
      fc.property(text, (each) => {
        const loaded = loadPlanSources([{ file: 'f.yaml', text: each }], [{ file: 'base.yaml', text: BASE }]);
        for (const { location } of checkPlans(loaded)) assert.ok(location.line >= 1 && location.column >= 1);
      }),
      { numRuns: 400 },
    );
  });

  it('survives files that are large and wrong throughout', () => {
    const head = FULL.split('waves:')[0];
    const size = 20_000;
    const hostile = {
      'many unknown keys': [`${head}waves: []\n${Array.from({ length: size }, (_, n) => `k${n}: 1\n`).join('')}`, 'BW110', size],
      'many keys twice': [Array.from({ length: size }, (_, n) => `k${n % (size / 2)}: 1\n`).join(''), 'BW105', size / 2],
      'a list of wrong items': [`${head}waves: [${'1, '.repeat(size)}]\n`, 'BW112', size],
      'many aliases': [`a: &a 1\nb: [${'*a, '.repeat(size)}]\n`, 'BW106', 1],
      'syntax errors only': ['"'.repeat(size), 'BW104', 51],
      'text that almost is a secret': [`# ${'http://eyJ'.repeat(size)}\n`, 'BW107', 1],
    } as const;
    for (const [about, [text, rule, count]] of Object.entries(hostile)) {
      const findings = checkPlans(loadPlanSources([{ file: 'f.yaml', text }]));
      assert.equal(findings.filter((each) => each.rule === rule).length, count, about);
    }
  });

  it('says once that a file is nested too deeply', () => {
    const { findings } = loadPlanSources([{ file: 'deep.yaml', text: `a: ${'['.repeat(200_000)}` }]);
    assert.deepEqual(
      findings.map(({ message }) => message),
      ['cannot read the YAML: it is nested too deeply'],
    );
  });
});
