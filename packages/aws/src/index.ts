export { toAwsError } from './aws-error.ts';
export type { CallContext, Effect } from './call-context.ts';
export { type AwsSite, type ConnectOptions, connect } from './connect.ts';
export type { BaseCredentials } from './credentials.ts';
export type {
  CreateClusterInstanceRequest,
  DatabaseGateways,
  DatabaseGroup,
  DeletionOptions,
  DnsRecord,
  GroupKind,
  InstanceWishes,
  KmsGateway,
  KmsKey,
  ModifyClusterRequest,
  ParameterGateway,
  PointInTime,
  RdsCluster,
  RdsClusterMember,
  RdsDataGateway,
  RdsGateway,
  RdsInstance,
  RdsSnapshot,
  RestoreClusterRequest,
  RestoreClusterToPointRequest,
  Route53Gateway,
  SecretsGateway,
  SnapshotKind,
  SnsGateway,
  SqlAnswer,
} from './database-gateways.ts';
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
