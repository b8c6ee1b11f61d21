import type { SqlEngine } from './session.ts';

const READS = /^(select|with|values|table)\b/i;
/** What may follow a WITH, or stand inside one, and change data; and SELECT … INTO, which makes a table or a file. Two are functions too. */
const CHANGES = /\b(?:update|delete|merge|into|(?:insert|replace)(?!\s*\())\b/i;

/**
 * Why a statement of a check cannot be taken for one that only reads; `undefined` if it can. On purpose narrow: what would let text hide
 * from this reader (comments, backslashes, dollar quotes) is refused, since a check can be written without. Functions with side effects
 * are beyond it; a direct connection runs the statement in a read-only transaction besides.
 */
export function whyNotReadOnly(engine: SqlEngine, sql: string): string | undefined {
  if (sql.includes('\0')) return 'it has a NUL character';
  if (sql.includes('\\')) return 'it has a backslash';
  const quotes = engine === 'postgresql' ? /'[^']*'|"[^"]*"/g : /'[^']*'|"[^"]*"|`[^`]*`/g;
  const bare = sql.replaceAll(quotes, ' ? ').trim().replace(/;$/, '').trim();
  if (/['"`]/.test(bare)) return 'a quote in it is not closed';
  if (bare.includes(';')) return 'it has more than one statement';
  if (/--|\/\*/.test(bare) || (engine === 'mysql' && bare.includes('#'))) return 'it has a comment';
  if (engine === 'postgresql' && /\$[^\d]/.test(bare)) return 'it has a dollar quote';
  if (!READS.test(bare)) return 'it does not begin with SELECT, WITH, VALUES or TABLE';
  const change = CHANGES.exec(bare);
  return change === null ? undefined : `it says ${String(change[0]).toUpperCase()}`;
}
