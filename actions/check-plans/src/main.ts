import { runAction } from '@breakwater/action-kit';
import { definition } from './definition.ts';
import { checkPlanFiles } from './run.ts';

await runAction(definition, checkPlanFiles);
