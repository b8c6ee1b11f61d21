import { UserError } from '@breakwater/core';
import { type DatabaseCheck, whyNotReading } from '@breakwater/plan';
import { parse } from 'yaml';

type Texts = Readonly<Record<string, string>>;

/** An object of texts, as tags are. Throws `UserError` `usage` naming the input. */
export function parseTexts(text: string | undefined, input: string): Texts | undefined {
  if (text === undefined) return undefined;
  const value = yamlOf(text, input);
  if (!isObject(value)) throw wrong(input, 'is not an object of texts');
  return Object.fromEntries(
    Object.entries(value).map(([key, member]): [string, string] => {
      if (typeof member === 'string') return [key, member];
      throw wrong(input, `has a value for "${key}" that is not a text`);
    }),
  );
}

/**
 * The checks as plan files write them: a list of `engineVersion`, `database`, `table: {name, database, schema, minRows, maxRows}` and
 * `query: {name, database, sql, expect}`. Throws `UserError` `usage` naming the check, also for one that may do more than read: found out
 * by the database, it would be too late.
 */
export function parseChecks(text: string | undefined): readonly DatabaseCheck[] {
  if (text === undefined) return [];
  const value = yamlOf(text, 'checks');
  if (!Array.isArray(value)) throw wrong('checks', 'is not a list');
  return value.map((item: unknown, index) => check(item, index + 1));
}

function check(item: unknown, number: number): DatabaseCheck {
  const [[kind, value] = [], more] = isObject(item) ? Object.entries(item) : [];
  if (kind === undefined || more !== undefined) throw wrong('checks', `check ${number} must say exactly one thing`);
  switch (kind) {
    case 'engineVersion':
      return { kind: 'engine-version', version: textOf(value, number, kind) };
    case 'database':
      return { kind: 'database', name: textOf(value, number, kind) };
    case 'table': {
      const fields = fieldsOf(value, number, kind, ['name', 'database', 'schema', 'minRows', 'maxRows']);
      const where = picked({ database: fields['database'], schema: fields['schema'] });
      const name = textOf(fields['name'], number, 'table.name');
      const bounds = {
        ...(fields['minRows'] === undefined ? {} : { min: countOf(fields['minRows'], number, 'minRows') }),
        ...(fields['maxRows'] === undefined ? {} : { max: countOf(fields['maxRows'], number, 'maxRows') }),
      };
      if (Object.keys(bounds).length === 0) return { kind: 'table', name, ...where };
      const { min = 0, max = min } = bounds;
      if (min > max) throw wrong('checks', `"minRows" of check ${number} is above its "maxRows"`);
      return { kind: 'rows', table: name, ...where, ...bounds };
    }
    case 'query': {
      const fields = fieldsOf(value, number, kind, ['name', 'database', 'sql', 'expect']);
      const asked = {
        name: textOf(fields['name'], number, 'query.name'),
        sql: textOf(fields['sql'], number, 'query.sql'),
        expect: textOf(fields['expect'], number, 'query.expect'),
      };
      const why = whyNotReading(asked.sql);
      if (why !== undefined) throw wrong('checks', `the query of check ${number} ${why}`);
      return { kind: 'query', ...asked, ...picked({ database: fields['database'] }) };
    }
    default:
      throw wrong('checks', `check ${number} is a "${kind}"; legal are engineVersion, database, table and query`);
  }
}

function picked<K extends string>(fields: Readonly<Record<K, string | undefined>>): { readonly [Key in K]?: string } {
  const present: { [Key in K]?: string } = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) present[key] = value;
  }
  return present;
}

function fieldsOf(value: unknown, number: number, kind: string, legal: readonly string[]): Readonly<Record<string, string>> {
  if (!isObject(value)) throw wrong('checks', `"${kind}" of check ${number} is not an object`);
  const unknown = Object.keys(value).find((key) => !legal.includes(key));
  if (unknown !== undefined)
    throw wrong('checks', `"${kind}" of check ${number} has "${unknown}"; legal are ${legal.join(', ')}`);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, textOf(member, number, `${kind}.${key}`)]));
}

function textOf(value: unknown, number: number, field: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw wrong('checks', `"${field}" of check ${number} must be a text`);
}

function countOf(value: string, number: number, field: string): number {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw wrong('checks', `"${field}" of check ${number} must be a whole number`);
}

function yamlOf(text: string, input: string): unknown {
  try {
    // The failsafe schema keeps every scalar the text that was written: `16` and `yes` stay what they are.
    return parse(text, { schema: 'failsafe', maxAliasCount: 10 });
  } catch (cause) {
    throw wrong(input, `is not YAML: ${cause instanceof Error ? cause.message.split('\n')[0] : String(cause)}`, cause);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(input: string, what: string, cause?: unknown): UserError {
  return new UserError('usage', `restore-aurora: input "${input}" ${what}`, {
    next: 'Correct the `with:` of the step (docs/restore-aurora.md has examples). Nothing was changed.',
    cause,
  });
}
