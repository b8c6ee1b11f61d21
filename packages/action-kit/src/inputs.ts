import { DURATION_EXAMPLES, parseDuration, UserError } from '@breakwater/core';
import { distance } from 'fastest-levenshtein';
import { inputsAs } from './boundary.ts';
import type { ActionDefinition, InputDefinition, Inputs } from './definition.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Value = string | boolean | number | readonly string[] | undefined;
type Reading = { readonly value: Value } | { readonly problem: string };

export interface ReadInputs<D extends ActionDefinition> {
  readonly inputs: Inputs<D>;
  /** Inputs that were given but that the action does not know. */
  readonly unknown: readonly string[];
}

/** The environment variable in which the runner hands over an input: upper case, spaces become underscores, dashes stay. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}

/**
 * Reads and parses every input of an action at once, from the variables the runner sets. An empty input is an absent one.
 * Throws one `UserError` `usage` that names every wrong input, its value and what would be legal. A misspelt input is refused too:
 * the runner only warns of it, and a `wave:` that should have been `waves:` would recover all of them.
 */
export function readInputs<D extends ActionDefinition>(definition: D, environment: Environment): ReadInputs<D> {
  const values: Record<string, Value> = {};
  const problems: string[] = [];
  for (const [name, input] of Object.entries(definition.inputs)) {
    const reading = readInput(name, input, (environment[inputVariable(name)] ?? '').trim());
    if ('problem' in reading) problems.push(reading.problem);
    else values[name] = reading.value;
  }
  const known = Object.keys(definition.inputs);
  const unknown: string[] = [];
  for (const name of givenNames(environment)) {
    if (known.some((other) => inputVariable(other) === inputVariable(name))) continue;
    const meant = known.find((other) => isMisspelling(name, other));
    if (meant === undefined) unknown.push(name);
    else problems.push(`there is no input "${name}"; did you mean "${meant}"?`);
  }
  if (problems.length > 0) {
    throw new UserError('usage', `${definition.name}: ${problems.join('; ')}`, {
      next: 'Correct the `with:` of the step; nothing was started.',
    });
  }
  return { inputs: inputsAs<D>(values), unknown };
}

function readInput(name: string, input: InputDefinition, given: string): Reading {
  const text = given === '' ? defaultOf(input) : given;
  if (input.kind === 'list') return readList(name, input, text);
  if (text === '') return input.required ? { problem: `input "${name}" is required` } : { value: undefined };
  switch (input.kind) {
    case 'text':
      if (input.pattern !== undefined && !new RegExp(input.pattern.source).test(text)) {
        return illegal(name, text, input.pattern.means);
      }
      return { value: text };
    case 'boolean':
      if (/^(true|false)$/i.test(text)) return { value: text.toLowerCase() === 'true' };
      return illegal(name, text, 'true, false');
    case 'choice':
      return input.of.includes(text) ? { value: text } : illegal(name, text, input.of.join(', '));
    case 'duration': {
      const ms = parseDuration(text);
      return ms === undefined ? illegal(name, text, `a duration as ${DURATION_EXAMPLES}`) : { value: ms };
    }
  }
}

/** An expression is filled in by GitHub before we see it; where it is not, there is no value. */
function defaultOf({ default: value = '' }: InputDefinition): string {
  return value.startsWith('${{') ? '' : value;
}

function readList(name: string, input: InputDefinition, text: string): Reading {
  const items = text.startsWith('[') ? jsonTexts(text) : text.split(/[\n,]/).map((item) => item.trim());
  if (items === undefined) return illegal(name, text, 'items separated by commas or newlines, or a JSON list of texts');
  const given = items.filter((item) => item !== '');
  return given.length === 0 && input.required ? { problem: `input "${name}" is required` } : { value: given };
}

/** An output of an earlier step is a JSON list: it can be handed on as it is. */
function jsonTexts(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    return undefined;
  }
}

function illegal(name: string, value: string, legal: string): Reading {
  return { problem: `value "${shorten(value)}" is not valid for "${name}". Legal: ${legal}` };
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

function givenNames(environment: Environment): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('INPUT_') && value !== undefined && value !== '')
    .map(([name]) => name.slice('INPUT_'.length).toLowerCase());
}

/** Near enough that one was meant for the other; `INPUT_` variables of other programs are not. */
function isMisspelling(given: string, known: string): boolean {
  const plain = (name: string) => name.toLowerCase().replaceAll(/[-_ ]/g, '');
  return distance(plain(given), plain(known)) <= (known.length > 5 ? 2 : 1);
}
