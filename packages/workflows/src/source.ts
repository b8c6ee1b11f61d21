import { UserError } from '@breakwater/core';

/**
 * `owner/repository@ref`; for workflows of the repository itself `$`, which resolves to the very commit also where GitHub calls from
 * elsewhere, or `.`, which servers that do not know `$/` take.
 */
const SOURCE = /^(?:[.$]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\/[A-Za-z0-9._-]+@[A-Za-z0-9][A-Za-z0-9._/-]*)$/;

/** Throws `UserError` `usage` if workflows cannot be called from there. */
export function demandSource(source: string): void {
  if (SOURCE.test(source)) return;
  throw new UserError('usage', `"${source.slice(0, 100)}" is not where workflows can be called from`, {
    next: 'Write owner/repository@ref, as breakwater-dr/breakwater@v1, or $ for workflows of this repository (. on GitHub Enterprise Server).',
  });
}

/** What `uses:` says to call a workflow of that source. */
export function called(source: string, file: string): string {
  if (source === '.' || source === '$') return `${source}/.github/workflows/${file}`;
  const at = source.indexOf('@');
  return `${source.slice(0, at)}/.github/workflows/${file}${source.slice(at)}`;
}
