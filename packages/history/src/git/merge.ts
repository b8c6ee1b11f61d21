import { parseHeader } from '../boundary.ts';
import { wholeLines } from '../chain.ts';
import { headerText } from '../folder-execution.ts';

/** How the same journal in two places stands. One writer a journal: the longer continues the shorter, or two have written. */
export type Standing = 'same' | 'ahead' | 'behind' | 'diverged';

/**
 * How a local journal stands to the branch's. `asides`: journals of that stream that were set aside here, because they were damaged: one
 * that holds all that the branch has lets the fresh one take its place.
 */
export function standing(local: Uint8Array, branch: Uint8Array | undefined, asides: readonly Uint8Array[] = []): Standing {
  const own = wholeLines(local);
  const theirs = Buffer.from(branch ?? []);
  if (own.equals(theirs)) return 'same';
  if (theirs.length === 0 || startsWith(own, theirs) || asides.some((aside) => startsWith(Buffer.from(aside), theirs)))
    return 'ahead';
  return startsWith(theirs, own) ? 'behind' : 'diverged';
}

/** Whether two headers are of two executions that somebody gave one id; of what cannot be read nothing is said. */
export function areTwo(local: Uint8Array, branch: Uint8Array): boolean {
  const [one, other] = [local, branch].map((bytes) => {
    const header = parseHeader(Buffer.from(bytes).toString('utf8'));
    return typeof header === 'string'
      ? undefined
      : [header.id, header.plan.name, header.plan.digest, header.mode, header.simulated].join('\n');
  });
  return one !== undefined && other !== undefined && one !== other;
}

/**
 * One `execution.json` from two. Whoever created it first on the branch stays; a verdict takes the place of none, and a later one that
 * of an earlier. Unreadable: the one that can be read.
 */
export function mergeHeaders(local: Uint8Array, branch: Uint8Array | undefined): string {
  const own = Buffer.from(local).toString('utf8');
  if (branch === undefined) return own;
  const theirs = Buffer.from(branch).toString('utf8');
  const [mine, first] = [parseHeader(own), parseHeader(theirs)];
  if (typeof mine === 'string') return theirs;
  if (typeof first === 'string') return own;
  const later = (first.verdict?.at ?? -1) >= (mine.verdict?.at ?? -1) ? first.verdict : mine.verdict;
  if (later === first.verdict) return theirs;
  return headerText({ ...first, ...(later === undefined ? {} : { verdict: later }) });
}

function startsWith(longer: Buffer, beginning: Buffer): boolean {
  return longer.length >= beginning.length && longer.subarray(0, beginning.length).equals(beginning);
}
