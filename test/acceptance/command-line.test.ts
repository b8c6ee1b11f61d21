import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { bundles, temporaryFolder } from './step.ts';

const run = promisify(execFile);
const ROOT = path.join(import.meta.dirname, '..', '..');

test('the bundled command line drills the webshop from a folder without node_modules: the way out when GitHub is down', async () => {
  const workspace = temporaryFolder('workspace');
  cpSync(path.join(ROOT, 'plans'), path.join(workspace, 'plans'), { recursive: true });
  const breakwater = path.join(await bundles(), 'breakwater.js');
  const drill = ['run', 'plans/webshop.yaml', '--mode', 'drill', '--simulate', 'plans/simulation/webshop.yaml', '--speed', 'max'];
  const env = { PATH: '/usr/bin:/bin', HOME: workspace };
  const { stdout, stderr } = await run(process.execPath, [breakwater, ...drill], { cwd: workspace, env });
  assert.match(`${stdout}${stderr}`, /succeeded/);
  const checked = await run(process.execPath, [breakwater, 'check', 'plans'], { cwd: workspace, env });
  assert.doesNotMatch(checked.stdout, /error/);
});
