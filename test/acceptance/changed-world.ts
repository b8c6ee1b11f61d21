import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parse, stringify } from 'yaml';
import { temporaryFolder } from './step.ts';

/** A sample scenario with what `change` makes of its lists, in a file of its own. */
export function changedWorld(scenario: string, name: string, change: (lists: Record<string, unknown[]>) => void): string {
  const lists = parse(readFileSync(scenario, 'utf8'));
  const before = JSON.stringify(lists);
  change(lists);
  assert.notEqual(JSON.stringify(lists), before, 'something is changed');
  const file = path.join(temporaryFolder(name), `${name}.yaml`);
  writeFileSync(file, stringify({ ...lists, name }));
  return path.relative('.', file);
}
