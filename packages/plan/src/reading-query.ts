import { show } from './schema.ts';

const READS = /^(?:select|with|values|table)\b/i;
/** What may follow a WITH, or stand inside one, and change data; and SELECT … INTO. Two are functions too. */
const CHANGES = /\b(?:update|delete|merge|into|(?:insert|replace)(?!\s*\())\b/i;

/**
 * Why a query cannot be taken for one that only reads; `undefined` if it can. A run asks once more, with the engine's own rules.
 */
export function whyNotReading(sql: string): string | undefined {
  if (/[\\\0]/.test(sql)) return 'has a backslash';
  const bare = sql
    .replaceAll(/'[^']*'|"[^"]*"|`[^`]*`/g, ' ? ')
    .trim()
    .replace(/;$/, '');
  if (/['"`]/.test(bare)) return 'has a quote that is not closed';
  if (bare.includes(';')) return 'holds several statements';
  if (/--|\/\*/.test(bare)) return 'has a comment';
  if (!READS.test(bare)) return 'does not begin like one that reads';
  const change = CHANGES.exec(bare);
  return change === null ? undefined : `says ${show(change[0])}, which changes data`;
}
