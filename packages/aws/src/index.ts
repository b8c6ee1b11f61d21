export { toAwsError } from './aws-error.ts';
export type { CallContext, Effect } from './call-context.ts';
export { type AwsSite, type ConnectOptions, connect } from './connect.ts';
export type { BaseCredentials } from './credentials.ts';
export type {
  CapacityRange,
  CreateClusterInstanceRequest,
  DatabaseGateways,
  DatabaseGroup,
  DeletionOptions,
  GroupKind,
  InstanceWishes,
  ModifyClusterRequest,
  PointInTime,
  RdsCluster,
  RdsClusterMember,
  RdsGateway,
  RdsInstance,
  RdsSnapshot,
  RestoreClusterRequest,
  RestoreClusterToPointRequest,
  SnapshotKind,
} from './database-gateways.ts';
export type {
  DnsRecord,
  KmsGateway,
  KmsKey,
  NetworkGateway,
  ParameterGateway,
  RdsDataGateway,
  Route53Gateway,
  SecretsGateway,
  SecurityGroup,
  SnsGateway,
  SqlAnswer,
} from './database-services.ts';
export { DRS_QUOTAS, type DrsQuota } from './drs-quotas.ts';
export type {
  DrsGateway,
  DrsJob,
  DrsJobLogItem,
  DrsParticipant,
  DrsRecoveryInstance,
  DrsRecoverySnapshot,
  DrsSourceServer,
  Ec2Gateway,
  Ec2Instance,
  Ec2InstanceHealth,
  Identity,
  SiteGateways,
  SsmAutomation,
  SsmAutomationStep,
  SsmCommand,
  SsmGateway,
  SsmInvocation,
  SsmManagedInstance,
} from './gateways.ts';
export { type Gateway, type GatewayCall, type GatewayMethod, PERMISSIONS, permissionsOf } from './permissions.ts';
export { type Conditions, SCOPE_PARAMETERS, type Scope } from './scope.ts';
export { SCOPES, scopesOf } from './scopes.ts';
export { roleSessionName } from './session-name.ts';
