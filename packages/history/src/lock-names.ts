import { sha256 } from './chain.ts';
import type { HeldLock, LockOwner, LockTarget } from './locks.ts';

/** Longest name kept as it is; common file systems end at 255 bytes, and git adds `.lock`. */
const LONGEST = 120;

/**
 * Any text as one part of a git reference or a path: lower-case letters, digits and hyphens stay, every other byte becomes `_` and two
 * hexadecimal digits. Two texts never get one name, not even where capitals do not count; a long text gets a name by its hash.
 */
export function lockName(text: string): string {
  const name = [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      /[a-z0-9-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `_${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');
  // A hyphen in front would be an option to somebody; `_` alone and `__` are never made above.
  if (name === '') return '_';
  return name.length > LONGEST ? `__${sha256(text)}` : name.replace(/^-/, '_2d');
}

/** Where a target's lock lies below the place of all locks, as `111122223333/us-west-2/server/s-0123`. */
export function lockPath({ account, region, kind, id }: LockTarget): string {
  return [account, region, kind, id].map(lockName).join('/');
}

export function sameTarget(a: LockTarget, b: LockTarget): boolean {
  return lockPath(a) === lockPath(b);
}

/** Targets without repetition, in the order in which everybody takes them. */
export function inOrder(targets: readonly LockTarget[]): readonly { readonly path: string; readonly target: LockTarget }[] {
  const byPath = new Map(targets.map((target) => [lockPath(target), target]));
  return [...byPath].map(([path, target]) => ({ path, target })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What a lock holds: a file of a folder, or of the commit that a reference names. */
export function lockText(owner: LockOwner, targets: readonly LockTarget[]): string {
  return `${JSON.stringify({ schema: 'breakwater.lock/1', owner, targets }, undefined, 2)}\n`;
}

/** Whether a lock is still in the hand in which it was seen. */
export function sameHand(a: LockOwner, b: LockOwner): boolean {
  return a.execution === b.execution && a.at === b.at && a.host === b.host && a.actor === b.actor;
}

/** A lock whose content says nothing: somebody's, nobody knows whose. It is held all the same. */
export function unknownOwner(where: string): LockOwner {
  return { execution: `unknown (${where})`, plan: 'unknown', mode: 'recovery', actor: 'unknown', host: 'unknown', at: 'unknown' };
}

/** For people, in the order of targets. */
export function sorted(locks: readonly HeldLock[]): readonly HeldLock[] {
  return [...locks].sort((a, b) => (lockPath(a.target) < lockPath(b.target) ? -1 : 1));
}
