import { Ajv2020, type DefinedError, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { mapping, type SchemaNode, schema, schemaNode } from './boundary.ts';
import { finding } from './finding.ts';
import type { Finding } from './model.ts';
import { redact } from './secrets.ts';
import { didYouMean, nearest } from './suggest.ts';
import type { Path, YamlDocument } from './yaml-file.ts';

export const API_VERSION = 'breakwater/v1';
export const KINDS = ['Site', 'ProtectionGroup', 'RecoveryPlan'] as const;
export type Kind = (typeof KINDS)[number];

/** What the schema says of one document. */
export interface SchemaVerdict {
  readonly kind: Kind | undefined;
  readonly findings: readonly Finding[];
  /** JSON pointers of the values that are missing or not what they should be. */
  readonly bad: ReadonlySet<string>;
}

let validators: ReadonlyMap<Kind, ValidateFunction> | undefined;

/** Compiled when first needed: a command that reads no plan does not pay for it. */
function validatorOf(kind: Kind): ValidateFunction {
  validators ??= compile();
  const validator = validators.get(kind);
  if (validator === undefined) throw new RangeError(`no schema for ${kind}`);
  return validator;
}

function compile(): ReadonlyMap<Kind, ValidateFunction> {
  const ajv = new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    allowUnionTypes: true,
    strictRequired: false,
    // A process reads a few files: optimising the generated code would take longer than running it.
    code: { optimize: false },
  });
  formats.default(ajv, ['date-time']);
  ajv.addVocabulary(['x-breakwater-rule']);
  return new Map(KINDS.map((kind) => [kind, ajv.compile(inlined({ $ref: `#/$defs/${kind}` }))]));
}

/**
 * The schema with every reference written out; it has no circles. Across references ajv copies all errors so far for each new one,
 * which takes minutes on a large file that is wrong throughout. What stands beside a reference wins over what it refers to.
 */
function inlined(node: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { $ref, ...own } = node;
  const target = typeof $ref === 'string' ? mapping(mapping(schema['$defs'])?.[$ref.replace('#/$defs/', '')]) : undefined;
  return Object.fromEntries(Object.entries({ ...target, ...own }).map(([key, value]) => [key, inlinedValue(value)]));
}

function inlinedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inlinedValue);
  const inner = mapping(value);
  return inner === undefined ? value : inlined(inner);
}

/** Holds a document against the published schema; every error is a finding with what would be legal. */
export function validate(document: YamlDocument): SchemaVerdict {
  const top = mapping(document.data);
  const none: ReadonlySet<string> = new Set();
  if (top === undefined) {
    const problem = finding('BW112', document.locate([]), 'the document is not a mapping', 'Write apiVersion, kind and name.');
    return { kind: undefined, findings: [problem], bad: none };
  }
  if (top['apiVersion'] !== API_VERSION) return { kind: undefined, findings: [wrongVersion(document, top)], bad: none };
  const kind = KINDS.find((each) => each === top['kind']);
  if (kind === undefined) return { kind: undefined, findings: [wrongKind(document, top)], bad: none };
  const validator = validatorOf(kind);
  validator(document.data);
  return { kind, ...translate(document, telling(validator.errors ?? [])) };
}

function wrongVersion(document: YamlDocument, top: Readonly<Record<string, unknown>>): Finding {
  const next = `Write apiVersion: ${API_VERSION}. If this is no plan file, keep it elsewhere; simulator scenarios belong in a folder named simulation.`;
  if (top['apiVersion'] === undefined) {
    const near = nearest('apiVersion', Object.keys(top));
    const at = near === undefined ? document.locate([]) : document.locateKey([near]);
    return finding('BW108', at, 'the document has no apiVersion', next);
  }
  return finding('BW108', document.locate(['apiVersion']), `the format ${show(top['apiVersion'])} is unknown`, next);
}

function wrongKind(document: YamlDocument, top: Readonly<Record<string, unknown>>): Finding {
  const written = top['kind'];
  if (written === undefined) {
    return finding('BW109', document.locate([]), 'the document has no kind', `Write kind: ${KINDS.join(', ')}.`);
  }
  return finding(
    'BW109',
    document.locate(['kind']),
    `the kind ${show(written)} is unknown`,
    didYouMean(String(written), KINDS, 'kind'),
  );
}

/** Leaves out the errors that only repeat another one: wrappers, and what follows from a wrong type. */
function telling(errors: readonly object[]): readonly DefinedError[] {
  const defined = errors.filter((error): error is DefinedError => 'keyword' in error);
  const mistyped = new Set(defined.filter((error) => error.keyword === 'type').map((error) => error.instancePath));
  return defined.filter((error) => {
    if (error.keyword === 'if' || error.keyword === 'propertyNames') return false;
    return error.keyword === 'type' || error.propertyName !== undefined || !mistyped.has(error.instancePath);
  });
}

function translate(
  document: YamlDocument,
  errors: readonly DefinedError[],
): { findings: readonly Finding[]; bad: ReadonlySet<string> } {
  const bad = new Set<string>();
  const findings = new Map<string, Finding>();
  for (const error of errors) {
    const pointer =
      error.propertyName === undefined ? error.instancePath : `${error.instancePath}/${escapePart(error.propertyName)}`;
    if (error.keyword === 'required') bad.add(`${pointer}/${escapePart(error.params.missingProperty)}`);
    else if (error.keyword !== 'additionalProperties') bad.add(pointer);
    const one = toFinding(document, error, pathOf(pointer));
    const key = `${one.rule} ${error.keyword} ${pointer} ${one.message}`;
    if (!findings.has(key)) findings.set(key, one);
  }
  return { findings: [...findings.values()], bad };
}

function toFinding(document: YamlDocument, error: DefinedError, path: Path): Finding {
  const node = schemaNode(error.parentSchema);
  const where = error.propertyName === undefined ? document.locate(path) : document.locateKey(path);
  const value: unknown = error.propertyName ?? error.data;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = error.params.additionalProperty;
      const at = document.locateKey([...path, key]);
      if (key === '<<') return finding('BW110', at, 'merge keys (<<) are not part of YAML 1.2', 'Write the keys out.');
      return finding(
        'BW110',
        at,
        `${name(path)} has no key ${show(key)}`,
        didYouMean(key, Object.keys(node.properties ?? {}), 'key'),
      );
    }
    case 'required': {
      const key = error.params.missingProperty;
      return finding(
        'BW111',
        document.locate(path),
        `${name(path)} lacks ${key}`,
        explain(key, node.properties === undefined ? node : (node.properties[key] ?? {})),
      );
    }
    case 'type':
      return finding(
        node['x-breakwater-rule'] === 'BW612' ? 'BW612' : 'BW112',
        where,
        mistyped(path, value, error.params.type),
        fix(node, value),
      );
    case 'enum': {
      const legal = error.params.allowedValues.map(String);
      return finding(
        'BW113',
        where,
        `${show(value)} is not a ${node.title ?? 'value'} here`,
        didYouMean(String(value), legal, 'value'),
      );
    }
    case 'pattern':
    case 'format':
      return finding(node['x-breakwater-rule'] ?? 'BW114', where, `${show(value)} is not ${article(node)}`, legal(node));
    default:
      return finding(
        node['x-breakwater-rule'] ?? 'BW114',
        where,
        `${name(path)} ${error.message ?? 'is out of range'}`.replace(' NOT', ' not'),
        legal(node),
      );
  }
}

function explain(key: string, node: SchemaNode): string {
  const example = node.examples?.[0] === undefined ? '' : ` Example: ${key}: ${JSON.stringify(node.examples[0])}.`;
  return `Add ${key}. ${node.description ?? ''}${example}`.trim();
}

function legal(node: SchemaNode): string {
  const examples = node.examples?.map((example) => (typeof example === 'string' ? example : JSON.stringify(example))).join(', ');
  return `${node.description ?? `Correct the ${node.title ?? 'value'}.`}${examples === undefined ? '' : ` Example: ${examples}.`}`;
}

function fix(node: SchemaNode, value: unknown): string {
  if (value === null) return `Write a value, or remove the key. ${legal(node)}`;
  if (typeof value === 'number' || typeof value === 'boolean') return `Put it in quotes if it is a text. ${legal(node)}`;
  return legal(node);
}

function mistyped(path: Path, value: unknown, wanted: string | readonly string[]): string {
  const types = (typeof wanted === 'string' ? wanted.split(',') : wanted).map((type) => TYPE_NAMES[type] ?? type);
  return `${name(path)} must be ${types.join(' or ')}, not ${kindOf(value)}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'nothing',
};

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? `the text ${show(value)}` : typeof value === 'number' ? 'a number' : show(value);
}

/** `waves[2].timeout`, as a person would say it. */
function name(path: Path): string {
  if (path.length === 0) return 'the document';
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`)).join('');
}

function article(node: SchemaNode): string {
  const title = node.title ?? 'legal value';
  return `${/^(?:[aeio]|AWS|IAM|SSM)/.test(title) ? 'an' : 'a'} ${title}`;
}

const LONGEST_SHOWN = 60;

/** A value in a message: quoted, one line, cut, without what looks like a secret. */
export function show(value: unknown): string {
  const text = redact(JSON.stringify(value) ?? String(value));
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => (/^(?:0|[1-9]\d*)$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')));
}

function escapePart(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The JSON pointer of a path. */
export function pointerOf(path: Path): string {
  return path.map((part) => `/${escapePart(String(part))}`).join('');
}
