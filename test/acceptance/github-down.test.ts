import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { edit, PATIENCE, type Rehearsal, rehearse } from './rehearsal.ts';
import { bundles, temporaryFolder } from './step.ts';

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '..', '..');
const ID = 'webshop-night';
/** The machine's own Node, from 20 up, which runs npm; not the one that npm brings for everything else. */
const OWN_NODE = process.env['npm_node_execpath'] ?? process.execPath;

/** A folder with the plan files and the bundle, and no more; its name resolution finds nobody. */
async function emergency({ aws }: Rehearsal) {
  const folder = temporaryFolder('emergency');
  for (const file of ['webshop.yaml', 'groups.yaml', 'sites.yaml'])
    cpSync(path.join(ROOT, 'plans', file), path.join(folder, file));
  cpSync(path.join(ROOT, 'plans', 'manifests'), path.join(folder, 'manifests'), { recursive: true });
  edit(path.join(folder, 'webshop.yaml'), PATIENCE);
  cpSync(await bundles(), path.join(folder, 'breakwater'), { recursive: true });
  const env = { PATH: '/usr/bin:/bin', HOME: folder, GITHUB_API_URL: 'http://127.0.0.1:9', ...aws };
  const breakwater = async (...args: readonly string[]) => {
    try {
      const { stdout, stderr } = await run(OWN_NODE, ['breakwater/breakwater.js', ...args], { cwd: folder, env });
      return { code: 0, text: `${stdout}${stderr}` };
    } catch (error) {
      if (!(error instanceof Error) || !('stdout' in error) || !('stderr' in error) || !('code' in error)) throw error;
      return { code: error.code, text: `${String(error.stdout)}${String(error.stderr)}` };
    }
  };
  return { folder, breakwater };
}

test('GitHub is down: a whole failover from plan files and bundle alone, whose record joins the branch afterwards and verifies', async () => {
  await using rehearsal = await rehearse('plans/simulation/webshop.yaml');
  const { folder, breakwater } = await emergency(rehearsal);
  const origin = path.join(temporaryFolder('origin'), 'recovery');
  const recovery = ['run', '.', '--plan', 'webshop', '--mode', 'recovery', '--execution', ID, '--history-remote', origin];

  const gated = await breakwater(...recovery);
  assert.equal(gated.code, 1, gated.text);
  assert.match(gated.text, /gate-closed/);
  assert.doesNotMatch(gated.text, /upgrade to node/, 'the SDK says nothing about the Node of this machine');
  assert.match(gated.text, /history-unreachable/);
  const done = await breakwater(...recovery, '--approve', 'web');
  assert.equal(done.code, 0, done.text);
  assert.equal(rehearsal.calls('StartRecovery').filter((call) => call.applied).length, 3);

  execFileSync('git', ['init', '-q', '--bare', origin]);
  const pushed = await breakwater('history', 'push', '--history-remote', origin);
  assert.equal(pushed.code, 0, pushed.text);
  assert.match(pushed.text, new RegExp(ID));
  const verified = await breakwater('history', 'verify', '--history-remote', origin);
  assert.equal(verified.code, 0, verified.text);
  const tree = execFileSync('git', ['--git-dir', origin, 'ls-tree', '-r', '--name-only', 'dr-history'], { encoding: 'utf8' });
  assert.match(tree, new RegExp(`webshop/${ID}/manifest\\.json`));
  const index = execFileSync('git', ['--git-dir', origin, 'show', 'dr-history:README.md'], { encoding: 'utf8' });
  assert.match(index, new RegExp(ID));

  // Whoever changes a line afterwards is found, here and on the branch.
  const journal = path.join(folder, '.breakwater', 'history', 'webshop', ID, 'waves', 'web.jsonl');
  edit(journal, [[/"status":"succeeded"/, '"status":"succeeded "']]);
  const altered = await breakwater('history', 'verify');
  assert.equal(altered.code, 1, altered.text);
  assert.match(altered.text, /waves\/web\.jsonl/);
});
