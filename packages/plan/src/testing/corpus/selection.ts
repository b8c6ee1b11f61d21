import { type DefectCase, GOOD, group, ID, PIT, plan, WAVE } from './building-blocks.ts';

export const SELECTION: readonly DefectCase[] = [
  { rule: 'BW401', about: 'no groups', bad: plan('  - { name: one, groups: ⟦BW401⟧[] }\n'), good: GOOD },
  {
    rule: 'BW401',
    about: 'all servers excluded',
    bad: `${plan('  - { name: one, groups: ⟦BW401⟧[mine] }\n')}---\n${group(`select: { servers: [${ID(1)}] }\nexclude:\n  ⟦BW406⟧- servers: [${ID(1)}]\n`)}`,
    good: `${plan('  - { name: one, groups: [mine] }\n')}---\n${group(`select: { servers: [${ID(1)}, ${ID(2)}] }\nexclude:\n  - servers: [${ID(1)}]\n`)}`,
  },
  {
    rule: 'BW402',
    about: 'a group in two waves',
    bad: plan(`${WAVE}  - { name: two, groups: [b, ⟦BW402⟧a] }\n`),
    good: plan(`${WAVE}  - { name: two, groups: [b] }\n`),
  },
  { rule: 'BW402', about: 'a group twice in a wave', bad: plan('  - { name: one, groups: [a, ⟦BW402⟧a] }\n'), good: GOOD },
  {
    rule: 'BW403',
    about: 'a server twice in a list',
    bad: group(`select: { servers: [${ID(1)}, ${ID(2)}, ⟦BW403⟧${ID(1)}] }\n`),
    good: group(`select: { servers: [${ID(1)}, ${ID(2)}] }\n`),
  },
  {
    rule: 'BW403',
    about: 'a server in two waves',
    bad: `${plan('  - { name: one, groups: [mine] }\n  - { name: two, groups: [yours] }\n')}---\n${group(`select: { servers: [${ID(1)}, ${ID(2)}] }\n`)}---\n${group(`select: { servers: [${ID(3)}, ⟦BW403⟧${ID(1)}] }\n`).replace('mine', 'yours')}`,
    good: `${plan('  - { name: one, groups: [mine] }\n  - { name: two, groups: [yours] }\n')}---\n${group(`select: { servers: [${ID(1)}, ${ID(2)}] }\nexclude: [{ servers: [${ID(1)}] }]\n`)}---\n${group(`select: { servers: [${ID(3)}, ${ID(1)}] }\n`).replace('mine', 'yours')}`,
  },
  {
    rule: 'BW404',
    about: 'the same tags',
    bad: `${plan('  - { name: one, groups: [a] }\n  - { name: two, groups: [mine] }\n')}---\n${group('select: { tags: ⟦BW404⟧{ App: a } }\nexpect: { max: 1 }\n')}`,
    good: `${plan('  - { name: one, groups: [a] }\n  - { name: two, groups: [mine] }\n')}---\n${group('select: { tags: { App: a2 } }\nexpect: { max: 1 }\n')}`,
  },
  {
    rule: 'BW404',
    about: 'tags within tags',
    bad: `${plan('  - { name: one, groups: [mine] }\n  - { name: two, groups: [yours] }\n')}---\n${group('select: { tags: { App: x, Tier: db } }\nexpect: { max: 1 }\n')}---\n${group('select: { tags: ⟦BW404⟧{ App: x } }\nexpect: { max: 1 }\n').replace('mine', 'yours')}`,
    good: `${plan('  - { name: one, groups: [mine] }\n  - { name: two, groups: [yours] }\n')}---\n${group('select: { tags: { App: x, Tier: db } }\nexpect: { max: 1 }\n')}---\n${group('select: { tags: { App: x } }\nexclude: [{ tags: { Tier: db } }]\nexpect: { max: 1 }\n').replace('mine', 'yours')}`,
  },
  {
    rule: 'BW405',
    about: 'an exclusion of a server that is not selected',
    bad: group(`select: { servers: [${ID(1)}] }\nexclude: [{ servers: [⟦BW405⟧${ID(2)}] }]\n`),
    good: group(`select: { servers: [${ID(1)}, ${ID(2)}] }\nexclude: [{ servers: [${ID(2)}] }]\n`),
  },
  {
    rule: 'BW405',
    about: 'an exclusion of another value of the tag',
    bad: group('select: { tags: { App: x } }\nexclude: [{ tags: ⟦BW405⟧{ App: y } }]\n'),
    good: group('select: { tags: { App: x } }\nexclude: [{ tags: { Role: y } }]\n'),
  },
  {
    rule: 'BW406',
    about: 'an exclusion of everything',
    bad: group('select: { tags: { App: x, Tier: web } }\nexclude:\n  ⟦BW406⟧- tags: { App: x }\n'),
    good: group('select: { tags: { App: x } }\nexclude: [{ tags: { App: x, Tier: web } }]\n'),
  },
  {
    rule: 'BW407',
    about: 'min above max',
    bad: group('select: { tags: { App: x } }\nexpect: ⟦BW407⟧{ min: 3, max: 2 }\n'),
    good: group('select: { tags: { App: x } }\nexpect: { min: 2, max: 2 }\n'),
  },
  {
    rule: 'BW407',
    about: 'fewer listed than expected',
    bad: group(`select: { servers: [${ID(1)}] }\nexpect: ⟦BW407⟧{ min: 2 }\n`),
    good: group(`select: { servers: [${ID(1)}] }\nexpect: { min: 1 }\n`),
  },
  {
    rule: 'BW408',
    about: 'a rule for a server of no group',
    bad: `${plan(`  - name: one\n    groups: [mine]\n    servers: [{ match: ⟦BW408⟧{ servers: [${ID(2)}] }, criticality: optional }]\n`)}---\n${group(`select: { servers: [${ID(1)}] }\n`)}`,
    good: `${plan(`  - name: one\n    groups: [mine]\n    servers: [{ match: { servers: [${ID(1)}] }, criticality: optional }]\n`)}---\n${group(`select: { servers: [${ID(1)}] }\n`)}`,
  },
  {
    rule: 'BW408',
    about: 'a rule behind a wider one',
    bad: plan(
      '  - name: one\n    groups: [a]\n    servers:\n      - match: { tags: { Role: x } }\n      - match: ⟦BW408⟧{ tags: { Role: x, Size: big } }\n        criticality: optional\n',
    ),
    good: plan(
      '  - name: one\n    groups: [a]\n    servers:\n      - match: { tags: { Role: x, Size: big } }\n        criticality: optional\n      - match: { tags: { Role: x } }\n',
    ),
  },
  {
    rule: 'BW409',
    about: 'a pin of a server that is not recovered',
    bad: `${plan(`  - name: one\n    groups: [mine]\n    recoveryPoint: { pinned: { ${ID(2)}: ⟦BW409⟧${PIT} } }\n`)}---\n${group(`select: { servers: [${ID(1)}] }\n`)}`,
    good: `${plan(`  - name: one\n    groups: [mine]\n    recoveryPoint: { pinned: { ${ID(1)}: ${PIT} } }\n`)}---\n${group(`select: { servers: [${ID(1)}] }\n`)}`,
  },
];
