import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { DOCTOR_RULES } from '@breakwater/github';
import { markdownTable } from 'markdown-table';
import { ROOT } from './source-files.ts';

const page = path.join(ROOT, 'docs/doctor.md');
const MARKED = /(?<=<!-- rules:start -->\n)[\s\S]*?(?=<!-- rules:end -->)/;

test('docs/doctor.md has every rule, word for word; UPDATE_DOCS=1 writes them', () => {
  const rows = DOCTOR_RULES.map(({ id, name, severity, why, legal }) => [`\`${id}\` ${name}`, severity, why, legal]);
  const wanted = `${markdownTable([['rule', 'severity', 'why it matters', 'how it should be'], ...rows])}\n`;
  const text = readFileSync(page, 'utf8');
  if (process.env['UPDATE_DOCS'] === '1')
    writeFileSync(
      page,
      text.replace(MARKED, () => wanted),
    );
  assert.equal(MARKED.exec(readFileSync(page, 'utf8'))?.[0], wanted);
});

test('ids are unique and in order', () => {
  const ids = DOCTOR_RULES.map(({ id }) => id);
  assert.deepEqual(ids, [...new Set(ids)].sort());
  for (const id of ids) assert.match(id, /^GH\d{3}$/);
});
