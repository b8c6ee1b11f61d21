export { BASE, type DefectCase } from './corpus/building-blocks.ts';

import { AWS_VALUES } from './corpus/aws-values.ts';
import type { DefectCase } from './corpus/building-blocks.ts';
import { DATABASES } from './corpus/databases.ts';
import { FILES } from './corpus/files.ts';
import { NAMES } from './corpus/names.ts';
import { ORDER } from './corpus/order.ts';
import { SECRETS } from './corpus/secrets.ts';
import { SELECTION } from './corpus/selection.ts';
import { TIME_AND_QUOTAS } from './corpus/time-and-quotas.ts';
import { WORKFLOWS } from './corpus/workflows.ts';

/** At least one defect for every rule, and what is legal instead. */
export const CASES: readonly DefectCase[] = [
  ...FILES,
  ...NAMES,
  ...ORDER,
  ...SELECTION,
  ...TIME_AND_QUOTAS,
  ...AWS_VALUES,
  ...SECRETS,
  ...DATABASES,
  ...WORKFLOWS,
];
