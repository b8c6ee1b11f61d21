import { DRS_PERMISSIONS } from './drs-permissions.ts';
import { EC2_PERMISSIONS } from './ec2-gateway.ts';
import { SSM_PERMISSIONS } from './ssm-gateway.ts';
import { STS_PERMISSIONS } from './sts-gateway.ts';

/** The IAM actions each gateway method needs, by service. Policies and READMEs are generated from this. */
export const PERMISSIONS = {
  drs: DRS_PERMISSIONS,
  ec2: EC2_PERMISSIONS,
  ssm: SSM_PERMISSIONS,
  sts: STS_PERMISSIONS,
} as const;
