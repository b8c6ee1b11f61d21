import { type DefectCase, GOOD, plan, WAVE } from './building-blocks.ts';

export const ORDER: readonly DefectCase[] = [
  {
    rule: 'BW301',
    about: 'a circle of three',
    bad: plan(
      '  - { name: one, groups: [a], dependsOn: [⟦BW301⟧three] }\n  - { name: two, groups: [b], dependsOn: [one] }\n  - { name: three, groups: [c], dependsOn: [two] }\n',
    ),
    good: plan(
      '  - { name: one, groups: [a] }\n  - { name: two, groups: [b], dependsOn: [one] }\n  - { name: three, groups: [c], dependsOn: [two] }\n',
    ),
  },
  {
    rule: 'BW302',
    about: 'a wave that waits for itself',
    bad: plan('  - { name: one, groups: [a], dependsOn: [⟦BW302⟧one] }\n'),
    good: GOOD,
  },
  {
    rule: 'BW303',
    about: 'a dependency twice',
    bad: plan(`${WAVE}  - { name: two, groups: [b], dependsOn: [one, ⟦BW303⟧one] }\n`),
    good: plan(`${WAVE}  - { name: two, groups: [b], dependsOn: [one] }\n`),
  },
  {
    rule: 'BW304',
    about: 'behind a wave with nothing to recover',
    bad: plan(
      '  - { name: one, groups: ⟦BW401⟧[] }\n  - { name: two, groups: [b], dependsOn: [⟦BW304⟧one] }\n  - { name: three, groups: [c], dependsOn: [⟦BW304⟧two] }\n',
    ),
    good: plan(`${WAVE}  - { name: two, groups: [b], dependsOn: [one] }\n`),
  },
  {
    rule: 'BW304',
    about: 'behind a circle',
    bad: plan(
      '  - { name: one, groups: [a], dependsOn: [⟦BW301⟧two] }\n  - { name: two, groups: [b], dependsOn: [one] }\n  - { name: three, groups: [c], dependsOn: [⟦BW304⟧two] }\n',
    ),
    good: plan(`${WAVE}  - { name: two, groups: [b], dependsOn: [one] }\n`),
  },
];
