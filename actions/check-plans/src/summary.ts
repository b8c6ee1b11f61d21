import { type Finding, summary as inWords, type PlanChange } from '@breakwater/plan';
import { code, markdown } from '@breakwater/report';
import type { SourceChange } from './sources.ts';

/** Rows of a table; the rest is counted. A summary has a megabyte, a reader has less. */
const MOST = 100;

/** Findings and changes in Markdown. `changes` is left out when nothing was compared. */
export function summaryOf(
  findings: readonly Finding[],
  changes: readonly PlanChange[] | undefined,
  sources: readonly SourceChange[] = [],
): string {
  const parts = ['## Plans', '', findings.length === 0 ? 'Nothing was found.' : `${inWords(findings)}.`, ''];
  if (findings.length > 0) parts.push(...findingsTable(findings), '');
  if (changes !== undefined) parts.push('## What changes', '', ...changes.flatMap(changeOf), ...nothing(changes), '');
  if (sources.length > 0) {
    const rows = sources.map(({ plan, before, after }) => `- ${markdown(plan)}: ${code(after)} instead of ${code(before)}`);
    parts.push('## Whose code runs', '', ...rows, '', 'It gets the roles of drills and recoveries.', '');
  }
  return parts.join('\n');
}

function findingsTable(findings: readonly Finding[]): readonly string[] {
  const rows = findings.slice(0, MOST).map(({ rule, severity, location, message, next }) => {
    const place = `${location.file}:${location.line}`;
    return `| ${severity} | ${code(rule)} | ${code(place)} | ${markdown(message)}. ${markdown(next)} |`;
  });
  return ['| | Rule | Where | What, and what to do |', '| --- | --- | --- | --- |', ...rows, ...left(findings.length)];
}

function changeOf({ plan, kind, changes }: PlanChange): readonly string[] {
  if (kind === 'added') return [`### ${markdown(plan)}`, '', 'This plan is new.', ''];
  if (kind === 'removed') return [`### ${markdown(plan)}`, '', 'This plan is gone: nobody recovers what it recovered.', ''];
  const rows = changes.slice(0, MOST).map(({ path, before, after }) => `| ${code(path)} | ${shown(before)} | ${shown(after)} |`);
  return [`### ${markdown(plan)}`, '', '| Value | Before | After |', '| --- | --- | --- |', ...rows, ...left(changes.length), ''];
}

function nothing(changes: readonly PlanChange[]): readonly string[] {
  return changes.length > 0 ? [] : ['No plan changes its meaning.'];
}

const LONGEST = 300;

function shown(value: string | undefined): string {
  if (value === undefined) return '';
  return code(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value);
}

function left(count: number): readonly string[] {
  return count > MOST ? ['', `And ${count - MOST} more.`] : [];
}
