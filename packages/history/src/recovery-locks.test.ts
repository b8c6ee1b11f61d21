import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { systemClock } from '@breakwater/core';
import fc from 'fast-check';
import { folderLocks } from './folder-locks.ts';
import { GitRemote } from './git/remote.ts';
import { gitLocks } from './git-locks.ts';
import { lockName, lockPath } from './lock-names.ts';
import type { LockOwner, LockTarget, RecoveryLocks } from './locks.ts';

const run = promisify(execFile);
const SERVER: LockTarget = { kind: 'server', account: '111122223333', region: 'us-west-2', id: 's-1' };
const target = (id: string, changes: Partial<LockTarget> = {}): LockTarget => ({ ...SERVER, id, ...changes });
const owner = (execution: string, changes: Partial<LockOwner> = {}): LockOwner => ({
  execution,
  plan: 'webshop',
  mode: 'drill',
  actor: 'sam',
  host: 'here',
  at: '2026-11-20T03:15:00.000Z',
  ...changes,
});

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-locks-'));
  folders.push(folder);
  return folder;
}

function bareRepository(): string {
  const folder = join(temporaryFolder(), 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', folder]);
  return folder;
}

async function clone(place: string, simulated = false): Promise<RecoveryLocks> {
  const folder = join(temporaryFolder(), 'clone.git');
  const remote = await GitRemote.open({ folder, remote: place, clock: systemClock, environment: process.env });
  return gitLocks(remote, { clock: systemClock, simulated });
}

/** Both kinds of locks, seen from two places. */
const KINDS: readonly {
  readonly kind: string;
  readonly place: () => string;
  readonly seenFrom: (place: string, simulated?: boolean) => Promise<RecoveryLocks>;
}[] = [
  {
    kind: 'folder',
    place: temporaryFolder,
    seenFrom: async (place, simulated = false) => folderLocks(place, { clock: systemClock, simulated }),
  },
  { kind: 'git', place: bareRepository, seenFrom: clone },
];

for (const { kind, place, seenFrom } of KINDS) {
  describe(`locks in a ${kind}`, () => {
    it('are taken all or none, and say who holds them', async () => {
      const here = place();
      const [one, two] = [await seenFrom(here), await seenFrom(here)];
      const first = owner('drill-1', { run: 'https://github.com/o/r/actions/runs/1' });
      assert.deepEqual(await one.take([target('s-1'), target('s-2'), target('s-1')], first), []);
      assert.deepEqual(await two.take([target('s-3'), target('s-2')], owner('drill-2')), [
        { target: target('s-2'), owner: first },
      ]);
      assert.deepEqual(
        (await two.held()).map((lock) => lock.target.id),
        ['s-1', 's-2'],
      );
      assert.deepEqual(await two.take([target('s-3'), target('s-2', { region: 'eu-west-1' })], owner('drill-2')), []);
    });

    it('belong to the execution: its next process has them, and takes what is missing', async () => {
      const here = place();
      const [one, two] = [await seenFrom(here), await seenFrom(here)];
      await one.take([target('s-1')], owner('drill-1'));
      const later = owner('drill-1', { actor: 'kim', at: '2026-11-20T04:00:00.000Z' });
      assert.deepEqual(await two.take([target('s-1'), target('s-2')], later), []);
      assert.deepEqual(
        (await one.held()).map((lock) => lock.owner.actor),
        ['sam', 'kim'],
      );
      await one.release('drill-1');
      assert.deepEqual(await two.held(), []);
      await one.release('drill-1');
    });

    it('are released by their execution alone', async () => {
      const locks = await seenFrom(place());
      await locks.take([target('s-1')], owner('drill-1'));
      await locks.take([target('s-2')], owner('drill-2'));
      await locks.release('drill-2');
      assert.deepEqual(
        (await locks.held()).map((lock) => lock.owner.execution),
        ['drill-1'],
      );
    });

    it('are broken only in the hand in which they were seen', async () => {
      const locks = await seenFrom(place());
      await locks.take([target('s-1'), target('s-2')], owner('drill-1'));
      const seen = await locks.held();
      await locks.release('drill-1');
      await locks.take([target('s-2')], owner('drill-2'));
      assert.deepEqual(await locks.break(seen), [{ target: target('s-2'), owner: owner('drill-2') }]);
      assert.deepEqual(await locks.break(await locks.held()), []);
      assert.deepEqual(await locks.held(), []);
      assert.deepEqual(await locks.break([]), []);
    });

    it('carry a mark for who is wanted away, until it has let go', async () => {
      const here = place();
      const [one, two] = [await seenFrom(here), await seenFrom(here)];
      await one.take([target('s-1')], owner('drill-1'));
      assert.equal(await one.wanted('drill-1'), undefined);
      const by = owner('recovery-1', { mode: 'recovery' });
      await two.want('drill-1', by);
      await two.want('drill-1', owner('recovery-2', { mode: 'recovery' }));
      assert.deepEqual(await one.wanted('drill-1'), by);
      assert.equal(await one.wanted('drill-2'), undefined);
      assert.equal((await one.held()).length, 1);
      await one.release('drill-1');
      assert.equal(await two.wanted('drill-1'), undefined);
    });

    it('are apart for simulated AWS', async () => {
      const here = place();
      const [real, simulated] = [await seenFrom(here), await seenFrom(here, true)];
      assert.deepEqual(await simulated.take([target('s-1')], owner('rehearsal')), []);
      assert.deepEqual(await real.take([target('s-1')], owner('recovery-1')), []);
      assert.deepEqual(
        (await real.held()).map((lock) => lock.owner.execution),
        ['recovery-1'],
      );
    });

    it('take any identifier', async () => {
      const locks = await seenFrom(place());
      const ids = ['a..b', '-x', 'S-1', 's-1', 'ä/ö', '.lock', 'x.lock', '@{1}', 'x'.repeat(300), '~^:?*[\\', ' ', '', 'a\nb'];
      assert.deepEqual(
        await locks.take(
          ids.map((id) => target(id)),
          owner('drill-1'),
        ),
        [],
      );
      assert.deepEqual(new Set((await locks.held()).map((lock) => lock.target.id)), new Set(ids));
      assert.equal(
        (
          await locks.take(
            ids.map((id) => target(id)),
            owner('drill-2'),
          )
        ).length,
        ids.length,
      );
      await locks.release('drill-1');
      assert.deepEqual(await locks.held(), []);
    });

    it('go to exactly one of twenty processes that want overlapping servers', async () => {
      const here = place();
      const script = new URL('./testing/take-locks.ts', import.meta.url).pathname;
      const sets = Array.from({ length: 20 }, (_, at) => [`s-${at % 4}`, 's-shared', `s-own-${at}`]);
      const ends = await Promise.all(
        sets.map((ids, at) => run(process.execPath, [script, kind, here, `drill-${at}`, ...ids]).then(({ stdout }) => stdout)),
      );
      const winners = ends.flatMap((said, at) => (said === '' ? [at] : []));
      assert.equal(winners.length, 1, ends.join(''));
      const held = await (await seenFrom(here)).held();
      assert.deepEqual(held.map((lock) => lock.target.id).sort(), [...(sets[winners[0] ?? 0] ?? [])].sort());
      assert.deepEqual(new Set(held.map((lock) => lock.owner.execution)), new Set([`drill-${winners[0]}`]));
      // Whoever lost was told of a lock of the winner.
      for (const said of ends) if (said !== '') assert.match(said, new RegExp(`^(s-\\S+ drill-${winners[0]}\n)+$`));
    });
  });
}

describe('locks that cannot be read', () => {
  it('are held all the same, by somebody unknown', async () => {
    const root = temporaryFolder();
    const locks = folderLocks(root, { clock: systemClock, simulated: false });
    await locks.take([target('s-1')], owner('drill-1'));
    const [file = ''] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('s-1.json'));
    writeFileSync(join(root, file), '{');
    const [other] = await locks.take([target('s-1')], owner('drill-2'));
    assert.match(other?.owner.execution ?? '', /^unknown \(/);
    assert.equal((await locks.held()).length, 1);
  });

  it('are held all the same on a remote', async () => {
    const here = bareRepository();
    const tree = execFileSync('git', ['-C', here, 'mktree'], { input: '', encoding: 'utf8' }).trim();
    const commit = execFileSync('git', ['-C', here, '-c', 'user.name=x', '-c', 'user.email=x', 'commit-tree', tree, '-m', 'x'], {
      encoding: 'utf8',
    }).trim();
    execFileSync('git', ['-C', here, 'update-ref', `refs/breakwater/locks/${lockPath(target('s-1'))}`, commit]);
    const locks = await clone(here);
    assert.match((await locks.take([target('s-1')], owner('drill-2')))[0]?.owner.execution ?? '', /^unknown \(refs\//);
    await locks.break(await locks.held());
    assert.deepEqual(await locks.take([target('s-1')], owner('drill-2')), []);
  });
});

describe('a remote that does not answer', () => {
  it('is told as such', async () => {
    const locks = await clone(join(temporaryFolder(), 'nowhere.git'));
    await assert.rejects(locks.take([target('s-1')], owner('drill-1')), { code: 'history-unreachable' });
    await assert.rejects(locks.held(), { code: 'history-unreachable' });
    await assert.rejects(locks.release('drill-1'), { code: 'history-unreachable' });
  });
});

describe('lockName', () => {
  it('gives every text a name of its own that git and file systems take', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 }), { minLength: 1, maxLength: 10 }), (texts) => {
        const valid = texts.filter((text) => text.isWellFormed());
        const names = valid.map(lockName);
        assert.equal(new Set(names.map((name) => name.toLowerCase())).size, new Set(valid).size);
        for (const name of names) assert.match(name, /^[a-z0-9_][a-z0-9_-]{0,119}$/);
      }),
    );
  });
});

it('the command that takes locks away names the place where they are kept, as a shell reads it', async () => {
  const root = join(temporaryFolder(), "ann's history");
  const inFolder = folderLocks(root, { clock: systemClock, simulated: false });
  assert.equal(inFolder.unlockCommand?.('drill-1'), `breakwater unlock drill-1 --history '${root.replaceAll("'", "'\\''")}'`);
  const origin = bareRepository();
  const folder = join(temporaryFolder(), 'clone.git');
  const remote = await GitRemote.open({ folder, remote: origin, clock: systemClock, environment: process.env });
  const onBranch = gitLocks(remote, { clock: systemClock, simulated: false, branch: 'audit' });
  assert.equal(
    onBranch.unlockCommand?.('drill-1'),
    `breakwater unlock drill-1 --history-branch audit --history-remote ${origin}`,
  );
});
