import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { readStream } from '../chain.ts';
import { bareRepository, gitIn, onBranch, temporaryFolder } from './testing/machine.ts';

const WRITERS = 20;
const INTENTS = 1;

async function writer(root: string, remote: string, wave: string, cache: string): Promise<string> {
  const script = join(import.meta.dirname, 'testing', 'writer.ts');
  const child = spawn(process.execPath, [script, root, remote, wave, String(INTENTS)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return `${out}${err}`;
}

test('twenty processes at once lose no line, although the remote vanishes and a hook refuses at random', async () => {
  const root = temporaryFolder();
  const origin = bareRepository(root);
  // Every fourth push is refused, whoever it is.
  const hook = `#!/bin/sh\necho x >> "${root}/pushes"\n[ $(( $(wc -l < "${root}/pushes") % 4 )) -ne 0 ]\n`;
  writeFileSync(join(origin, 'hooks', 'update'), hook, { mode: 0o755 });
  const waves = Array.from({ length: WRITERS }, (_, n) => `wave-${n}`);
  let over = false;
  const outages = async () => {
    for (let n = 0; n < 3 && !over; n += 1) {
      await sleep(1_500);
      renameSync(origin, `${origin}.away`);
      await sleep(200);
      renameSync(`${origin}.away`, origin);
    }
  };
  const cache = join(root, 'compiled');
  // Twenty that compile the same sources at once take longer than all they write.
  assert.equal(await writer(join(root, 'first'), origin, 'wave-first', cache), 'done\n');
  // Some share a machine, and so a folder; most do not.
  const writing = Promise.all(waves.map((wave, n) => writer(join(root, `machine-${n % 15}`), origin, wave, cache)));
  const [ends] = await Promise.all([
    writing.finally(() => {
      over = true;
    }),
    outages(),
  ]);
  assert.deepEqual([...new Set(ends)], ['done\n']);
  const first = JSON.parse(onBranch(origin, 'webshop/drill-1/execution.json'));
  assert.equal(first.actor, 'wave-first');
  for (const wave of waves) {
    const identity = { execution: 'drill-1', stream: `waves/${wave}`, planDigest: first.plan.digest };
    const { lines, problems } = readStream(onBranch(origin, `webshop/drill-1/waves/${wave}.jsonl`), identity);
    assert.deepEqual(problems, [], wave);
    const keys = lines.flatMap((line) => (line.type === 'intent' ? [line.key] : []));
    assert.deepEqual(keys, [`${wave}-0`]);
    assert.equal(lines.at(-1)?.type, 'wave-finished');
  }
  // Nobody forced: the branch is one line of commits from its first.
  assert.match(gitIn(origin, 'rev-list', '--max-parents=0', 'dr-history').trim(), /^[0-9a-f]{40}$/);
  assert.equal(gitIn(origin, 'rev-list', '--min-parents=2', 'dr-history'), '');
});
