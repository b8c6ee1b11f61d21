import { createHash } from 'node:crypto';
import type { Log, ReportingDescriptor, Result } from 'sarif';
import { inOrder } from '../finding.ts';
import type { Finding, Severity } from '../model.ts';
import { RULES } from '../rules/catalog.ts';

/** GitHub shows the first 5,000 results of a run: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support. */
const MOST_RESULTS = 5_000;

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, note: 2 };

/** Findings as SARIF 2.1.0, for GitHub code scanning: one run. Beyond 5,000 results the gravest are kept and the log says so. */
export function formatSarif(findings: readonly Finding[], { version }: { readonly version?: string } = {}): string {
  const unique = inOrder(findings);
  const kept = [...unique].sort((a, b) => RANK[a.severity] - RANK[b.severity]).slice(0, MOST_RESULTS);
  const left = unique.length - kept.length;
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'breakwater', ...(version === undefined ? {} : { version }), rules: RULES.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: true,
            ...(left === 0
              ? {}
              : {
                  toolExecutionNotifications: [{ level: 'warning', message: { text: `${left} more findings were left out.` } }],
                }),
          },
        ],
        results: inOrder(kept).map(result),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function descriptor(rule: (typeof RULES)[number]): ReportingDescriptor {
  const effect = rule.blocksRun ? 'A run refuses to start on it.' : 'It never stops a run.';
  return {
    id: rule.id,
    name: rule.name,
    shortDescription: { text: rule.wrong },
    fullDescription: { text: `${rule.wrong} ${effect}` },
    help: { text: `Legal: ${rule.legal}`, markdown: `**Legal:** ${rule.legal}\n\n${effect}` },
    defaultConfiguration: { level: rule.severity },
  };
}

function result({ rule, severity, location, message, next }: Finding): Result {
  const fingerprint = createHash('sha256')
    .update(JSON.stringify([rule, location.file, message]))
    .digest('hex');
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: severity,
    message: { text: `${message}. ${next}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(location.file) },
          region: { startLine: location.line, startColumn: location.column },
        },
      },
    ],
    partialFingerprints: { 'breakwaterFinding/v1': fingerprint },
  };
}

/** A path as a URI reference; relative paths stay relative to the repository. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  const encoded = path.split('/').map(encodeURIComponent).join('/');
  return path.startsWith('/') ? `file://${encoded}` : encoded;
}
