import type { Finding } from '../model.ts';
import { ruleOf } from '../rules/catalog.ts';
import { countsOf } from './text.ts';

/** Findings for programs: `{schema: "breakwater.findings/1", counts, findings}`. Fields are added, never renamed. */
export function formatJson(findings: readonly Finding[]): string {
  const rows = findings.map(({ rule, severity, location, message, next, blocksRun }) => ({
    rule,
    name: ruleOf(rule).name,
    severity,
    blocksRun,
    file: location.file,
    line: location.line,
    column: location.column,
    message,
    next,
  }));
  return `${JSON.stringify({ schema: 'breakwater.findings/1', counts: countsOf(findings), findings: rows }, undefined, 2)}\n`;
}
