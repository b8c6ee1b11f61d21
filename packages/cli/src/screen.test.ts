import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteStream } from 'node:tty';
import fc from 'fast-check';
import { terminalScreen } from './screen.ts';

/** What a terminal shows after these bytes: the few sequences that move the cursor and erase. */
function shown(bytes: string): string[] {
  const grid: string[][] = [[]];
  let y = 0;
  let x = 0;
  const rowAt = (at: number): string[] => {
    while (grid.length <= at) grid.push([]);
    return grid[at] ?? [];
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read
  for (const [all, mode, count, letter] of bytes.matchAll(/\x1b\[(\?)?(\d*)([A-Za-z])|[\s\S]/g)) {
    const n = count ? Number(count) : 1;
    if (mode === '?') continue;
    if (letter === 'A') y = Math.max(0, y - n);
    else if (letter === 'B') y += n;
    else if (letter === 'G') x = n - 1;
    else if (letter === 'K') rowAt(y).splice(count === '2' ? 0 : x);
    else if (all === '\n') [y, x] = [y + 1, 0];
    else if (letter !== undefined) assert.fail(`unknown sequence ${JSON.stringify(all)}`);
    else rowAt(y)[x++] = all;
  }
  return grid.map((row) =>
    Array.from(row, (cell) => cell ?? ' ')
      .join('')
      .trimEnd(),
  );
}

function recorded(): { stream: WriteStream; bytes: () => string } {
  let bytes = '';
  const stream: WriteStream = Object.create(WriteStream.prototype, {
    isTTY: { value: true },
    columns: { value: 80 },
    rows: { value: 40 },
    write: {
      value: (text: string) => {
        bytes += text;
        return true;
      },
    },
  });
  return { stream, bytes: () => bytes };
}

test('whatever frames follow each other, the screen shows the last one and nothing else', () => {
  const line = fc.constantFrom('', 'a', 'b', 'longer line', 'webshop  drill');
  const frame = fc.array(line, { minLength: 1, maxLength: 8 }).map((lines) => ['title', ...lines]);
  fc.assert(
    fc.property(fc.array(frame, { minLength: 1, maxLength: 8 }), (frames) => {
      const { stream, bytes } = recorded();
      const screen = terminalScreen(stream);
      for (const each of frames) screen.draw(each.join('\n'));
      screen.done();
      const last = frames.at(-1) ?? [];
      const text = (lines: readonly string[]) => lines.join('\n').trimEnd();
      assert.equal(text(shown(bytes())), text(last));
    }),
    { numRuns: 400 },
  );
});

test('after the last frame the cursor stands on a fresh line, and was never hidden', () => {
  const { stream, bytes } = recorded();
  const screen = terminalScreen(stream);
  screen.draw('one\ntwo');
  screen.draw('one\nthree');
  screen.done();
  assert.deepEqual(shown(`${bytes()}after`), ['one', 'three', 'after']);
  assert.ok(!bytes().includes('\u001b[?25l'));
});
