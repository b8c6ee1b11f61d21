import { parseHeader } from '../boundary.ts';
import type { Git } from './git.ts';
import { listTree, readBlobs } from './objects.ts';

/** A page for people that is written anew all the time. */
const PAGE = /(?:^|\/)(?:README\.md|report\.[a-z]+|manifest\.json|evidence\.json)$/;

/** Files that a commit held and another no longer holds: journals that lost or changed lines, files that are gone, other headers. */
export async function lostBetween(git: Git, was: string, now: string | undefined): Promise<readonly string[]> {
  const before = await listTree(git, was);
  const after = new Map((now === undefined ? [] : await listTree(git, now)).map(({ path, blob }) => [path, blob]));
  const changed = before.filter(({ path, blob }) => after.get(path) !== blob);
  const gone = changed.filter(({ path }) => !after.has(path)).map(({ path }) => path);
  const there = changed.filter(({ path }) => after.has(path) && !PAGE.test(path));
  const contents = await readBlobs(git, [...there.map(({ blob }) => blob), ...there.map(({ path }) => after.get(path) ?? '')]);
  const altered = there.filter(({ path }, at) => {
    const [old, current] = [contents[at], contents[there.length + at]];
    if (old === undefined || current === undefined) return true;
    if (path.endsWith('.jsonl')) return !current.subarray(0, old.length).equals(old);
    if (path.endsWith('/execution.json')) return !isSameExecution(old, current);
    return true;
  });
  return [...gone, ...altered.map(({ path }) => path)].sort();
}

/** Whether two headers are of one execution; a verdict comes later, and may be replaced. */
export function isSameExecution(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [a, b].map((bytes) => {
    const header = parseHeader(Buffer.from(bytes).toString('utf8'));
    return typeof header === 'string' ? undefined : JSON.stringify({ ...header, verdict: undefined });
  });
  return one !== undefined && one === other;
}
