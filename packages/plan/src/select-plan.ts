import { type Location, UserError } from '@breakwater/core';
import { covers, type Loaded, referencesOf } from './load.ts';
import type { Finding, Plan } from './model.ts';
import { didYouMean } from './suggest.ts';

/**
 * The plan of that name; without a name, the only plan of the files. Throws `UserError`: `plan-unknown` if there is none or the
 * name must be said, `plan-invalid` if it has errors, `file-unreadable` if there is no plan because files cannot be read.
 */
export function selectPlan(loaded: Loaded, name?: string): Plan {
  const plans = loaded.documents.filter((each) => each.kind === 'RecoveryPlan' && !each.borrowed);
  const names = [...new Set(plans.map((each) => each.name))];
  if (name === undefined && names.length > 1) {
    throw new UserError('plan-unknown', `the files hold ${names.length} plans`, { next: `Say which one: ${names.join(', ')}.` });
  }
  const wanted = plans.filter((each) => each.name === (name ?? names[0]));
  const first = wanted[0];
  if (first === undefined) {
    const unreadable = loaded.findings.find(({ rule }) => rule === 'BW101');
    if (unreadable !== undefined) {
      throw new UserError('file-unreadable', `${unreadable.location.file}: ${unreadable.message}`, unreadable);
    }
    if (loaded.findings.some(({ blocksRun }) => blocksRun)) throw invalid(loaded.findings);
    if (name === undefined)
      throw new UserError('plan-unknown', 'the files hold no plan', { next: 'Name a file with a kind: RecoveryPlan document.' });
    throw new UserError('plan-unknown', `there is no plan "${name}" in the files`, { next: didYouMean(name, names, 'plan') });
  }
  const plan = loaded.set.plans.get(first.name);
  if (plan === undefined || !first.sound || wanted.length > 1) throw invalid(loaded.findings);
  return plan;
}

function invalid(findings: readonly Finding[]): UserError {
  const first = findings.find(({ blocksRun }) => blocksRun);
  if (first === undefined)
    return new UserError('plan-invalid', 'the plan stands in the files twice', { next: 'Keep one of the two.' });
  const more = findings.filter(({ blocksRun }) => blocksRun).length - 1;
  const { file, line, column } = first.location;
  const message = `${file}:${line}:${column}: ${first.message} (${first.rule})${more > 0 ? `, and ${more} more` : ''}`;
  return new UserError('plan-invalid', message, { next: `${first.next} breakwater check lists all.`, location: first.location });
}

/**
 * The findings on which a run of this plan must not start: those that block runs and stand in the plan, in a group or site it uses,
 * or concern a whole file that holds one of these. A broken neighbour does not stop a sound plan.
 */
export function blockersOf(loaded: Loaded, findings: readonly Finding[], plan: string): readonly Finding[] {
  const { files, covered } = closureOf(loaded, plan);
  return findings.filter(({ blocksRun, location }) => blocksRun && files.has(location.file) && covered(location));
}

/**
 * What a check of one plan shows: all that stands in the plan, in a group or site it uses, or concerns a whole file that holds one
 * of these, and files from which nothing could be read, which may hold what it needs. Throws `UserError` `plan-unknown`.
 */
export function concerning(loaded: Loaded, findings: readonly Finding[], plan: string): readonly Finding[] {
  const names = [
    ...new Set(loaded.documents.filter(({ kind, borrowed }) => kind === 'RecoveryPlan' && !borrowed).map(({ name }) => name)),
  ];
  const read = new Set(loaded.documents.map((each) => each.document.file));
  const unread = findings.filter(({ location }) => !read.has(location.file));
  if (!names.includes(plan) && unread.length === 0) {
    throw new UserError('plan-unknown', `there is no plan "${plan}" in the files`, { next: didYouMean(plan, names, 'plan') });
  }
  const { files, covered } = closureOf(loaded, plan);
  return findings.filter(({ location }) => !read.has(location.file) || (files.has(location.file) && covered(location)));
}

function closureOf(loaded: Loaded, plan: string): { readonly files: ReadonlySet<string>; covered(location: Location): boolean } {
  const closure = new Set([`RecoveryPlan/${plan}`]);
  for (let before = 0; closure.size > before; ) {
    before = closure.size;
    for (const each of loaded.documents) {
      if (!closure.has(`${each.kind}/${each.name}`)) continue;
      for (const { kind, name } of referencesOf(each)) closure.add(`${kind}/${name}`);
    }
  }
  const documents = loaded.documents.filter((each) => closure.has(`${each.kind}/${each.name}`));
  const elsewhere = loaded.documents.filter((each) => !documents.includes(each));
  return {
    files: new Set(documents.map((each) => each.document.file)),
    covered: (location) => !elsewhere.some((each) => covers(each, location)),
  };
}
