import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from '@breakwater/core';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { parseJson, provenFault, provenPolicy, provenScenario, type SchemaProblem } from '../boundary.ts';
import type { PolicyDocument } from '../iam/policy.ts';
import type { RawScenario } from './raw-scenario.ts';
import { resolveFault } from './resolve-fault.ts';
import { resolveScenario } from './resolve-scenario.ts';
import type { FaultSpec, Scenario } from './scenario.ts';

const NEXT = 'Correct the scenario; docs/simulator.md lists every field.';
/** How many scenarios may extend one another: a cycle ends here. */
const DEEPEST = 8;

/**
 * Reads a scenario file. `extends: other.yaml` (relative to the file) takes the other's fields where this one has none, and its
 * faults as well. Throws `UserError`: `file-unreadable`, or `scenario-invalid` with every problem and its path.
 */
export function loadScenario(path: string): Scenario {
  return resolveScenario(readScenario(path, 1));
}

/** A scenario from YAML text; it cannot extend a file. `name` stands for it in messages. */
export function parseScenario(text: string, name = 'scenario'): Scenario {
  const raw = parseRaw(text, name);
  if (raw.extends !== undefined) throw invalid(name, ['/extends: only a scenario file can extend another']);
  return resolveScenario(
    withPolicies(raw, (file) => {
      throw invalid(name, [`/policies: only a scenario file can name another file (${file})`]);
    }),
  );
}

/** A fault as `POST /_simulator/faults` takes it. */
export function parseFault(value: unknown): FaultSpec {
  const { value: fault, problems } = provenFault(value);
  if (fault === undefined) throw invalid('fault', describeProblems(problems));
  return resolveFault(fault);
}

function readScenario(path: string, depth: number): RawScenario {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UserError('file-unreadable', `cannot read the scenario ${path}`, {
      next: 'Give the path of a scenario file.',
      cause: error,
    });
  }
  const raw = withPolicies(parseRaw(text, path), (file) => readPolicy(resolve(dirname(path), file)));
  if (raw.extends === undefined) return raw;
  if (depth > DEEPEST) throw invalid(path, ['/extends: the scenarios extend one another without end']);
  const base = readScenario(resolve(dirname(path), raw.extends), depth + 1);
  return { ...base, ...raw, faults: [...(base.faults ?? []), ...(raw.faults ?? [])] };
}

/** Puts what is in a policy's file where a caller or a role names the file. */
function withPolicies(raw: RawScenario, read: (file: string) => PolicyDocument): RawScenario {
  const filled = <T extends { readonly policies?: readonly (PolicyDocument | string)[] }>(holder: T): T =>
    holder.policies === undefined
      ? holder
      : { ...holder, policies: holder.policies.map((policy) => (typeof policy === 'string' ? read(policy) : policy)) };
  return {
    ...raw,
    ...(raw.callers === undefined ? {} : { callers: raw.callers.map(filled) }),
    ...(raw.roles === undefined ? {} : { roles: raw.roles.map(filled) }),
  };
}

function readPolicy(path: string): PolicyDocument {
  let value: unknown;
  try {
    value = parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new UserError('file-unreadable', `cannot read the policy ${path}`, {
      next: 'Give the path of an IAM policy in JSON, relative to the scenario.',
      cause: error,
    });
  }
  const { value: policy, problems } = provenPolicy(value);
  if (policy === undefined) throw invalid(path, describeProblems(problems));
  return policy;
}

function parseRaw(text: string, name: string): RawScenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: true });
  if (document.errors.length > 0) {
    throw invalid(
      name,
      document.errors.map((error) => error.message.split('\n')[0] ?? error.message),
    );
  }
  const { value, problems } = provenScenario(expand(document, name));
  if (value === undefined) throw invalid(name, describeProblems(problems));
  return value;
}

/** Plain data; a file whose aliases multiply without bound is refused instead of expanded. */
function expand(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw invalid(name, [error instanceof Error ? error.message : String(error)]);
  }
}

function describeProblems(problems: readonly SchemaProblem[]): readonly string[] {
  return problems.map((problem) => `${problem.path}: ${problem.message}`);
}

function invalid(name: string, problems: readonly string[]): UserError {
  return new UserError('scenario-invalid', `the scenario ${name} is not valid:\n  ${problems.join('\n  ')}`, { next: NEXT });
}
