import { runAction } from '@breakwater/action-kit';
import { definition } from './definition.ts';

await runAction(definition, async () => ({ status: 'failed', reason: 'internal', result: '{}' }));
