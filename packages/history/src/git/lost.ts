import { join } from 'node:path';
import { parseHeader } from '../boundary.ts';
import { filesUnder, readIfThere } from '../record-source.ts';
import type { Git } from './git.ts';
import { asidesOf, isJournal } from './materialise.ts';
import { listTree, readBlobs, type TreeFile } from './objects.ts';

/** A page for people that is written anew all the time. */
const PAGE = /(?:^|\/)(?:README\.md|report\.[a-z]+|manifest\.json|evidence\.json)$/;
/** What is written anew in any case: a page that lists executions, and the attributes. */
const INDEX = /^(?:\.gitattributes|(?:[^/]+\/)?README\.md)$/;

/** Files that a commit held and another no longer holds: journals that lost or changed lines, files that are gone, other headers. */
export async function lostBetween(git: Git, was: string, now: string | undefined): Promise<readonly string[]> {
  const tree = now === undefined ? [] : await listTree(git, now);
  const after = new Map(tree.map(({ path, blob }) => [path, blob]));
  const changed = await changedFrom(git, was, ({ path, blob }) => after.get(path) === blob);
  const wanted = changed.flatMap(({ path }) => {
    const beside = path.endsWith('.jsonl') ? tree.filter((file) => isAsideOf(file.path, path)) : [];
    return [path, ...beside.map((file) => file.path)].filter((name) => after.has(name));
  });
  const names = [...new Set(wanted)];
  const contents = await readBlobs(
    git,
    names.map((path) => after.get(path) ?? ''),
  );
  const current = new Map(names.flatMap((path, at) => withContent(path, contents[at])));
  return changed.filter(({ path, old }) => !holds(current, path, old)).map(({ path }) => path);
}

/** Which of these files of a commit the local history does not hold either. */
export async function lostHere(git: Git, was: string, paths: readonly string[], root: string): Promise<readonly string[]> {
  const folders = [...new Set(paths.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/')))))];
  const files = folders.flatMap((folder) => filesUnder(root, folder)).filter(({ kind }) => kind === 'file');
  const current = new Map(files.flatMap(({ path }) => withContent(path, readIfThere(join(root, path)))));
  const wanted = new Set(paths);
  const changed = await changedFrom(git, was, ({ path }) => !wanted.has(path));
  return changed.filter(({ path, old }) => !holds(current, path, old)).map(({ path }) => path);
}

/** Whether two headers are of one execution; a verdict comes later, and may be replaced. */
export function isSameExecution(a: Uint8Array, b: Uint8Array): boolean {
  const [one, other] = [a, b].map((bytes) => {
    const header = parseHeader(Buffer.from(bytes).toString('utf8'));
    return typeof header === 'string' ? undefined : JSON.stringify({ ...header, verdict: undefined });
  });
  return one !== undefined && one === other;
}

async function changedFrom(
  git: Git,
  was: string,
  isKept: (file: TreeFile) => boolean,
): Promise<readonly { readonly path: string; readonly old: Buffer | undefined }[]> {
  const before = (await listTree(git, was)).filter((file) => !isKept(file) && !INDEX.test(file.path));
  const contents = await readBlobs(
    git,
    before.map(({ blob }) => blob),
  );
  return before.map(({ path }, at) => ({ path, old: contents[at] })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Whether what a file held is still in it, or beside it under the name of a journal that was set aside. */
function holds(files: ReadonlyMap<string, Uint8Array>, path: string, old: Buffer | undefined): boolean {
  const current = files.get(path);
  if (current === undefined) return false;
  if (PAGE.test(path)) return true;
  if (old === undefined) return false;
  const begins = (content: Uint8Array) => Buffer.from(content.subarray(0, old.length)).equals(old);
  if (isJournal(path)) return [current, ...asidesOf(path, files)].some(begins);
  if (path.endsWith('/execution.json')) return isSameExecution(old, current);
  return begins(current) && current.length === old.length;
}

function isAsideOf(other: string, path: string): boolean {
  return other.startsWith(`${path.slice(0, -'.jsonl'.length)}.damaged-`);
}

function withContent(path: string, content: Uint8Array | undefined): readonly (readonly [string, Uint8Array])[] {
  return content === undefined ? [] : [[path, content]];
}
