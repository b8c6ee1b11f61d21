import type { Finding, Severity } from '../model.ts';
import { ruleOf } from '../rules/catalog.ts';

/** A step shows at most 10 annotations of a level; the rest is lost without a word. */
const MOST_OF_A_LEVEL = 10;

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' };

/**
 * Findings as GitHub workflow commands, which show as annotations on the files. At most 10 of a level; if there are more, the tenth
 * says how many are left. Empty without findings.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message
 */
export function formatGithub(findings: readonly Finding[]): string {
  const lines = (['error', 'warning', 'note'] as const).flatMap((severity) => {
    const all = findings.filter((each) => each.severity === severity);
    if (all.length <= MOST_OF_A_LEVEL) return all.map(annotation);
    const shown = all.slice(0, MOST_OF_A_LEVEL - 1);
    const left = all.length - shown.length;
    const more = `::${COMMANDS[severity]} title=More findings::${left} more of this level. breakwater check lists all.`;
    return [...shown.map(annotation), more];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function annotation({ rule, severity, location, message, next }: Finding): string {
  const properties = [
    `file=${property(location.file)}`,
    `line=${location.line}`,
    `col=${location.column}`,
    `title=${property(`${rule} ${ruleOf(rule).name}`)}`,
  ];
  return `::${COMMANDS[severity]} ${properties.join(',')}::${data(`${message}\n${next}`)}`;
}

/** As the runner's toolkit escapes them: packages/core/src/command.ts of actions/toolkit. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
