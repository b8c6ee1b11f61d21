import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Door, Outcome } from '@breakwater/action-kit';
import { UserError } from '@breakwater/core';
import {
  comparePlans,
  type Finding,
  formatSarif,
  type Loaded,
  type PlanChange,
  readPlanFiles,
  ruleOf,
  type Severity,
} from '@breakwater/plan';
import { checkFiles } from '@breakwater/workflows';
import { type definition, FAIL_ON } from './definition.ts';
import { sourceChanges } from './sources.ts';
import { summaryOf } from './summary.ts';

const LEVELS = { error: 'error', warning: 'warning', note: 'notice' } as const satisfies Record<Severity, string>;

/** Everything that is wrong with the plans and their workflows, on the lines where it stands; and what a pull request changes. */
export async function checkPlanFiles(door: Door<typeof definition>): Promise<Outcome> {
  const { inputs, outputs, annotations, log } = door;
  const { plan, workflows } = inputs;
  const { loaded, findings } = await checkFiles({
    files: inputs['plan-files'],
    workflows,
    ...(plan === undefined ? {} : { plan }),
  });
  const changes = inputs.base === undefined ? undefined : await changesSince(inputs.base, inputs['plan-files'], loaded);
  for (const { rule, severity, location, message, next } of findings) {
    annotations[LEVELS[severity]](`${rule} ${ruleOf(rule).name}`, `${message}\n${next}`, location);
    log.info(`${location.file}:${location.line}:${location.column}: ${severity} ${rule} ${message}`);
  }
  const sources = inputs.base === undefined ? [] : await sourceChanges(inputs.base, workflows);
  for (const { file, plan: of, before, after } of sources) {
    const message = `the workflow of plan "${of}" is to call ${after}, and called ${before}: that code gets the roles of drills and recoveries`;
    annotations.warning('Other code', message, { file, line: 1, column: 1 });
    log.info(`${file}:1:1: ${message}`);
  }
  const count = (severity: Severity) => findings.filter((each) => each.severity === severity).length;
  const counts = { errors: count('error'), warnings: count('warning'), notes: count('note') };
  outputs.set('errors', String(counts.errors));
  outputs.set('warnings', String(counts.warnings));
  outputs.set('notes', String(counts.notes));
  outputs.setList(
    'changed-plans',
    (changes ?? []).map((change) => change.plan),
  );
  if (inputs.sarif !== undefined) {
    await write(inputs.sarif, formatSarif(findings));
    outputs.set('sarif', inputs.sarif);
  }
  if (inputs.summary) await door.summarise(summaryOf(findings, changes, sources));
  const result = JSON.stringify({
    schema: 'breakwater.check/1',
    ...counts,
    findings: findings.map(({ rule, severity, location, message }) => ({ rule, severity, location, message })),
    ...(changes === undefined ? {} : { changes }),
    ...(sources.length === 0 ? {} : { sources }),
  });
  return conclude(findings, inputs['fail-on'], result);
}

function conclude(findings: readonly Finding[], failOn: (typeof FAIL_ON)[number], result: string): Outcome {
  const failing = FAIL_ON.slice(0, FAIL_ON.indexOf(failOn) + 1);
  const bad = failOn === 'never' ? [] : findings.filter(({ severity }) => failing.includes(severity));
  const [first] = bad;
  if (first === undefined) return { status: 'succeeded', reason: 'ok', result };
  const { file, line } = first.location;
  const more = bad.length > 1 ? ` (and ${bad.length - 1} more)` : '';
  const message = `${file}:${line}: ${first.message} (${first.rule})${more}`;
  return { status: 'failed', reason: 'plan-invalid', result, failure: { message, next: first.next } };
}

/** The plans as they were are read from the same places, below another folder. */
async function changesSince(base: string, files: readonly string[], now: Loaded): Promise<readonly PlanChange[]> {
  const there = await stat(base).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!there) {
    throw new UserError('file-unreadable', `there is no folder ${base} to compare with`, {
      next: 'Check the base of the pull request out into it, or leave `base` out.',
    });
  }
  const before = await readPlanFiles(files.map((file) => path.join(base, file)));
  return comparePlans(before.set, now.set);
}

async function write(file: string, text: string): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  } catch (cause) {
    throw new UserError(
      'file-unreadable',
      `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        next: 'Choose another place for the `sarif` file.',
        cause,
      },
    );
  }
}
