import { performance } from 'node:perf_hooks';
import { checkPlans, loadPlanSources } from '@breakwater/plan';
import { parseAllDocuments } from 'yaml';

export interface CheckRow {
  readonly what: string;
  /** Load and check together, milliseconds. */
  readonly medianMs: number;
  /** Against parsing the same text with the YAML library and nothing else. */
  readonly ratio: number;
}

const WAVES = 200;
const SERVERS_A_WAVE = 20;
const RUNS = 7;

/** 200 waves with 20 explicit servers each, in 20 chains of ten: wide enough that the quota rule has work to do. */
export function widePlan(): string {
  const waves = Array.from({ length: WAVES }, (_, index) => {
    const before = index % 10 === 0 ? '' : `\n    dependsOn: [wave-${index - 1}]`;
    return `  - name: wave-${index}${before}\n    groups: [group-${index}]\n    timeout: 20m`;
  });
  const groups = Array.from({ length: WAVES }, (_, index) => {
    const servers = Array.from({ length: SERVERS_A_WAVE }, (_unused, server) => serverId(index * SERVERS_A_WAVE + server));
    return `---\napiVersion: breakwater/v1\nkind: ProtectionGroup\nname: group-${index}\nsite: dr\nselect:\n  servers:\n${servers.map((id) => `    - ${id}`).join('\n')}`;
  });
  return `apiVersion: breakwater/v1
kind: RecoveryPlan
name: wide
owner: benchmark
tier: 1
objectives: { rto: 12h, rpo: 15m }
waves:
${waves.join('\n')}
${groups.join('\n')}
---
apiVersion: breakwater/v1
kind: Site
name: dr
account: "111122223333"
region: us-west-2
`;
}

export async function checkSpeed(): Promise<readonly CheckRow[]> {
  const text = widePlan();
  const whole: number[] = [];
  const parsing: number[] = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const began = performance.now();
    const loaded = loadPlanSources([{ file: 'wide.yaml', text }]);
    const findings = checkPlans(loaded);
    const checked = performance.now();
    parseAllDocuments(text);
    const parsed = performance.now();
    const errors = findings.filter(({ severity }) => severity === 'error');
    if (loaded.set.plans.size !== 1 || errors.some(({ rule }) => !rule.startsWith('BW5'))) {
      throw new Error(`the benchmark's plan is not as meant: ${errors[0]?.rule} ${errors[0]?.message}`);
    }
    // The first run warms up.
    if (run === 0) continue;
    whole.push(checked - began);
    parsing.push(parsed - checked);
  }
  const medianMs = median(whole);
  return [{ what: `${WAVES} waves, ${WAVES * SERVERS_A_WAVE} servers`, medianMs, ratio: medianMs / median(parsing) }];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function serverId(index: number): string {
  return `s-${index.toString(16).padStart(17, '0')}`;
}
