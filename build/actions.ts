import type { ActionDefinition } from '@breakwater/action-kit';
import { definition as checkPlans } from '../actions/check-plans/src/definition.ts';
import { definition as compilePlans } from '../actions/compile-plans/src/definition.ts';
import { definition as copySnapshot } from '../actions/copy-snapshot/src/definition.ts';
import { definition as doctor } from '../actions/doctor/src/definition.ts';
import { definition as executeWave } from '../actions/execute-wave/src/definition.ts';
import { definition as prepare } from '../actions/prepare/src/definition.ts';
import { definition as report } from '../actions/report/src/definition.ts';
import { definition as restoreAurora } from '../actions/restore-aurora/src/definition.ts';
import { definition as runSsmAction } from '../actions/run-ssm-action/src/definition.ts';

/** Every action of this repository. */
export const ACTIONS: readonly ActionDefinition[] = [
  executeWave,
  prepare,
  runSsmAction,
  copySnapshot,
  restoreAurora,
  report,
  checkPlans,
  compilePlans,
  doctor,
];
