/** Controls, and marks that reverse the reading direction. */
const UNPRINTABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;

/** Text in a table of the job summary: no Markdown, no HTML, one line, nothing that hides or reverses it. */
export function cell(text: string): string {
  return text
    .replaceAll(UNPRINTABLE, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\|`*_[\]~#@!]/g, '\\$&');
}

/** A table of what is known, name by name; what is not known is left out. */
export function factTable(rows: readonly (readonly [string, string | undefined])[]): readonly string[] {
  const known = rows.filter(([, value]) => value !== undefined && value !== '');
  return ['| | |', '| --- | --- |', ...known.map(([name, value]) => `| ${name} | ${cell(value ?? '')} |`), ''];
}

/** JSON in a fence that nothing inside can close. */
export function fenced(value: unknown): readonly string[] {
  const text = JSON.stringify(value, null, 2);
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return [`${fence}json`, text, fence];
}
