import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

/** Characters that would move the cursor, ring, or reorder the line: C0 and C1 controls, line separators, bidirectional marks. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * Text from files and from AWS made safe for one line of a terminal: no escape sequences, no line breaks, single spaces. Nor `##[`, which is a
 * command to a runner of GitHub wherever it stands.
 */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(UNPRINTABLE, ' ').replace(/ {2,}/g, ' ').replaceAll('##[', '##\u200b[').trim();
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Cuts text to at most `width` columns, with an ellipsis where something was cut. */
export function clip(text: string, width: number, ellipsis = '…'): string {
  if (stringWidth(text) <= width) return text;
  const room = width - stringWidth(ellipsis);
  if (room < 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = used + stringWidth(segment);
    if (next > room) break;
    kept += segment;
    used = next;
  }
  return kept.trimEnd() + ellipsis;
}

/** Clips text or fills it up with spaces to exactly `width` columns. */
export function fit(text: string, width: number, ellipsis = '…'): string {
  const clipped = clip(text, width, ellipsis);
  return clipped + ' '.repeat(Math.max(0, width - stringWidth(clipped)));
}

/** Breaks text into lines of at most `width` columns at spaces; a word that is longer than a line keeps its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && stringWidth(line) + 1 + stringWidth(word) > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
