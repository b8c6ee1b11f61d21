/** What an earlier seal says stays true, whoever seals an execution again with all hashes made to fit. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseHeader, parseLine } from './boundary.ts';
import { sha256 } from './chain.ts';
import { manifestOf, manifestText } from './manifest.ts';
import { executionFiles, sealFolder, writeLedgerEntry } from './seal-folder.ts';
import { edit, history, told, verify, write } from './testing/histories.ts';
import { journalText, START } from './testing/records.ts';

const ONE = 'webshop/one';
const LATER = START + 3_600_000;

function headerOf(root: string) {
  const header = parseHeader(Buffer.from(executionFiles(join(root, ONE)).get('execution.json') ?? []).toString('utf8'));
  assert.ok(typeof header !== 'string');
  return header;
}

/** Seals an execution anew as the tool does, whatever was done to its files. */
function sealAgain(root: string): void {
  const header = headerOf(root);
  const verdict = header.verdict?.verdict ?? 'failed';
  sealFolder(root, join(root, ONE), header, verdict, { tool: 'test', by: 'mallory', at: LATER });
}

/** The same, with a seal that does not say what it took the place of. */
function sealAgainInSilence(root: string): void {
  const header = headerOf(root);
  const facts = { tool: 'test', by: 'mallory', at: LATER };
  const text = manifestText(manifestOf(header, 'succeeded', executionFiles(join(root, ONE)), facts));
  writeFileSync(join(root, ONE, 'manifest.json'), text);
  const about = { plan: 'webshop', execution: 'one', by: 'mallory', at: LATER };
  writeLedgerEntry(root, { kind: 'sealed', manifest: sha256(text), verdict: 'succeeded' }, about);
}

/** Writes a journal anew with right hashes, one line less. */
function rewrite(root: string): void {
  edit(root, `${ONE}/waves/app.jsonl`, (text) => {
    const events = text
      .trimEnd()
      .split('\n')
      .flatMap((line) => parseLine(line).line ?? [])
      .filter(({ seq }) => seq !== 1);
    return journalText({ execution: 'one', stream: 'waves/app', planDigest: 'd'.repeat(64) }, events);
  });
}

describe('an execution that somebody altered and sealed again', () => {
  for (const seal of [sealAgain, sealAgainInSilence]) {
    it(`is found by its earlier seal when a journal was written anew (${seal.name})`, async () => {
      const root = await history();
      rewrite(root);
      seal(root);
      const found = await verify(root);
      assert.equal(found.sound, false);
      assert.match(
        told(found).join('\n'),
        /^webshop\/one\/waves\/app\.jsonl: its first \d+ bytes are not what they were when it was sealed at 2026-11-20T03:15:00\.000Z by sam/m,
      );
    });
  }

  it('is found when who asked for it was altered, unless the seal says so: then it is told', async () => {
    const [silent, open] = [await history(), await history()];
    for (const root of [silent, open])
      edit(root, `${ONE}/execution.json`, (text) => text.replace('"actor": "sam"', '"actor": "bob"'));
    sealAgainInSilence(silent);
    assert.match(
      told(await verify(silent)).join('\n'),
      /^webshop\/one\/execution\.json: more of it than the verdict is not what it was/m,
    );
    sealAgain(open);
    const found = await verify(open);
    assert.deepEqual(told(found), []);
    assert.match(
      found.executions.flatMap(({ notes }) => notes).join('\n'),
      /execution\.json is not the one that it had when it was sealed at/,
    );
  });

  it('is found when it was only said to run again', async () => {
    const root = await history();
    edit(root, `${ONE}/execution.json`, (text) => text.replace('"actor": "sam"', '"actor": "bob"'));
    writeLedgerEntry(root, { kind: 'reopened' }, { plan: 'webshop', execution: 'one', by: 'mallory', at: LATER });
    assert.match(told(await verify(root)).join('\n'), /^webshop\/one\/execution\.json: more of it than the verdict/m);
  });

  it('is told with both verdicts and who sealed them, which is no damage', async () => {
    const root = await history();
    edit(root, `${ONE}/execution.json`, (text) => text.replace('"verdict": "succeeded"', '"verdict": "failed"'));
    sealAgain(root);
    const found = await verify(root);
    assert.deepEqual(told(found), []);
    const notes = found.executions.flatMap((one) => one.notes);
    assert.deepEqual(notes, [
      'it was sealed as succeeded (2026-11-20T03:15:00.000Z, by sam), then as failed (2026-11-20T04:15:00.000Z, by mallory)',
    ]);
  });
});

describe('an execution that went on after its seal', () => {
  it('verifies: its journals only grew', async () => {
    const root = await history();
    await write(root, { id: 'one' });
    const found = await verify(root);
    assert.deepEqual(told(found), []);
    assert.deepEqual(
      found.executions.flatMap(({ notes }) => notes),
      [],
    );
  });

  it('verifies with seals of versions that kept no more than the hash of the manifest', async () => {
    const root = await history();
    writeLedgerEntry(root, { kind: 'reopened' }, { plan: 'webshop', execution: 'one', by: 'sam', at: LATER });
    sealAgainInSilence(root);
    assert.deepEqual(told(await verify(root)), []);
  });
});
