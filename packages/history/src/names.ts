import { UserError } from '@breakwater/core';

/** Longest name taken for one folder or file; common file systems end at 255 bytes, and suffixes (`.damaged-1.jsonl`) are added. */
const LONGEST_NAME = 120;

/** Names that Windows keeps for devices, with or without an extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** What a folder or file name must not hold: separators, what Windows refuses, control characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const FORBIDDEN = /[/\\<>:"|?*\u0000-\u001f\u007f]/;

/**
 * Why `name` cannot be one folder or file of the history; `undefined` if it can. The plan's schema restricts names already; this is
 * the last guard before a path is built, and it trusts nobody: no separators, no leading dot, nothing that Windows reserves.
 */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (Buffer.byteLength(name) > LONGEST_NAME) return `it is longer than ${LONGEST_NAME} bytes`;
  if (name.startsWith('.')) return 'it starts with a dot';
  if (FORBIDDEN.test(name)) return 'it holds a path separator, a control character or one of < > : " | ? *';
  if (/[. ]$/.test(name)) return 'it ends with a dot or a space';
  if (DEVICE.test(name)) return 'Windows keeps that name for a device';
  return undefined;
}

/** Returns `name` if it can be one folder or file of the history; throws `UserError` `usage` if not. */
export function checkedName(name: string, what: string): string {
  const problem = nameProblem(name);
  if (problem !== undefined) {
    throw new UserError('usage', `${what} ${JSON.stringify(name)} cannot be a name in the history: ${problem}`, {
      next: 'Use letters, digits, hyphens and underscores.',
    });
  }
  return name;
}

const DAMAGED = /\.damaged-[0-9]+$/;

/**
 * Returns `stream` if it is one of `finally`, `waves/<wave>`, `runs/<run>`; throws `UserError` `usage` if not. A name that ends like a
 * journal that was set aside (`x.damaged-1`) is refused, so that the two can always be told apart.
 */
export function checkedStream(stream: string): string {
  if (stream === 'finally') return stream;
  const match = /^(waves|runs)\/(.*)$/s.exec(stream);
  const name = match?.[2];
  if (name === undefined) {
    throw new UserError('usage', `${JSON.stringify(stream)} is not a stream of an execution`, {
      next: 'Streams are finally, waves/<wave> and runs/<run>.',
    });
  }
  checkedName(name, match?.[1] === 'waves' ? 'wave' : 'run');
  if (DAMAGED.test(name)) {
    throw new UserError('usage', `${JSON.stringify(name)} ends like a journal that was set aside`, {
      next: 'Choose another name.',
    });
  }
  return stream;
}

/** Whether a journal's name (without `.jsonl`) is that of one that was found damaged and set aside. */
export function isSetAside(name: string): boolean {
  return DAMAGED.test(name);
}

/** What the record says of a journal that was set aside, wherever that is read: in the journal that took its place, or in the folder. */
export function setAsideProblem(stream: string, damaged: string, problem: string): string {
  return `${stream}: ${damaged} was set aside: ${problem}`;
}
