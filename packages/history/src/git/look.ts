import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createFile } from '../durable-file.ts';
import { refContaining } from './objects.ts';
import type { GitRemote, Patience } from './remote.ts';
import { WITNESS_NAME, witnessFolder, witnessRef } from './witness.ts';

/** What the remote holds of a branch. */
export interface Looked {
  /** The newest commit; `undefined`: there is no such branch. */
  readonly tip: string | undefined;
  /** Where the branch was when it was last pushed by us or by others of our kind; `undefined`: nobody did. */
  readonly witness: string | undefined;
  /** What was seen before is in the tip's past. */
  readonly continues: boolean;
  /** So is the witness, or there is none. */
  readonly agrees: boolean;
}

/** How often two references are looked at that do not fit: a server moves both, but shows one before the other. */
const LOOKS = 5;
/** Milliseconds between two such looks. */
const LOOK_AGAIN = 1_000;

const NOTHING: Looked = { tip: undefined, witness: undefined, continues: false, agrees: true };

/** Looks at a branch and its witness on the remote. Network errors are those of `GitRemote`. */
export class Lookout {
  readonly #remote: GitRemote;
  readonly #ref: string;
  readonly #witnessRef: string;
  readonly #witnesses: string;
  /** References of this process alone: `tip`, and `witness/…` below it. */
  readonly #own: string;
  readonly #pause: (ms: number) => Promise<void>;

  constructor(remote: GitRemote, name: string, own: string, pause: (ms: number) => Promise<void>) {
    this.#remote = remote;
    this.#ref = `refs/heads/${name}`;
    this.#witnessRef = witnessRef(name);
    // A pattern: a reference that is named outright must exist, or nothing at all is fetched.
    this.#witnesses = `${witnessFolder(name)}/*`;
    this.#own = own;
    this.#pause = pause;
  }

  /** Fetches both in one exchange; in more only if they do not fit, or there is no branch. `before`: what was seen there. */
  async look(before: string | undefined, patience: Patience): Promise<Looked> {
    const first = before === undefined ? await this.#first(patience) : await this.#more(patience, before);
    if (first?.agrees === true) return first;
    let last: Looked | undefined;
    for (let looks = 0; ; looks += 1) {
      const now = await this.#deeper(patience, before);
      const settled = now?.agrees === true || (now !== undefined && now.tip === last?.tip && now.witness === last?.witness);
      if (now !== undefined && (settled || looks >= LOOKS)) return now;
      last = now;
      await this.#pause(LOOK_AGAIN);
    }
  }

  async #more(patience: Patience, before: string | undefined): Promise<Looked | undefined> {
    const { git } = this.#remote;
    const specs = [`+${this.#ref}:${this.#own}/tip`, `+${this.#witnesses}:${this.#own}/witness/*`];
    if (!(await this.#remote.fetch(specs, { ...patience, prune: true }))) return undefined;
    const after = before === undefined ? {} : await this.#refs(this.#own, [`--contains=${before}`]);
    const { tip, witness } = after.tip === undefined || after.witness === undefined ? await this.#refs(this.#own) : after;
    const agrees =
      witness === undefined || witness === tip || (await refContaining(git, `${this.#own}/tip`, witness)) !== undefined;
    return { tip, witness, continues: after.tip !== undefined, agrees };
  }

  /**
   * The first look: only the newest commit, for the past may be long. It goes through a repository made for it, because git marks
   * where the past was cut off in a file that two processes must not write at once, nor one leave locked when it is killed.
   */
  async #first(patience: Patience): Promise<Looked | undefined> {
    const { git } = this.#remote;
    const cut = join(git.folder, 'shallow');
    if (existsSync(cut)) return this.#more(patience, undefined);
    return this.#aside(async (folder, environment) => {
      const specs = [`+${this.#ref}:refs/look/tip`, `+${this.#witnesses}:refs/look/witness/*`];
      if (!(await this.#remote.fetch(specs, { ...patience, depth: 1, environment }))) return undefined;
      const { tip, witness } = await this.#refs('refs/look', [], environment);
      // Of two commits without their past nobody can say whether one follows the other.
      if (tip === undefined || (witness !== undefined && witness !== tip)) return undefined;
      const marks = join(folder, 'shallow');
      if (existsSync(marks) && !createFile(cut, readFileSync(marks, 'utf8'))) return this.#more(patience, undefined);
      await git.local(['update-ref', `${this.#own}/tip`, tip]);
      return { tip, witness, continues: false, agrees: true };
    });
  }

  /** The whole past of both. Answers with `undefined` if one of them went away meanwhile. */
  async #deeper(patience: Patience, before: string | undefined): Promise<Looked | undefined> {
    const { git } = this.#remote;
    const there = await this.#remote.refs([this.#ref, this.#witnessRef], patience);
    const specs = [
      ...(there.has(this.#ref) ? [`+${this.#ref}:refs/look/tip`] : []),
      ...(there.has(this.#witnessRef) ? [`+${this.#witnessRef}:refs/look/witness/${WITNESS_NAME}`] : []),
    ];
    if (specs.length === 0) return NOTHING;
    // Where this machine's repository cuts the past off, what came before cannot be seen there.
    return this.#aside(async (_, environment) => {
      if (!(await this.#remote.fetch(specs, { ...patience, environment }))) return undefined;
      const { tip, witness } = await this.#refs('refs/look', [], environment);
      const follows = async (earlier: string): Promise<boolean> => {
        if (tip === undefined) return false;
        return (await git.run(['merge-base', '--is-ancestor', earlier, tip], { environment })).code === 0;
      };
      const continues = before !== undefined && (await follows(before));
      const agrees = witness === undefined || (await follows(witness));
      for (const [name, commit] of [
        ['tip', tip],
        [`witness/${WITNESS_NAME}`, witness],
      ] as const) {
        if (commit !== undefined) await git.local(['update-ref', `${this.#own}/${name}`, commit]);
      }
      return { tip, witness, continues, agrees };
    });
  }

  /** Works in an empty repository that shares the objects of this machine's. */
  async #aside<T>(work: (folder: string, environment: Readonly<Record<string, string>>) => Promise<T>): Promise<T> {
    const { git } = this.#remote;
    const folder = join(git.folder, `first-${randomUUID()}`);
    const environment = { GIT_DIR: folder, GIT_OBJECT_DIRECTORY: join(git.folder, 'objects') };
    try {
      await git.local(['init', '--quiet', '--bare', '--template=', folder], { environment });
      return await work(folder, environment);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async #refs(
    below: string,
    words: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly tip?: string | undefined; readonly witness?: string | undefined }> {
    const format = '--format=%(refname) %(objectname)';
    const { code, stdout } = await this.#remote.git.run(['for-each-ref', format, ...words, below], { environment });
    if (code !== 0) return {};
    const lines = stdout.toString('utf8').split('\n');
    const found = new Map(lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]));
    return { tip: found.get(`${below}/tip`), witness: found.get(`${below}/witness/${WITNESS_NAME}`) };
  }
}
