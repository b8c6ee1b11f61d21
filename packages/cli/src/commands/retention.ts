import { readFile, stat } from 'node:fs/promises';
import { type Clock, UserError } from '@breakwater/core';
import {
  type Decision,
  decideRetention,
  isPresetName,
  PRESET_NAMES,
  parseMoment,
  parsePolicy,
  presetPolicy,
  type RetentionPolicy,
  readSnapshots,
} from '@breakwater/retention';
import stringWidth from 'string-width';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { printable } from '../printable.ts';
import type { Terminal } from '../terminal.ts';
import type { RetentionRequest } from './requests.ts';

/** What the command needs of others. */
export interface RetentionParts {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly standardInput: () => Promise<string>;
}

/**
 * `breakwater retention`: what a policy would keep and delete of a list of snapshots, on stdout. It only decides. Fine also if the policy is
 * not known: then everything is kept, and stderr says so. Throws `UserError` `usage` or `file-unreadable`.
 */
export async function retention(
  request: RetentionRequest,
  { terminal, clock, standardInput }: RetentionParts,
): Promise<ExitCode> {
  const now = request.now === undefined ? clock.now() : momentOf(request.now);
  const policy = await policyOf(request.policy);
  const what = request.snapshots === '-' ? 'standard input' : request.snapshots;
  const text = request.snapshots === '-' ? await standardInput() : await readText(request.snapshots, '--snapshots');
  const snapshots = readSnapshots(parseJson(text, what), { what, now });
  const decided = decideRetention(policy, snapshots, now);
  if (request.json) {
    const written = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot.written]));
    const asWritten = ({ id, reason }: Decision) => ({ id, time: written.get(id), reason });
    const answer = { keep: decided.keep.map(asWritten), delete: decided.delete.map(asWritten) };
    terminal.stdout.write(`${JSON.stringify(answer, null, 2)}\n`);
  } else {
    terminal.stdout.write(
      [
        `${printable(policy.name)} at ${when(now)}: ${decided.keep.length} stay, ${decided.delete.length} would go. Nothing is deleted here.`,
        ...table('Would go', decided.delete),
        ...table('Stay', decided.keep),
      ]
        .map((line) => `${line}\n`)
        .join(''),
    );
  }
  if (policy.kind === 'keep-all' && policy.because === 'unknown') {
    const known = PRESET_NAMES.join(', ');
    terminal.stderr.write(
      `breakwater: ${printable(`"${policy.name}" is neither a policy (${known}) nor a file, so everything is kept`)}\n`,
    );
  }
  return EXIT_CODES.fine;
}

function momentOf(text: string): number {
  const now = parseMoment(text);
  if (now === undefined) {
    throw new UserError('usage', `--now must be a time, not ${JSON.stringify(text)}`, {
      next: 'Write it as 2026-01-15T03:00:00Z, or as epoch milliseconds.',
    });
  }
  return now;
}

/** A preset; a policy in braces; a file. A bare word that is none of them is a policy that is not known. */
async function policyOf(text: string): Promise<RetentionPolicy> {
  if (isPresetName(text)) return presetPolicy(text);
  if (text.trimStart().startsWith('{')) return parsePolicy(text, 'the policy');
  const looksLikeFile = /[/\\]|\.(json|ya?ml)$/i.test(text);
  if (!looksLikeFile && !(await exists(text))) return presetPolicy(text);
  return parsePolicy(await readText(text, '--policy'), text);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function readText(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new UserError('file-unreadable', `${path} cannot be read (${code})`, {
      next: `Give ${option} a file that exists and can be read.`,
      cause,
    });
  }
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new UserError('usage', `${printable(`${what} is not JSON: ${detail}`)}`, {
      next: 'Give --snapshots a JSON list of snapshots with id, time, status and owned.',
      cause,
    });
  }
}

function table(title: string, decisions: readonly Decision[]): readonly string[] {
  if (decisions.length === 0) return [];
  const rows = decisions.map(({ id, time, reason }) => [when(time), printable(id), printable(reason)] as const);
  // Not spread: a list may hold more than a call takes arguments.
  const width = rows.reduce((widest, [, id]) => Math.max(widest, stringWidth(id)), 0);
  return ['', title, ...rows.map(([time, id, reason]) => `  ${time}  ${id}${' '.repeat(width - stringWidth(id))}  ${reason}`)];
}

const UNKNOWN_TIME = 'time not known      ';

function when(time: number | undefined): string {
  if (time === undefined) return UNKNOWN_TIME;
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
