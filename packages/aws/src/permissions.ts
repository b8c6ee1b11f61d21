import { DRS_PERMISSIONS } from './drs-permissions.ts';
import { EC2_PERMISSIONS } from './ec2-gateway.ts';
import { KMS_PERMISSIONS } from './kms-gateway.ts';
import { PARAMETER_PERMISSIONS } from './parameter-gateway.ts';
import { RDS_DATA_PERMISSIONS } from './rds-data-gateway.ts';
import { RDS_PERMISSIONS } from './rds-permissions.ts';
import { ROUTE53_PERMISSIONS } from './route53-gateway.ts';
import { SECRETS_PERMISSIONS } from './secrets-gateway.ts';
import { SNS_PERMISSIONS } from './sns-gateway.ts';
import { SSM_PERMISSIONS } from './ssm-gateway.ts';
import { STS_PERMISSIONS } from './sts-gateway.ts';

/** The IAM actions each gateway method needs, by gateway. Policies and READMEs are generated from this. */
export const PERMISSIONS = {
  drs: DRS_PERMISSIONS,
  ec2: EC2_PERMISSIONS,
  ssm: SSM_PERMISSIONS,
  sts: STS_PERMISSIONS,
  rds: RDS_PERMISSIONS,
  kms: KMS_PERMISSIONS,
  secrets: SECRETS_PERMISSIONS,
  rdsData: RDS_DATA_PERMISSIONS,
  sns: SNS_PERMISSIONS,
  parameters: PARAMETER_PERMISSIONS,
  route53: ROUTE53_PERMISSIONS,
} as const;
