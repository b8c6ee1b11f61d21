/** A process that wants locks: `folder|git <place> <execution> <target ids…>`. Says on stdout who holds them; nothing if it got them all. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@breakwater/core';
import { folderLocks } from '../folder-locks.ts';
import { GitRemote } from '../git/remote.ts';
import { gitLocks } from '../git-locks.ts';

const [kind = '', place = '', execution = '', ...ids] = process.argv.slice(2);
const own = mkdtempSync(join(tmpdir(), 'breakwater-taker-'));
try {
  const options = { clock: systemClock, simulated: false };
  const remote = () =>
    GitRemote.open({ folder: join(own, 'clone.git'), remote: place, clock: systemClock, environment: process.env });
  const locks = kind === 'git' ? gitLocks(await remote(), options) : folderLocks(place, options);
  const owner = {
    execution,
    plan: 'webshop',
    mode: 'drill',
    actor: 'sam',
    host: 'here',
    at: '2026-11-20T03:15:00.000Z',
  } as const;
  const targets = ids.map((id) => ({ kind: 'server', account: '111122223333', region: 'us-west-2', id }) as const);
  const others = await locks.take(targets, owner);
  process.stdout.write(others.map(({ target, owner: by }) => `${target.id} ${by.execution}\n`).join(''));
} finally {
  rmSync(own, { recursive: true, force: true });
}
