import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from './source-files.ts';

const pages = globSync(['*.md', 'docs/**/*.md', 'actions/*/README.md'], { cwd: ROOT });

test('every link between pages leads somewhere', () => {
  assert.ok(pages.length >= 5, `${pages.length} pages`);
  const broken: string[] = [];
  for (const page of pages) {
    const text = readFileSync(path.join(ROOT, page), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '');
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target === undefined || /^(https?:|mailto:|#)/.test(target)) continue;
      const file = path.join(ROOT, path.dirname(page), decodeURIComponent(target.split('#')[0] ?? ''));
      if (!existsSync(file)) broken.push(`${page}: ${target}`);
    }
  }
  assert.deepEqual(broken, []);
});
