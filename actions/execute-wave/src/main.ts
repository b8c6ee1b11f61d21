import { runAction } from '@breakwater/action-kit';
import { runPlan } from '@breakwater/assembly';
import { definition } from './definition.ts';
import { executeWave } from './run.ts';

await runAction(definition, (door) => executeWave(door, { runPlan }));
