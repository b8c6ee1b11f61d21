import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { code, codeBlock, html, link, markdown, mermaid, plain } from './escape.ts';

/** Text made of what is dangerous, and some that is not. */
const nasty = fc
  .array(
    fc.constantFrom(
      '|',
      '`',
      '*',
      '_',
      '[',
      ']',
      '(',
      ')',
      '<',
      '>',
      '&',
      '#',
      '@',
      '$',
      '~',
      '\\',
      '\n',
      '\r',
      '\u2028',
      '\u202e',
      '\u001b[31m',
      ':',
      ';',
      '%%',
      '"',
      "'",
      ' ',
      'a',
      'ß',
      '東',
      '1',
      '://',
      'www.',
      '-',
      '+',
      '=',
      '```',
      '</script>',
      '<!--',
    ),
  )
  .map((parts) => parts.join(''));

test('plain text is one line, without escape sequences or marks that reorder it', () => {
  assert.equal(plain('web ##[add-mask]x'), 'web ##\u200b[add-mask]x', 'no command to a runner of GitHub');
  assert.equal(plain('\u001b[31mred\u001b[0m\n\tline \u202etxet\u001b]8;;https://x\u0007'), 'red line txet');
  fc.assert(
    fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) =>
      assert.doesNotMatch(plain(text), /[\p{Cc}\u2028\u2029\u202e]/u),
    ),
  );
});

describe('text for Markdown', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['db-1.example.com', 'db-1.example.com'],
    ['a|b', 'a\\|b'],
    ['`rm`', '\\`rm\\`'],
    ['<img src=x>', '&lt;img src=x&gt;'],
    ['&lt;', '&amp;lt;'],
    ['**bold** _it_ ~~gone~~', '\\*\\*bold\\*\\* \\_it\\_ \\~\\~gone\\~\\~'],
    ['[x](https://evil.example)', '\\[x\\](https:&#47;&#47;evil.example)'],
    ['www.evil.example', 'www&#46;evil.example'],
    ['@team see #12 for $x$', '&#64;team see &#35;12 for &#36;x&#36;'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['# title', '&#35; title'],
    ['> quote', '&gt; quote'],
    ['a\nb', 'a b'],
    ['\\', '\\\\'],
  ];
  for (const [text, escaped] of cases) test(JSON.stringify(text), () => assert.equal(markdown(text), escaped));

  test('never holds markup, whatever it is made of', () => {
    fc.assert(
      fc.property(nasty, (text) => {
        const bare = markdown(text).replace(/\\[\\`*_[\]|~+=>.)-]/g, '');
        assert.doesNotMatch(bare, /[`*_[\]|~<>@$\n\r\\]/);
        assert.doesNotMatch(bare, /&(?!(?:amp|lt|gt|#64|#35|#36|#47|#46);)/);
      }),
    );
  });
});

test('inline code is code where it can be, and escaped text where it cannot', () => {
  assert.equal(code('drsjob-1'), '`drsjob-1`');
  assert.equal(code('a`b'), 'a\\`b');
  assert.equal(code('a|b'), 'a\\|b');
  assert.equal(code(''), '');
});

test('a block of code cannot be ended from within', () => {
  fc.assert(
    fc.property(nasty, (text) => {
      const [fence = '', ...rest] = codeBlock(text).split('\n');
      const ticks = fence.replace('text', '');
      assert.equal(rest.at(-1), ticks);
      assert.ok(rest.slice(0, -1).every((line) => !line.trimStart().startsWith(ticks)));
    }),
  );
  assert.equal(codeBlock('a\r\nb\u001b[31m', 'json'), '```json\na\nb\n```');
  // Ticks that only meet when a colour between them is taken away.
  assert.equal(codeBlock('`\u001b[31m``'), '````text\n```\n````');
});

test('text in an HTML element has no element and no entity of its own', () => {
  assert.equal(html('<b>&"\'\n</b>'), '&lt;b&gt;&amp;&quot;&#39; &lt;/b&gt;');
});

test('a link needs an address', () => {
  assert.equal(link('x', 'https://aws'), '[x](https://aws)');
  assert.equal(link('x', undefined), 'x');
});

describe('a name in a gantt chart', () => {
  test('holds nothing that the grammar gives a meaning', () => {
    fc.assert(
      fc.property(fc.oneof(nasty, fc.string({ unit: 'binary' })), (text) => {
        assert.match(mermaid(text), /^[\p{L}\p{M}\p{N} _./()+=…-]+$/u);
        assert.ok([...mermaid(text)].length <= 62);
      }),
    );
  });

  for (const statement of [
    'title x',
    'section y',
    'click z',
    'DateFormat',
    '2026-11-20',
    'todayMarker off',
    'excludes weekends',
  ]) {
    test(`is no statement: ${statement}`, () => assert.equal(mermaid(statement), `_ ${statement}`));
  }

  test('is never empty, and not endless', () => {
    assert.equal(mermaid(':;#'), 'unnamed');
    assert.equal(mermaid('x'.repeat(100)), `${'x'.repeat(59)}…`);
  });
});
