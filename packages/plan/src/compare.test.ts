import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparePlans, loadPlanSources, planDigest } from './index.ts';

const folder = path.join(import.meta.dirname, '..', '..', '..', 'plans');
const files = ['webshop.yaml', 'groups.yaml', 'sites.yaml'];
const texts = files.map((file) => readFileSync(path.join(folder, file), 'utf8'));

function setOf(edit: (text: string) => string = (text) => text) {
  const manifest = JSON.parse(readFileSync(path.join(folder, 'manifests', 'webshop.json'), 'utf8'));
  const { set } = loadPlanSources(texts.map((text, index) => ({ file: files[index] ?? '', text: edit(text) })));
  return { ...set, manifests: new Map([['webshop', new Map([['manifests/webshop.json', manifest]])]]) };
}

const changesOf = (edit: (text: string) => string) => comparePlans(setOf(), setOf(edit));

test('what means nothing is no change', () => {
  assert.deepEqual(
    changesOf((text) => `# a remark\n${text.replace('owner: team-webshop@example.com', 'owner: "team-webshop@example.com"')}`),
    [],
  );
});

test('each value that changed is told where it stands, as a person would write it', () => {
  const rows: readonly (readonly [RegExp, string, string])[] = [
    [/rto: 90m/, 'rto: 2h', 'objectives.rto: 1h 30m → 2h'],
    [/timeout: 20m\n {4}databases/, 'timeout: 25m\n    databases', 'waves.database.timeout: 20m 00s → 25m 00s'],
    [/dependsOn: \[application\]/, 'dependsOn: [database]', 'waves.web.dependsOn: ["application"] → ["database"]'],
    [/expect: \{ min: 6, max: 6 \}/, 'expect: { min: 6, max: 7 }', 'groups.webshop-web.expect.max: 6 → 7'],
    [/region: us-west-2/, 'region: eu-west-1', 'sites.dr-oregon.region: us-west-2 → eu-west-1'],
    [/environment: dr-production/, 'environment: anybody', 'waves.web.gate.environment: dr-production → anybody'],
    [/ {4}gate:\n(?: {6}.*\n)+/, '', 'waves.web.gate: {'],
    [/cleanUp: terminate/, 'cleanUp: keep', 'drill.cleanUp: terminate → keep'],
  ];
  for (const [pattern, replacement, expected] of rows) {
    const [found, ...more] = changesOf((text) => text.replace(pattern, replacement));
    assert.deepEqual([found?.plan, found?.kind, more], ['webshop', 'changed', []], expected);
    const told = (found?.changes ?? []).map(({ path: place, before, after }) => `${place}: ${before} → ${after}`);
    assert.equal(told.length, 1, told.join('\n'));
    assert.ok(told[0]?.startsWith(expected), `${told[0]} for ${expected}`);
  }
});

test('items that come, go or change places are told by name', () => {
  const swapped = changesOf((text) => {
    const [, promote = '', verify = ''] =
      /( {6}- name: promote-database\n(?: {8}.*\n)+)( {6}- name: verify-database\n(?: {8}.*\n)+)/.exec(text) ?? [];
    return text.replace(promote + verify, verify + promote);
  });
  assert.deepEqual(
    swapped[0]?.changes.map(({ path: place }) => place),
    ['waves.database.postWaveActions (order)'],
  );
  const gone = changesOf((text) => text.replace(/ {6}- name: verify-database\n(?: {8}.*\n)+/, ''));
  assert.equal(gone[0]?.changes[0]?.path, 'waves.database.postWaveActions.verify-database');
  assert.equal(gone[0]?.changes[0]?.after, undefined);
});

test('plans that are new or gone are told as such', () => {
  const none = { sites: new Map(), groups: new Map(), plans: new Map() };
  assert.deepEqual(comparePlans(none, setOf()), [{ plan: 'webshop', kind: 'added', changes: [] }]);
  assert.deepEqual(comparePlans(setOf(), none), [{ plan: 'webshop', kind: 'removed', changes: [] }]);
});

test('a plan is told exactly when its digest differs', () => {
  const numbers = [...(texts[0] ?? '').matchAll(/\b\d+m\b/g)].length;
  fc.assert(
    fc.property(fc.nat(numbers - 1), fc.integer({ min: 1, max: 59 }), (which, minutes) => {
      let n = -1;
      const edit = (text: string) =>
        text.startsWith('# yaml') && text.includes('kind: RecoveryPlan')
          ? text.replace(/\b\d+m\b/g, (found) => {
              n += 1;
              return n === which ? `${minutes}m` : found;
            })
          : text;
      const after = setOf(edit);
      const differs = planDigest(setOf(), 'webshop') !== planDigest(after, 'webshop');
      assert.equal(comparePlans(setOf(), after).length > 0, differs);
    }),
    { numRuns: 40 },
  );
});
