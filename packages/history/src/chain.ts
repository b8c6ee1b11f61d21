import { createHash } from 'node:crypto';
import { parseLine } from './boundary.ts';
import type { JournalEvent, JournalLine } from './events.ts';

/** A journal without the line that is just being written, or that a crash tore. */
export function wholeLines(journal: Uint8Array): Buffer {
  const bytes = Buffer.from(journal.buffer, journal.byteOffset, journal.byteLength);
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

/** What a stream is; its hash is the first line's `prev`, so that a file cannot be passed off as another. */
export interface StreamIdentity {
  /** Execution id. */
  readonly execution: string;
  /** `finally`, `waves/<wave>` or `runs/<run>`. */
  readonly stream: string;
  /** Digest of the plan that the execution was started with. */
  readonly planDigest: string;
}

/** SHA-256 in hex. */
export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What the first line of a stream carries as `prev`. */
export function identityHash({ execution, stream, planDigest }: StreamIdentity): string {
  return sha256(`breakwater.journal/1\n${execution}\n${stream}\n${planDigest}`);
}

/**
 * Writes a line (without its newline). `sum`, always last, is the SHA-256 of all bytes before `,"sum":`; it is what finds damage in the
 * last line, which no later line vouches for yet.
 */
export function encodeLine(event: JournalEvent, position: { seq: number; at: string; prev: string }): string {
  const { seq, at, prev } = position;
  // The event may not overrule the position; assigning both sides keeps `v`, `seq`, `at` in front for people.
  const fields = Object.assign({ v: 1, seq, at }, event, { v: 1, seq, at, sum: undefined, prev });
  const body = JSON.stringify(fields).slice(0, -1);
  return `${body},"sum":"${sha256(body)}"}`;
}

const SUM = /,"sum":"([0-9a-f]{64})"\}$/;

/** Whether a line's own checksum holds; `absent` if it has none at its end. */
export function checkSum(text: string): 'good' | 'bad' | 'absent' {
  const match = SUM.exec(text);
  if (match === null) return 'absent';
  return sha256(text.slice(0, match.index)) === match[1] ? 'good' : 'bad';
}

export interface StreamProblem {
  /** Counted from 1. */
  readonly line: number;
  /**
   * `torn`: the end of the file is no whole line (a crash or a write in progress). `unreadable`: a line is no journal line. `altered`: a
   * line does not match its own checksum. `sequence`: lines are missing, repeated or in another order. `chain`: the line before is
   * not the one that this line was written after. `identity`: the first line belongs to another stream, execution or plan.
   */
  readonly kind: 'torn' | 'unreadable' | 'altered' | 'sequence' | 'chain' | 'identity';
  readonly message: string;
}

/** A stream as found: the lines that can be read, what is wrong, and where it can be continued. */
export interface StreamReading {
  readonly lines: readonly JournalLine[];
  readonly problems: readonly StreamProblem[];
  /** Bytes up to the end of the last whole, readable line, its newline included if it has one. */
  readonly soundBytes: number;
  /** True when only the newline of the last line is missing. */
  readonly newlineMissing: boolean;
  /** How many lines the file has, readable or not. */
  readonly count: number;
  /** Hash that the next line must carry as `prev`. */
  readonly head: string;
}

/**
 * Reads and verifies a journal file. Finds edits, deletions, insertions, reordering, lines lost in the middle, and files put in the
 * place of others; never throws. One thing no chain can show by itself: whole lines cut off at the very end.
 */
export function readStream(content: string | Uint8Array, identity: StreamIdentity): StreamReading {
  const bytes =
    typeof content === 'string' ? Buffer.from(content) : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const lines: JournalLine[] = [];
  const problems: StreamProblem[] = [];
  let expectedPrev = identityHash(identity);
  let expectedSeq = 0;
  let start = 0;
  let number = 0;
  let newlineMissing = false;
  while (start < bytes.length) {
    number += 1;
    const newline = bytes.indexOf(0x0a, start);
    const end = newline === -1 ? bytes.length : newline;
    const raw = bytes.subarray(start, end);
    const next = newline === -1 ? bytes.length : newline + 1;
    const text = raw.toString('utf8');
    const parsed = parseLine(text);
    if (parsed.line === undefined) {
      if (next >= bytes.length) {
        problems.push({
          line: number,
          kind: 'torn',
          message: `the last line is not whole (${bytes.length - start} bytes): ${parsed.problem}`,
        });
        break;
      }
      problems.push({ line: number, kind: 'unreadable', message: parsed.problem });
    } else {
      problems.push(...lineProblems(parsed.line, text, number, expectedPrev, expectedSeq));
      lines.push(parsed.line);
      expectedSeq = parsed.line.seq + 1;
    }
    if (newline === -1) newlineMissing = true;
    expectedPrev = sha256(raw);
    start = next;
  }
  return { lines, problems, soundBytes: start, newlineMissing, head: expectedPrev, count: number };
}

function lineProblems(
  line: JournalLine,
  text: string,
  number: number,
  expectedPrev: string,
  expectedSeq: number,
): StreamProblem[] {
  const found: StreamProblem[] = [];
  const sum = checkSum(text);
  if (sum !== 'good') {
    const message = sum === 'bad' ? 'it was altered: its checksum does not match' : 'it was altered: its checksum is missing';
    found.push({ line: number, kind: 'altered', message });
  }
  if (line.seq !== expectedSeq) {
    const message =
      line.seq > expectedSeq
        ? `it has number ${line.seq} where ${expectedSeq} is due: lines before it are missing or out of order`
        : `it has number ${line.seq} where ${expectedSeq} is due: it is repeated, inserted or out of order`;
    found.push({ line: number, kind: 'sequence', message });
  } else if (line.prev !== expectedPrev) {
    found.push(
      expectedSeq === 0
        ? { line: number, kind: 'identity', message: 'it belongs to another stream, execution or plan' }
        : {
            line: number,
            kind: 'chain',
            message: 'it was not written after the line before it: one of the two was altered or replaced',
          },
    );
  }
  return found;
}

/** What is wrong with a journal's text, by line; empty if nothing is. */
export function verifyStream(content: string | Uint8Array, identity: StreamIdentity): readonly StreamProblem[] {
  const { problems, newlineMissing, count } = readStream(content, identity);
  if (!newlineMissing) return problems;
  return [...problems, { line: count, kind: 'torn', message: 'the last line lacks its newline' }];
}
