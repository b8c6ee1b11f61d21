import type { PermissionOf } from './permissions.ts';
import { anyones, type Conditions, EVERYTHING, own, type Scope, SECRET_KEYS, through } from './scope.ts';

/** The tag that makes something ours. */
const OWNER = 'breakwater:owner';
const OURS: Conditions = { StringEquals: { [`aws:ResourceTag/${OWNER}`]: 'breakwater' } };
/** On whatever is made: it carries the tag from the start. */
const MARKED: Conditions = { StringEquals: { [`aws:RequestTag/${OWNER}`]: 'breakwater' } };

const CLUSTERS = own('rds', 'cluster:*');
const INSTANCES = own('rds', 'db:*');
const SNAPSHOTS = own('rds', 'cluster-snapshot:*', 'snapshot:*');

const READ: Scope = EVERYTHING;
const OUR_SNAPSHOTS: Scope = { name: 'OurSnapshots', on: SNAPSHOTS, when: OURS };
const ANY_SNAPSHOT: Scope = { name: 'Snapshots', on: SNAPSHOTS };
const COPIED: Scope = { name: 'Copies', on: anyones('rds', 'cluster-snapshot:*', 'snapshot:*'), when: MARKED };
const OUR_CLUSTERS: Scope = { name: 'Clusters', on: CLUSTERS, ours: OURS };
const OUR_INSTANCES: Scope = { name: 'Instances', on: INSTANCES, ours: OURS };

/** What makes a database or a snapshot under a key. */
const MAKES_DATA = ['copySnapshot', 'restoreCluster', 'restoreClusterToPoint', 'restoreInstance', 'restoreInstanceToPoint'];

/** What RDS does with keys in the name of its caller, through grants. */
const KEYS: Scope = { name: 'KeysByRds', on: anyones('kms', 'key/*'), when: through('rds') };
const GRANTS: Scope = {
  name: 'GrantsForRds',
  on: anyones('kms', 'key/*'),
  when: { ...through('rds'), Bool: { 'kms:GrantIsForAWSResource': 'true' } },
};
/** A master password is kept in a secret, and the secret may be under a key. */
const KEEPS_PASSWORDS = ['modifyCluster', 'modifyInstance'];
const KEPT_PASSWORD: Scope = { ...SECRET_KEYS, by: KEEPS_PASSWORDS };
const MASTER_SECRETS: Scope = { name: 'MasterSecrets', on: own('secretsmanager', 'secret:rds!*') };

/** On what each action of the RDS gateway is granted. */
export const RDS_SCOPES: Readonly<Record<PermissionOf<'rds'>, readonly Scope[]>> = {
  'rds:DescribeDBClusterSnapshots': [READ],
  'rds:DescribeDBSnapshots': [READ],
  'rds:DescribeDBClusters': [READ],
  'rds:DescribeDBInstances': [READ],
  'rds:DescribeDBSubnetGroups': [READ],
  'rds:DescribeDBClusterParameterGroups': [READ],
  'rds:DescribeDBParameterGroups': [READ],
  'rds:DescribeDBEngineVersions': [READ],
  'rds:DescribeOptionGroups': [READ],
  'rds:DescribeOrderableDBInstanceOptions': [READ],
  'rds:DescribeDBInstanceAutomatedBackups': [READ],
  'rds:DescribeGlobalClusters': [READ],
  'rds:DescribeExportTasks': [READ],
  'rds:DescribeDBClusterSnapshotAttributes': [ANY_SNAPSHOT],
  'rds:DescribeDBSnapshotAttributes': [ANY_SNAPSHOT],
  'rds:ListTagsForResource': [ANY_SNAPSHOT],
  'rds:ModifyDBClusterSnapshotAttribute': [ANY_SNAPSHOT],
  'rds:ModifyDBSnapshotAttribute': [ANY_SNAPSHOT],
  // A final snapshot carries no tag of the request.
  'rds:CreateDBClusterSnapshot': [{ name: 'NewClusterSnapshots', on: own('rds', 'cluster:*', 'cluster-snapshot:*') }],
  'rds:CreateDBSnapshot': [{ name: 'NewInstanceSnapshots', on: own('rds', 'db:*', 'snapshot:*') }],
  'rds:CopyDBClusterSnapshot': [COPIED],
  'rds:CopyDBSnapshot': [COPIED],
  'rds:CrossRegionCommunication': [{ name: 'AcrossRegions', on: anyones('rds', 'cluster-snapshot:*', 'snapshot:*') }],
  'rds:DeleteDBClusterSnapshot': [OUR_SNAPSHOTS],
  'rds:DeleteDBSnapshot': [OUR_SNAPSHOTS],
  'rds:AddTagsToResource': [
    // With what is made, and later on what is ours.
    {
      name: 'TagsOfWhatIsMade',
      on: [...CLUSTERS, ...INSTANCES, ...SNAPSHOTS],
      when: MARKED,
      by: [
        'createSnapshot',
        'copySnapshot',
        'restoreCluster',
        'createClusterInstance',
        'restoreInstance',
        'restoreInstanceToPoint',
        'restoreClusterToPoint',
      ],
    },
    {
      name: 'TagsOfOurs',
      by: ['addTags'],
      on: [...CLUSTERS, ...INSTANCES, ...SNAPSHOTS],
      when: { ...OURS, 'ForAllValues:StringLike': { 'aws:TagKeys': 'breakwater:*' }, Null: { 'aws:TagKeys': 'false' } },
    },
    // Whose swap or replacement has it in hand: nothing else may be written on a live database.
    {
      name: 'ClaimsOnOthers',
      by: ['addTags'],
      on: [...CLUSTERS, ...INSTANCES],
      when: { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'breakwater:claimed-by' }, Null: { 'aws:TagKeys': 'false' } },
    },
    // On what is not ours nothing but these two marks: they give nobody the right to delete it.
    {
      name: 'MarksOnOthers',
      by: ['addTags'],
      on: SNAPSHOTS,
      when: {
        'ForAllValues:StringLike': { 'aws:TagKeys': ['breakwater:archived', 'breakwater:shared:*'] },
        Null: { 'aws:TagKeys': 'false' },
      },
    },
  ],
  'rds:RestoreDBClusterFromSnapshot': [
    { name: 'Restored', on: [...CLUSTERS, ...own('rds', 'cluster-pg:*', 'og:*', 'subgrp:*')], when: MARKED },
    COPIED,
  ],
  'rds:RestoreDBClusterToPointInTime': [
    { name: 'RestoredToPoints', on: [...CLUSTERS, ...own('rds', 'cluster-pg:*', 'og:*', 'subgrp:*')], when: MARKED },
  ],
  'rds:RestoreDBInstanceFromDBSnapshot': [
    { name: 'RestoredInstances', on: [...INSTANCES, ...own('rds', 'og:*', 'pg:*', 'subgrp:*')], when: MARKED },
    COPIED,
  ],
  'rds:RestoreDBInstanceToPointInTime': [
    { name: 'RestoredInstancesToPoints', on: [...INSTANCES, ...own('rds', 'og:*', 'pg:*', 'subgrp:*')], when: MARKED },
  ],
  'rds:CreateDBInstance': [
    { name: 'NewMembers', on: [...INSTANCES, ...own('rds', 'og:*', 'pg:*', 'secgrp:*', 'subgrp:*')], when: MARKED },
    {
      name: 'ClustersWithNewMembers',
      on: CLUSTERS,
      when: { StringEquals: { ...MARKED['StringEquals'], ...OURS['StringEquals'] } },
    },
  ],
  'rds:ModifyDBCluster': [OUR_CLUSTERS],
  'rds:EnableHttpEndpoint': [OUR_CLUSTERS],
  'rds:ModifyDBInstance': [OUR_INSTANCES],
  'rds:DeleteDBInstance': [OUR_INSTANCES],
  // The service authorization reference asks for the final snapshot as well; before it is taken it has no tags.
  'rds:DeleteDBCluster': [OUR_CLUSTERS, { name: 'FinalSnapshots', on: own('rds', 'cluster-snapshot:*') }],
  'rds:StartExportTask': [ANY_SNAPSHOT],
  'kms:CreateGrant': [
    { ...GRANTS, by: [...MAKES_DATA, 'startExport'] },
    { ...GRANTS, name: 'GrantsForSecrets', when: { ...GRANTS.when, ...through('secretsmanager') }, by: KEEPS_PASSWORDS },
  ],
  'kms:Decrypt': [{ ...KEYS, by: MAKES_DATA }, KEPT_PASSWORD],
  'kms:DescribeKey': [{ name: 'Keys', on: anyones('kms', 'key/*') }],
  'kms:Encrypt': [KEYS],
  'kms:GenerateDataKey': [{ ...KEYS, by: MAKES_DATA }, KEPT_PASSWORD],
  'kms:GenerateDataKeyWithoutPlaintext': [KEYS],
  'kms:ReEncryptFrom': [KEYS],
  'kms:ReEncryptTo': [KEYS],
  'secretsmanager:CreateSecret': [MASTER_SECRETS],
  'secretsmanager:TagResource': [MASTER_SECRETS],
  'iam:PassRole': [
    {
      name: 'RolesForRds',
      on: [`arn:\u0024{AWS::Partition}:iam::\u0024{AWS::AccountId}:role/\u0024{RolePrefix}*`],
      when: { StringEquals: { 'iam:PassedToService': ['export.rds.amazonaws.com', 'monitoring.rds.amazonaws.com'] } },
    },
  ],
};
