import { type Location, UserError } from '@breakwater/core';
import {
  blockersOf,
  checkPlans,
  type Finding,
  type Loaded,
  type Plan,
  type PlanSet,
  readPlanFiles,
  selectPlan,
  selectWaves,
  type Wave,
} from '@breakwater/plan';

/** Findings shown in the one message of a refused run; `breakwater check` shows them all. */
const SHOWN = 5;

export interface LoadedPlan {
  readonly set: PlanSet;
  readonly plan: Plan;
  readonly waves: readonly Wave[];
}

/**
 * Reads the plan files and picks the plan and its waves. Throws `UserError`: `plan-invalid` with the first findings when any of them
 * keeps this plan from starting (what is only unwise never does, nor does a broken neighbour), `file-unreadable` if there is nothing to
 * read, `plan-unknown`, `wave-unknown`.
 */
export async function loadPlan(
  files: readonly string[],
  name: string | undefined,
  waves: readonly string[],
): Promise<LoadedPlan> {
  const loaded = await readPlanFiles(files);
  const findings = checkPlans(loaded);
  const plan = pick(loaded, name, findings, files);
  refuse(blockersOf(loaded, findings, plan.name), files);
  return { set: loaded.set, plan, waves: selectWaves(plan, waves) };
}

/** A plan that is not there may be one that could not be read: then the errors are the answer, unless it is only its path that is wrong. */
function pick(loaded: Loaded, name: string | undefined, findings: readonly Finding[], files: readonly string[]): Plan {
  try {
    return selectPlan(loaded, name);
  } catch (error) {
    const blocking = findings.filter((finding) => finding.blocksRun);
    if (blocking.some(({ rule }) => rule !== 'BW101')) refuse(blocking, files);
    throw error;
  }
}

function refuse(blocking: readonly Finding[], files: readonly string[]): void {
  const [first] = blocking;
  if (first === undefined) return;
  const shown = blocking.slice(0, SHOWN).map(oneLine);
  const more = blocking.length > SHOWN ? [`and ${blocking.length - SHOWN} more`] : [];
  throw new UserError('plan-invalid', `the plan files have ${count(blocking.length)}:\n${[...shown, ...more].join('\n')}`, {
    next:
      blocking.length === 1
        ? first.next
        : `Mend them first; \`breakwater check ${files.join(' ')}\` lists them all with what is legal.`,
    location: first.location,
  });
}

function oneLine({ location, rule, message }: Finding): string {
  return `  ${place(location)} ${rule} ${message}`;
}

function place({ file, line, column }: Location): string {
  return `${file}:${line}:${column}`;
}

function count(findings: number): string {
  return findings === 1 ? 'an error' : `${findings} errors`;
}
