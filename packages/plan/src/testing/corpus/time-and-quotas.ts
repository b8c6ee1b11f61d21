import { action, type DefectCase, GOOD, group, manyWaves, plan, WAVE } from './building-blocks.ts';

export const TIME_AND_QUOTAS: readonly DefectCase[] = [
  {
    rule: 'BW501',
    about: 'minutes in words',
    bad: plan('  - { name: one, groups: [a], timeout: ⟦BW501⟧60 minutes }\n'),
    good: plan('  - { name: one, groups: [a], timeout: 60m }\n'),
  },
  { rule: 'BW502', about: 'no time at all', bad: action('        maxWait: ⟦BW502⟧0s\n'), good: action('        maxWait: 1s\n') },
  {
    rule: 'BW502',
    about: 'more than a year',
    bad: GOOD.replace('rto: 24h', 'rto: ⟦BW502⟧400d'),
    good: GOOD.replace('15m', '0s'),
  },
  {
    rule: 'BW503',
    about: 'a moment without a time zone',
    bad: plan('  - name: one\n    groups: [a]\n    recoveryPoint: { before: ⟦BW503⟧2026-11-20T03:00:00 }\n'),
    good: plan('  - name: one\n    groups: [a]\n    recoveryPoint: { before: 2026-11-20T03:00:00+01:00 }\n'),
  },
  {
    rule: 'BW503',
    about: 'a day that does not exist',
    bad: plan('  - name: one\n    groups: [a]\n    recoveryPoint: { before: ⟦BW503⟧2026-02-30T03:00:00Z }\n'),
    good: plan('  - name: one\n    groups: [a]\n    recoveryPoint: { before: 2026-02-28T03:00:00Z }\n'),
  },
  {
    rule: 'BW504',
    about: '21 jobs at a time',
    bad: manyWaves(21, 5, false).replace('name: w0,', 'name: ⟦BW504⟧w0,'),
    good: manyWaves(20, 5, false),
  },
  {
    rule: 'BW505',
    about: 'six waves of 100 servers side by side',
    bad: manyWaves(6, 100, false).replace('name: w0,', 'name: ⟦BW505⟧w0,'),
    good: manyWaves(6, 100, true),
  },
  {
    rule: 'BW506',
    about: 'a wave of 101 servers',
    bad: manyWaves(1, 101, false).replace('name: w0,', 'name: ⟦BW506⟧w0,'),
    good: manyWaves(1, 100, false),
  },
  {
    rule: 'BW507',
    about: 'a group of any size',
    bad: `${plan('  - { name: one, groups: [⟦BW507⟧mine] }\n')}---\n${group('select: { tags: { App: x } }\n')}`,
    good: `${plan('  - { name: one, groups: [mine] }\n')}---\n${group('select: { tags: { App: x } }\nexpect: { max: 9 }\n')}`,
  },
  {
    rule: 'BW508',
    about: 'an action that may outlast the RTO',
    bad: action('        maxWait: ⟦BW508⟧25h\n'),
    good: `${GOOD}finally:\n  - { name: act, document: Doc, maxWait: 25h }\n`,
  },
  {
    rule: 'BW508',
    about: 'the default timeout',
    bad: GOOD.replace('24h', '30m').replace('{ name', '⟦BW508⟧{ name'),
    good: GOOD.replace('24h', '60m'),
  },
  {
    rule: 'BW509',
    about: 'three waves in a row',
    bad: plan(
      '  - { name: one, groups: [a] }\n  - { name: two, groups: [b], dependsOn: [one] }\n  - { name: three, groups: [c], dependsOn: [two] }\n',
    ).replace('24h', '⟦BW509⟧2h'),
    good: plan(
      '  - { name: one, groups: [a] }\n  - { name: two, groups: [b], dependsOn: [one] }\n  - { name: three, groups: [c] }\n',
    ).replace('24h', '2h'),
  },
  {
    rule: 'BW510',
    about: 'more lag than the RPO',
    bad: plan(WAVE, 'readiness: { maxLag: ⟦BW510⟧16m }\n'),
    good: plan(WAVE, 'readiness: { maxLag: 15m }\n'),
  },
  {
    rule: 'BW511',
    about: 'five minutes for a launch',
    bad: plan('  - { name: one, groups: [a], timeout: ⟦BW511⟧5m }\n'),
    good: plan('  - { name: one, groups: [a], timeout: 10m }\n'),
  },
];
