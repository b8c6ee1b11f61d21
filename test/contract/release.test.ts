import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from './source-files.ts';

const folder = mkdtempSync(path.join(os.tmpdir(), 'breakwater-release-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const workflow: { jobs: { release: { steps: readonly { name?: string; run?: string }[] } } } = parse(
  readFileSync(path.join(ROOT, '.github/workflows/release.yml'), 'utf8'),
);
const script = workflow.jobs.release.steps.find(({ name }) => name === 'Publish the release and move the major tag')?.run ?? '';

/** Stands for gh: writes down what it is told, and knows the tags and releases that it is given. */
const gh = path.join(folder, 'gh');
writeFileSync(
  gh,
  `#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  "release view "*) [ -n "$RELEASED" ] ;;
  *"/matching-refs/tags/v1. "*) for tag in $TAGS; do case "$tag" in v1.*) echo "refs/tags/$tag" ;; esac; done ;;
  *"/git/ref/tags/v1") case " $TAGS " in *" v1 "*) ;; *) exit 1 ;; esac ;;
esac
`,
);
chmodSync(gh, 0o755);

function release(tag: string, tags: readonly string[], released = false) {
  const calls = path.join(mkdtempSync(path.join(folder, 'run-')), 'calls');
  const run = spawnSync('bash', ['-e', '-c', script], {
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      PATH: `${folder}:${process.env['PATH']}`,
      CALLS: calls,
      TAG: tag,
      TAGS: tags.join(' '),
      RELEASED: released ? 'yes' : '',
      GITHUB_REPOSITORY: 'breakwater-dr/breakwater',
      GITHUB_SHA: 'c'.repeat(40),
    },
  });
  assert.equal(run.status, 0, run.stderr);
  const told = readFileSync(calls, 'utf8').trim().split('\n');
  return {
    created: told.some((call) => call.startsWith(`release create ${tag} `)),
    moved: told.filter((call) => /--method (?:PATCH|POST)/.test(call)),
    out: run.stdout,
  };
}

test('a new release moves its major tag, the first one makes it', () => {
  const first = release('v1.0.0', ['v1.0.0']);
  assert.ok(first.created);
  assert.match(first.moved.join('\n'), /^api --method POST .*refs\/tags\/v1 --field sha=c{40}$/);
  const next = release('v1.10.0', ['v1', 'v1.0.0', 'v1.9.0', 'v1.10.0', 'v1.11.0-rc.1', 'v10.0.0']);
  assert.ok(next.created);
  assert.match(next.moved.join('\n'), /^api --method PATCH .*git\/refs\/tags\/v1 --field sha=c{40} --field force=true$/);
});

test('a release of an older line, or one that is run again, never takes users back', () => {
  const patch = release('v1.2.4', ['v1', 'v1.2.3', 'v1.2.4', 'v1.3.0']);
  assert.ok(patch.created, 'it is published all the same');
  assert.deepEqual(patch.moved, []);
  assert.match(patch.out, /::notice[^\n]*v1 stays[^\n]*v1\.3\.0/);
  const again = release('v1.2.3', ['v1', 'v1.2.3', 'v1.3.0'], true);
  assert.deepEqual([again.created, again.moved], [false, []]);
});
