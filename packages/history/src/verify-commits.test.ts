import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { systemClock, VirtualClock } from '@breakwater/core';
import { folderStore } from './folder-store.ts';
import { Git } from './git/git.ts';
import { gitSource } from './git-source.ts';
import { header, OK, runStarted, START, stepFinished, stepStarted, wavesNamed } from './testing/records.ts';
import { type Verification, verifyHistory } from './verify.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-commits-'));
  folders.push(folder);
  return folder;
}

/** A repository with a working tree, in which a history is committed piece by piece. */
class Repository {
  readonly root = temporaryFolder();

  constructor() {
    this.git('init', '--quiet', '--initial-branch=dr-history');
  }

  git(...words: readonly string[]): string {
    const settings = ['-c', 'user.name=sam', '-c', 'user.email=sam@example.com', '-c', 'commit.gpgSign=false'];
    return execFileSync('git', ['-C', this.root, ...settings, ...words], { encoding: 'utf8' }).trim();
  }

  commit(message: string): string {
    this.git('add', '--all');
    this.git('commit', '--quiet', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** An execution that is committed after each of its lines. */
  async execution(id: string, end = true): Promise<void> {
    const store = folderStore(this.root, { clock: new VirtualClock(START), owner: 'test' });
    const { execution } = await store.open(header(wavesNamed('database'), { id }));
    this.commit('opened');
    const run = await execution.journal('runs/run-1', 'refuse');
    await run.append(runStarted('run-1'));
    const wave = await execution.journal('waves/database', 'refuse');
    for (const event of [stepStarted('recover', 'recover'), stepFinished('recover', 'succeeded')]) {
      await wave.append(event);
      this.commit('a line');
    }
    await Promise.all([run.close(), wave.close()]);
    if (!end) return;
    await execution.conclude({ verdict: 'succeeded', reason: OK, at: START });
    await execution.writeFile('report.md', '# fine\n');
    await execution.seal({ tool: 'test', by: 'sam', at: START });
    this.commit('sealed');
  }

  async verify(folder = join(this.root, '.git')): Promise<Verification> {
    const git = await Git.open({ folder, clock: systemClock, environment: process.env });
    const { stdout } = await git.local(['rev-parse', 'dr-history']);
    return verifyHistory(gitSource(git, stdout.toString('utf8').trim(), 'dr-history'));
  }
}

const told = ({ findings, executions }: Verification): readonly string[] =>
  [...findings, ...executions.flatMap((one) => one.findings)].map(({ file, message }) => `${file}: ${message}`);

describe('the history on a branch', () => {
  it('is sound when nothing was taken back', async () => {
    const repository = new Repository();
    await repository.execution('one');
    await repository.execution('two', false);
    const found = await repository.verify();
    assert.deepEqual(told(found), []);
    assert.deepEqual(
      found.executions.map(({ execution, state, records }) => [execution, state, records]),
      [
        ['one', 'sealed', 3],
        ['two', 'unsealed', 3],
      ],
    );
    assert.deepEqual(found.past, { commits: 7, shallow: false });
  });

  it('is read from a bare clone, without a working tree, and says when the past is not there', async () => {
    const repository = new Repository();
    await repository.execution('one');
    const bare = join(temporaryFolder(), 'clone.git');
    repository.git('clone', '--quiet', '--bare', '--depth=1', `file://${repository.root}`, bare);
    const found = await repository.verify(bare);
    assert.equal(found.sound, true);
    assert.deepEqual(found.past, { commits: 1, shallow: true });
  });

  const cases: readonly {
    readonly what: string;
    readonly act: (root: string) => void;
    readonly told: (commit: string) => string;
  }[] = [
    {
      what: 'an execution and its seal were deleted',
      act: (root) => {
        rmSync(join(root, 'webshop/two'), { recursive: true });
        rmSync(join(root, '_ledger', newest(root)));
      },
      told: (commit) => `webshop/two/waves/database.jsonl: commit ${commit} deleted it`,
    },
    {
      what: 'an unsealed journal lost its last line',
      act: (root) => edit(root, 'webshop/three/waves/database.jsonl', (text) => `${text.split('\n')[0]}\n`),
      told: (commit) => `webshop/three/waves/database.jsonl: commit ${commit} took lines off its end`,
    },
    {
      what: 'who asked for an unsealed execution was altered',
      act: (root) => edit(root, 'webshop/three/execution.json', (text) => text.replace('"sam"', '"eve"')),
      told: (commit) => `webshop/three/execution.json: commit ${commit} altered more of it than the verdict`,
    },
    {
      what: 'a file was replaced by a link',
      act: (root) => {
        rmSync(join(root, 'webshop/one/waves/database.jsonl'));
        symlinkSync('/etc/passwd', join(root, 'webshop/one/waves/database.jsonl'));
      },
      told: (commit) => `webshop/one/waves/database.jsonl: commit ${commit} turned it into something else (T)`,
    },
  ];
  for (const { what, act, told: expected } of cases) {
    it(`tells the commit when ${what}`, async () => {
      const repository = new Repository();
      await repository.execution('one');
      await repository.execution('two');
      await repository.execution('three', false);
      repository.commit('the last line');
      assert.deepEqual(told(await repository.verify()), []);
      act(repository.root);
      const commit = repository.commit('nothing happened');
      const found = await repository.verify();
      assert.ok(told(found).includes(expected(commit.slice(0, 12))), told(found).join('\n'));
      assert.equal(found.sound, false);
      // Taking it back does not hide it.
      repository.git('revert', '--no-edit', 'HEAD');
      assert.ok(told(await repository.verify()).includes(expected(commit.slice(0, 12))));
    });
  }

  it('may hold a journal that was set aside', async () => {
    const repository = new Repository();
    await repository.execution('one', false);
    edit(repository.root, 'webshop/one/waves/database.jsonl', (text) => text.replace('succeeded', 'successed'));
    // The damage itself is found in the commit that brought it.
    const damage = repository.commit('damaged');
    const store = folderStore(repository.root, { clock: new VirtualClock(START), owner: 'test' });
    const execution = await store.find('one');
    await (await execution?.journal('waves/database', 'set-aside'))?.close();
    repository.commit('set aside');
    assert.deepEqual(told(await repository.verify()), [
      `webshop/one/waves/database.jsonl: commit ${damage.slice(0, 12)} altered lines that were there before`,
    ]);
  });

  it('may be merged from two sides that both only added', async () => {
    const repository = new Repository();
    await repository.execution('one');
    repository.git('branch', 'other');
    await repository.execution('two');
    repository.git('checkout', '--quiet', 'other');
    await repository.execution('three');
    repository.git('checkout', '--quiet', 'dr-history');
    repository.git('merge', '--quiet', '--no-edit', 'other');
    const found = await repository.verify();
    assert.deepEqual(told(found), []);
    assert.equal(found.ledger.heads.length, 2);
  });
});

function edit(root: string, file: string, change: (text: string) => string): void {
  const path = join(root, file);
  const before = readFileSync(path, 'utf8');
  assert.notEqual(change(before), before, 'the test changes nothing');
  writeFileSync(path, change(before));
}

/** The ledger's newest entry. */
function newest(root: string): string {
  const names = readdirSync(join(root, '_ledger'));
  const found = names.find(
    (name) => !JSON.stringify(JSON.parse(readFileSync(join(root, '_ledger', name), 'utf8')).after).includes('[]'),
  );
  return found ?? '';
}
