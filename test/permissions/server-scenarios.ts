import { act } from './action-deeds.ts';
import { DRILL_ROLE, RECOVERY_ROLE, RUNNER } from './estate.ts';
import { at, type Scenario } from './scenario.ts';
import { ACTIONS, ENDLESS, preemption, wave } from './wave-deeds.ts';

const DRILL = { [RUNNER]: ['assume-sites' as const], [DRILL_ROLE]: ['execute-wave-drill', 'drs-launch'] } as const;

/** Waves of servers, and the actions around them. */
export const SERVERS: readonly Scenario[] = [
  { name: 'drill', holders: DRILL, status: 'succeeded', run: (world) => wave(world, 'drill', 'web', ACTIONS) },
  { name: 'drill over an earlier one', holders: DRILL, status: 'succeeded', run: (world) => wave(world, 'drill', 'old', '') },
  {
    name: 'drill at a point in time, with actions that do not end',
    holders: DRILL,
    status: 'degraded',
    run: (world) => wave(world, 'drill', 'web', ENDLESS),
  },
  {
    name: 'recovery at a point in time, with actions that do not end',
    holders: at('execute-wave-recovery', 'drs-launch'),
    status: 'degraded',
    run: (world) => wave(world, 'recovery', 'web', ENDLESS),
  },
  {
    name: 'recovery',
    holders: at('execute-wave-recovery', 'drs-launch'),
    status: 'succeeded',
    run: (world) => wave(world, 'recovery', 'web', ACTIONS),
  },
  {
    name: 'recovery that ends a drill of its servers',
    holders: { ...DRILL, [RECOVERY_ROLE]: ['execute-wave-recovery', 'drs-launch'] },
    status: 'succeeded',
    wholeOnly: true,
    run: preemption,
  },
  { name: 'automation', holders: at('run-ssm-action'), status: 'succeeded', run: (world) => act(world, { document: 'Prepare' }) },
  {
    name: 'automation that acts as a role of its own',
    holders: at('run-ssm-action'),
    status: 'succeeded',
    run: (world) => act(world, { document: 'WithRole' }),
  },
  {
    name: 'automation that is stopped',
    holders: at('run-ssm-action'),
    status: 'timed-out',
    run: (world) => act(world, { document: 'Endless' }, 60_000),
  },
  {
    name: 'command',
    holders: at('run-ssm-action'),
    status: 'succeeded',
    run: (world) => act(world, { document: 'Start', kind: 'command', target: 'recovered-instances' }),
  },
  {
    name: 'command that is cancelled',
    holders: at('run-ssm-action'),
    status: 'timed-out',
    run: (world) => act(world, { document: 'Hang', kind: 'command', target: 'recovered-instances' }, 60_000),
  },
];
