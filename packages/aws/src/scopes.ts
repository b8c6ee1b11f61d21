import { DRS_SCOPES } from './drs-scopes.ts';
import { type Gateway, type GatewayMethod, type PermissionOf, permissionsOf } from './permissions.ts';
import { RDS_SCOPES } from './rds-scopes.ts';
import { anyones, EVERYTHING, named, own, type Scope, SECRET_KEYS, through } from './scope.ts';

const EXECUTIONS: Scope = { name: 'Automations', on: own('ssm', 'automation-execution/*') };
/** Documents may be AWS's or another account's. */
const DOCUMENTS = anyones('ssm', `document/${named('DocumentPrefix')}`);
const SECRETS: Scope = { name: 'Secrets', on: own('secretsmanager', `secret:${named('SecretPrefix')}`, 'secret:rds!*') };
const ZONES: Scope = { name: 'Zones', on: ['arn:\u0024{AWS::Partition}:route53:::hostedzone/*'] };
const TOPIC_KEYS: Scope = { name: 'KeysOfTopics', on: anyones('kms', 'key/*'), when: through('sns') };

/**
 * On what each IAM action is granted, gateway by gateway. Resource types and condition keys are those of the service authorization
 * reference (https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html). An action without a line here does
 * not compile.
 */
export const SCOPES: { readonly [G in Gateway]: Readonly<Record<PermissionOf<G>, readonly Scope[]>> } = {
  drs: DRS_SCOPES,
  rds: RDS_SCOPES,
  ec2: {
    'ec2:DescribeInstanceStatus': [EVERYTHING],
    'ec2:DescribeInstances': [EVERYTHING],
    'ec2:DescribeSecurityGroups': [EVERYTHING],
  },
  ssm: {
    'ssm:StartAutomationExecution': [
      EXECUTIONS,
      { name: 'Documents', on: [...anyones('ssm', `automation-definition/${named('DocumentPrefix')}`), ...DOCUMENTS] },
    ],
    'ssm:AddTagsToResource': [EXECUTIONS],
    'ssm:GetAutomationExecution': [EXECUTIONS],
    'ssm:DescribeAutomationStepExecutions': [EXECUTIONS],
    // Those that carry our tag: only what we began is stopped.
    'ssm:StopAutomationExecution': [
      { name: 'OurAutomations', on: EXECUTIONS.on, when: { Null: { 'aws:ResourceTag/breakwater:execution': 'false' } } },
    ],
    'ssm:SendCommand': [
      { name: 'Commands', on: DOCUMENTS },
      {
        name: 'CommandedInstances',
        on: own('ec2', 'instance/*'),
        // DRS gives this tag to every server it launches.
        ours: { Null: { 'aws:ResourceTag/AWSElasticDisasterRecoveryManaged': 'false' } },
      },
    ],
    'ssm:ListCommands': [EVERYTHING],
    'ssm:ListCommandInvocations': [EVERYTHING],
    'ssm:CancelCommand': [EVERYTHING],
    'ssm:DescribeInstanceInformation': [EVERYTHING],
    'iam:PassRole': [
      {
        name: 'RolesForAutomations',
        on: [`arn:\u0024{AWS::Partition}:iam::\u0024{AWS::AccountId}:role/${named('RolePrefix')}`],
        when: { StringEquals: { 'iam:PassedToService': 'ssm.amazonaws.com' } },
      },
    ],
  },
  sts: {
    'sts:AssumeRole': [{ name: 'RolesOfSites', on: ['\u0024{SiteRoles}'] }],
  },
  kms: {
    'kms:DescribeKey': [{ name: 'Keys', on: anyones('kms', 'key/*') }],
  },
  secrets: {
    'secretsmanager:GetSecretValue': [SECRETS],
    'secretsmanager:PutSecretValue': [SECRETS],
    'kms:Decrypt': [SECRET_KEYS],
    'kms:GenerateDataKey': [SECRET_KEYS],
  },
  rdsData: {
    'rds-data:ExecuteStatement': [
      {
        name: 'Statements',
        on: own('rds', 'cluster:*'),
        when: { StringEquals: { 'aws:ResourceTag/breakwater:owner': 'breakwater' } },
      },
    ],
    'secretsmanager:GetSecretValue': [SECRETS],
    'kms:Decrypt': [SECRET_KEYS],
  },
  sns: {
    'sns:Publish': [{ name: 'Topics', on: own('sns', named('TopicPrefix')) }],
    'kms:Decrypt': [TOPIC_KEYS],
    'kms:GenerateDataKey': [TOPIC_KEYS],
  },
  route53: {
    'route53:ListResourceRecordSets': [ZONES],
    // Nothing but the setting of CNAMEs, by the condition keys of the service.
    'route53:ChangeResourceRecordSets': [
      {
        name: 'Names',
        on: ZONES.on,
        when: {
          'ForAllValues:StringEquals': {
            'route53:ChangeResourceRecordSetsRecordTypes': 'CNAME',
            'route53:ChangeResourceRecordSetsActions': 'UPSERT',
          },
        },
      },
    ],
    'route53:GetChange': [{ name: 'Changes', on: ['arn:\u0024{AWS::Partition}:route53:::change/*'] }],
  },
  parameters: {
    'ssm:PutParameter': [{ name: 'Parameters', on: own('ssm', `parameter/${named('ParameterPrefix')}`) }],
  },
};

/** On what one action is granted for the sake of a method; none for an action that the method does not need. */
export function scopesOf(method: GatewayMethod, action: string): readonly Scope[] {
  const { gateway } = permissionsOf(method);
  const [, name = ''] = method.split('.');
  const scopes = new Map(Object.entries<readonly Scope[]>(SCOPES[gateway])).get(action) ?? [];
  return scopes.filter(({ by }) => by === undefined || by.includes(name));
}
