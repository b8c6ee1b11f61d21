import { Scalar } from 'yaml';

const OPENING = `\${{`;

/**
 * A text of a plan as a value of a workflow: always in quotes, so that YAML takes it for a text, and with its `${{` written as an
 * expression that yields `${{`, so that GitHub evaluates nothing of it.
 */
export function literal(text: string): Scalar<string> {
  return quoted(escaped(text));
}

/** A text in quotes that may hold expressions of ours. */
export function quoted(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

/** A text where GitHub allows no expression at all: its `${{` is broken apart, for people to read. */
export function plain(text: string): Scalar<string> {
  return quoted(text.replaceAll(OPENING, '$ {{'));
}

/** A value that GitHub computes. */
export function expression(code: string): Scalar<string> {
  return quoted(`\${{ ${code} }}`);
}

/** As it may stand in a value beside expressions of ours. */
export function escaped(text: string): string {
  return text.replaceAll(OPENING, `${OPENING} '${OPENING}' }}`);
}

/** JSON on one line of ASCII, so that it can stand in a comment whatever the text holds. */
export function inComment(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Job ids for names, in the same order: what GitHub takes as one, and no two alike, letter case aside. */
export function jobIds(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const base = `wave-${name.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 80)}`;
    let id = base;
    for (let n = 2; taken.has(id.toLowerCase()); n += 1) id = `${base}-${n}`;
    taken.add(id.toLowerCase());
    return id;
  });
}
