import type { PermissionOf } from './permissions.ts';
import { anyones, type Conditions, EVERYTHING, own, type Scope } from './scope.ts';

/**
 * Resources and conditions of what DRS does in the name of its caller: those of the managed policy
 * AWSElasticDisasterRecoveryConsoleFullAccess_v2 (version 10), statement by statement. Where a call concerns several resources and AWS
 * bounds only one of them to calls by a service, the bound is on all: it is one call.
 */
const MANAGED = 'AWSElasticDisasterRecoveryManaged';
const VIA: Conditions = { Bool: { 'aws:ViaAWSService': 'true' } };
const OLD: Conditions = { Null: { [`aws:ResourceTag/${MANAGED}`]: 'false' } };
const NEW: Conditions = { Null: { [`aws:RequestTag/${MANAGED}`]: 'false' } };

const forwarded = (name: string, types: readonly string[], when: Conditions): Scope => ({
  name,
  on: types.map((type) => `arn:\u0024{AWS::Partition}:ec2:*:*:${type}/*`),
  when,
  forwarded: true,
});

const READ: Scope = { name: 'LaunchReads', on: ['*'], forwarded: true };
const TEMPLATE = forwarded('LaunchTemplatesOfDrs', ['launch-template'], OLD);
const NEW_TEMPLATE = forwarded('NewLaunchTemplates', ['launch-template'], NEW);
/**
 * One statement each for what DRS makes and for what it made before, over all types: an action has nothing to do with the types that it
 * does not know. What it only uses stays apart by action: an instance that is made must carry the tag, one that a fleet holds need not.
 */
const MADE = forwarded('MadeByDrs', ['instance', 'network-interface', 'security-group', 'snapshot', 'volume'], {
  ...VIA,
  ...NEW,
});
const KEPT = forwarded('OfDrs', ['instance', 'network-interface', 'security-group', 'snapshot', 'volume'], { ...VIA, ...OLD });
const USED = (name: string, ...types: readonly string[]) => forwarded(name, types, VIA);

const MADE_TAGS = forwarded(
  'TagsOfWhatIsMade',
  ['fleet', 'instance', 'network-interface', 'security-group', 'snapshot', 'volume'],
  {
    ...VIA,
    StringEquals: {
      'ec2:CreateAction': [
        'CreateFleet',
        'CreateNetworkInterface',
        'CreateSecurityGroup',
        'CreateSnapshot',
        'CreateVolume',
        'RunInstances',
      ],
    },
  },
);
const TEMPLATE_TAGS = forwarded('TagsOfNewLaunchTemplates', ['launch-template'], {
  StringEquals: { 'ec2:CreateAction': 'CreateLaunchTemplate' },
});

const SERVERS: Scope = { name: 'SourceServers', on: own('drs', 'source-server/*') };
const JOBS: Scope = { name: 'Jobs', on: own('drs', 'job/*') };
const RECOVERY_INSTANCES: Scope = { name: 'RecoveryInstances', on: own('drs', 'recovery-instance/*') };
/** Every StartRecovery of ours says in a tag whether it drills; AWS has no condition key for `isDrill` itself. */
const START: Scope = {
  name: 'Launch',
  on: own('drs', 'source-server/*'),
  inDrill: { StringEquals: { 'aws:RequestTag/breakwater:mode': 'drill' } },
};
const PASSED: Scope = {
  name: 'RolesOfLaunchedServers',
  on: ['ConversionServerRole', 'RecoveryInstanceRole', 'RecoveryInstanceWithLaunchActionsRole'].map(
    (name) => `arn:\u0024{AWS::Partition}:iam::\u0024{AWS::AccountId}:role/service-role/AWSElasticDisasterRecovery${name}`,
  ),
  when: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
  forwarded: true,
};

/** On what each action of the DRS gateway is granted. */
export const DRS_SCOPES: Readonly<Record<PermissionOf<'drs'>, readonly Scope[]>> = {
  'drs:DescribeSourceServers': [EVERYTHING],
  'drs:DescribeJobs': [EVERYTHING],
  'drs:DescribeRecoveryInstances': [EVERYTHING],
  'drs:DescribeRecoverySnapshots': [SERVERS],
  'drs:DescribeJobLogItems': [JOBS],
  'drs:StartRecovery': [START],
  'drs:TerminateRecoveryInstances': [RECOVERY_INSTANCES],
  'drs:TagResource': [JOBS],
  'drs:CreateRecoveryInstanceForDrs': [{ ...SERVERS, name: 'ServersLaunchedByDrs', forwarded: true }],
  'drs:GetLaunchConfiguration': [{ ...SERVERS, name: 'ServersLaunchedByDrs', forwarded: true }],
  'drs:GetReplicationConfiguration': [{ ...SERVERS, name: 'ServersLaunchedByDrs', forwarded: true }],
  'drs:DescribeReplicationConfigurationTemplates': [READ],
  'drs:ListTagsForResource': [READ],
  'ec2:DescribeAccountAttributes': [READ],
  'ec2:DescribeAvailabilityZones': [READ],
  'ec2:DescribeCapacityReservations': [READ],
  'ec2:DescribeHosts': [READ],
  'ec2:DescribeImages': [READ],
  'ec2:DescribeInstanceAttribute': [READ],
  'ec2:DescribeInstanceStatus': [READ],
  'ec2:DescribeInstanceTypeOfferings': [READ],
  'ec2:DescribeInstanceTypes': [READ],
  'ec2:DescribeInstances': [READ],
  'ec2:DescribeKeyPairs': [READ],
  'ec2:DescribeLaunchTemplateVersions': [READ],
  'ec2:DescribeLaunchTemplates': [READ],
  'ec2:DescribeSecurityGroups': [READ],
  'ec2:DescribeSnapshots': [READ],
  'ec2:DescribeSubnets': [READ],
  'ec2:DescribeVolumes': [READ],
  'ec2:GetEbsDefaultKmsKeyId': [READ],
  'ec2:GetEbsEncryptionByDefault': [READ],
  'ec2:GetInstanceTypesFromInstanceRequirements': [READ],
  'iam:ListInstanceProfiles': [READ],
  'iam:ListRoles': [READ],
  'kms:DescribeKey': [{ name: 'KeysOfDisks', on: anyones('kms', 'key/*'), forwarded: true }],
  'kms:ListAliases': [READ],
  'ec2:CreateLaunchTemplate': [NEW_TEMPLATE],
  'ec2:CreateLaunchTemplateVersion': [TEMPLATE],
  'ec2:ModifyLaunchTemplate': [TEMPLATE],
  'ec2:DeleteLaunchTemplateVersions': [TEMPLATE],
  'ec2:DeleteTags': [TEMPLATE],
  'ec2:CreateTags': [TEMPLATE, TEMPLATE_TAGS, MADE_TAGS],
  'ec2:CreateSecurityGroup': [MADE, USED('NetworksOfDrs', 'vpc')],
  'ec2:AuthorizeSecurityGroupEgress': [KEPT],
  'ec2:AuthorizeSecurityGroupIngress': [KEPT],
  'ec2:RevokeSecurityGroupEgress': [KEPT],
  'ec2:CreateSnapshot': [MADE, KEPT],
  'ec2:CreateVolume': [MADE, KEPT],
  'ec2:CreateNetworkInterface': [MADE, USED('UsedByInterfaces', 'security-group', 'subnet')],
  'ec2:CreateNetworkInterfacePermission': [KEPT],
  'ec2:CreateFleet': [USED('FleetsOfDrs', 'fleet', 'image', 'instance', 'launch-template', 'subnet', 'volume')],
  'ec2:RunInstances': [
    MADE,
    USED('UsedByInstances', 'image', 'launch-template', 'network-interface', 'security-group', 'subnet', 'volume'),
  ],
  'ec2:AttachVolume': [KEPT],
  // A volume may have lost its tag by then: AWS grants it without.
  'ec2:DetachVolume': [KEPT, USED('DetachedVolumes', 'volume')],
  'ec2:DeleteVolume': [KEPT],
  'ec2:DeleteSnapshot': [KEPT],
  'ec2:AssociateIamInstanceProfile': [KEPT],
  'ec2:GetConsoleOutput': [KEPT],
  'ec2:GetConsoleScreenshot': [KEPT],
  'ec2:ModifyInstanceAttribute': [KEPT],
  'ec2:StartInstances': [KEPT],
  'ec2:StopInstances': [KEPT],
  'ec2:TerminateInstances': [KEPT],
  'iam:PassRole': [PASSED],
};
