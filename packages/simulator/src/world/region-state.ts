import type { DrsState } from '../drs/state.ts';
import type { KmsState } from '../kms/keys.ts';
import type { RdsState } from '../rds/state.ts';
import type { Transaction } from '../rds-data/state.ts';
import type { Secret } from '../secrets-manager/secrets.ts';
import type { Message } from '../sns/operations.ts';
import type { SsmState } from '../ssm/state.ts';
import type { Instance } from './instance.ts';

/** Everything of one account in one Region. */
export interface RegionState {
  readonly account: string;
  readonly region: string;
  readonly drs: DrsState;
  readonly instances: Map<string, Instance>;
  readonly ssm: SsmState;
  readonly rds: RdsState;
  readonly kms: KmsState;
  /** By name. */
  readonly secrets: Map<string, Secret>;
  /** What was published, by name of the topic. */
  readonly topics: Map<string, Message[]>;
  readonly transactions: Map<string, Transaction>;
}
