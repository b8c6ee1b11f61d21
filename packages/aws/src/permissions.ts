import { InternalError } from '@breakwater/core';
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

type Catalogue = typeof PERMISSIONS;
export type Gateway = keyof Catalogue;

/** A method of a gateway, as `rds.copySnapshot`. */
export type GatewayMethod = { [G in Gateway]: `${G}.${keyof Catalogue[G] & string}` }[Gateway];

type ListIn<Methods> = Methods[keyof Methods];
type ItemOf<List> = List extends readonly (infer Action extends string)[] ? Action : never;

/** An IAM action that some method of a gateway needs. */
export type PermissionOf<G extends Gateway> = ItemOf<ListIn<Catalogue[G]>>;

/** The IAM actions of one method, with the gateway that needs them: the same action may be needed on other things elsewhere. */
export function permissionsOf(method: GatewayMethod): { readonly gateway: Gateway; readonly actions: readonly string[] } {
  const [gateway = '', name = ''] = method.split('.');
  const known = GATEWAYS.find((each) => each === gateway);
  const actions = known === undefined ? undefined : new Map(Object.entries<readonly string[]>(PERMISSIONS[known])).get(name);
  if (known === undefined || actions === undefined) {
    throw new InternalError('internal', `no gateway method ${method}`, { next: 'This is a fault of Breakwater: report it.' });
  }
  return { gateway: known, actions };
}

const GATEWAYS = [
  'drs',
  'ec2',
  'ssm',
  'sts',
  'rds',
  'kms',
  'secrets',
  'rdsData',
  'sns',
  'route53',
  'parameters',
] as const satisfies readonly Gateway[];

type Permission = { [G in Gateway]: PermissionOf<G> }[Gateway];

/** A call, and if a deed uses only a part of what the method can do, which of its IAM actions or of its scopes it needs. */
export type GatewayCall =
  | GatewayMethod
  | { readonly call: GatewayMethod; readonly actions: readonly Permission[] }
  | { readonly call: GatewayMethod; readonly scopes: readonly string[] };
