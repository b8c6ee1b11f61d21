import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { Execution } from '@breakwater/history';
import { renderMarkdown } from './markdown.ts';
import { databases, degraded, failed, HOSTILE, hostile, inProgress, large, normal } from './testing/executions.ts';

/** Compares with a file in fixtures/; `UPDATE_FIXTURES=1` writes it anew. */
function golden(name: string, actual: string): void {
  const path = new URL(`./fixtures/${name}`, import.meta.url);
  if (process.env['UPDATE_FIXTURES'] === '1') writeFileSync(path, actual);
  assert.equal(actual, readFileSync(path, 'utf8'));
}

describe('the whole text of', () => {
  for (const [name, make] of Object.entries({ normal, failed, degraded, 'in-progress': inProgress, databases, large, hostile })) {
    test(name, () => golden(`${name}.md`, renderMarkdown(make())));
  }
});

const headings = (text: string) => [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title);

describe('the first lines', () => {
  const start = (execution: Execution, lines: number) => renderMarkdown(execution).split('\n').slice(0, lines).join('\n');

  test('say the verdict, why, what to do, and the objectives', () => {
    const text = start(failed(), 12);
    assert.match(text, /^# Recovery of webshop: failed\n\n`server-failed`: wave web: .*\n\n\*\*Next:\*\* Allow ec2:RunInstances/);
    assert.match(text, /\| Recovery time \| 35m 30s \| 1h 00m \| \*\*not met: not all was recovered\*\* \|/);
    assert.match(text, /\| Recovery point \| 6s \(application-5\) \| 15m 00s \| not proved \|/);
  });

  test('say loudly when AWS was the simulator, and only then', () => {
    assert.match(start(normal(), 5), /\[!CAUTION\]\n> \*\*SIMULATED\./);
    assert.doesNotMatch(renderMarkdown(failed()), /simulat/i);
  });

  test('warn of a damaged record, and give the command that resumes', () => {
    assert.match(start(degraded(), 5), /\[!WARNING\]\n> \*\*The record was damaged or altered\*\* \(1 problem/);
    assert.match(
      start(inProgress(), 12),
      /```sh\nbreakwater run plans --plan webshop --mode recovery --execution recovery-20261120T031500Z-4f2a\n```/,
    );
    assert.match(start(inProgress(), 20), /\| … of it waiting for people \| 11m 30s \|/);
  });

  test('quote names that a shell would take apart', () => {
    assert.ok(renderMarkdown({ ...hostile(), verdict: 'in-progress' }).includes("--plan '|`a`|"));
  });
});

test('failures come before everything else, critical ones first', () => {
  const text = renderMarkdown(failed());
  assert.deepEqual(headings(text).slice(0, 3), ['Recovery of webshop: failed', 'What failed', 'Waves']);
  const order = ['**web-2**', '**Webshop-WarmCaches**', '**terminate the drill instances**'].map((name) => text.indexOf(name));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
  );
});

test('many servers are folded up, few are not', () => {
  assert.match(renderMarkdown(large()), /<details>\n<summary>300 servers<\/summary>\n\n\| Server/);
  assert.match(renderMarkdown(normal()), /## Servers\n\n\| Server/);
});

test('the seal is shown to whoever has it', () => {
  assert.match(renderMarkdown(normal(), { seal: 'ab12' }), /\| Seal \| `ab12`; noted elsewhere/);
  assert.doesNotMatch(renderMarkdown(normal()), /Seal/);
});

test('links of the door are taken if they are addresses of the web', () => {
  const text = renderMarkdown(normal(), {
    links: { run: 'https://github.com/o/r/actions/runs/1?a=(b)', commit: 'https://github.com/o/r/commit/4c7e' },
  });
  assert.match(text, /\[open\]\(https:\/\/github\.com\/o\/r\/actions\/runs\/1\?a=%28b%29\)/);
  assert.match(text, /\| Commit \| \[`4c7e.*`\]\(https:\/\/github\.com\/o\/r\/commit\/4c7e\) \|/);
  assert.doesNotMatch(
    renderMarkdown(normal(), { links: { run: 'javascript:alert(1)', history: 'not an address' } }),
    /javascript|\[open\]/,
  );
});

test('outputs are shown by name, whatever their shape, and long ones are cut', () => {
  const execution = normal();
  const [wave, ...others] = execution.waves;
  const [step, ...steps] = wave?.steps ?? [];
  assert.ok(wave !== undefined && step !== undefined);
  const result = {
    outputs: { text: 'a|b', list: ['x', 'y'], number: 7, nested: { deep: [true] }, long: 'z'.repeat(1_000), nothing: null },
  };
  const text = renderMarkdown({ ...execution, waves: [{ ...wave, steps: [{ ...step, result }, ...steps] }, ...others] });
  const rows = [...text.matchAll(/^\| database \| before: Webshop-FreezeDeployments \| `(\w+)` \| (.*) \|$/gm)].map(
    ([, name, value]) => [name, value],
  );
  assert.deepEqual(rows, [
    ['text', 'a\\|b'],
    ['list', 'x, y'],
    ['number', '7'],
    ['nested', '{"deep":\\[true\\]}'],
    ['long', `${'z'.repeat(300)}…`],
    ['nothing', 'null'],
  ]);
});

describe('hostile names', () => {
  const text = renderMarkdown(hostile());
  /** Outside of code blocks and of HTML elements, where Markdown is read. */
  const read = text.replace(/^(`{3,})[a-z]*\n[\s\S]*?\n\1$/gm, '').replace(/<summary>.*<\/summary>/g, '<summary></summary>');

  test('bring in no HTML, no link and no mention', () => {
    const tags = new Set([...read.matchAll(/<\/?([a-z]+)/gi)].map(([, tag]) => tag));
    assert.deepEqual([...tags].sort(), ['br', 'details', 'summary']);
    for (const [, url] of read.matchAll(/\]\(([^)]*)\)/g))
      assert.match(url ?? '', /^(https:&#47;&#47;evil\.example$|https:\/\/us-west-2\.console\.aws\.amazon\.com\/)/);
    assert.doesNotMatch(read, /(?<!\\)\[c(?<!\\)\]|@sam|https:\/\/evil/);
    assert.doesNotMatch(text, /\p{Cc}(?<!\n)/u);
    assert.ok(HOSTILE.includes('@sam'));
  });

  test('break no table: every row has the columns of its head', () => {
    const columns = (row: string) => row.replace(/\\\|/g, '').split('|').length;
    for (const table of read.match(/(?:^\|.*\n)+/gm) ?? []) {
      const rows = table.trimEnd().split('\n');
      assert.deepEqual(new Set(rows.map(columns)).size, 1, table);
    }
  });
});

describe('a report that is too large', () => {
  const whole = renderMarkdown(large());
  const size = Buffer.byteLength(whole);

  test('is shortened from the least important up, and says what is missing', () => {
    const text = renderMarkdown(large(), { maxBytes: size - 1 });
    assert.ok(Buffer.byteLength(text) < size);
    assert.match(text, /too large to be shown whole \(shortened: /);
    assert.equal(text.match(/^- \*\*/gm)?.length, 30, 'all failures are still there');
  });

  test('keeps what failed longest, and never exceeds its limit', () => {
    for (const maxBytes of [150_000, 60_000, 20_000, 8_000, 3_000, 1_000, 300]) {
      const text = renderMarkdown(large(), { maxBytes });
      assert.ok(Buffer.byteLength(text) <= maxBytes, `${Buffer.byteLength(text)} > ${maxBytes}`);
      assert.match(text, /^# Drill of webshop: failed\n/);
      assert.match(text, /record has it all/);
      if (maxBytes >= 3_000) assert.match(text, /## What failed/);
    }
  });

  test('fits a job summary with 4,000 servers lost', () => {
    const execution = large();
    const [wave] = execution.waves;
    const [server] = wave?.servers.filter(({ status }) => status === 'failed') ?? [];
    assert.ok(wave !== undefined && server !== undefined);
    const servers = Array.from({ length: 4_000 }, (_, i) => ({ ...server, id: `s-${i}`, name: `lost-${i}` }));
    const text = renderMarkdown({ ...execution, waves: [{ ...wave, servers }] });
    assert.ok(Buffer.byteLength(text) <= 1_000_000);
    assert.match(text, /\*\*lost-99\*\*/);
  });
});

test('what became of the shared history and locks is told near the top', () => {
  const execution = normal();
  const sharing = [
    { event: 'without-locks', at: Date.UTC(2026, 10, 20, 3, 15), message: 'no <b>answer</b>' },
    { event: 'pre-empted', at: Date.UTC(2026, 10, 20, 3, 16), message: 'drill d-1 of plan p' },
  ] as const;
  const text = renderMarkdown({ ...execution, runs: execution.runs.map((run) => ({ ...run, sharing })) });
  assert.match(text, /## Shared history and locks\n\n- 2026-11-20 03:15:00, run run-1, without locks: no .{1,12}answer/);
  assert.match(text, /\n- 2026-11-20 03:16:00, run run-1, a drill had to make way: drill d-1 of plan p\n/);
  assert.ok(text.indexOf('## Shared history and locks') < text.indexOf('## Waves'));
  assert.ok(!renderMarkdown(execution).includes('Shared history'));
});
