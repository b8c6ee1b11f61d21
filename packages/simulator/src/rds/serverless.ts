import type { ServerlessSpec } from '../scenario/database-spec.ts';
import { invalidCombination, invalidValue } from './faults.ts';

export interface WireScaling {
  readonly MinCapacity?: number;
  readonly MaxCapacity?: number;
  readonly SecondsUntilAutoPause?: number;
}

/** Capacity in steps of half an ACU, from 0 (with pausing) or 0.5 to 256. */
export function checkServerless({
  MinCapacity: min,
  MaxCapacity: max,
  SecondsUntilAutoPause: pause,
}: WireScaling): ServerlessSpec {
  if (min === undefined || max === undefined) {
    throw invalidCombination('Serverless v2 scaling configuration must specify both MinCapacity and MaxCapacity.');
  }
  const steps = (value: number): boolean => Number.isInteger(value * 2);
  if (!steps(min) || !steps(max) || min < 0 || max > 256 || max < 1) {
    throw invalidValue('Serverless v2 capacity is not in a valid range: from 0 to 256 ACU in steps of 0.5, at most from 1.');
  }
  if (min > max) throw invalidValue('Serverless v2 maximum capacity cannot be less than its minimum capacity.');
  if (pause !== undefined && (min !== 0 || pause < 300 || pause > 86_400)) {
    throw invalidCombination('SecondsUntilAutoPause needs a minimum capacity of 0 and a value from 300 to 86400.');
  }
  return { min, max, autoPauseSeconds: pause ?? (min === 0 ? 300 : undefined) };
}
