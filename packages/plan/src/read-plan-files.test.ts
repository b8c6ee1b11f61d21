import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { blockersOf, checkPlans, concerning, readPlanFiles, selectPlan } from './index.ts';
import { BASE } from './testing/corpus.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-plan-'));
after(() => rmSync(folder, { recursive: true }));

function write(name: string, content: string | Uint8Array): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

const plan = (name: string, group = 'a') => `apiVersion: breakwater/v1
kind: RecoveryPlan
name: ${name}
owner: team
tier: 1
objectives: { rto: 24h, rpo: 15m }
waves:
  - { name: one, groups: [${group}] }
`;

async function rulesOf(...paths: string[]): Promise<string[]> {
  const findings = checkPlans(await readPlanFiles(paths));
  return findings.map(({ rule, location }) => `${rule} ${path.basename(location.file)}`);
}

describe('readPlanFiles', () => {
  it('gives one clear finding for each file that cannot be read', async () => {
    const loop = path.join(folder, 'loop.yaml');
    symlinkSync(loop, loop);
    const cases: [string, RegExp][] = [
      [path.join(folder, 'missing.yaml'), /no such file or folder/],
      [path.join(write('plain.yaml', plan('plain')), 'deeper.yaml'), /no such file or folder/],
      [path.join(folder, 'x'.repeat(300)), /name is too long/],
      [loop, /links lead in a circle/],
      ['/dev/null', /not a regular file/],
      [write('empty-folder/readme.md', 'x').replace('/readme.md', ''), /holds no plan file/],
      [write('huge/huge.yaml', '#'.repeat(10_000_000)), /too large: 9.5 MiB/],
      [write('binary/image.yaml', new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13])), /binary file/],
      [write('utf16/wide.yaml', new Uint8Array([0xff, 0xfe, 0x61, 0x00])), /UTF-16/],
      [write('latin/latin.yaml', new Uint8Array([0x23, 0x20, 0xe9, 0x0a])), /not UTF-8/],
    ];
    for (const [file, message] of cases) {
      const loaded = await readPlanFiles([file]);
      assert.equal(loaded.findings.length, 1, file);
      assert.match(loaded.findings[0]?.message ?? '', message);
      assert.equal(loaded.findings[0]?.blocksRun, true);
      assert.throws(() => selectPlan(loaded), { code: /file-unreadable|plan-invalid/ });
    }
  });

  it('reads BOM and CRLF, and a folder at any depth but for simulation, hidden and installed ones', async () => {
    write('deep/base.yaml', BASE);
    write('deep/a/b/one.yml', `\uFEFF${plan('bom').replaceAll('\n', '\r\n')}`);
    for (const passed of ['simulation', '.git', 'node_modules']) write(`deep/${passed}/scenario.yaml`, 'seed: 1\n');
    write('deep/.hidden.yaml', 'seed: 1\n');
    const loaded = await readPlanFiles([path.join(folder, 'deep')]);
    assert.deepEqual(
      checkPlans(loaded).filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.deepEqual([...loaded.set.plans.keys()], ['bom']);
    assert.deepEqual(await rulesOf(path.join(folder, 'deep/simulation/scenario.yaml')), ['BW108 scenario.yaml']);
  });

  it('takes sites and groups from the files beside a named file, but plans only from it', async () => {
    write('beside/base.yaml', BASE);
    write('beside/other.yaml', plan('other'));
    const named = write('beside/mine.yaml', plan('mine'));
    const loaded = await readPlanFiles([named]);
    assert.deepEqual(checkPlans(loaded), []);
    assert.deepEqual([...loaded.set.plans.keys()], ['mine']);
    assert.deepEqual([...loaded.set.groups.keys()], ['a']);
    assert.deepEqual([...loaded.set.sites.keys()], ['here']);
    assert.equal(selectPlan(loaded).name, 'mine');
  });

  it('is not troubled by a broken neighbour that it does not need, and names it when it might', async () => {
    write('broken/base.yaml', BASE);
    write('broken/zzz.yaml', 'oops: [');
    const sound = write('broken/sound.yaml', plan('sound'));
    assert.deepEqual(await rulesOf(sound), []);
    const needy = write('broken/needy.yaml', plan('needy', 'ghost'));
    assert.deepEqual(await rulesOf(needy), ['BW205 needy.yaml', 'BW104 zzz.yaml']);
  });

  it('reports what is wrong with a group taken from beside', async () => {
    write('taken/base.yaml', BASE.replace('{ App: a }', '{ App: 7 }'));
    assert.deepEqual(await rulesOf(write('taken/mine.yaml', plan('mine'))), ['BW112 base.yaml']);
    assert.deepEqual(await rulesOf(write('taken/mine.yaml', plan('mine', 'b'))), []);
  });

  it('does not choose between two neighbours that define the same group', async () => {
    write('rivals/base.yaml', BASE);
    write('rivals/more.yaml', BASE.split('---\n').find((each) => each.includes('name: a\n')) ?? '');
    assert.deepEqual(await rulesOf(write('rivals/mine.yaml', plan('mine'))), ['BW201 more.yaml']);
    assert.deepEqual(await rulesOf(write('rivals/mine.yaml', plan('mine', 'b'))), []);
  });

  it('reads a file once, however often it is named', async () => {
    write('twice/base.yaml', BASE);
    const file = write('twice/mine.yaml', plan('mine'));
    const loaded = await readPlanFiles([file, path.join(folder, 'twice'), file]);
    assert.deepEqual(
      checkPlans(loaded).filter(({ severity }) => severity !== 'note'),
      [],
    );
  });
});

describe('selectPlan', () => {
  it('takes the only plan, or the one that is named', async () => {
    const loaded = await readPlanFiles([write('two/base.yaml', BASE), write('two/p.yaml', `${plan('p')}---\n${plan('q', 'b')}`)]);
    assert.equal(selectPlan(loaded, 'q').name, 'q');
    assert.throws(() => selectPlan(loaded), { code: 'plan-unknown', next: 'Say which one: p, q.' });
    assert.throws(() => selectPlan(loaded, 'P2'), { code: 'plan-unknown', next: /Did you mean p\?/ });
    assert.throws(() => selectPlan({ ...loaded, documents: [] }), { code: 'plan-unknown', message: 'the files hold no plan' });
  });

  it('hands out no plan with errors, and says where the first is', async () => {
    const file = write('invalid/p.yaml', plan('p').replace('24h', 'soon'));
    await assert.rejects(async () => selectPlan(await readPlanFiles([file])), {
      code: 'plan-invalid',
      message: /p\.yaml:6:20: "soon" is not a duration \(BW501\)/,
    });
    const twice = write('invalid/t.yaml', `${plan('t')}---\n${plan('t')}`);
    await assert.rejects(async () => selectPlan(await readPlanFiles([twice])), { code: 'plan-invalid' });
  });
});

describe('concerning', () => {
  it('shows what stands in one plan and what it uses, and files that could not be read', async () => {
    const text = `${plan('good').replace('15m', '15m, rot: 1h')}---\n${plan('bad', 'ghost')}`;
    const loaded = await readPlanFiles([
      write('one/base.yaml', BASE),
      write('one/p.yaml', text),
      path.join(folder, 'one/none.yaml'),
    ]);
    const findings = checkPlans(loaded);
    const rules = (name: string) => concerning(loaded, findings, name).map(({ rule }) => rule);
    assert.deepEqual(rules('good'), ['BW101', 'BW110']);
    assert.deepEqual(rules('bad'), ['BW101', 'BW205']);
    const whole = await readPlanFiles([path.join(folder, 'one')]);
    assert.throws(() => concerning(whole, checkPlans(whole), 'godo'), { code: 'plan-unknown', next: /Did you mean good\?/ });
  });
});

describe('blockersOf', () => {
  it('counts what stands in the plan, its groups and its sites, and not in a neighbour', async () => {
    const text = `${plan('good')}---\n${plan('bad', 'ghost')}---\n${plan('worse', 'b')}`;
    const base = BASE.replace('App: b', 'App: 7');
    const loaded = await readPlanFiles([write('block/base.yaml', base), write('block/p.yaml', text)]);
    const findings = checkPlans(loaded);
    const blockers = (name: string) => blockersOf(loaded, findings, name).map(({ rule }) => rule);
    assert.deepEqual(blockers('good'), []);
    assert.deepEqual(blockers('bad'), ['BW205']);
    assert.deepEqual(blockers('worse'), ['BW112']);
  });

  it('counts a file that cannot be read to its end, if the plan stands in it', async () => {
    const loaded = await readPlanFiles([write('half/base.yaml', BASE), write('half/p.yaml', `${plan('good')}---\noops: [\n`)]);
    assert.deepEqual(
      blockersOf(loaded, checkPlans(loaded), 'good').map(({ rule }) => rule),
      ['BW104'],
    );
  });
});
