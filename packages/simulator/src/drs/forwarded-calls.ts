import { demand, refusal } from '../iam/authorise.ts';
import type { ConditionContext } from '../iam/conditions.ts';
import { requestTags, resourceTags } from '../iam/evaluate.ts';
import type { CallContext } from '../world/call-context.ts';

/**
 * What DRS does in EC2 in the name of whoever called it. AWS publishes no such list; this one is the managed policy
 * AWSElasticDisasterRecoveryConsoleFullAccess_v2 (version 10), which AWS gives to people who launch: its actions, each on the resources
 * and with the condition keys that its statements ask for.
 */
interface Forwarded {
  readonly action: string;
  /** Part of an ARN of EC2, or the whole of another; none: the action knows no resource. */
  readonly resources?: readonly (readonly [resource: string, keys: ConditionContext])[];
}

const MANAGED = { AWSElasticDisasterRecoveryManaged: 'drs.amazonaws.com' };
/** On a thing that DRS made before. */
const old = (...types: readonly string[]) => types.map((type) => [`${type}/x`, resourceTags(MANAGED)] as const);
/** On a thing that the call makes. */
const made = (...types: readonly string[]) => types.map((type) => [`${type}/x`, requestTags(MANAGED)] as const);
/** On a thing that is only used. */
const used = (...types: readonly string[]) => types.map((type) => [`${type}/x`, {}] as const);
const created = (by: string, ...types: readonly string[]) =>
  types.map((type) => [`${type}/x`, { ...requestTags(MANAGED), 'ec2:createaction': by }] as const);

const READS: readonly Forwarded[] = [
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
  'kms:ListAliases',
  'drs:DescribeReplicationConfigurationTemplates',
  'drs:ListTagsForResource',
].map((action) => ({ action }));

const OWN_READS: readonly Forwarded[] = [
  { action: 'kms:DescribeKey', resources: [['arn:aws:kms:<region>:<account>:key/x', {}]] },
  ...['drs:GetLaunchConfiguration', 'drs:GetReplicationConfiguration', 'drs:CreateRecoveryInstanceForDrs'].map(
    (action): Forwarded => ({ action, resources: [['arn:aws:drs:<region>:<account>:source-server/x', {}]] }),
  ),
];

const WRITES: readonly Forwarded[] = [
  { action: 'ec2:CreateSecurityGroup', resources: [...used('vpc'), ...made('security-group')] },
  { action: 'ec2:AuthorizeSecurityGroupEgress', resources: old('security-group') },
  { action: 'ec2:AuthorizeSecurityGroupIngress', resources: old('security-group') },
  { action: 'ec2:RevokeSecurityGroupEgress', resources: old('security-group') },
  { action: 'ec2:CreateSnapshot', resources: [...old('volume'), ...made('snapshot')] },
  { action: 'ec2:CreateVolume', resources: [...made('volume'), ...old('snapshot')] },
  { action: 'ec2:CreateNetworkInterface', resources: [...made('network-interface'), ...used('subnet', 'security-group')] },
  { action: 'ec2:CreateNetworkInterfacePermission', resources: old('network-interface') },
  { action: 'ec2:CreateLaunchTemplate', resources: made('launch-template') },
  { action: 'ec2:CreateLaunchTemplateVersion', resources: old('launch-template') },
  { action: 'ec2:ModifyLaunchTemplate', resources: old('launch-template') },
  { action: 'ec2:DeleteLaunchTemplateVersions', resources: old('launch-template') },
  { action: 'ec2:DeleteTags', resources: old('launch-template') },
  {
    action: 'ec2:CreateTags',
    resources: [
      ...old('launch-template'),
      ...created('CreateLaunchTemplate', 'launch-template'),
      ...created('CreateSecurityGroup', 'security-group'),
      ...created('CreateVolume', 'volume'),
      ...created('CreateSnapshot', 'snapshot'),
      ...created('CreateNetworkInterface', 'network-interface'),
      ...created('RunInstances', 'instance'),
      ...created('CreateFleet', 'instance', 'volume'),
    ],
  },
  { action: 'ec2:CreateFleet', resources: used('fleet', 'instance', 'volume', 'subnet', 'image', 'launch-template') },
  {
    action: 'ec2:RunInstances',
    resources: [
      ...made('instance'),
      ...used('security-group', 'volume', 'subnet', 'image', 'network-interface', 'launch-template'),
    ],
  },
  { action: 'ec2:AttachVolume', resources: old('instance', 'volume') },
  { action: 'ec2:DetachVolume', resources: [...old('instance'), ...used('volume')] },
  { action: 'ec2:DeleteVolume', resources: old('volume') },
  { action: 'ec2:DeleteSnapshot', resources: old('snapshot') },
  ...['StartInstances', 'StopInstances', 'TerminateInstances', 'ModifyInstanceAttribute'].map(
    (name): Forwarded => ({ action: `ec2:${name}`, resources: old('instance') }),
  ),
  ...['GetConsoleOutput', 'GetConsoleScreenshot', 'AssociateIamInstanceProfile'].map(
    (name): Forwarded => ({ action: `ec2:${name}`, resources: old('instance') }),
  ),
  {
    action: 'iam:PassRole',
    resources: ['ConversionServerRole', 'RecoveryInstanceRole', 'RecoveryInstanceWithLaunchActionsRole'].map(
      (name) =>
        [
          `arn:aws:iam::<account>:role/service-role/AWSElasticDisasterRecovery${name}`,
          { 'iam:passedtoservice': 'ec2.amazonaws.com' },
        ] as const,
    ),
  },
];

/** To launch: a conversion server of its own is started and terminated on the way, so the clean-up's actions are among them. */
const LAUNCH: readonly Forwarded[] = [...READS, ...OWN_READS, ...WRITES];

/** To remove what an earlier launch left, or what a drill has launched. */
const CLEAN_UP: readonly Forwarded[] = LAUNCH.filter(({ action }) =>
  [
    'ec2:DescribeInstances',
    'ec2:DescribeLaunchTemplateVersions',
    'ec2:DescribeLaunchTemplates',
    'ec2:DescribeSnapshots',
    'ec2:DescribeVolumes',
    'ec2:DeleteLaunchTemplateVersions',
    'ec2:DeleteSnapshot',
    'ec2:DeleteVolume',
    'ec2:DetachVolume',
    'ec2:ModifyInstanceAttribute',
    'ec2:StopInstances',
    'ec2:TerminateInstances',
  ].includes(action),
);

/** What EC2 answers DRS when the caller lacks a permission, as job logs quote it; undefined: nothing lacks. */
export function forwardedRefusal({ principal, state }: CallContext, phase: 'launch' | 'clean-up'): string | undefined {
  if (principal.policies === undefined && principal.deny.length === 0) return undefined;
  for (const { action, resources } of phase === 'launch' ? LAUNCH : CLEAN_UP) {
    for (const [resource, context] of resources ?? [['*', {}] as const]) {
      const asked = demand(action, fullArn(resource, state), { principal, place: state, via: 'drs.amazonaws.com', context });
      if (refusal(principal, asked) !== undefined) {
        return `UnauthorizedOperation when calling ${action.slice(action.indexOf(':') + 1)} operation`;
      }
    }
  }
  return undefined;
}

function fullArn(resource: string, { account, region }: { readonly account: string; readonly region: string }): string {
  if (resource === '*') return resource;
  const arn = resource.startsWith('arn:') ? resource : `arn:aws:ec2:<region>:<account>:${resource}`;
  return arn.replace('<region>', region).replace('<account>', account);
}
