import { action, type DefectCase, GOOD, group, plan, SITE, site, WAVE } from './building-blocks.ts';

export const NAMES: readonly DefectCase[] = [
  {
    rule: 'BW201',
    about: 'two plans of one name',
    bad: `${GOOD}---\n${GOOD.replace('shop', '⟦BW201⟧Shop')}`,
    good: `${GOOD}---\n${GOOD.replace('shop', 'shop2')}`,
  },
  {
    rule: 'BW202',
    about: 'two waves of one name',
    bad: plan('  - { name: one, groups: [a] }\n  - { name: ⟦BW202⟧One, groups: [b] }\n'),
    good: plan('  - { name: one, groups: [a] }\n  - { name: two, groups: [b] }\n'),
  },
  {
    rule: 'BW203',
    about: 'two actions of one name',
    bad: action('      - { name: ⟦BW203⟧act, document: Other }\n'),
    good: action('      - { name: act2, document: Other }\n'),
  },
  {
    rule: 'BW203',
    about: 'two finally actions of one name',
    bad: `${GOOD}finally:\n  - { name: act, document: Doc }\n  - { name: ⟦BW203⟧act, document: Doc }\n`,
    good: action('    preWaveActions:\n      - { name: act, document: Other }\n'),
  },
  {
    rule: 'BW204',
    about: 'a misspelt site',
    bad: group('select: { tags: { App: x } }\n').replace('here', '⟦BW204⟧hree'),
    good: group('select: { tags: { App: x } }\n'),
  },
  {
    rule: 'BW204',
    about: 'an unknown site of an action',
    bad: action('        site: ⟦BW204⟧nowhere\n'),
    good: action('        site: there\n'),
  },
  {
    rule: 'BW205',
    about: 'a misspelt group',
    bad: plan('  - { name: one, groups: [a, ⟦BW205⟧bb] }\n'),
    good: plan('  - { name: one, groups: [a, b] }\n'),
  },
  {
    rule: 'BW206',
    about: 'a misspelt wave',
    bad: plan(`${WAVE}  - { name: two, groups: [b], dependsOn: [⟦BW206⟧on] }\n`),
    good: plan(`${WAVE}  - { name: two, groups: [b], dependsOn: [one] }\n`),
  },
  {
    rule: 'BW207',
    about: 'a group that nobody recovers',
    bad: `${GOOD}---\n${group('select: { tags: { App: x } }\n').replace('mine', '⟦BW207⟧mine')}`,
    good: `${plan('  - { name: one, groups: [mine] }\n')}---\n${group('select: { tags: { App: x } }\nexpect: { max: 1 }\n')}`,
  },
  {
    rule: 'BW207',
    about: 'a site that nothing uses',
    bad: `${GOOD}---\n${site(SITE).replace('mine', '⟦BW207⟧mine')}`,
    good: `${action('        site: mine\n')}---\n${site(SITE)}`,
  },
];
