import type { Location } from '@breakwater/core';
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, visit } from 'yaml';
import { finding } from './finding.ts';
import type { Finding } from './model.ts';

/** A plan file as it was read. `file` is the name that findings show. */
export interface PlanSource {
  readonly file: string;
  readonly text: string;
}

/** Keys and indices from the top of a document to a value. */
export type Path = readonly (string | number)[];

/** One YAML document: its data as plain values, and where each of them stands. */
export interface YamlDocument {
  readonly file: string;
  /** `undefined` when the document cannot be read; the findings say why. */
  readonly data: unknown;
  /** Whether nothing is wrong with the YAML itself. */
  readonly sound: boolean;
  /** First and last line, counted from 1. */
  readonly lines: { readonly first: number; readonly last: number };
  /** Where a value stands; for a path that does not exist, its nearest existing parent. */
  locate(path: Path): Location;
  /** Where a key stands. */
  locateKey(path: Path): Location;
  /** A scalar as its author wrote it, so that `0080` and `1.10` stay what they are. */
  written(path: Path): string | undefined;
}

export const LARGEST_FILE = 1024 * 1024;

/** More aliases, and copies of a value, than a plan needs; far fewer than a YAML bomb. */
const MOST_ALIASES = 500;
const MOST_COPIES = 1_000;

/** Reads the documents of one file. Never throws: what cannot be read is a finding. */
export function readYaml({ file, text }: PlanSource): { documents: readonly YamlDocument[]; findings: readonly Finding[] } {
  const start: Location = { file, line: 1, column: 1 };
  const bytes = Buffer.byteLength(text);
  if (bytes > LARGEST_FILE) return { documents: [], findings: [tooLarge(start, bytes)] };
  if (text.includes('\0')) return { documents: [], findings: [notText(start, 'it contains NUL bytes')] };
  const counter = new LineCounter();
  let parsed: ReturnType<typeof parseAllDocuments>;
  try {
    parsed = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, stringKeys: true, uniqueKeys: false });
  } catch (error) {
    const deep = error instanceof RangeError ? 'it is nested too deeply' : String(error);
    return { documents: [], findings: [finding('BW104', start, `cannot read the YAML: ${deep}`, 'Write plain, flat YAML.')] };
  }
  const findings: Finding[] = [];
  const documents: YamlDocument[] = [];
  for (const document of parsed) {
    const at = (offset: number): Location => position(file, counter, offset);
    const problems = yamlProblems(document, at);
    const readable = problems.every(({ code }) => HARMLESS.has(code));
    for (const problem of problems) findings.push(problem.finding);
    let data: unknown;
    if (readable) {
      try {
        data = document.toJS({ maxAliasCount: MOST_COPIES });
      } catch (error) {
        findings.push(aliasProblem(error, at(offsetOf(document.contents) ?? 0)));
      }
      if (data === null) continue;
    }
    documents.push(view(file, document, counter, data, problems.length === 0 && data !== undefined));
  }
  if (documents.length === 0 && findings.length === 0) {
    findings.push(finding('BW107', start, 'the file holds no document', 'Write one, or remove the file.'));
  }
  return { documents, findings };
}

export function tooLarge(start: Location, bytes: number): Finding {
  const size = (bytes / LARGEST_FILE).toFixed(1);
  return finding(
    'BW102',
    start,
    `the file is too large: ${size} MiB`,
    'A plan file has at most 1 MiB. Is it a plan file? If so, split it.',
  );
}

export function notText(start: Location, why: string): Finding {
  return finding('BW103', start, `the file is not UTF-8 text: ${why}`, 'Is it a plan file? If so, save it as UTF-8.');
}

/** A broken document goes on being broken: what follows the first errors says nothing new. */
const MOST_SYNTAX_ERRORS = 50;

/** With these the rest of the document still means what it says. */
const HARMLESS: ReadonlySet<string> = new Set(['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED']);

interface Problem {
  readonly code: string;
  readonly finding: Finding;
}

function yamlProblems(document: Document, at: (offset: number) => Location): Problem[] {
  const errors = [...document.errors, ...document.warnings];
  const tooDeep = errors.find((error) => error.message.startsWith('Maximum call stack'));
  if (tooDeep !== undefined) {
    const message = 'cannot read the YAML: it is nested too deeply';
    return [{ code: 'TOO_DEEP', finding: finding('BW104', at(tooDeep.pos[0]), message, 'Write plain, flat YAML.') }];
  }
  const problems: Problem[] = errors
    .slice(0, MOST_SYNTAX_ERRORS)
    .map(({ code, message, pos }) => ({ code, finding: yamlProblem(code, message, at(pos[0])) }));
  const [next] = errors.slice(MOST_SYNTAX_ERRORS);
  if (next !== undefined) {
    const message = `cannot read the YAML: ${errors.length - MOST_SYNTAX_ERRORS} more errors from here`;
    const found = finding('BW104', at(next.pos[0]), message, 'Correct the errors above first: these may only follow from them.');
    problems.push({ code: 'MORE', finding: found });
  }
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    const message = `the file asks for YAML ${document.directives.yaml.version}, in which yes, no and 1:30 mean other things`;
    problems.push({
      code: 'OLD_YAML',
      finding: finding('BW104', at(0), message, 'Remove the %YAML line: plan files are YAML 1.2.'),
    });
  }
  return [...problems, ...brokenNodes(document, at)];
}

function yamlProblem(code: string, message: string, location: Location): Finding {
  if (code === 'TAG_RESOLVE_FAILED') {
    return finding('BW104', location, `a YAML tag has no meaning here: ${message}`, 'Write the value without the tag.');
  }
  if (code === 'NON_STRING_KEY') {
    return finding('BW104', location, 'a key must be a plain text', 'Write the key as one word, in quotes if need be.');
  }
  const hint = code === 'TAB_AS_INDENT' ? 'Indent with spaces.' : 'Correct the YAML here, or just above.';
  return finding('BW104', location, `cannot read the YAML: ${message}`, hint);
}

function aliasProblem(error: unknown, location: Location): Finding {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ReferenceError && !message.includes('Unresolved')) {
    return finding(
      'BW106',
      location,
      'aliases unfold to far more than is written',
      'Write the values out, or use fewer aliases.',
    );
  }
  return finding('BW104', location, `cannot read the YAML: ${message}`, 'Correct the YAML here.');
}

/**
 * Keys must be unique, an alias must stand after its anchor, and not inside it: that would make endless data. One walk for all three,
 * because the library's own checks take quadratic time on large files.
 */
function brokenNodes(document: Document, at: (offset: number) => Location): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, rule: string, node: unknown, message: string, next: string) =>
    problems.push({ code, finding: finding(rule, at(offsetOf(node) ?? 0), message, next) });
  const anchors = new Map<string, Node>();
  let aliases = 0;
  visit(document, {
    Node(_, node, ancestors) {
      if (isAlias(node)) {
        const source = anchors.get(node.source);
        aliases += 1;
        if (aliases > MOST_ALIASES) {
          add('ALIAS', 'BW106', node, `more than ${MOST_ALIASES} aliases`, 'Write the values out.');
          return visit.BREAK;
        }
        if (source === undefined) {
          const next = 'Set the anchor above, or write the value out.';
          add('ALIAS', 'BW104', node, `there is no anchor &${node.source} before this alias`, next);
        } else if (ancestors.includes(source)) {
          add('ALIAS', 'BW106', node, `the alias *${node.source} refers to itself`, 'Write the value out.');
        }
        return undefined;
      }
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      if (isMap(node)) {
        const seen = new Set<string>();
        for (const { key } of node.items) {
          const name = isScalar(key) ? String(key.value) : undefined;
          if (name === undefined) continue;
          if (seen.has(name)) add('DUPLICATE_KEY', 'BW105', key, 'the key stands twice here', 'Keep one of the two.');
          seen.add(name);
        }
      }
      return undefined;
    },
  });
  return problems;
}

function view(file: string, document: Document, counter: LineCounter, data: unknown, sound: boolean): YamlDocument {
  const at = (offset: number) => position(file, counter, offset);
  const from = document.contents?.range?.[0] ?? 0;
  const to = document.contents?.range?.[2] ?? from;
  return {
    file,
    data,
    sound,
    lines: { first: at(from).line, last: at(to).line },
    locate: (path) => at(walk(document, path).offset),
    locateKey: (path) => {
      const parent = walk(document, path.slice(0, -1));
      const pair = pairOf(parent.node, path.at(-1));
      return at(offsetOf(pair?.key) ?? parent.offset);
    },
    written: (path) => {
      const { node, complete } = walk(document, path);
      return complete && isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
  };
}

/** Follows a path as far as it goes. */
function walk(document: Document, path: Path): { node: unknown; offset: number; complete: boolean } {
  let node = followed(document, document.contents);
  let offset = offsetOf(document.contents) ?? 0;
  for (const key of path) {
    const pair = pairOf(node, key);
    const child: unknown = pair === undefined && isSeq(node) ? node.items[Number(key)] : pair?.value;
    if (pair === undefined && child === undefined) return { node, offset, complete: false };
    offset = offsetOf(child) ?? offsetOf(pair?.key) ?? offset;
    node = followed(document, child);
  }
  return { node, offset, complete: true };
}

function followed(document: Document, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

type KeyedPair = { readonly key: unknown; readonly value: unknown };

/** Keys of the mappings that were asked about: a file with many findings is asked about often. */
const pairs = new WeakMap<object, ReadonlyMap<string, KeyedPair>>();

function pairOf(node: unknown, key: string | number | undefined): KeyedPair | undefined {
  if (!isMap(node)) return undefined;
  let byKey = pairs.get(node);
  if (byKey === undefined) {
    byKey = new Map(node.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair] as const] : [])));
    pairs.set(node, byKey);
  }
  return byKey.get(String(key));
}

function offsetOf(node: unknown): number | undefined {
  return isAlias(node) || isScalar(node) || isMap(node) || isSeq(node) ? (node satisfies Node).range?.[0] : undefined;
}

function position(file: string, counter: LineCounter, offset: number): Location {
  const { line, col } = counter.linePos(offset);
  return { file, line: Math.max(1, line), column: Math.max(1, col) };
}
