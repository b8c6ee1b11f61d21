import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import fc from 'fast-check';
import { encodeLine, identityHash, sha256 } from './chain.ts';
import type { JournalEvent } from './events.ts';
import type { ExecutionHeader } from './execution.ts';
import { folderStore } from './folder-store.ts';
import { folderSource } from './record-source.ts';
import { header, OK, runStarted, START, stepFinished, stepStarted, wavesNamed } from './testing/records.ts';
import { type Verification, verifyHistory } from './verify.ts';

const VERDICT = { verdict: 'succeeded', reason: OK, at: START } as const;

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** The place of a history, with room beside it. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-verify-'));
  folders.push(folder);
  return join(folder, 'history');
}

/** Writes an execution as a run does; `end: false` leaves it running. */
async function write(root: string, changes: Partial<ExecutionHeader>, { lines = 3, end = true } = {}): Promise<string> {
  const store = folderStore(root, { clock: new VirtualClock(START), owner: 'test' });
  const { execution } = await store.open(header(wavesNamed('database', 'app'), changes));
  for (const [stream, first] of [
    ['runs/run-1', runStarted('run-1')],
    ['waves/database', stepStarted('recover', 'recover')],
    ['waves/app', stepStarted('recover', 'recover')],
  ] as const satisfies readonly (readonly [string, JournalEvent])[]) {
    const journal = await execution.journal(stream, 'refuse');
    await journal.append(first);
    for (let at = 1; at < lines - 1; at += 1) await journal.append({ type: 'progress', step: 'recover', note: `line ${at}` });
    if (lines > 1) await journal.append(stepFinished('recover', 'succeeded'));
    await journal.close();
  }
  if (end) {
    await execution.conclude(VERDICT);
    await execution.writeFile('report.md', `# ${execution.header.id}\n`);
    await execution.seal({ tool: 'test', by: 'sam', at: START });
  }
  return execution.place;
}

async function history(): Promise<string> {
  const root = temporaryFolder();
  await write(root, { id: 'one' });
  await write(root, { id: 'two' });
  await write(root, { id: 'three', plan: { ...header(wavesNamed('database', 'app')).plan, name: 'other' } });
  return root;
}

const verify = (root: string, anchors: readonly string[] = []): Promise<Verification> =>
  verifyHistory(folderSource(root), { anchors });

/** Everything that is wrong, as `file:line: message`. */
function told({ findings, executions }: Verification): readonly string[] {
  return [...findings, ...executions.flatMap((one) => one.findings)].map(
    ({ file, line, message }) => `${file}${line === undefined ? '' : `:${line}`}: ${message}`,
  );
}

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

describe('what somebody did to a sealed execution is found, and where', () => {
  const cases: readonly { readonly what: string; readonly act: (root: string) => void; readonly told: RegExp }[] = [
    {
      what: 'a character of a line was changed',
      act: (root) => edit(root, 'webshop/one/waves/app.jsonl', (text) => text.replace('line 1', 'line 7')),
      told: /^webshop\/one\/waves\/app\.jsonl:2: it was altered: its checksum/m,
    },
    {
      what: 'a line was deleted',
      act: (root) => edit(root, 'webshop/one/waves/app.jsonl', (text) => text.split('\n').toSpliced(1, 1).join('\n')),
      told: /^webshop\/one\/waves\/app\.jsonl:2: it has number 2 where 1 is due/m,
    },
    {
      what: 'lines were exchanged',
      act: (root) =>
        edit(root, 'webshop/one/waves/app.jsonl', (text) => {
          const [a = '', b = '', ...rest] = text.split('\n');
          return [b, a, ...rest].join('\n');
        }),
      told: /^webshop\/one\/waves\/app\.jsonl:1: it has number 1 where 0 is due/m,
    },
    {
      what: 'the last line was cut off',
      act: (root) =>
        edit(root, 'webshop/one/waves/app.jsonl', (text) => `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`),
      told: /^webshop\/one\/waves\/app\.jsonl:3: it was cut off: it had 3 lines \(\d+ bytes\) when it was sealed, and has 2/m,
    },
    {
      what: 'a journal was emptied',
      act: (root) => edit(root, 'webshop/one/waves/app.jsonl', () => ''),
      told: /^webshop\/one\/waves\/app\.jsonl:1: it was cut off: it had 3 lines/m,
    },
    {
      what: 'a line with right hashes was added',
      act: (root) =>
        edit(root, 'webshop/one/waves/app.jsonl', (text) => {
          const prev = sha256(text.trimEnd().split('\n').at(-1) ?? '');
          return `${text}${encodeLine({ type: 'progress', step: 'recover', note: 'forged' }, { seq: 3, at: new Date(START).toISOString(), prev })}\n`;
        }),
      told: /^webshop\/one\/waves\/app\.jsonl:4: lines were added after the 3 that were sealed/m,
    },
    {
      what: 'a journal was written anew with right hashes',
      act: (root) => edit(root, 'webshop/one/waves/app.jsonl', (text) => rewritten(text, 'one', 'waves/app', 'line 1', 'line 7')),
      told: /^webshop\/one\/waves\/app\.jsonl: it was written anew/m,
    },
    {
      what: 'two journals were exchanged',
      act: (root) => exchange(join(root, 'webshop/one/waves/app.jsonl'), join(root, 'webshop/one/waves/database.jsonl')),
      told: /^webshop\/one\/waves\/app\.jsonl:1: it belongs to another stream/m,
    },
    {
      what: 'a journal was deleted',
      act: (root) => rmSync(join(root, 'webshop/one/waves/app.jsonl')),
      told: /^webshop\/one\/waves\/app\.jsonl: it is missing/m,
    },
    {
      what: 'a journal was inserted',
      act: (root) => cpSync(join(root, 'webshop/one/runs/run-1.jsonl'), join(root, 'webshop/one/runs/run-2.jsonl')),
      told: /^webshop\/one\/runs\/run-2\.jsonl: it was not there when the execution was sealed/m,
    },
    {
      what: 'the report was changed',
      act: (root) => edit(root, 'webshop/one/report.md', (text) => `${text}All is well.\n`),
      told: /^webshop\/one\/report\.md: it is not as it was sealed \(6 bytes then, 19 now\)/m,
    },
    {
      what: 'the verdict was changed',
      act: (root) => edit(root, 'webshop/one/execution.json', (text) => text.replace('"succeeded"', '"failed"')),
      told: /^webshop\/one\/execution\.json: it is not as it was sealed/m,
    },
    {
      what: 'the manifest was made to fit',
      act: (root) => {
        edit(root, 'webshop/one/report.md', () => 'forged\n');
        edit(root, 'webshop/one/manifest.json', (text) =>
          text.replace(/("path": "report\.md",\s+"bytes": )\d+(,\s+"sha256": )"[0-9a-f]+"/, `$17$2"${sha256('forged\n')}"`),
        );
      },
      told: /^webshop\/one\/manifest\.json: it is not the manifest that the ledger names/m,
    },
    {
      what: 'the manifest was deleted',
      act: (root) => rmSync(join(root, 'webshop/one/manifest.json')),
      told: /^webshop\/one\/manifest\.json: it is missing: the ledger says that the execution was sealed/m,
    },
    {
      what: 'the execution was deleted',
      act: (root) => rmSync(join(root, 'webshop/two'), { recursive: true }),
      told: /^webshop\/two: the whole execution is missing: the ledger knows it/m,
    },
    {
      what: 'two executions were exchanged',
      act: (root) => exchange(join(root, 'webshop/one'), join(root, 'webshop/two')),
      told: /^webshop\/one\/execution\.json: it belongs to another execution/m,
    },
    {
      what: 'an execution was moved to another plan',
      act: (root) => renameSync(join(root, 'webshop/one'), join(root, 'other/one')),
      told: /^other\/one\/execution\.json: it belongs to another plan[\s\S]*^webshop\/one: the whole execution is missing/m,
    },
    {
      what: 'an execution was copied',
      act: (root) => cpSync(join(root, 'webshop/one'), join(root, 'webshop/copy'), { recursive: true }),
      told: /^webshop\/copy\/execution\.json: it belongs to another execution/m,
    },
    {
      what: 'an entry of the ledger was altered',
      act: (root) => edit(root, `_ledger/${entry(root, 0)}`, (text) => text.replace('"sam"', '"kim"')),
      told: /^_ledger\/20261120T031500Z-[0-9a-f]{20}\.json: it was altered or renamed/m,
    },
    {
      what: 'an entry of the ledger was deleted',
      act: (root) => {
        const [first = ''] = readdirSync(join(root, '_ledger')).filter((file) =>
          readFileSync(join(root, '_ledger', file), 'utf8').includes('"after": []'),
        );
        rmSync(join(root, '_ledger', first));
      },
      told: /^_ledger\/\S+: an entry that this one was written after is missing from the ledger/m,
    },
    {
      what: 'a stranger lies in the history',
      act: (root) => writeFileSync(join(root, 'webshop/note.txt'), 'hello'),
      told: /^webshop\/note\.txt: it does not belong to a history/m,
    },
    {
      what: 'a file was replaced by a link',
      act: (root) => {
        const path = join(root, 'webshop/one/report.md');
        renameSync(path, join(root, '..', 'elsewhere.md'));
        symlinkSync(join(root, '..', 'elsewhere.md'), path);
      },
      told: /^webshop\/one\/report\.md: it is no regular file/m,
    },
  ];
  for (const { what, act, told: expected } of cases) {
    it(what, async () => {
      const root = await history();
      act(root);
      const found = await verify(root);
      assert.match(told(found).join('\n'), expected);
      assert.equal(found.sound, false);
    });
  }

  it('what is cut off together with its seal is found by an entry that was noted elsewhere', async () => {
    const root = await history();
    const [head = ''] = (await verify(root)).ledger.heads;
    assert.deepEqual(told(await verify(root, [head.slice(0, 12)])), []);
    const last = readdirSync(join(root, '_ledger')).find((file) => file.includes(head.slice(0, 20)));
    rmSync(join(root, '_ledger', last ?? ''));
    rmSync(join(root, 'other'), { recursive: true });
    assert.deepEqual(told(await verify(root)), []);
    assert.match(told(await verify(root, [head])).join('\n'), /the entry that was noted elsewhere is not in the ledger/);
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

describe('random tampering', () => {
  it('with any file of a sealed history is always found', async () => {
    const root = await history();
    const files = readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name));
    const original = new Map(files.map((file) => [file, readFileSync(file)]));
    assert.deepEqual(told(await verify(root)), []);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...files),
        fc.constantFrom('flip', 'cut', 'insert', 'drop', 'delete', 'swap', 'repeat'),
        fc.nat(),
        fc.nat(),
        async (file, how, a, b) => {
          const before = original.get(file) ?? Buffer.alloc(0);
          const other = files[a % files.length] ?? file;
          const after = tampered(before, how, a, b, original.get(other) ?? before);
          if (after?.equals(before)) return;
          if (after === undefined) rmSync(file);
          else writeFileSync(file, after);
          try {
            assert.equal((await verify(root)).sound, false, `${how} ${file} ${a} ${b}`);
          } finally {
            writeFileSync(file, before);
          }
        },
      ),
      { numRuns: 300 },
    );
    assert.deepEqual(told(await verify(root)), []);
  });
});

function tampered(bytes: Buffer, how: string, a: number, b: number, other: Buffer): Buffer | undefined {
  const at = a % Math.max(1, bytes.length);
  switch (how) {
    case 'flip':
      return Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << (b % 8)) : byte)));
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), Buffer.from([b % 256]), bytes.subarray(at)]);
    case 'drop':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + (b % 40))]);
    case 'swap':
      return other;
    case 'repeat': {
      const lines = bytes.toString('utf8').split('\n');
      const line = a % lines.length;
      return Buffer.from(lines.toSpliced(line, 0, lines[line] ?? '').join('\n'));
    }
    default:
      return undefined;
  }
}

function edit(root: string, file: string, change: (text: string) => string): void {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  assert.notEqual(after, before, 'the test changes nothing');
  writeFileSync(path, after);
}

function exchange(a: string, b: string): void {
  renameSync(a, `${a}.aside`);
  renameSync(b, a);
  renameSync(`${a}.aside`, b);
}

/** A journal with a text replaced and every hash made to fit. */
function rewritten(text: string, execution: string, stream: string, from: string, to: string): string {
  let prev = identityHash({ execution, stream, planDigest: header([]).plan.digest });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { v, seq, at, prev: _prev, sum: _sum, ...event } = JSON.parse(line.replace(from, to));
      const made = encodeLine(event, { seq, at, prev });
      prev = sha256(made);
      return `${made}\n`;
    })
    .join('');
}

function entry(root: string, number: number): string {
  return readdirSync(join(root, '_ledger')).sort()[number] ?? '';
}
