import type { DrsGateway } from './gateways.ts';

/**
 * DRS launches with the permissions of whoever called StartRecovery (forward access sessions): a caller with `drs:*` alone gets an
 * accepted job that fails minutes later, server by server, with UnauthorizedOperation. The service authorization reference lists no
 * dependent actions; these are those of the managed policy AWSElasticDisasterRecoveryConsoleFullAccess_v2 (version 10) that
 * recovery and clean-up use.
 */
const LAUNCH_READS = [
  'ec2:DescribeAccountAttributes',
  'ec2:DescribeAvailabilityZones',
  'ec2:DescribeCapacityReservations',
  'ec2:DescribeHosts',
  'ec2:DescribeImages',
  'ec2:DescribeInstanceAttribute',
  'ec2:DescribeInstanceStatus',
  'ec2:DescribeInstanceTypeOfferings',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeInstances',
  'ec2:DescribeKeyPairs',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeLaunchTemplates',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSnapshots',
  'ec2:DescribeSubnets',
  'ec2:DescribeVolumes',
  'ec2:GetEbsDefaultKmsKeyId',
  'ec2:GetEbsEncryptionByDefault',
  'ec2:GetInstanceTypesFromInstanceRequirements',
  'iam:ListInstanceProfiles',
  'iam:ListRoles',
  'kms:DescribeKey',
  'kms:ListAliases',
] as const;

/** On what carries the tag AWSElasticDisasterRecoveryManaged. */
const CLEANUP_WRITES = [
  'ec2:DeleteLaunchTemplateVersions',
  'ec2:DeleteSnapshot',
  'ec2:DeleteVolume',
  'ec2:DetachVolume',
  'ec2:ModifyInstanceAttribute',
  'ec2:StopInstances',
  'ec2:TerminateInstances',
] as const;

const LAUNCH_WRITES = [
  'ec2:AssociateIamInstanceProfile',
  'ec2:AttachVolume',
  'ec2:AuthorizeSecurityGroupEgress',
  'ec2:AuthorizeSecurityGroupIngress',
  'ec2:CreateFleet',
  'ec2:CreateLaunchTemplate',
  'ec2:CreateLaunchTemplateVersion',
  'ec2:CreateNetworkInterface',
  'ec2:CreateNetworkInterfacePermission',
  'ec2:CreateSecurityGroup',
  'ec2:CreateSnapshot',
  'ec2:CreateTags',
  'ec2:CreateVolume',
  'ec2:DeleteTags',
  'ec2:GetConsoleOutput',
  'ec2:GetConsoleScreenshot',
  'ec2:ModifyLaunchTemplate',
  'ec2:RevokeSecurityGroupEgress',
  'ec2:RunInstances',
  'ec2:StartInstances',
  'iam:PassRole',
] as const;

/** IAM actions that each method of the DRS gateway needs in the site. */
export const DRS_PERMISSIONS = {
  describeSourceServers: ['drs:DescribeSourceServers'],
  describeRecoverySnapshots: ['drs:DescribeRecoverySnapshots'],
  startRecovery: [
    'drs:StartRecovery',
    'drs:CreateRecoveryInstanceForDrs',
    'drs:DescribeRecoverySnapshots',
    'drs:DescribeReplicationConfigurationTemplates',
    'drs:DescribeSourceServers',
    'drs:GetLaunchConfiguration',
    'drs:GetReplicationConfiguration',
    'drs:ListTagsForResource',
    'drs:TagResource',
    ...LAUNCH_READS,
    // A new launch first removes what an earlier one left behind.
    ...CLEANUP_WRITES,
    ...LAUNCH_WRITES,
  ],
  describeJobsById: ['drs:DescribeJobs'],
  describeJobsSince: ['drs:DescribeJobs'],
  describeJobLog: ['drs:DescribeJobLogItems'],
  describeRecoveryInstances: ['drs:DescribeRecoveryInstances'],
  terminateRecoveryInstances: [
    'drs:TerminateRecoveryInstances',
    'drs:DescribeRecoveryInstances',
    'ec2:DescribeInstances',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeLaunchTemplates',
    'ec2:DescribeSnapshots',
    'ec2:DescribeVolumes',
    ...CLEANUP_WRITES,
  ],
  tagResource: ['drs:TagResource'],
} as const satisfies Record<keyof DrsGateway, readonly string[]>;
