import type { Finding } from '../model.ts';
import { formatGithub } from './github.ts';
import { formatJson } from './json.ts';
import { formatSarif } from './sarif.ts';
import { formatText } from './text.ts';

export const FINDING_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export type FindingFormat = (typeof FINDING_FORMATS)[number];

/** Findings in one of the formats; every format but `github` without findings ends with a line feed. */
export function formatFindings(findings: readonly Finding[], format: FindingFormat): string {
  switch (format) {
    case 'text':
      return formatText(findings);
    case 'json':
      return formatJson(findings);
    case 'sarif':
      return formatSarif(findings);
    case 'github':
      return formatGithub(findings);
  }
}
