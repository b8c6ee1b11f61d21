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
  const drillIn = (scenario: string) => {
    const simulation = ['--simulate', `plans/simulation/${scenario}.yaml`, '--speed', 'max'];
    return [breakwater, 'run', 'plans/webshop.yaml', '--mode', 'drill', ...simulation];
  };
  const env = { PATH: '/usr/bin:/bin', HOME: workspace };
  const { stdout, stderr } = await run(process.execPath, drillIn('no-database'), { cwd: workspace, env });
  assert.match(`${stdout}${stderr}`, /succeeded/);
  // The database of the other scenario is not in the bundles.
  await assert.rejects(run(process.execPath, drillIn('webshop'), { cwd: workspace, env }), {
    code: 2,
    stdout: '',
    stderr: /^breakwater: .*@electric-sql\/pglite is not installed \[usage\]\n {2}next: Install it/,
  });
  const checked = await run(process.execPath, [breakwater, 'check', 'plans'], { cwd: workspace, env });
  assert.doesNotMatch(checked.stdout, /error/);
});
