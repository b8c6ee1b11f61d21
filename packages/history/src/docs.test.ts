import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import type { JournalEvent } from './events.ts';
import { folderStore } from './folder-store.ts';
import { FAILED, header, START, stepFinished, stepStarted, temporaryFolder, wavesNamed } from './testing/records.ts';

const page = readFileSync(new URL('../../../docs/history.md', import.meta.url), 'utf8');
const recipe = /<!-- tested: verify -->\n```sh\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '';
const seal = /<!-- tested: seal -->\n```sh\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '';
const readings = (/## Read it by hand[\s\S]*?```sh\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('jq'));
const tools = ['jq', 'sha256sum', 'sed'].every((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status === 0);

async function executionIn(root: string): Promise<string> {
  const store = folderStore(root, { clock: new VirtualClock(START), owner: 'sam' });
  const { execution } = await store.open(header(wavesNamed('database')));
  const journal = await execution.journal('waves/database', 'refuse');
  const events: readonly JournalEvent[] = [
    { type: 'wave-started', servers: [] },
    stepStarted('recover', 'recover'),
    { type: 'progress', step: 'recover', note: 'größer: "\\n %s $(x) \'' },
    {
      type: 'change',
      step: 'recover',
      operation: 'drs:StartRecovery',
      key: 'k',
      id: 'drsjob-1',
      adopted: false,
      site: 'dr',
      detail: {},
    },
    stepFinished('recover', 'failed', FAILED),
  ];
  for (const event of events) await journal.append(event);
  await journal.close();
  return execution.place;
}

const sh = (script: string, cwd: string) => {
  const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { cwd, encoding: 'utf8' });
  return { stdout, stderr, status };
};

describe('the commands of docs/history.md', { skip: tools ? false : 'jq, sha256sum or sed is not installed' }, () => {
  test('find nothing wrong with a journal, and what is wrong with an altered one', async (t) => {
    const folder = await executionIn(temporaryFolder(t));
    assert.deepEqual(sh(recipe, folder), { stdout: '', stderr: '', status: 0 });
    const path = join(folder, 'waves/database.jsonl');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('größer', 'kleiner'));
    assert.equal(sh(recipe, folder).stdout, 'line 3 was altered\nline 4 does not follow the line before it\n');
    const lines = text.split('\n');
    writeFileSync(path, lines.toSpliced(1, 1).join('\n'));
    assert.equal(sh(recipe, folder).stdout, 'line 2 does not follow the line before it\n');
    writeFileSync(
      join(folder, 'execution.json'),
      readFileSync(join(folder, 'execution.json'), 'utf8').replace('drill-1', 'drill-2'),
    );
    assert.match(sh(recipe, folder).stdout, /^line 1 does not follow/);
  });

  test('find whether an execution is as it was sealed, and the entry that names its seal', async (t) => {
    const root = temporaryFolder(t);
    const folder = await executionIn(root);
    const execution = await folderStore(root, { clock: new VirtualClock(START), owner: 'sam' }).find('drill-1');
    await execution?.conclude({ verdict: 'failed', reason: FAILED, at: START });
    await execution?.writeFile('report.md', '# failed\n');
    const made = await execution?.seal({ tool: 'test', by: 'sam', at: START });
    const entry = `../../_ledger/20261120T031500Z-${made?.entry.slice(0, 20)}.json\n`;
    assert.deepEqual(sh(seal, folder), { stdout: entry, stderr: '', status: 0 });
    writeFileSync(join(folder, 'report.md'), '# fine\n');
    assert.match(sh(seal, folder).stdout, /^report\.md: FAILED\n/);
  });

  test('read what happened', async (t) => {
    const folder = await executionIn(temporaryFolder(t));
    assert.equal(readings.length, 3);
    const [timeline, changes, failures] = readings.map((command) => sh(command, folder).stdout);
    assert.match(timeline ?? '', /^2026-11-20T03:15:00\.000Z\tstep-finished\trecover\tfailed$/m);
    assert.equal(
      changes,
      '{"at":"2026-11-20T03:15:00.000Z","operation":"drs:StartRecovery","id":"drsjob-1","site":"dr","adopted":false}\n',
    );
    assert.equal(failures, 'recover: server-failed: db-1 was not launched\n');
  });
});

test('the page names every event that a journal can hold', () => {
  const source = readFileSync(new URL('./events.ts', import.meta.url), 'utf8');
  const types = [...source.matchAll(/readonly type: '([a-z-]+)'/g)].map(([, type]) => type ?? '');
  assert.ok(types.length > 10);
  for (const type of types) assert.ok(page.includes(`\`${type}\``), type);
});
