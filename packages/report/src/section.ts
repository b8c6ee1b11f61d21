import { markdownTable } from 'markdown-table';
import { html } from './escape.ts';

/** How much of a section is shown when space is short. */
export type Detail = 'full' | 'short';

/** A part of the Markdown report that can be shortened, then left out, when the whole would be too large. */
export interface Section {
  readonly title: string;
  /** The higher, the longer it is kept. */
  readonly worth: number;
  /** Its Markdown, heading included; empty if there is nothing to say. */
  render(detail: Detail): string;
}

/** A table; cells must be escaped. Columns are not padded: names of very different length would make it many times as large. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return markdownTable([head, ...rows], { alignDelimiters: false });
}

/** Rows or list items, the first `most` of them, and a line that says how many are not shown. */
export function first<T>(items: readonly T[], most: number): { readonly shown: readonly T[]; readonly rest: string } {
  const left = items.length - most;
  return left <= 0
    ? { shown: items, rest: '' }
    : { shown: items.slice(0, most), rest: `\n\n${left} more are not shown here; the record has them all.` };
}

/** A part that is folded up until somebody opens it. `summary` is plain text. */
export function folded(summary: string, body: string): string {
  return `<details>\n<summary>${html(summary)}</summary>\n\n${body}\n\n</details>`;
}
