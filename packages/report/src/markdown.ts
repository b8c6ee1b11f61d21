import type { Execution } from '@breakwater/history';
import { outputSection, stepSection } from './action-section.ts';
import { databaseSection } from './database-section.ts';
import { dnsSection } from './dns-section.ts';
import { failureSection } from './failure-section.ts';
import { gateSection } from './gate-section.ts';
import { headline } from './headline.ts';
import { type ReportLinks, recordSection } from './record-section.ts';
import {
  attemptSection,
  damageSection,
  sharingSection,
  timelineSection,
  unansweredSection,
  warningSection,
} from './remark-sections.ts';
import type { Detail, Section } from './section.ts';
import { serverSection } from './server-section.ts';
import { byteLength, truncateToBytes } from './truncate.ts';
import { waveSection } from './wave-section.ts';

export interface MarkdownOptions {
  readonly links?: ReportLinks;
  /** SHA-256 of the ledger's entry that seals the execution; only somebody who has just sealed it knows it. */
  readonly seal?: string;
  /**
   * Most bytes of UTF-8. GitHub drops a step summary above 1 MiB without failing the step (docs, workflow commands), hence the
   * default of 1,000,000.
   */
  readonly maxBytes?: number;
}

const MOST_BYTES = 1_000_000;

/**
 * An execution as GitHub Markdown, for report.md and the job summary: the verdict, the objectives and what to do next in the first
 * lines, then what failed, then the rest. What does not fit is shortened, then left out, from the least important up; a note says what.
 */
export function renderMarkdown(execution: Execution, { links = {}, seal, maxBytes = MOST_BYTES }: MarkdownOptions = {}): string {
  const sections: readonly Section[] = [
    failureSection(execution),
    damageSection(execution),
    sharingSection(execution),
    unansweredSection(execution),
    waveSection(execution),
    gateSection(execution),
    timelineSection(execution),
    serverSection(execution),
    databaseSection(execution),
    dnsSection(execution),
    stepSection(execution),
    outputSection(execution),
    warningSection(execution),
    attemptSection(execution),
    recordSection(execution, links, seal),
  ];
  return fit(headline(execution), sections, maxBytes);
}

function fit(head: string, sections: readonly Section[], maxBytes: number): string {
  const shown = new Map(sections.map((section) => [section, section.render('full')]));
  const details = new Map<Section, Detail | 'none'>(sections.map((section) => [section, 'full']));
  const cheapest = [...sections].sort((a, b) => a.worth - b.worth);
  let text = join(head, sections, shown, details);
  // First shorten from the least important up, then leave out in the same order; what failed is at most cut at its end.
  for (const detail of ['short', 'none'] as const) {
    for (const section of cheapest) {
      if (byteLength(text) <= maxBytes) return text;
      if (shown.get(section) === '' || (detail === 'none' && section === sections[0])) continue;
      const rendered = detail === 'none' ? '' : section.render(detail);
      if (rendered === shown.get(section)) continue;
      shown.set(section, rendered);
      details.set(section, detail);
      text = join(head, sections, shown, details);
    }
  }
  return truncateToBytes(text, maxBytes, '\n\n**The rest did not fit here; the record has it all.**\n');
}

function join(
  head: string,
  sections: readonly Section[],
  shown: ReadonlyMap<Section, string>,
  details: ReadonlyMap<Section, Detail | 'none'>,
): string {
  const of = (detail: Detail | 'none') => sections.filter((section) => details.get(section) === detail).map(({ title }) => title);
  const notes: string[] = [];
  if (of('short').length > 0) notes.push(`shortened: ${of('short').join(', ')}`);
  if (of('none').length > 0) notes.push(`left out: ${of('none').join(', ')}`);
  const note =
    notes.length === 0
      ? ''
      : `> [!NOTE]\n> This report was too large to be shown whole (${notes.join('; ')}). The record has it all.`;
  const parts = [head, note, ...sections.map((section) => shown.get(section) ?? '')];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}
