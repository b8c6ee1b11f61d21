import { CASES } from '../testing/corpus.ts';
import { RULE_GROUPS, RULES, type Rule } from './catalog.ts';

const INTRODUCTION = `# Check rules

\`breakwater check\` reads plan files and reports everything it finds, not only the first thing. It needs no AWS credentials, asks
nothing over the network and starts nothing.

\`\`\`console
$ breakwater check plans
plans/webshop.yaml:42:14: error BW205 unknown-group: there is no protection group "webshop-databse"
    Did you mean webshop-database? There is: webshop-application, webshop-database, webshop-web.

1 error in 1 file
\`\`\`

Each finding has a rule, a severity, a file with line and column, and what would be legal. \`--format\` chooses \`text\`, \`json\`,
\`sarif\` (SARIF 2.1.0, for GitHub code scanning) or \`github\` (annotations on a pull request; GitHub shows ten of a level). The exit code is
1 if there is an error, otherwise 0.

- **error**: the plan is wrong, or breaks a quota. **warning**: it may not do what its author thinks. **note**: good to know.
- **blocks a run**: \`breakwater run\` refuses to start on it. Findings about wisdom, such as quotas and the RTO, never stop a recovery:
  a run keeps within DRS quotas by waiting.

Rule ids are stable. An id is never given a second meaning.

`;

const ADDING = `## Adding a rule

1. Add a row to the catalogue of its group in \`packages/plan/src/rules/catalog/\`.
2. Write the check in \`packages/plan/src/rules/\` and list it in \`packages/plan/src/check.ts\`; a rule that the schema can express names
   itself there with \`x-breakwater-rule\`.
3. Add a defect and its legal counterpart to \`packages/plan/src/testing/corpus/\`; a test demands one for every rule.
4. Run \`node packages/plan/src/rules/write-reference.ts\`, which writes this page.
`;

/** The page docs/check-rules.md, made from the catalogue. */
export function ruleReference(): string {
  const groups = Object.entries(RULE_GROUPS).map(([digit, title]) => {
    const rules = RULES.filter(({ id }) => id.startsWith(`BW${digit}`));
    return `## ${title}\n\n${rules.map(section).join('\n')}`;
  });
  return `${INTRODUCTION}${groups.join('\n')}\n${ADDING}`;
}

function section({ id, name, severity, blocksRun, wrong, legal }: Rule): string {
  return `### ${id} ${name}

*${severity}${blocksRun ? ', blocks a run' : ''}.* ${wrong}

Legal: ${legal}
${example(id)}`;
}

const LONGEST_LINE = 110;

/**
 * The line with the seeded defect, and what stands in its place where all is well; from the tests' own corpus. Not for whole files,
 * and not for secrets, which scanners would take for real ones.
 */
function example(id: string): string {
  const defect = CASES.find(({ rule }) => rule === id);
  const marked = defect?.bad.split('\n').find((line) => line.includes(`⟦${id}⟧`));
  if (defect === undefined || marked === undefined || marked.length > LONGEST_LINE || /^BW(?:10[1-8]|7)/.test(id)) return '';
  const plain = (text: string) => text.replaceAll(/⟦BW\d{3}⟧/g, '');
  const bad = new Set(plain(defect.bad).split('\n'));
  const instead = defect.good.split('\n').filter((line) => !bad.has(line));
  const good = instead.length !== 1 || (instead[0]?.length ?? 0) > LONGEST_LINE ? [] : ['# fine', ...instead];
  const lines = [`# ${id}`, plain(marked), ...good].map((line) => line.trim());
  return `\n\`\`\`yaml\n${lines.join('\n')}\n\`\`\`\n`;
}
