import { InternalError } from '@breakwater/core';
import type { Git } from './git.ts';

/** A file of a tree. */
export interface TreeFile {
  readonly path: string;
  /** Object id of its content. */
  readonly blob: string;
}

export interface Signature {
  readonly name: string;
  readonly email: string;
}

export interface CommitRequest {
  /** The commit that the changes are made upon; none: a first commit, of nothing but these files. */
  readonly parent: string | undefined;
  /** More commits that it continues; their files are not taken over. */
  readonly merged?: readonly string[];
  /** New content by path; `undefined` removes the file. What is not named stays as it is. */
  readonly files: ReadonlyMap<string, string | Uint8Array | undefined>;
  readonly message: string;
  /** Who asked for it. */
  readonly author: Signature;
  /** The program, or the bot, that writes; left out: the author. */
  readonly committer?: Signature;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Local reference that is set to the commit, as `refs/breakwater/…`; it is what keeps the objects. */
  readonly ref: string;
}

/** Makes a commit upon another without a working tree or an index, and answers with its id. */
export async function writeCommit(git: Git, request: CommitRequest): Promise<string> {
  const { parent, merged = [], files, message, author, committer = author, at, ref } = request;
  const when = `${Math.floor(at / 1000)} +0000`;
  const parts: (string | Uint8Array)[] = [
    'feature done\n',
    `commit ${ref}\nmark :1\n`,
    `author ${person(author)} ${when}\n`,
    `committer ${person(committer)} ${when}\n`,
    ...data(message),
    ...(parent === undefined ? [] : [`from ${parent}\n`]),
    ...merged.map((commit) => `merge ${commit}\n`),
  ];
  for (const [path, content] of files) {
    if (content === undefined) parts.push(`D ${quoted(path)}\n`);
    else parts.push(`M 100644 inline ${quoted(path)}\n`, ...data(content));
  }
  // Without `from`, fast-import would continue what the reference holds.
  if (parent === undefined) parts.splice(1, 0, `reset ${ref}\n\n`);
  parts.push('get-mark :1\ndone\n');
  const { stdout } = await git.local(['fast-import', '--quiet', '--force', '--date-format=raw'], {
    input: Buffer.concat(parts.map((part) => Buffer.from(part))),
  });
  return demandId(stdout.toString('utf8').trim());
}

/** Stores a content and answers with its object id. */
export async function writeBlob(git: Git, content: string | Uint8Array): Promise<string> {
  const { stdout } = await git.local(['hash-object', '-w', '--stdin'], { input: content });
  return demandId(stdout.toString('utf8').trim());
}

/** The files of a commit below some folders (all, if none is named). */
export async function listTree(git: Git, commit: string, folders: readonly string[] = []): Promise<readonly TreeFile[]> {
  const { stdout } = await git.local(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...folders]);
  return (
    stdout
      .toString('utf8')
      .split('\0')
      // Links and submodules are nothing that a history holds.
      .filter((entry) => /^100\d{3} blob /.test(entry))
      .map((entry) => ({ path: entry.slice(entry.indexOf('\t') + 1), blob: entry.split(/[ \t]/, 3)[2] ?? '' }))
  );
}

/**
 * Contents by name (an object id, or `<commit>:<path>`), in the order asked for; `undefined` for what does not exist. Reads of one
 * call are one process.
 */
export async function readBlobs(git: Git, names: readonly string[]): Promise<readonly (Buffer | undefined)[]> {
  if (names.length === 0) return [];
  const { stdout } = await git.local(['cat-file', '--batch'], { input: names.map((name) => `${name}\n`).join('') });
  const found: (Buffer | undefined)[] = [];
  let at = 0;
  while (found.length < names.length && at < stdout.length) {
    const end = stdout.indexOf(0x0a, at);
    const header = stdout.subarray(at, end).toString('utf8');
    const size = /^[0-9a-f]{40,64} \S+ (\d+)$/.exec(header)?.[1];
    at = end + 1;
    if (size === undefined) {
      found.push(undefined);
      continue;
    }
    found.push(stdout.subarray(at, at + Number(size)));
    at += Number(size) + 1;
  }
  if (found.length === names.length) return found;
  throw new InternalError('internal', `git told of ${found.length} objects where ${names.length} were asked for`, {
    next: 'This is a fault of Breakwater. Run the same execution again to resume, and report it.',
  });
}

/** The object that a local reference or expression names; `undefined` if there is none. */
export async function resolveRef(git: Git, name: string): Promise<string | undefined> {
  const { code, stdout } = await git.run(['rev-parse', '--verify', '--quiet', '--end-of-options', name]);
  return code === 0 ? stdout.toString('utf8').trim() : undefined;
}

/** The commit of a local reference, if another commit is in its past or is that one. */
export async function refContaining(git: Git, ref: string, earlier: string): Promise<string | undefined> {
  const { code, stdout } = await git.run(['for-each-ref', `--contains=${earlier}`, '--format=%(objectname)', ref]);
  const commit = stdout.toString('utf8').trim();
  return code === 0 && commit !== '' ? commit : undefined;
}

function person({ name, email }: Signature): string {
  // What would end the field early has no place in it.
  const clean = (text: string) => text.replaceAll(/[<>\n\r\0]/g, '').trim();
  return `${clean(name) || 'unknown'} <${clean(email)}>`;
}

function data(content: string | Uint8Array): readonly (string | Uint8Array)[] {
  const bytes = Buffer.from(content);
  return [`data ${bytes.length}\n`, bytes, '\n'];
}

/** A path as fast-import reads it, whatever is in it. */
function quoted(path: string): string {
  return `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

function demandId(text: string): string {
  if (/^[0-9a-f]{40,64}$/.test(text)) return text;
  throw new InternalError('internal', `git answered with ${JSON.stringify(text.slice(0, 80))} instead of an object id`, {
    next: 'This is a fault of Breakwater. Run the same execution again to resume, and report it.',
  });
}
