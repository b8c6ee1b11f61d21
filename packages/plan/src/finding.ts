import type { Location } from '@breakwater/core';
import type { Finding } from './model.ts';
import { ruleOf } from './rules/catalog.ts';

/** A finding of a rule; severity and whether it blocks a run come from the catalogue. */
export function finding(rule: string, location: Location, message: string, next: string): Finding {
  const { severity, blocksRun } = ruleOf(rule);
  return { rule, severity, location, message, next, blocksRun };
}

/** By file, line, column and rule; the same finding only once. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map(findings.map((each) => [identity(each), each]));
  return [...unique.values()].sort(
    (a, b) =>
      compare(a.location.file, b.location.file) ||
      a.location.line - b.location.line ||
      a.location.column - b.location.column ||
      compare(a.rule, b.rule) ||
      compare(a.message, b.message),
  );
}

function identity({ rule, location, message }: Finding): string {
  return JSON.stringify([rule, location.file, location.line, location.column, message]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
