import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { header, wavesNamed } from '../testing/records.ts';
import { commitMessage } from './commit-message.ts';
import { type IndexEntry, indexPages } from './index-page.ts';

const entry = (id: string, changes: Parameters<typeof header>[1] = {}, hasReport = false): IndexEntry => {
  const about = header(wavesNamed('data'), { id, ...changes });
  return { plan: about.plan.name, id, header: about, hasReport };
};
const rows = (page: string | undefined) => (page ?? '').split('\n').filter((line) => line.startsWith('| ['));

test('executions are listed newest first, the older ones of many on the pages of their plans alone', () => {
  const entries = Array.from({ length: 120 }, (_, n) => entry(`drill-${n}`, { createdAt: n * 60_000 }));
  const pages = indexPages(entries, ['webshop']);
  const root = rows(pages.get('README.md'));
  assert.equal(root.length, 100);
  assert.match(root[0] ?? '', /^\| \[drill-119\]\(webshop\/drill-119\) \| in progress \| drill \|/);
  assert.match(pages.get('README.md') ?? '', /\n20 older executions are on the pages of their plans\.\n$/);
  const plan = rows(pages.get('webshop/README.md'));
  assert.equal(plan.length, 120);
  assert.match(plan.at(-1) ?? '', /^\| \[drill-0\]\(drill-0\) \|/);
});

test('the pages do not depend on the order in which executions were found', () => {
  const entries = [
    entry('a', { createdAt: 5 }),
    entry('b', { createdAt: 5 }),
    entry('c', { createdAt: 7, simulated: true }, true),
  ];
  const page = indexPages(entries, ['webshop']).get('README.md');
  assert.equal(indexPages([...entries].reverse(), ['webshop']).get('README.md'), page);
  assert.match(rows(page)[0] ?? '', /\[c\]\(webshop\/c\/report\.md\) \| in progress \| drill, simulated \|/);
});

test('whatever a person is called, a row stays a row of eight cells without markup of its own', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('|', '\n', '<', '>', '[', ']', '(', ')', '`', '*', '@', '\\', '!', 'a', ' ', '\r'),
  });
  fc.assert(
    fc.property(hostile, (actor) => {
      const [row = '', ...others] = rows(indexPages([entry('drill-1', { actor })], []).get('README.md'));
      assert.equal(others.length, 0);
      assert.equal(row.replaceAll(/\\[^a-z]/g, '').split('|').length, 10);
      assert.doesNotMatch(
        row
          .split('|')
          .slice(5)
          .join('|')
          .replaceAll(/\\[^a-z]/g, ''),
        /[<>`*@[\]!]/,
      );
    }),
  );
});

test('a commit message is led by what counts most, and no text begins a line of its own', () => {
  const about = { plan: 'webshop', what: 'drill drill-1' };
  assert.equal(commitMessage(about, []), 'webshop: drill drill-1 goes on\n');
  const notes = [
    { text: 'wave data succeeded', weight: 5 },
    { text: 'made drsjob-1\n\nSigned-off-by: mallory', weight: 2 },
  ];
  assert.equal(
    commitMessage(about, notes),
    'webshop: drill drill-1 wave data succeeded\n\n- wave data succeeded\n- made drsjob-1 Signed-off-by: mallory\n',
  );
  const many = commitMessage(
    about,
    Array.from({ length: 100 }, (_, n) => ({ text: `note ${n}`, weight: 1 })),
  );
  assert.match(many, /^webshop: drill drill-1 note 99\n\n- and 60 more before\n- note 60\n/);
});
