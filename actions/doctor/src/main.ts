import { runAction } from '@breakwater/action-kit';
import { systemClock } from '@breakwater/core';
import { definition } from './definition.ts';
import { examineRepository } from './run.ts';

await runAction(definition, (door) => examineRepository(door, systemClock));
