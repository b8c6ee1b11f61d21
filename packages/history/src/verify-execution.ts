import { parseHeader, parseManifest } from './boundary.ts';
import { readStream, type StreamIdentity, type StreamProblem, type StreamReading, sha256 } from './chain.ts';
import type { ExecutionHeader } from './execution.ts';
import { type FoundEntry, isSealed, isSealedBy } from './ledger.ts';
import { isUnwritten, MANIFEST_FILE, type Manifest, type ManifestFile, manifestFile } from './manifest.ts';
import { isSetAside, nameProblem } from './names.ts';
import type { SourceFile } from './record-source.ts';
import { headerHash, recordOf } from './sealed-record.ts';
import type { Finding, VerifiedExecution } from './verify.ts';

const HEADER_FILE = 'execution.json';
/** What a run writes anew at its end, from the journals. */
const RENDERED: ReadonlySet<string> = new Set(['report.md', 'report.html', 'evidence.json']);

export interface ExecutionToVerify {
  /** Names of its folders. */
  readonly plan: string;
  readonly execution: string;
  readonly files: readonly SourceFile[];
  /** Contents of the files of this and other executions, by path from the root. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** The ledger's newest entries about it. */
  readonly newest: readonly FoundEntry[];
  /** Every seal of it in the ledger, the oldest first. */
  readonly seals: readonly FoundEntry[];
}

/** Checks one execution: its header, every journal's chain, and all its files against its manifest and the ledger. */
export function verifyExecution(subject: ExecutionToVerify): VerifiedExecution {
  return new Verifier(subject).run();
}

class Verifier {
  readonly #subject: ExecutionToVerify;
  readonly #findings: Finding[] = [];
  readonly #notes: string[] = [];
  readonly #contents = new Map<string, Uint8Array>();
  readonly #readings = new Map<string, StreamReading>();
  #records = 0;

  constructor(subject: ExecutionToVerify) {
    this.#subject = subject;
    const { plan, execution, files, contents } = subject;
    const prefix = `${plan}/${execution}/`;
    for (const { path, kind } of files) {
      const content = contents.get(path);
      const name = path.slice(prefix.length);
      if (kind === 'other') this.#say(name, { message: 'it is no regular file: a history holds no links' });
      else if (content !== undefined) this.#contents.set(name, content);
    }
  }

  run(): VerifiedExecution {
    const { plan, execution, newest } = this.#subject;
    const header = this.#header();
    if (header !== undefined) this.#readStreams(header);
    const manifest = this.#manifest(header);
    const sealed = isSealed(newest);
    if (manifest !== undefined) this.#compare(manifest, sealed);
    const trusted = new Map((sealed ? (manifest?.files ?? []) : []).map((file) => [file.path, file]));
    this.#tellStreams(trusted, manifest !== undefined && sealed);
    this.#tellStrangers(header, sealed ? manifest : undefined);
    this.#tellSeals(header);
    const verdict = header?.verdict?.verdict;
    const state =
      this.#findings.length > 0
        ? 'broken'
        : sealed
          ? 'sealed'
          : newest.length > 0
            ? ('reopened' as const)
            : ('unsealed' as const);
    return {
      plan,
      execution,
      state,
      records: this.#records,
      ...(verdict === undefined ? {} : { verdict }),
      findings: this.#findings,
      notes: this.#notes,
    };
  }

  #say(name: string, finding: Omit<Finding, 'file'>): void {
    const { plan, execution } = this.#subject;
    this.#findings.push({ file: `${plan}/${execution}${name === '' ? '' : `/${name}`}`, ...finding });
  }

  #header(): ExecutionHeader | undefined {
    const { plan, execution, newest } = this.#subject;
    const content = this.#contents.get(HEADER_FILE);
    if (content === undefined) {
      const whole = this.#contents.size === 0;
      if (whole && newest.length > 0)
        this.#say('', { message: 'the whole execution is missing: the ledger knows it', found: 'none' });
      else this.#say(HEADER_FILE, { message: 'it is missing' });
      return undefined;
    }
    const header = parseHeader(text(content));
    if (typeof header === 'string') {
      this.#say(HEADER_FILE, { message: header });
      return undefined;
    }
    if (header.id !== execution) {
      this.#say(HEADER_FILE, { message: 'it belongs to another execution', expected: execution, found: header.id });
    }
    if (header.plan.name !== plan) {
      this.#say(HEADER_FILE, { message: 'it belongs to another plan', expected: plan, found: header.plan.name });
    }
    return header;
  }

  #readStreams({ id, plan }: ExecutionHeader): void {
    for (const [name, content] of this.#contents) {
      const stream = streamOf(name);
      if (stream === undefined || isSetAside(stream)) continue;
      const identity = { execution: id, stream, planDigest: plan.digest };
      const reading = readStream(content, identity);
      this.#readings.set(name, isOnlyCrlf(content, identity, reading) ? { ...reading, problems: [CRLF] } : reading);
      this.#records += reading.count;
    }
  }

  /** The manifest, if the ledger vouches for it. */
  #manifest(header: ExecutionHeader | undefined): Manifest | undefined {
    const { newest, plan, execution } = this.#subject;
    const content = this.#contents.get(MANIFEST_FILE);
    if (content === undefined) {
      if (newest.length > 0 && this.#contents.size > 0) {
        this.#say(MANIFEST_FILE, { message: 'it is missing: the ledger says that the execution was sealed' });
      } else if (header?.verdict !== undefined) {
        this.#say(MANIFEST_FILE, {
          message:
            'it is missing, though the execution has a verdict: the seal was removed, or the run died before it; then run it again',
        });
      }
      return undefined;
    }
    const manifest = parseManifest(text(content));
    if (typeof manifest === 'string') {
      this.#say(MANIFEST_FILE, { message: manifest });
      return undefined;
    }
    const hash = sha256(content);
    if (newest.length === 0) {
      this.#say(MANIFEST_FILE, {
        message: 'the ledger has no seal for it: the seal was removed, or the run died before it; then run it again',
        expected: `an entry that names ${hash}`,
        found: 'none',
      });
    } else if (isSealed(newest) && !isSealedBy(newest, hash) && !newest.some((one) => isSealedBy([one], hash))) {
      this.#say(MANIFEST_FILE, {
        message: 'it is not the manifest that the ledger names',
        expected: newest
          .flatMap(({ entry }) => (typeof entry !== 'string' && entry.kind === 'sealed' ? entry.manifest : []))
          .join(' or '),
        found: hash,
      });
    }
    if (manifest.execution !== execution || manifest.plan.name !== plan) {
      this.#say(MANIFEST_FILE, {
        message: 'it is the manifest of another execution',
        expected: `${plan}/${execution}`,
        found: `${manifest.plan.name}/${manifest.execution}`,
      });
    }
    return manifest;
  }

  /** Every file against what was sealed. Of an execution that runs again, journals may have grown and reports been written anew. */
  #compare(manifest: Manifest, sealed: boolean): void {
    for (const was of manifest.files) {
      const content = this.#contents.get(was.path);
      if (content === undefined) {
        this.#say(was.path, { message: 'it is missing', expected: was.sha256, found: 'none' });
        continue;
      }
      if (!sealed && (RENDERED.has(was.path) || was.path === HEADER_FILE)) continue;
      const is = manifestFile(was.path, content);
      if (is.sha256 === was.sha256) continue;
      if (!sealed && was.lines !== undefined && sha256(content.subarray(0, was.bytes)) === was.sha256) continue;
      this.#tellDifference(was, is, content);
    }
  }

  #tellDifference(was: ManifestFile, is: ManifestFile, content: Uint8Array): void {
    const hashes = { expected: was.sha256, found: is.sha256 };
    if (was.lines === undefined || is.lines === undefined) {
      if (sha256(withoutCrlf(content)) === was.sha256) {
        this.#say(was.path, { message: CRLF.message, ...hashes });
        return;
      }
      const size = was.bytes === is.bytes ? '' : ` (${was.bytes} bytes then, ${is.bytes} now)`;
      this.#say(was.path, { message: `it is not as it was sealed${size}`, ...hashes });
      return;
    }
    // Where the chain itself is broken, that says it better, and in which line.
    if ((this.#readings.get(was.path)?.problems ?? []).some(({ kind }) => kind !== 'torn')) return;
    if (sha256(content.subarray(0, was.bytes)) === was.sha256) {
      this.#say(was.path, {
        line: was.lines + 1,
        message: `lines were added after the ${was.lines} that were sealed`,
        ...hashes,
      });
    } else if (is.lines < was.lines || (is.bytes < was.bytes && is.lines === was.lines)) {
      this.#say(was.path, {
        line: is.lines + (is.lines < was.lines ? 1 : 0),
        message: `it was cut off: it had ${was.lines} lines (${was.bytes} bytes) when it was sealed, and has ${is.lines} (${is.bytes})`,
        ...hashes,
      });
    } else {
      this.#say(was.path, {
        message: `it was written anew: its ${is.lines} lines are not the ${was.lines} that were sealed`,
        ...hashes,
      });
    }
  }

  /** Damage in the journals. A torn end is none where nothing vouches for it: a crash, or a line that is being written. */
  #tellStreams(trusted: ReadonlyMap<string, ManifestFile>, sealed: boolean): void {
    for (const [name, { problems, lines }] of this.#readings) {
      const asSealed = trusted.get(name)?.sha256 === hashOf(this.#contents.get(name));
      for (const { line, kind, message } of problems) {
        if (kind !== 'torn') this.#say(name, { line, message });
        else if (!sealed || asSealed) this.#notes.push(`${name} line ${line}: ${message}`);
      }
      for (const line of lines) {
        if (line.type !== 'journal-replaced') continue;
        const damaged = `${name.slice(0, name.lastIndexOf('/') + 1)}${line.damaged}`;
        const found = hashOf(this.#contents.get(damaged));
        this.#notes.push(`${name} was begun anew: ${line.damaged} was set aside: ${line.problem}`);
        if (found === line.sha256) continue;
        const message = found === undefined ? 'it is missing' : 'it is not as it was when it was set aside';
        this.#say(damaged, { message, expected: line.sha256, found: found ?? 'none' });
      }
    }
  }

  /**
   * What every seal says, however often it was sealed since: a manifest takes the place of the one before, but what was sealed once may only grow.
   * Where something else is wrong with a file already, that says it better.
   */
  #tellSeals(header: ExecutionHeader | undefined): void {
    if (header === undefined) return;
    const { seals, plan, execution } = this.#subject;
    const isTold = (name: string) => this.#findings.some(({ file }) => file === `${plan}/${execution}/${name}`);
    const now = headerHash(this.#contents.get(HEADER_FILE));
    const exchanged = new Set(seals.flatMap(({ entry }) => recordOf(entry)?.exchanged ?? []));
    for (const { entry } of seals) {
      const record = recordOf(entry);
      if (record === undefined || typeof entry === 'string') continue;
      const when = `when it was sealed at ${entry.at} by ${entry.by}`;
      for (const { path, bytes, sha256: hash } of record.journals) {
        if (this.#holds(path, bytes, hash) || isTold(path)) continue;
        const found = hashOf(this.#contents.get(path)?.subarray(0, bytes)) ?? 'none';
        const message = `its first ${bytes} bytes are not what they were ${when}: it was written anew or cut off, and sealed again`;
        this.#say(path, { message, expected: hash, found });
      }
      if (record.header === now || isTold(HEADER_FILE)) continue;
      if (exchanged.has(record.header)) {
        const why = 'two machines had begun this execution, or somebody altered it';
        this.#notes.push(`${HEADER_FILE} is not the one that it had ${when}: ${why}`);
      } else {
        const message = `more of it than the verdict is not what it was ${when}`;
        this.#say(HEADER_FILE, { message, expected: record.header, found: now });
      }
    }
    this.#tellVerdicts();
  }

  /** Whether a journal, or one of its stream that was set aside, still begins with what was sealed. */
  #holds(path: string, bytes: number, hash: string): boolean {
    const aside = `${path.slice(0, -'.jsonl'.length)}.damaged-`;
    return [...this.#contents]
      .filter(([name]) => name === path || name.startsWith(aside))
      .some(([, content]) => content.length >= bytes && sha256(content.subarray(0, bytes)) === hash);
  }

  /** That an execution was sealed again with another verdict is no damage, and nothing to pass over in silence. */
  #tellVerdicts(): void {
    const verdicts = this.#subject.seals.flatMap(({ entry }) =>
      typeof entry !== 'string' && entry.kind === 'sealed' ? [{ verdict: entry.verdict, at: entry.at, by: entry.by }] : [],
    );
    if (new Set(verdicts.map(({ verdict }) => verdict)).size < 2) return;
    this.#notes.push(
      `it was sealed as ${verdicts.map(({ verdict, at, by }) => `${verdict} (${at}, by ${by})`).join(', then as ')}`,
    );
  }

  /** Files that were not there when the execution was sealed, or that no execution has. */
  #tellStrangers(header: ExecutionHeader | undefined, manifest: Manifest | undefined): void {
    const listed = new Set(manifest?.files.map(({ path }) => path));
    const waves = new Set(header?.plan.waves.map(({ name }) => name));
    for (const [name, content] of this.#contents) {
      if (name === MANIFEST_FILE || listed.has(name) || isUnwritten(name, content)) continue;
      if (manifest !== undefined) {
        this.#say(name, {
          message: 'it was not there when the execution was sealed',
          expected: 'none',
          found: hashOf(content) ?? '',
        });
      } else if (!belongs(name, waves)) {
        this.#say(name, { message: 'no execution has such a file' });
      }
    }
  }
}

/** One finding for a whole file: each of its lines would be told otherwise. */
const CRLF: StreamProblem = {
  line: 1,
  kind: 'altered',
  message: 'its line ends were turned into CRLF, as an editor or git does (core.autocrlf); nothing else in it was altered',
};

function isOnlyCrlf(content: Uint8Array, identity: StreamIdentity, { problems }: StreamReading): boolean {
  return problems.length > 0 && readStream(withoutCrlf(content), identity).problems.length === 0;
}

function withoutCrlf(content: Uint8Array): Uint8Array {
  return Buffer.from(Buffer.from(content).toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
}

/** The stream that a file holds; `undefined` if it is no journal. */
function streamOf(name: string): string | undefined {
  return name.endsWith('.jsonl') ? name.slice(0, -'.jsonl'.length) : undefined;
}

function belongs(name: string, waves: ReadonlySet<string>): boolean {
  if (name === HEADER_FILE || RENDERED.has(name)) return true;
  const stream = streamOf(name)?.replace(/\.damaged-[0-9]+$/, '');
  if (stream === undefined) return false;
  if (stream === 'finally') return true;
  const [folder, file = '', ...rest] = stream.split('/');
  if (rest.length > 0 || nameProblem(file) !== undefined) return false;
  return folder === 'runs' || (folder === 'waves' && (waves.size === 0 || waves.has(file)));
}

function hashOf(content: Uint8Array | undefined): string | undefined {
  return content === undefined ? undefined : sha256(content);
}

function text(content: Uint8Array): string {
  return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');
}
