import { createHash } from 'node:crypto';
import { UserError } from '@breakwater/core';

/**
 * Names that any process finds again: made of the database's name and the execution, never of time or chance. RDS compares identifiers in
 * lower case, and takes 1 to 63 letters, digits and single hyphens, beginning with a letter and not ending with a hyphen.
 */

const LEGAL = /^[a-z](?:-?[a-z0-9])*$/;
const LONGEST = 63;
/** StartExportTask takes 60 characters. */
const LONGEST_EXPORT = 60;
const HASH = 6;

/** Six hexadecimal digits for an execution's deed at a target. */
export function deedHash(execution: string, target: string): string {
  return createHash('sha256')
    .update(JSON.stringify([execution, target.toLowerCase()]))
    .digest('hex')
    .slice(0, HASH);
}

export function isIdentifier(text: string): boolean {
  return text.length <= LONGEST && LEGAL.test(text.toLowerCase());
}

/** The identifier in lower case, as RDS keeps it. Throws `UserError` `usage`. */
export function identifier(text: string, what: string): string {
  const id = text.toLowerCase();
  if (isIdentifier(id)) return id;
  throw new UserError('usage', `${what} "${text}" is not an identifier of RDS`, {
    next: 'Take 1 to 63 letters, digits and single hyphens, beginning with a letter and not ending with a hyphen. Nothing was changed.',
  });
}

/** `<base>-<role>-<hash>`; a base too long is cut, and the hash of the whole keeps two such names apart. */
export function derivedName(base: string, role: string, hash: string, longest = LONGEST): string {
  const suffix = `-${role}-${hash}`;
  const room = longest - suffix.length;
  if (base.length <= room) return `${base}${suffix}`;
  const own = createHash('sha256').update(base).digest('hex').slice(0, HASH);
  return `${base.slice(0, room - own.length - 1).replace(/-+$/, '')}-${own}${suffix}`;
}

/** What a restore calls things. */
export interface RestoreNames {
  readonly hash: string;
  /** Identifier that the restored cluster ends up with. */
  readonly target: string;
  /** Where it is built: the target itself, or a name beside it until the swap. */
  readonly build: string;
  /** swap: what the old cluster is called afterwards. */
  readonly old: string;
  /** swap: behind the names of new and of old instances while, or after which, the others bear theirs. */
  readonly newSuffix: string;
  readonly oldSuffix: string;
  /** replace: the old cluster's final snapshot. */
  readonly final: string;
  /** choice `create`: the snapshot taken of the live cluster. */
  readonly created: string;
  readonly exportTask: string;
}

export function restoreNames(request: {
  readonly execution: string;
  readonly mode: 'drill' | 'recovery';
  readonly database: string;
  readonly target: string | undefined;
  readonly strategy: 'new' | 'swap' | 'replace';
}): RestoreNames {
  const { execution, mode, strategy } = request;
  const wanted = identifier(request.target ?? request.database, request.target === undefined ? 'database' : 'target');
  const hash = deedHash(execution, wanted);
  const drill = mode === 'drill';
  const swaps = !drill && strategy === 'swap';
  const given = request.target !== undefined || strategy !== 'new';
  const target = drill ? derivedName(wanted, 'drill', hash) : given ? wanted : derivedName(wanted, 'restored', hash);
  return {
    hash,
    target,
    build: swaps ? suffixed(wanted, `-new-${hash}`) : target,
    old: swaps ? suffixed(wanted, `-old-${hash}`) : derivedName(wanted, 'old', hash),
    newSuffix: `-new-${hash}`,
    oldSuffix: `-old-${hash}`,
    final: derivedName(wanted, 'final', hash),
    created: derivedName(wanted, 'snapshot', hash),
    exportTask: derivedName(wanted, 'export', hash, LONGEST_EXPORT),
  };
}

/** Whether a snapshot is the final one of a cluster that some restore replaced: most likely it holds what was to be got rid of. */
export function isFinalSnapshot(id: string): boolean {
  return /-final-[0-9a-f]{6}$/.test(id);
}

/** The name during the swap, from which `withoutSuffix` finds the way back. Throws `UserError` `usage` when it would not fit. */
export function suffixed(name: string, suffix: string): string {
  if (name.length + suffix.length <= LONGEST) return `${name}${suffix}`;
  throw new UserError('usage', `"${name}" is too long for a swap: "${suffix}" does not fit behind it`, {
    next: 'Names of at most 52 characters can be swapped: restore with strategy new, or rename it first. Nothing was changed.',
  });
}

export function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix) ? name.slice(0, -suffix.length) : name;
}
