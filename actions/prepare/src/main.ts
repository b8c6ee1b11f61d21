import { runAction } from '@breakwater/action-kit';
import { loadPlan } from '@breakwater/assembly';
import { definition } from './definition.ts';
import { prepare } from './run.ts';

await runAction(definition, (door) => prepare(door, { loadPlan }));
