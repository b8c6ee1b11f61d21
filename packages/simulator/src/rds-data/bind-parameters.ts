import type { SqlParameter, SqlValue } from './sql-backend.ts';

/** Literals, quoted names, dollar quotes, comments and casts hide a colon; `:name` elsewhere is a parameter. */
const TOKENS =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\$([A-Za-z_]*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_][A-Za-z0-9_]*)/g;

/**
 * A statement of the Data API for a driver: `:name` becomes `$1`, `$2`, … (PostgreSQL) or `?` (MySQL), and the values stand in that
 * order. A name without a parameter is left as it is.
 */
export function bindParameters(
  sql: string,
  parameters: readonly SqlParameter[],
  style: 'postgres' | 'mysql',
): { readonly text: string; readonly values: readonly SqlValue[] } {
  const values: SqlValue[] = [];
  const numbers = new Map<string, number>();
  const text = sql.replace(TOKENS, (token, _tag: string | undefined, name: string | undefined) => {
    const parameter = name === undefined ? undefined : parameters.find((one) => one.name === name);
    if (parameter === undefined || name === undefined) return token;
    const known = numbers.get(name);
    if (style === 'postgres' && known !== undefined) return `$${known}`;
    values.push(parameter.value);
    numbers.set(name, values.length);
    return style === 'postgres' ? `$${values.length}` : '?';
  });
  return { text, values };
}
