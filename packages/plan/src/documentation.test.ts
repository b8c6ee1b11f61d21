import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseDuration } from '@breakwater/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parseAllDocuments } from 'yaml';
import { mapping, type SchemaNode, schema, schemaNode } from './boundary.ts';
import { DEFAULTS } from './draft.ts';
import { checkPlans, loadPlanSources, RULES, readPlanFiles } from './index.ts';
import { ruleReference } from './rules/reference.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const SAMPLES = readdirSync(path.join(root, 'plans')).filter((name) => name.endsWith('.yaml'));

describe('docs/check-rules.md', () => {
  const page = read('docs/check-rules.md');

  it('tells every rule under an id of its own, in their order', () => {
    const ids = RULES.map(({ id }) => id);
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });

  it('lists exactly the rules that exist, with what is legal', () => {
    assert.deepEqual(
      [...page.matchAll(/^### (BW\d{3}) /gm)].map(([, id]) => id),
      RULES.map(({ id }) => id),
    );
    for (const { legal } of RULES) assert.ok(page.includes(`Legal: ${legal}`));
  });

  it('is what write-reference.ts writes', () => {
    assert.equal(page, ruleReference());
  });
});

describe('docs/plans.md', () => {
  const page = read('docs/plans.md');
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)]
    .map(([, text = '']) => text)
    .filter((text) => text.startsWith('apiVersion'));

  it('has examples that check clean', () => {
    assert.ok(blocks.length >= 3);
    for (const text of blocks) {
      const findings = checkPlans(loadPlanSources([{ file: 'docs/plans.md', text }])).filter(({ rule }) => rule !== 'BW207');
      assert.deepEqual(findings, [], text);
    }
  });

  it('names every key of the schema', () => {
    for (const node of Object.values(mapping(schema['$defs']) ?? {})) {
      for (const key of Object.keys(schemaNode(node).properties ?? {})) assert.match(page, new RegExp(`\\b${key}\\b`), key);
    }
  });
});

describe('README.md', () => {
  it('begins with a plan that checks clean', () => {
    const [text = ''] = [...read('README.md').matchAll(/```yaml\n(apiVersion[\s\S]*?)```/g)].map(([, block = '']) => block);
    assert.notEqual(text, '');
    assert.deepEqual(checkPlans(loadPlanSources([{ file: 'README.md', text }])), []);
  });
});

describe('the sample plans', () => {
  for (const name of SAMPLES) {
    it(`${name} checks clean when it is named alone, and tells editors its schema`, async () => {
      const file = path.join(root, 'plans', name);
      assert.deepEqual(checkPlans(await readPlanFiles([file])), []);
      assert.match(
        read(`plans/${name}`),
        /^# yaml-language-server: \$schema=\.\.\/packages\/plan\/schema\/breakwater\.schema\.json\n/,
      );
    });
  }

  it('check clean as a folder, and hold the plans they are known for', async () => {
    const loaded = await readPlanFiles([path.join(root, 'plans')]);
    assert.deepEqual(checkPlans(loaded), []);
    assert.deepEqual([...loaded.set.plans.keys()].sort(), ['recorded-drill', 'webshop']);
    const webshop = loaded.set.plans.get('webshop');
    assert.deepEqual(
      webshop?.waves.map(({ name, dependsOn }) => [name, dependsOn]),
      [
        ['database', []],
        ['application', ['database']],
        ['web', ['application']],
      ],
    );
    const expected = [...loaded.set.groups.values()]
      .filter(({ name }) => name.startsWith('webshop'))
      .map(({ expect }) => expect.max ?? 0);
    assert.equal(
      expected.reduce((a, b) => a + b, 0),
      14,
    );
  });
});

describe('the published schema', () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
  formats.default(ajv, ['date-time']);
  ajv.addVocabulary(['x-breakwater-rule']);
  const valid = ajv.compile(schema);

  it('accepts the samples as an editor would, and refuses what is not a plan', () => {
    for (const name of SAMPLES) {
      for (const document of parseAllDocuments(read(`plans/${name}`))) {
        assert.ok(valid(document.toJS()), `${name}: ${JSON.stringify(valid.errors)}`);
      }
    }
    const site = { apiVersion: 'breakwater/v1', kind: 'Site', name: 'x', account: '111122223333', region: 'us-west-2' };
    assert.ok(valid(site));
    for (const wrong of [{}, { ...site, kind: 'Sight' }, { ...site, colour: 'red' }, { ...site, apiVersion: 'v2' }, [site]]) {
      assert.ok(!valid(wrong), JSON.stringify(wrong));
    }
  });

  it('describes every key, and closes every object', () => {
    const walk = (node: SchemaNode & Readonly<Record<string, unknown>>, place: string) => {
      for (const [key, child] of Object.entries(node.properties ?? {})) {
        const ref = String(mapping(child)?.['$ref']).replace('#/$defs/', '');
        const target = schemaNode(mapping(schema['$defs'])?.[ref]);
        assert.ok(child.description ?? target.description, `${place}.${key}`);
      }
      if (node.properties !== undefined) assert.equal(node['additionalProperties'], false, place);
      for (const [key, child] of Object.entries(node)) {
        const inner = mapping(child);
        if (inner === undefined || key === 'examples' || key === 'default') continue;
        if (key === 'properties')
          for (const [name, each] of Object.entries(inner)) walk({ ...mapping(each) }, `${place}.${name}`);
        else walk({ ...inner }, `${place}.${key}`);
      }
    };
    for (const [name, node] of Object.entries(mapping(schema['$defs']) ?? {})) walk({ ...mapping(node) }, name);
  });

  it('names only rules that exist', () => {
    const named = [...JSON.stringify(schema).matchAll(/"x-breakwater-rule":"(BW\d{3})"/g)].map(([, id]) => id);
    const ids = new Set(RULES.map(({ id }) => id));
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((id) => !ids.has(id ?? '')),
      [],
    );
  });

  it('publishes the defaults that loading applies', () => {
    const defs = mapping(schema['$defs']);
    const of = (def: string, key: string) => mapping(mapping(mapping(defs?.[def])?.['properties'])?.[key])?.['default'];
    assert.deepEqual(
      {
        criticality: of('serverRule', 'criticality'),
        kind: of('action', 'kind'),
        maxWait: parseDuration(String(of('action', 'maxWait'))),
        onFailure: of('action', 'onFailure'),
        actionWhen: of('action', 'when'),
        target: of('action', 'target'),
        targetParameter: of('action', 'targetParameter'),
        gateWhen: mapping(
          mapping(mapping(mapping(mapping(defs?.['wave'])?.['properties'])?.['gate'])?.['properties'])?.['when'],
        )?.['default'],
        timeout: parseDuration(String(of('wave', 'timeout'))),
        snapshotTypes: mapping(
          mapping(mapping(mapping(mapping(mapping(defs?.['snapshot'])?.['else'])?.['properties'])?.['newest'])?.['properties'])?.[
            'types'
          ],
        )?.['default'],
        strategy: of('database', 'strategy'),
        connection: of('database', 'connection'),
        databaseTimeout: parseDuration(String(of('database', 'timeout'))),
        dnsTtl: of('publishDns', 'ttl'),
        cleanUp: mapping(
          mapping(mapping(mapping(mapping(defs?.['RecoveryPlan'])?.['properties'])?.['drill'])?.['properties'])?.['cleanUp'],
        )?.['default'],
      },
      { ...DEFAULTS },
    );
  });
});
