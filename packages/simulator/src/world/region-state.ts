import type { DrsState } from '../drs/state.ts';
import type { SsmState } from '../ssm/state.ts';
import type { Instance } from './instance.ts';

/** Everything of one account in one Region. */
export interface RegionState {
  readonly account: string;
  readonly region: string;
  readonly drs: DrsState;
  readonly instances: Map<string, Instance>;
  readonly ssm: SsmState;
}
