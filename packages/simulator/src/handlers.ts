import { DRS_HANDLERS } from './drs/operations.ts';
import { EC2_HANDLERS } from './ec2/operations.ts';
import { KMS_HANDLERS } from './kms/operations.ts';
import { RDS_HANDLERS } from './rds/operations.ts';
import { RDS_DATA_HANDLERS } from './rds-data/operations.ts';
import { ROUTE53_HANDLERS } from './route53/operations.ts';
import { SECRETS_MANAGER_HANDLERS } from './secrets-manager/operations.ts';
import { SNS_HANDLERS } from './sns/operations.ts';
import { SSM_HANDLERS } from './ssm/operations.ts';
import { STS_HANDLERS } from './sts/operations.ts';
import type { ServiceName } from './wire/read-request.ts';
import type { Handler } from './world/call-context.ts';

/** What answers each implemented operation. */
export const HANDLERS: Readonly<Record<ServiceName, Readonly<Record<string, Handler>>>> = {
  drs: DRS_HANDLERS,
  ssm: SSM_HANDLERS,
  sts: STS_HANDLERS,
  ec2: EC2_HANDLERS,
  rds: RDS_HANDLERS,
  'rds-data': RDS_DATA_HANDLERS,
  kms: KMS_HANDLERS,
  secretsmanager: SECRETS_MANAGER_HANDLERS,
  sns: SNS_HANDLERS,
  route53: ROUTE53_HANDLERS,
};
