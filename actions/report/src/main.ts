import { runAction } from '@breakwater/action-kit';
import { definition } from './definition.ts';
import { report } from './run.ts';

await runAction(definition, report);
