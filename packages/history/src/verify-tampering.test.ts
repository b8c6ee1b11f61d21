import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { encodeLine, identityHash, sha256 } from './chain.ts';
import { edit, history, told, verify } from './testing/histories.ts';
import { header, START } from './testing/records.ts';

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
      what: 'the line ends of a journal were turned into CRLF',
      act: (root) => edit(root, 'webshop/one/waves/app.jsonl', (text) => text.replaceAll('\n', '\r\n')),
      told: /^webshop\/one\/waves\/app\.jsonl:1: its line ends were turned into CRLF, [^\n]*$(?!\n.*app\.jsonl)/m,
    },
    {
      what: 'a line was changed and the line ends were turned into CRLF',
      act: (root) =>
        edit(root, 'webshop/one/waves/app.jsonl', (text) => text.replace('line 1', 'line 7').replaceAll('\n', '\r\n')),
      told: /^webshop\/one\/waves\/app\.jsonl:2: it was altered/m,
    },
    {
      what: 'the line ends of the header were turned into CRLF',
      act: (root) => edit(root, 'webshop/one/execution.json', (text) => text.replaceAll('\n', '\r\n')),
      told: /^webshop\/one\/execution\.json: its line ends were turned into CRLF/m,
    },
    {
      what: 'the ledger was replaced by a link',
      act: (root) => {
        renameSync(join(root, '_ledger'), join(root, '..', 'ledger'));
        symlinkSync(join(root, '..', 'ledger'), join(root, '_ledger'));
      },
      told: /^_ledger: it is no regular file: a history holds no links/m,
    },
    {
      what: 'an entry of the ledger was replaced by a link to one like it',
      act: (root) => {
        const [name = ''] = readdirSync(join(root, '_ledger'));
        renameSync(join(root, '_ledger', name), join(root, '..', name));
        symlinkSync(join(root, '..', name), join(root, '_ledger', name));
      },
      told: /^_ledger\/\S+\.json: it is no regular file/m,
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
