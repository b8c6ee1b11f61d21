import assert from 'node:assert/strict';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import { sha256 } from './chain.ts';
import { folderStore } from './folder-store.ts';
import { edit, history, temporaryFolder, told, VERDICT, verify, write } from './testing/histories.ts';
import { header, runStarted, START, wavesNamed } from './testing/records.ts';

describe('a history that nobody touched', () => {
  it('is sound: sealed executions as sealed, others as unsealed', async () => {
    const root = await history();
    await write(root, { id: 'running' }, { end: false });
    const found = await verify(root);
    assert.deepEqual(told(found), []);
    assert.equal(found.sound, true);
    assert.deepEqual(
      found.executions.map(({ plan, execution, state, records }) => [plan, execution, state, records]),
      [
        ['other', 'three', 'sealed', 9],
        ['webshop', 'one', 'sealed', 9],
        ['webshop', 'running', 'unsealed', 9],
        ['webshop', 'two', 'sealed', 9],
      ],
    );
    assert.equal(found.ledger.entries, 3);
    assert.equal(found.ledger.heads.length, 1);
  });

  it('may be empty, or not there', async () => {
    const found = await verify(join(temporaryFolder(), 'none'));
    assert.equal(found.sound, true);
    assert.deepEqual(found.executions, []);
  });

  it('stays sound when an execution is run again, before and after its next seal', async () => {
    const root = await history();
    const store = folderStore(root, { clock: new VirtualClock(START + 60_000), owner: 'test' });
    const found = await store.find('one');
    assert.ok(found !== undefined);
    await found.reopen('kim');
    const journal = await found.journal('runs/run-2', 'refuse');
    await journal.append(runStarted('run-2', [], true));
    await journal.close();
    const wave = await found.journal('waves/app', 'refuse');
    await wave.append({ type: 'progress', step: 'recover', note: 'again' });
    await wave.close();
    assert.deepEqual(told(await verify(root)), []);
    assert.equal((await verify(root)).executions.find(({ execution }) => execution === 'one')?.state, 'reopened');
    const before = sha256(readFileSync(join(found.place, 'manifest.json')));
    await found.conclude({ ...VERDICT, verdict: 'degraded' });
    await found.seal({ tool: 'test', by: 'kim', at: START + 60_000 });
    const manifest = JSON.parse(readFileSync(join(found.place, 'manifest.json'), 'utf8'));
    assert.equal(manifest.previous, before);
    assert.equal(manifest.verdict, 'degraded');
    const again = await verify(root);
    assert.deepEqual(told(again), []);
    assert.equal(again.executions.find(({ execution }) => execution === 'one')?.state, 'sealed');
    assert.equal(again.ledger.entries, 5);
  });

  it('is not sealed twice when nothing has changed, and mended when the ledger was lost', async () => {
    const root = await history();
    const found = await folderStore(root, { clock: new VirtualClock(START), owner: 'test' }).find('one');
    assert.ok(found !== undefined);
    const first = await found.seal({ tool: 'other', by: 'kim', at: START + 1 });
    assert.equal((await verify(root)).ledger.entries, 3);
    rmSync(join(root, '_ledger'), { recursive: true });
    assert.match(told(await verify(root)).join('\n'), /webshop\/one\/manifest\.json: the ledger has no seal for it/);
    const second = await found.seal({ tool: 'other', by: 'kim', at: START + 1 });
    assert.notEqual(second.entry, first.entry);
    assert.deepEqual(
      told(await verify(root)).filter((line) => line.startsWith('webshop/one/')),
      [],
    );
  });

  it('may hold journals that were opened and never written, here or not', async () => {
    const root = temporaryFolder();
    const store = folderStore(root, { clock: new VirtualClock(START), owner: 'test' });
    const { execution } = await store.open(header(wavesNamed('database')));
    await (await execution.journal('waves/database', 'refuse')).close();
    await execution.conclude(VERDICT);
    await execution.seal({ tool: 'test', by: 'sam', at: START });
    assert.deepEqual(told(await verify(root)), []);
    rmSync(join(execution.place, 'waves/database.jsonl'));
    assert.deepEqual(told(await verify(root)), []);
  });

  it('joins entries that were written side by side', async () => {
    const root = await history();
    const other = temporaryFolder();
    cpSync(root, other, { recursive: true });
    await write(root, { id: 'here' });
    await write(other, { id: 'there' });
    cpSync(other, root, { recursive: true, force: false });
    assert.equal((await verify(root)).ledger.heads.length, 2);
    await write(root, { id: 'later' });
    const found = await verify(root);
    assert.deepEqual(told(found), []);
    assert.equal(found.ledger.heads.length, 1);
  });
});

describe('an unsealed execution', () => {
  it('may end in half a line, which is told as a note', async () => {
    const root = temporaryFolder();
    const place = await write(root, { id: 'running' }, { end: false });
    edit(place, 'waves/app.jsonl', (text) => text.slice(0, -30));
    const [found] = (await verify(root)).executions;
    assert.equal(found?.state, 'unsealed');
    assert.match(found?.notes.join('\n') ?? '', /waves\/app\.jsonl line 3: the last line is not whole/);
  });

  it('is broken when a line in its middle was changed', async () => {
    const root = temporaryFolder();
    const place = await write(root, { id: 'running' }, { end: false });
    edit(place, 'waves/app.jsonl', (text) => text.replace('line 1', 'line 7'));
    assert.equal((await verify(root)).executions[0]?.state, 'broken');
  });

  it('is told when it has a verdict but no seal', async () => {
    const root = temporaryFolder();
    await write(root, { id: 'running' }, { end: false });
    const found = await folderStore(root, { clock: new VirtualClock(START), owner: 'test' }).find('running');
    await found?.conclude(VERDICT);
    assert.match(told(await verify(root)).join('\n'), /manifest\.json: it is missing, though the execution has a verdict/);
  });

  it('keeps a damaged journal that was set aside, and what became of it is checked', async () => {
    const root = temporaryFolder();
    const place = await write(root, { id: 'running' }, { end: false });
    edit(place, 'waves/app.jsonl', (text) => text.replace('line 1', 'line 7'));
    const found = await folderStore(root, { clock: new VirtualClock(START), owner: 'test' }).find('running');
    await (await found?.journal('waves/app', 'set-aside'))?.close();
    assert.deepEqual(told(await verify(root)), []);
    edit(place, 'waves/app.damaged-1.jsonl', (text) => text.replace('line 7', 'line 1'));
    assert.match(told(await verify(root)).join('\n'), /app\.damaged-1\.jsonl: it is not as it was when it was set aside/);
  });
});

describe('whatever is done by the book', () => {
  it('never makes it complain', async () => {
    const deeds = fc.constantFrom('seal', 'leave', 'begin again', 'seal again', 'tear', 'damage', 'unlock');
    await fc.assert(
      fc.asyncProperty(fc.array(deeds, { minLength: 1, maxLength: 8 }), async (asked) => {
        const root = temporaryFolder();
        const store = folderStore(root, { clock: new VirtualClock(START), owner: 'test' });
        for (const [at, deed] of asked.entries()) {
          const id = `e-${Math.floor(at / 2)}`;
          const found = await store.find(id);
          if (found === undefined) {
            await write(root, { id }, { lines: 2, end: deed === 'seal' });
            continue;
          }
          await found.reopen('kim');
          if (deed === 'tear') writeFileSync(join(found.place, 'waves/app.jsonl'), '{"v":1,"se', { flag: 'a' });
          const wave = await found.journal('waves/app', 'set-aside');
          await wave.append({ type: 'progress', step: 'recover', note: deed });
          await wave.close();
          if (deed === 'damage') {
            edit(found.place, 'waves/app.jsonl', (text) => text.replace('recover', 'recoved'));
            await (await found.journal('waves/app', 'set-aside')).close();
          }
          if (deed === 'unlock')
            await store.recordUnlocking({ execution: id, plan: 'webshop', locks: [], by: 'kim', why: 'dead' });
          if (deed !== 'seal again' && deed !== 'seal') continue;
          await found.conclude(VERDICT);
          await found.seal({ tool: 'test', by: 'kim', at: START + at });
        }
        const verified = await verify(root);
        // A damaged journal of a sealed execution is another one than was sealed, and that is told for ever.
        const honest = verified.executions.filter(({ notes }) => !notes.some((note) => note.includes('set aside')));
        assert.deepEqual(verified.findings, []);
        assert.deepEqual(
          honest.flatMap((one) => one.findings),
          [],
          asked.join(),
        );
      }),
      { numRuns: 40 },
    );
  });
});
