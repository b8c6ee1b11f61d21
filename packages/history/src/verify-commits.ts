import { createHash } from 'node:crypto';
import { groupBy } from '@breakwater/core';
import { parseHeader } from './boundary.ts';
import { readBlobs } from './git/objects.ts';
import type { CommitSource } from './git-source.ts';
import { LEDGER_FOLDER } from './ledger.ts';
import { isPassing } from './record-source.ts';
import type { Finding } from './verify.ts';

/** What the commits of a branch say beside its newest tree. */
export interface VerifiedCommits {
  readonly commits: number;
  /** True: the repository does not have the whole past, so only the commits that are here were checked. */
  readonly shallow: boolean;
  readonly findings: readonly Finding[];
}

interface Change {
  readonly commit: string;
  readonly status: string;
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

/**
 * Checks that no commit of the branch took anything back: files of the record are added, journals grow at their end, entries of the
 * ledger never change, and of `execution.json` only the verdict does. This finds what was written anew with right hashes, too, and
 * names the commit. The journals of `source` are read again for it; nothing is fetched.
 */
export async function verifyCommits(source: CommitSource): Promise<VerifiedCommits> {
  const { git, commit } = source;
  const { stdout: cut } = await git.local(['rev-parse', '--is-shallow-repository']);
  // With `-m`, a merge is compared with each of its parents: what it took away of one side shows against that side.
  const words = ['log', '--format=%H', '--raw', '-z', '-m', '--no-renames', '--no-abbrev', '--no-textconv', '--reverse'];
  const { stdout } = await git.local([...words, commit, '--'], { timeout: 600_000 });
  const { commits, changes } = parseLog(stdout.toString('utf8'));
  const record = changes.filter(({ path }) => isRecord(path));
  // A journal that is set aside goes on under another name: what it held is in the tree all the same.
  const kept = new Set(
    record.filter(({ status, path }) => status === 'A' && /\.damaged-\d+\.jsonl$/.test(path)).map(({ to }) => to),
  );
  const findings: Finding[] = [];
  const grown: Change[] = [];
  const headers: Change[] = [];
  for (const change of record) {
    const { status, path, from } = change;
    if (status === 'A') continue;
    if (status === 'D') findings.push(finding(change, 'deleted it'));
    else if (status !== 'M') findings.push(finding(change, `turned it into something else (${status})`));
    else if (path.startsWith(`${LEDGER_FOLDER}/`)) findings.push(finding(change, 'altered an entry of the ledger'));
    else if (path.endsWith('.damaged.jsonl') || /\.damaged-\d+\.jsonl$/.test(path)) findings.push(finding(change, 'altered it'));
    else if (path.endsWith('.jsonl')) {
      if (!kept.has(from)) grown.push(change);
    } else if (path.endsWith('/execution.json')) headers.push(change);
  }
  findings.push(...(await shrunk(source, grown)), ...(await changedHeaders(source, headers)));
  return { commits, shallow: cut.toString('utf8').trim() === 'true', findings };
}

function finding({ commit, path }: Change, what: string): Finding {
  return { file: path, message: `commit ${commit.slice(0, 12)} ${what}` };
}

/** Whether a path is of the record, and not a page or a report that is written anew from it. */
function isRecord(path: string): boolean {
  if (path.split('/').some(isPassing)) return false;
  return path.startsWith(`${LEDGER_FOLDER}/`) || /^[^/]+\/[^/]+\/(?:.*\.jsonl|execution\.json|manifest\.json)$/.test(path);
}

function parseLog(text: string): { readonly commits: number; readonly changes: readonly Change[] } {
  const changes: Change[] = [];
  let commits = 0;
  let commit = '';
  const parts = text.split('\0');
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at]?.replace(/^\n/, '') ?? '';
    const [, from, to, status] = /^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) ([A-Z])\d*$/.exec(part) ?? [];
    if (from !== undefined && to !== undefined && status !== undefined) {
      at += 1;
      changes.push({ commit, status, path: parts[at] ?? '', from, to });
    } else if (/^[0-9a-f]{40,64}$/.test(part)) {
      commit = part;
      commits += 1;
    }
  }
  return { commits, changes };
}

/** Journals that did not only grow: an earlier version is not the beginning of the newest one of its file. */
async function shrunk({ git }: CommitSource, changes: readonly Change[]): Promise<readonly Finding[]> {
  const blobs = [...new Set(changes.flatMap(({ from, to }) => [from, to]))];
  const sizes = new Map<string, number>();
  if (blobs.length > 0) {
    const { stdout } = await git.local(['cat-file', '--batch-check'], { input: blobs.map((blob) => `${blob}\n`).join('') });
    for (const line of stdout.toString('utf8').split('\n')) {
      const [, blob, size] = /^([0-9a-f]+) blob (\d+)$/.exec(line) ?? [];
      if (blob !== undefined) sizes.set(blob, Number(size));
    }
  }
  const findings: Finding[] = [];
  const byPath = groupBy(changes, ({ path }) => path);
  for (const [, own] of byPath) {
    // From the newest backwards, so that one content serves for all versions that it begins with.
    let content: Buffer | undefined;
    for (let at = own.length - 1; at >= 0; at -= 1) {
      const change = own[at];
      if (change === undefined) continue;
      const [size, now] = [sizes.get(change.from), sizes.get(change.to)];
      content ??= (await readBlobs(git, [change.to]))[0];
      const shorter = size !== undefined && now !== undefined && now < size;
      if (!shorter && begins(content, change.from, size)) continue;
      findings.push(finding(change, shorter ? 'took lines off its end' : 'altered lines that were there before'));
      content = undefined;
    }
  }
  return findings;
}

/** Whether a content begins with the one of an earlier blob. */
function begins(content: Buffer | undefined, blob: string, size: number | undefined): boolean {
  if (content === undefined || size === undefined || size > content.length) return false;
  return blobId(content.subarray(0, size), blob) === blob;
}

/** The id that git gives a content, in the repository's own kind of hash. */
function blobId(content: Uint8Array, like: string): string {
  return createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(`blob ${content.length}\0`)
    .update(content)
    .digest('hex');
}

/** Headers in which more than the verdict was changed. */
async function changedHeaders({ git }: CommitSource, changes: readonly Change[]): Promise<readonly Finding[]> {
  const contents = await readBlobs(
    git,
    changes.flatMap(({ from, to }) => [from, to]),
  );
  return changes.flatMap((change, at) => {
    const [before, after] = [contents[2 * at], contents[2 * at + 1]].map((content) =>
      withoutVerdict(content?.toString('utf8') ?? ''),
    );
    return before !== undefined && before === after ? [] : [finding(change, 'altered more of it than the verdict')];
  });
}

function withoutVerdict(text: string): string | undefined {
  const header = parseHeader(text);
  if (typeof header === 'string') return undefined;
  const { verdict: _, ...rest } = header;
  return JSON.stringify(rest);
}
