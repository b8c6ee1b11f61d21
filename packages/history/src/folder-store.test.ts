import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { UserError, VirtualClock } from '@breakwater/core';
import { folderStore } from './folder-store.ts';
import { faulty, systemError } from './testing/faulty-disk.ts';
import { FAILED, header, START, temporaryFolder, wavesNamed } from './testing/records.ts';

const options = { clock: new VirtualClock(START), owner: 'sam on laptop' };
const drill = header(wavesNamed('database'));
const { plan } = drill;

describe('opening an execution', () => {
  test('creates it once, then finds it as it was', async (t) => {
    const root = join(temporaryFolder(t), 'history');
    const store = folderStore(root, options);
    const first = await store.open(drill);
    assert.equal(first.created, true);
    assert.equal(first.execution.place, join(root, 'webshop', 'drill-1'));
    const second = await store.open({ ...drill, actor: 'alex', createdAt: START + 1, tool: 'later' });
    assert.equal(second.created, false);
    assert.deepEqual(second.execution.header, drill);
    assert.deepEqual(JSON.parse(readFileSync(join(root, 'webshop/drill-1/execution.json'), 'utf8')), drill);
    assert.deepEqual(readdirSync(first.execution.place), ['execution.json']);
  });

  const others = [
    ['another mode', { ...drill, mode: 'recovery' as const }, /it is a drill, not a recovery/],
    ['another plan', { ...drill, plan: { ...plan, name: 'billing' } }, /it belongs to plan webshop, not billing/],
    ['real AWS instead of the simulator', { ...drill, simulated: true }, /it was run against AWS, not the simulator/],
  ] as const;
  for (const [what, wanted, message] of others) {
    test(`refuses it for ${what}`, async (t) => {
      const store = folderStore(temporaryFolder(t), options);
      await store.open(drill);
      await assert.rejects(store.open(wanted), (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, 'execution-mismatch');
        assert.match(error.message, message);
        assert.notEqual(error.next, '');
        return true;
      });
      assert.equal((await store.list()).length, 1);
    });
  }

  test('refuses a changed plan, naming both digests, how to see the change and how to go on', async (t) => {
    const store = folderStore(temporaryFolder(t), options);
    await store.open({ ...drill, commit: 'aaa111' });
    await assert.rejects(store.open({ ...drill, commit: 'bbb222', plan: { ...plan, digest: 'e'.repeat(64) } }), (error) => {
      assert.ok(error instanceof UserError);
      assert.equal(error.code, 'plan-changed');
      assert.ok(error.message.includes('d'.repeat(64)) && error.message.includes('e'.repeat(64)));
      assert.match(error.next, /git diff aaa111 bbb222/);
      assert.match(error.next, /check out aaa111/);
      assert.match(error.next, /new execution/);
      return true;
    });
    await store.open({ ...drill, id: 'drill-2' });
    await assert.rejects(store.open({ ...drill, id: 'drill-2', plan: { ...plan, digest: 'e' } }), { code: 'plan-changed' });
  });

  test('refuses names that would leave the folder', async (t) => {
    const root = temporaryFolder(t);
    const store = folderStore(join(root, 'history'), options);
    for (const id of ['../x', '.hidden', 'a/b', '']) await assert.rejects(store.open({ ...drill, id }), { code: 'usage' });
    await assert.rejects(store.open({ ...drill, plan: { ...plan, name: '..' } }), { code: 'usage' });
    assert.deepEqual(readdirSync(root), []);
  });

  test('a damaged execution.json is told with its file, and left as it is', async (t) => {
    const root = temporaryFolder(t);
    const path = join(root, 'webshop', 'drill-1', 'execution.json');
    mkdirSync(join(root, 'webshop', 'drill-1'), { recursive: true });
    const store = folderStore(root, options);
    for (const text of [
      '',
      '{',
      '[]',
      '{"schema":"breakwater.execution/9"}',
      JSON.stringify({ ...drill, mode: 'rehearsal' }),
      JSON.stringify({ ...drill, plan: null }),
    ]) {
      writeFileSync(path, text);
      await assert.rejects(
        store.open(drill),
        (error) => error instanceof UserError && error.code === 'history-corrupt' && error.location?.file === path,
      );
      await assert.rejects(store.find('drill-1'), { code: 'history-corrupt' });
      assert.deepEqual(await store.list(), []);
      assert.equal(readFileSync(path, 'utf8'), text);
    }
  });

  test('a crash before execution.json was written does not stand in the way', async (t) => {
    const root = temporaryFolder(t);
    mkdirSync(join(root, 'webshop', 'drill-1'), { recursive: true });
    assert.equal(await folderStore(root, options).find('drill-1'), undefined);
    assert.equal((await folderStore(root, options).open(drill)).created, true);
  });

  test('a full disk, and a folder that is a file, are told as history-unwritable', async (t) => {
    const root = temporaryFolder(t);
    writeFileSync(join(root, 'file'), '');
    await assert.rejects(folderStore(join(root, 'file', 'history'), options).open(drill), {
      code: /history-unwritable|file-unreadable/,
    });
    faulty(t, 'openSync', () => {
      throw systemError('ENOSPC');
    });
    await assert.rejects(folderStore(root, options).open(drill), {
      code: 'history-unwritable',
      message: /the disk is full \(ENOSPC\)/,
    });
    assert.equal(existsSync(join(root, 'webshop/drill-1/execution.json')), false);
  });
});

describe('finding and listing', () => {
  test('by id or unique beginning; the newest first', async (t) => {
    const store = folderStore(temporaryFolder(t), options);
    assert.deepEqual(await store.list(), []);
    assert.equal(await store.find('drill-1'), undefined);
    await store.open({ ...drill, id: 'drill-1' });
    await store.open({ ...drill, id: 'drill-10', createdAt: START + 1 });
    await store.open({ ...drill, id: 'other-1', createdAt: START + 2, plan: { ...plan, name: 'billing' } });
    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ['other-1', 'drill-10', 'drill-1'],
    );
    assert.equal((await store.find('drill-1'))?.header.id, 'drill-1');
    assert.equal((await store.find('other'))?.header.plan.name, 'billing');
    await assert.rejects(store.find('drill'), {
      code: 'usage',
      message: /2 executions fit drill: webshop\/drill-1, webshop\/drill-10/,
    });
    for (const none of ['nothing', '', '../webshop']) assert.equal(await store.find(none), undefined);
  });
});

describe('one execution', () => {
  const opened = async (root: string) => (await folderStore(root, options).open(drill)).execution;

  test('is read without locks while somebody writes, and tells every damage', async (t) => {
    const execution = await opened(temporaryFolder(t));
    assert.deepEqual(await execution.read(), { streams: new Map(), problems: [] });
    const wave = await execution.journal('waves/database', 'refuse');
    const run = await execution.journal('runs/run-1', 'refuse');
    const last = await execution.journal('finally', 'refuse');
    for (const journal of [wave, run, last]) await journal.append({ type: 'progress', step: 'x', note: 'y' });
    await wave.append({ type: 'progress', step: 'x', note: 'z' });
    const { streams, problems } = await execution.read();
    assert.deepEqual([...streams.keys()], ['finally', 'runs/run-1', 'waves/database']);
    assert.deepEqual(streams.get('waves/database'), wave.lines());
    assert.deepEqual(problems, []);

    const path = join(execution.place, 'waves/database.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"note":"y"', '"note":"Y"'));
    writeFileSync(join(execution.place, 'waves/web.damaged-1.jsonl'), 'old');
    writeFileSync(join(execution.place, 'runs/.hidden.jsonl'), '');
    mkdirSync(join(execution.place, 'runs/folder.jsonl'));
    const damaged = await execution.read();
    assert.equal(damaged.streams.get('waves/database')?.length, 2);
    const [hidden, folder, ...rest] = damaged.problems;
    assert.match(hidden ?? '', /^runs\/\.hidden\.jsonl cannot be read/);
    assert.match(folder ?? '', /^runs\/folder\.jsonl cannot be read/);
    assert.deepEqual(rest, [
      'waves/database.jsonl line 1: it was altered: its checksum does not match',
      'waves/database.jsonl line 2: it was not written after the line before it: one of the two was altered or replaced',
      'waves/web.damaged-1.jsonl was found damaged and set aside',
    ]);
  });

  test('locks a stream, not the execution', async (t) => {
    const root = temporaryFolder(t);
    const execution = await opened(root);
    const journal = await execution.journal('waves/database', 'refuse');
    await assert.rejects((await opened(root)).journal('waves/database', 'refuse'), {
      code: 'execution-locked',
      message: /sam on laptop/,
    });
    await (await (await opened(root)).journal('waves/web', 'refuse')).close();
    await journal.close();
    await (await execution.journal('waves/database', 'refuse')).close();
    assert.deepEqual(readdirSync(join(execution.place, 'waves')).sort(), ['database.jsonl', 'web.jsonl']);
    await assert.rejects(execution.journal('../x', 'refuse'), { code: 'usage' });
  });

  test('lets go of the stream when its journal cannot be opened', async (t) => {
    const execution = await opened(temporaryFolder(t));
    mkdirSync(join(execution.place, 'waves'));
    writeFileSync(join(execution.place, 'waves/database.jsonl'), 'garbage\ngarbage\n');
    await assert.rejects(execution.journal('waves/database', 'refuse'), { code: 'history-corrupt' });
    assert.equal(existsSync(join(execution.place, 'waves/database.lock')), false);
    const journal = await execution.journal('waves/database', 'set-aside');
    assert.equal(journal.lines()[0]?.type, 'journal-replaced');
    await journal.close();
  });

  test('is concluded with a verdict, and can be concluded again after a resume', async (t) => {
    const root = temporaryFolder(t);
    const execution = await opened(root);
    await execution.conclude({ verdict: 'failed', reason: FAILED, at: START });
    await execution.conclude({ verdict: 'succeeded', reason: { code: 'ok', message: 'done' }, at: START + 1 });
    assert.equal(execution.header.verdict?.verdict, 'succeeded');
    assert.deepEqual((await opened(root)).header, execution.header);
    faulty(t, 'renameSync', () => {
      throw systemError('EACCES');
    });
    await assert.rejects(execution.conclude({ verdict: 'failed', reason: FAILED, at: START }), { code: 'history-unwritable' });
    assert.equal(execution.header.verdict?.verdict, 'succeeded');
    assert.deepEqual(readdirSync(execution.place), ['execution.json']);
  });

  test('takes files beside its journals, but none that are its own', async (t) => {
    const execution = await opened(temporaryFolder(t));
    const path = await execution.writeFile('report.md', 'first');
    assert.equal(await execution.writeFile('report.md', 'second'), path);
    assert.equal(readFileSync(path, 'utf8'), 'second');
    for (const name of ['execution.json', 'finally.jsonl', 'finally.lock', '../report.md', 'a/b.md', '.report']) {
      await assert.rejects(execution.writeFile(name, ''), { code: 'usage' }, name);
    }
    faulty(t, 'openSync', () => {
      throw systemError('EROFS');
    });
    await assert.rejects(execution.writeFile('report.md', 'third'), { code: 'history-unwritable' });
  });
});
