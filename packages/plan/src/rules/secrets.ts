import { finding } from '../finding.ts';
import { covers } from '../load.ts';
import type { Finding } from '../model.ts';
import { SECRET_PATTERNS } from '../secrets.ts';
import type { PlanSource } from '../yaml-file.ts';
import { ruleOf } from './catalog.ts';
import { actionsOf, type Check } from './context.ts';

/** Comments are looked at too: they are in the repository like everything else. The secret itself is never repeated. */
export function secretsIn(source: PlanSource): readonly Finding[] {
  return SECRET_PATTERNS.flatMap(({ rule, what, pattern }) =>
    [...source.text.matchAll(pattern)].map((match) => {
      const before = source.text.slice(0, match.index);
      const line = before.split('\n').length;
      const column = match.index - before.lastIndexOf('\n');
      return finding(rule, { file: source.file, line, column }, `this looks like ${what}`, ruleOf(rule).legal);
    }),
  );
}

/** What speaks of a secret, and what turns that into the name of one. */
const SECRET_NAME = /pass(?:word|wd|phrase)|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential/i;
const ONLY_A_NAME =
  /(?:arn|id|ids|name|names|path|ref|uri|location|parameter|length|policy|version|type|count|ttl|rotation|enabled)$/i;

/** References, paths, placeholders, numbers and truth values are no secrets. */
const REFERENCE = /^\s*(?:\{\{.*\}\}|\$\{.*\}|arn:.*|\/.*|[0-9.]*|true|false)\s*$/is;

export const secretParameters: Check = (context) => {
  for (const plan of context.plans) {
    for (const { action } of actionsOf(plan.value)) {
      for (const [name, values] of Object.entries(action.parameters)) {
        if (!SECRET_NAME.test(name) || ONLY_A_NAME.test(name) || values.every((value) => REFERENCE.test(value))) continue;
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
