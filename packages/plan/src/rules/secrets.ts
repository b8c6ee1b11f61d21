import { finding } from '../finding.ts';
import { covers } from '../load.ts';
import type { Finding } from '../model.ts';
import { looksSecret, SECRET_PATTERNS } from '../secrets.ts';
import type { PlanSource } from '../yaml-file.ts';
import { ruleOf } from './catalog.ts';
import { actionsOf, type Check } from './context.ts';

/** Comments are looked at too: they are in the repository like everything else. The secret itself is never repeated. */
export function secretsIn(source: PlanSource): readonly Finding[] {
  const matches = SECRET_PATTERNS.flatMap(({ rule, what, pattern }) =>
    [...source.text.matchAll(pattern)].map(({ index }) => ({ rule, what, index })),
  ).sort((a, b) => a.index - b.index);
  let line = 1;
  let lineStart = 0;
  return matches.map(({ rule, what, index }) => {
    for (let end = source.text.indexOf('\n', lineStart); end !== -1 && end < index; end = source.text.indexOf('\n', lineStart)) {
      line += 1;
      lineStart = end + 1;
    }
    const location = { file: source.file, line, column: index - lineStart + 1 };
    return finding(rule, location, `this looks like ${what}`, ruleOf(rule).legal);
  });
}

export const secretParameters: Check = (context) => {
  for (const plan of context.plans) {
    for (const { action } of actionsOf(plan.value)) {
      for (const [name, values] of Object.entries(action.parameters)) {
        if (!looksSecret(name, values)) continue;
        const path = [...plan.pathOf(action), 'parameters', name];
        const message = `the parameter ${name} looks like a secret written out`;
        context.report('BW704', plan, path, message, ruleOf('BW704').legal);
      }
    }
  }
};

/** In files that were only looked into, the parts that something was taken from. */
export const secretTexts: Check = (context) => {
  const borrowed = new Set(context.loaded.documents.filter((each) => each.borrowed).map((each) => each.document.file));
  for (const source of context.loaded.sources) {
    for (const found of secretsIn(source)) {
      if (borrowed.has(source.file) && !context.loaded.documents.some((each) => covers(each, found.location))) continue;
      context.add(found);
    }
  }
};
