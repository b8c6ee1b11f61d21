import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { bundles } from '../acceptance/step.ts';
import { openTeam } from './team.ts';
import { copyRepository } from './temporary-copy.ts';

/** The first workflow of the front page that calls `drill.yml`, as a team would copy it. */
function fromReadme(): string {
  const readme = readFileSync(path.join(import.meta.dirname, '..', '..', 'README.md'), 'utf8');
  const block = [...readme.matchAll(/```yaml\n(.*?)```/gs)]
    .map(([, text = '']) => text)
    .find((text) => text.includes('drill.yml@v1'));
  assert.ok(block);
  return block.replace('plan: bookshop', 'plan: webshop');
}

test('a repository that holds nothing but plans drills by the workflow of the front page', async () => {
  await using team = await openTeam('plans/simulation/webshop.yaml', {
    runs: { 951: { event: 'workflow_dispatch', actor: 'ada' } },
  });
  const { folder } = team.repository;
  const called = copyRepository(await bundles(), 'breakwater-dr/breakwater', 'breakwater-dr/breakwater');
  for (const own of ['actions', 'dist', '.github', 'action.yml', 'package.json'])
    rmSync(path.join(folder, own), { recursive: true });
  mkdirSync(path.join(folder, '.github', 'workflows'), { recursive: true });
  writeFileSync(path.join(folder, '.github', 'workflows', 'drill.yml'), fromReadme());
  team.repository.commit('Leave only plans');
  const run = await team.run({
    workflow: 'drill.yml',
    event: 'workflow_dispatch',
    inputs: {},
    runId: '951',
    called: { name: 'breakwater-dr/breakwater@v1', folder: called.folder },
  });
  assert.equal(run.code, 0, run.log);
  assert.equal(team.aws.calls('StartRecovery').length, 3);
  assert.ok(
    team.record().some((file) => /^webshop\/[^/]+\/manifest\.json$/.test(file)),
    team.record().join(' '),
  );
});
