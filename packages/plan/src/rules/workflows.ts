import { readCron } from '../cron.ts';
import { show } from '../schema.ts';
import type { Check } from './context.ts';

export const schedules: Check = (context) => {
  for (const plan of context.plans) {
    const { schedule, timezone } = plan.value.drill;
    if (schedule !== undefined) {
      const cron = readCron(schedule);
      const path = ['drill', 'schedule'];
      if ('problem' in cron) {
        context.report('BW903', plan, path, `${show(schedule)} is not a schedule: ${cron.problem}`, 'Write it as "23 4 * * 3".');
      } else if (cron.minutes.includes(0)) {
        const message = 'the drill starts at the top of an hour, when GitHub delays and drops scheduled runs';
        context.report('BW904', plan, path, message, 'Choose another minute, as 23.');
      }
    }
    if (timezone !== undefined && !isTimeZone(timezone)) {
      const message = `there is no time zone ${show(timezone)}`;
      context.report(
        'BW903',
        plan,
        ['drill', 'timezone'],
        message,
        'Write an IANA name, as Europe/Berlin, or leave it out for UTC.',
      );
    }
    if (timezone !== undefined && schedule === undefined && !plan.damaged(['drill', 'schedule'])) {
      const message = 'a time zone without a schedule does nothing';
      context.report('BW903', plan, ['drill', 'timezone'], message, 'Add a schedule, or remove the time zone.');
    }
  }
};

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export const gateEnvironments: Check = (context) => {
  for (const plan of context.plans) {
    for (const wave of plan.value.waves) {
      const { gate } = wave;
      if (gate === undefined) continue;
      const path = [...plan.pathOf(wave), 'gate'];
      const { environment, environments = [] } = gate;
      if (environment !== undefined && environments.length > 0) {
        const message = `the gate of wave ${show(wave.name)} names environment and environments`;
        context.report('BW905', plan, [...path, 'environments'], message, 'Keep one of the two.');
      } else if (new Set(environments.map((name) => name.toLowerCase())).size < environments.length) {
        const message = `the gate of wave ${show(wave.name)} names ${show(environments[0])} twice: one approval would open both`;
        context.report('BW905', plan, [...path, 'environments'], message, 'Name two environments with different reviewers.');
      } else if (
        plan.value.tier === 0 &&
        !plan.damaged(['tier']) &&
        environment !== undefined &&
        gate.when.includes('recovery')
      ) {
        const message = `tier 0, and one person opens the gate of wave ${show(wave.name)}`;
        context.report('BW906', plan, [...path, 'environment'], message, 'Name two environments with different reviewers.');
      }
    }
  }
};
