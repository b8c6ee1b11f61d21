import { runAction } from '@breakwater/action-kit';
import { definition } from './definition.ts';
import { compilePlans } from './run.ts';

await runAction(definition, compilePlans);
