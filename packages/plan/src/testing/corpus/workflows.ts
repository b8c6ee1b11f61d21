import { type DefectCase, plan, WAVE } from './building-blocks.ts';

const gated = (gate: string) => `  - { name: one, groups: [a], gate: ${gate} }\n`;
const drill = (settings: string) => plan(WAVE, `drill: { ${settings} }\n`);

export const WORKFLOWS: readonly DefectCase[] = [
  {
    rule: 'BW903',
    about: 'a schedule of four fields',
    bad: drill('schedule: ⟦BW903⟧"23 4 * *"'),
    good: drill('schedule: "23 4 * * 3"'),
  },
  {
    rule: 'BW903',
    about: 'an hour that no day has',
    bad: drill('schedule: ⟦BW903⟧"23 24 * * 3"'),
    good: drill('schedule: "23 23 * * WED"'),
  },
  {
    rule: 'BW903',
    about: 'more often than GitHub starts it',
    bad: drill('schedule: ⟦BW903⟧"3-59/2 4 * * 3"'),
    good: drill('schedule: "3-59/5 4 * * 3"'),
  },
  {
    rule: 'BW903',
    about: 'a time zone that nobody knows',
    bad: drill('schedule: "23 4 * * 3", timezone: ⟦BW903⟧Europe/Bern-Ost'),
    good: drill('schedule: "23 4 * * 3", timezone: Europe/Zurich'),
  },
  {
    rule: 'BW903',
    about: 'a time zone of no schedule',
    bad: drill('timezone: ⟦BW903⟧Europe/Zurich'),
    good: drill('schedule: "23 4 * * 3", timezone: Europe/Zurich'),
  },
  {
    rule: 'BW904',
    about: 'the top of the hour',
    bad: drill('schedule: ⟦BW904⟧"0 4 * * 3"'),
    good: drill('schedule: "23 4 * * 3"'),
  },
  {
    rule: 'BW905',
    about: 'one environment and two',
    bad: plan(gated('{ environment: dr, environments: ⟦BW905⟧[dr-one, dr-two] }')),
    good: plan(gated('{ environments: [dr-one, dr-two] }')),
  },
  {
    rule: 'BW905',
    about: 'the same environment twice',
    bad: plan(gated('{ environments: ⟦BW905⟧[dr-one, DR-one] }')),
    good: plan(gated('{ environments: [dr-one, dr-two] }')),
  },
  {
    rule: 'BW906',
    about: 'the most important plan, and one approver',
    bad: plan(gated('{ environment: ⟦BW906⟧dr }')).replace('tier: 1', 'tier: 0'),
    good: plan(gated('{ environments: [dr-one, dr-two] }')).replace('tier: 1', 'tier: 0'),
  },
];
