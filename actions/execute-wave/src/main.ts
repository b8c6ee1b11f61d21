import { runAction } from '@breakwater/action-kit';
import { runPlan } from '@breakwater/assembly';
import { systemClock } from '@breakwater/core';
import { definition } from './definition.ts';
import { executeWave } from './run.ts';

await runAction(definition, (door) => executeWave(door, { runPlan, clock: systemClock }));
