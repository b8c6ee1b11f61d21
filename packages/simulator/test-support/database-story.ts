import { after } from 'node:test';
import {
  CreateDBInstanceCommand,
  DeleteDBClusterCommand,
  DeleteDBInstanceCommand,
  DescribeDBClusterParameterGroupsCommand,
  DescribeDBClustersCommand,
  DescribeDBEngineVersionsCommand,
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBParameterGroupsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeExportTasksCommand,
  DescribeGlobalClustersCommand,
  DescribeOptionGroupsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  ModifyDBInstanceCommand,
  RestoreDBClusterFromSnapshotCommand,
  RestoreDBClusterToPointInTimeCommand,
  RestoreDBInstanceFromDBSnapshotCommand,
  RestoreDBInstanceToPointInTimeCommand,
  StartExportTaskCommand,
} from '@aws-sdk/client-rds';
import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { ChangeResourceRecordSetsCommand, GetChangeCommand, ListResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { PublishCommand } from '@aws-sdk/client-sns';
import { serve } from '../src/index.ts';
import type { World } from '../src/world/world.ts';
import { databaseSnapshotStory, MINUTE } from './database-snapshot-story.ts';
import { DESTINATION, databaseWorld, SOURCE, ZONE } from './database-worlds.ts';
import { clients } from './sdk-clients.ts';

export interface DatabaseStory {
  readonly outputs: readonly { readonly operation: string; readonly output: unknown }[];
  readonly world: World;
}

/** From an automated snapshot to a usable cluster in another account and Region, with every operation on the way. */
export async function databaseStory(over: 'process' | 'http'): Promise<DatabaseStory> {
  const { world, clock, keys } = databaseWorld();
  const server = over === 'http' ? await serve(world) : undefined;
  if (server !== undefined) after(() => server.close());
  const endpoint = server === undefined ? {} : { endpoint: server.url };
  const source = clients(world, { keys: keys.source, region: SOURCE.region, ...endpoint });
  const there = clients(world, { keys: keys.destination, region: DESTINATION.region, ...endpoint });
  const outputs: { operation: string; output: unknown }[] = [];
  const keep = <T extends object>(operation: string, output: T): T => {
    outputs.push({ operation, output: { ...output, $metadata: undefined } });
    return output;
  };
  const { rds } = source;
  const destinationAtSource = clients(world, { keys: keys.destination, region: SOURCE.region, ...endpoint });
  const copyArn = await databaseSnapshotStory({ clock, source, there, destinationAtSource, keep });
  keep(
    'rds:RestoreDBInstanceFromDBSnapshot',
    await there.rds.send(
      new RestoreDBInstanceFromDBSnapshotCommand({
        DBInstanceIdentifier: 'Ledger-Restored',
        DBSnapshotIdentifier: 'ledger-copy',
        DBInstanceClass: 'db.r6g.large',
        DBSubnetGroupName: 'dr',
        VpcSecurityGroupIds: ['sg-0dr'],
        MultiAZ: true,
        StorageType: 'io1',
        Iops: 3_000,
        EnableIAMDatabaseAuthentication: true,
        EnableCloudwatchLogsExports: ['postgresql'],
        DeletionProtection: true,
        BackupRetentionPeriod: 14,
        Tags: [{ Key: 'breakwater:owner', Value: 'breakwater' }],
      }),
    ),
  );
  keep(
    'rds:DescribeDBInstanceAutomatedBackups',
    await rds.send(new DescribeDBInstanceAutomatedBackupsCommand({ DBInstanceIdentifier: 'ledger' })),
  );
  keep(
    'rds:RestoreDBInstanceToPointInTime',
    await rds.send(
      new RestoreDBInstanceToPointInTimeCommand({
        SourceDBInstanceIdentifier: 'ledger',
        TargetDBInstanceIdentifier: 'ledger-earlier',
        RestoreTime: new Date(clock.now() - 60 * MINUTE),
      }),
    ),
  );
  keep(
    'rds:RestoreDBClusterToPointInTime',
    await rds.send(
      new RestoreDBClusterToPointInTimeCommand({
        SourceDBClusterIdentifier: 'shop',
        DBClusterIdentifier: 'shop-latest',
        UseLatestRestorableTime: true,
      }),
    ),
  );

  keep(
    'rds:DescribeDBEngineVersions',
    await there.rds.send(new DescribeDBEngineVersionsCommand({ Engine: 'aurora-postgresql', EngineVersion: '16.6' })),
  );
  keep('rds:DescribeDBSubnetGroups', await there.rds.send(new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: 'dr' })));
  keep('rds:DescribeDBClusterParameterGroups', await there.rds.send(new DescribeDBClusterParameterGroupsCommand({})));
  keep('rds:DescribeDBParameterGroups', await there.rds.send(new DescribeDBParameterGroupsCommand({})));
  keep('rds:DescribeOptionGroups', await there.rds.send(new DescribeOptionGroupsCommand({})));
  keep(
    'rds:DescribeOrderableDBInstanceOptions',
    await there.rds.send(
      new DescribeOrderableDBInstanceOptionsCommand({
        Engine: 'aurora-postgresql',
        EngineVersion: '16.6',
        DBInstanceClass: 'db.serverless',
      }),
    ),
  );
  keep('rds:DescribeGlobalClusters', await rds.send(new DescribeGlobalClustersCommand({})));
  const restored = keep(
    'rds:RestoreDBClusterFromSnapshot',
    await there.rds.send(
      new RestoreDBClusterFromSnapshotCommand({
        DBClusterIdentifier: 'Shop-Restored',
        SnapshotIdentifier: 'shop-copy',
        Engine: 'aurora-postgresql',
        EngineVersion: '16.6',
        DBSubnetGroupName: 'dr',
        VpcSecurityGroupIds: ['sg-0dr'],
        DBClusterParameterGroupName: 'shop-cluster',
        KmsKeyId: 'alias/dr',
        EnableIAMDatabaseAuthentication: true,
        EnableCloudwatchLogsExports: ['postgresql'],
        DeletionProtection: true,
        CopyTagsToSnapshot: true,
        BackupRetentionPeriod: 14,
        ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 8 },
        Tags: [{ Key: 'breakwater:owner', Value: 'breakwater' }],
      }),
    ),
  ).DBCluster;
  const resourceArn = restored?.DBClusterArn;
  await clock.sleep(15 * MINUTE);
  keep(
    'rds:CreateDBInstance',
    await there.rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'shop-restored-1',
        DBClusterIdentifier: 'shop-restored',
        DBInstanceClass: 'db.serverless',
        Engine: 'aurora-postgresql',
        PromotionTier: 0,
        PubliclyAccessible: false,
      }),
    ),
  );
  await clock.sleep(15 * MINUTE);
  keep('rds:EnableHttpEndpoint', await there.rds.send(new EnableHttpEndpointCommand({ ResourceArn: resourceArn })));
  keep(
    'rds:ModifyDBCluster',
    await there.rds.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: 'shop-restored',
        ManageMasterUserPassword: true,
        DeletionProtection: false,
        ApplyImmediately: true,
      }),
    ),
  );
  await clock.sleep(MINUTE);
  const cluster = keep(
    'rds:DescribeDBClusters',
    await there.rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'shop-restored' })),
  ).DBClusters?.[0];
  const secretArn = cluster?.MasterUserSecret?.SecretArn;
  keep('secretsmanager:GetSecretValue', await there.secrets.send(new GetSecretValueCommand({ SecretId: secretArn })));
  const secret = { Name: 'shop/app', SecretString: '{"username":"app","password":"p"}' };
  const token = { ClientRequestToken: '00000000-0000-4000-8000-000000000001' };
  keep('secretsmanager:CreateSecret', await there.secrets.send(new CreateSecretCommand({ ...secret, ...token })));
  keep(
    'secretsmanager:PutSecretValue',
    await there.secrets.send(
      new PutSecretValueCommand({ SecretId: 'shop/app', SecretString: 'q', ClientRequestToken: `${token.ClientRequestToken}2` }),
    ),
  );
  keep('secretsmanager:DescribeSecret', await there.secrets.send(new DescribeSecretCommand({ SecretId: 'shop/app' })));

  const target = { resourceArn, secretArn };
  keep(
    'rds-data:ExecuteStatement',
    await there.rdsData.send(
      new ExecuteStatementCommand({
        ...target,
        sql: 'SELECT * FROM orders WHERE id > :id',
        parameters: [{ name: 'id', value: { longValue: 1 } }],
        includeResultMetadata: true,
      }),
    ),
  );
  keep(
    'rds-data:ExecuteStatement',
    await there.rdsData.send(new ExecuteStatementCommand({ ...target, sql: 'select version()', formatRecordsAs: 'JSON' })),
  );
  for (const end of ['commit', 'rollback'] as const) {
    const { transactionId } = keep('rds-data:BeginTransaction', await there.rdsData.send(new BeginTransactionCommand(target)));
    if (end === 'commit') {
      keep('rds-data:CommitTransaction', await there.rdsData.send(new CommitTransactionCommand({ ...target, transactionId })));
    } else {
      keep(
        'rds-data:RollbackTransaction',
        await there.rdsData.send(new RollbackTransactionCommand({ ...target, transactionId })),
      );
    }
  }
  keep(
    'sns:Publish',
    await there.sns.send(
      new PublishCommand({
        TopicArn: `arn:aws:sns:${DESTINATION.region}:${DESTINATION.account}:on-call`,
        Subject: 'Restored',
        Message: 'shop & co',
      }),
    ),
  );
  const upsert = keep(
    'route53:ChangeResourceRecordSets',
    await there.route53.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: ZONE,
        ChangeBatch: {
          Comment: 'a & b',
          Changes: [
            {
              Action: 'UPSERT',
              ResourceRecordSet: {
                Name: 'DB.example.internal',
                Type: 'CNAME',
                TTL: 60,
                ResourceRecords: [{ Value: 'new.example.net' }],
              },
            },
            {
              Action: 'CREATE',
              ResourceRecordSet: {
                Name: 'say.example.internal.',
                Type: 'TXT',
                TTL: 60,
                ResourceRecords: [{ Value: '"<one>"' }, { Value: '"two"' }],
              },
            },
          ],
        },
      }),
    ),
  ).ChangeInfo;
  keep('route53:GetChange', await there.route53.send(new GetChangeCommand({ Id: upsert?.Id })));
  keep(
    'route53:ListResourceRecordSets',
    await there.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE, MaxItems: 3 })),
  );
  keep('route53:ListResourceRecordSets', await there.route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: ZONE })));
  keep(
    'rds:StartExportTask',
    await there.rds.send(
      new StartExportTaskCommand({
        ExportTaskIdentifier: 'archive-1',
        SourceArn: copyArn,
        S3BucketName: 'archive',
        S3Prefix: 'shop',
        IamRoleArn: `arn:aws:iam::${DESTINATION.account}:role/export`,
        KmsKeyId: 'alias/dr',
        ExportOnly: ['shop'],
      }),
    ),
  );
  await clock.sleep(60 * MINUTE);
  keep('rds:DescribeExportTasks', await there.rds.send(new DescribeExportTasksCommand({ ExportTaskIdentifier: 'archive-1' })));
  keep(
    'rds:ModifyDBInstance',
    await there.rds.send(
      new ModifyDBInstanceCommand({
        DBInstanceIdentifier: 'shop-restored-1',
        NewDBInstanceIdentifier: 'shop-1',
        ApplyImmediately: true,
      }),
    ),
  );
  await clock.sleep(5 * MINUTE);
  keep(
    'rds:DescribeDBInstances',
    await there.rds.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: ['shop-restored'] }], MaxRecords: 20 }),
    ),
  );
  keep(
    'rds:DeleteDBInstance',
    await there.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'shop-1', SkipFinalSnapshot: true })),
  );
  keep(
    'rds:DeleteDBCluster',
    await there.rds.send(
      new DeleteDBClusterCommand({
        DBClusterIdentifier: 'shop-restored',
        FinalDBSnapshotIdentifier: 'shop-final',
        DeleteAutomatedBackups: false,
      }),
    ),
  );
  return { outputs, world };
}
