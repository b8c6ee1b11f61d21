import type { Finding, Severity } from '../model.ts';
import { ruleOf } from '../rules/catalog.ts';

/** Findings by severity. */
export type Counts = Readonly<Record<Severity, number>>;

export function countsOf(findings: readonly Finding[]): Counts {
  const count = (severity: Severity) => findings.filter((each) => each.severity === severity).length;
  return { error: count('error'), warning: count('warning'), note: count('note') };
}

const COLOURS: Readonly<Record<Severity, string>> = { error: '31', warning: '33', note: '36' };

/** Findings for a terminal or a log: two lines each, grouped by file, and the counts. Ends with a line feed. */
export function formatText(findings: readonly Finding[], { colour }: { readonly colour: boolean } = { colour: false }): string {
  const paint = (code: string, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const lines: string[] = [];
  let file: string | undefined;
  for (const { rule, severity, location, message, next } of findings) {
    if (file !== undefined && file !== location.file) lines.push('');
    file = location.file;
    const where = `${printable(location.file)}:${location.line}:${location.column}`;
    lines.push(`${where}: ${paint(COLOURS[severity], severity)} ${rule} ${ruleOf(rule).name}: ${printable(message)}`);
    lines.push(`    ${paint('2', printable(next))}`);
  }
  if (lines.length > 0) lines.push('');
  lines.push(summary(findings));
  return `${lines.join('\n')}\n`;
}

/** `2 errors, 1 warning in 2 files` */
export function summary(findings: readonly Finding[]): string {
  const counts = countsOf(findings);
  const parts = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const count = counts[severity];
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`];
  });
  if (parts.length === 0) return 'nothing found';
  const files = new Set(findings.map(({ location }) => location.file)).size;
  return `${parts.join(', ')} in ${files} file${files === 1 ? '' : 's'}`;
}

/**
 * Control characters, which could move a terminal's cursor or forge a line, written as escapes; and `##[`, which is a command to a runner of
 * GitHub wherever it stands.
 */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]|(?<=##)\[/gu,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
