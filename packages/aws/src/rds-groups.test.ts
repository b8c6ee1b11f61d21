import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError } from './scripted-aws.ts';
import { asked } from './scripted-rds.ts';
import { scriptedSite } from './scripted-site.ts';

for (const [status, available] of [
  ['<Status>available</Status>', true],
  ['<Status>deprecated</Status>', false],
  ['', true],
] as const) {
  test(`an engine version listed ${status || 'without a status'} ${available ? 'can' : 'cannot'} be created`, async () => {
    const { rds, aws } = scriptedSite(({ operation, input }) =>
      queryAnswer(
        operation,
        input['Marker'] === undefined
          ? '<DBEngineVersions><DBEngineVersion><EngineVersion>16.40</EngineVersion></DBEngineVersion></DBEngineVersions><Marker>m</Marker>'
          : `<DBEngineVersions><DBEngineVersion><EngineVersion>16.4</EngineVersion>${status}</DBEngineVersion></DBEngineVersions>`,
      ),
    );
    assert.equal(await rds.engineVersionAvailable('aurora-postgresql', '16.4'), available);
    assert.deepEqual(aws.sent.map(asked)[0], {
      Action: 'DescribeDBEngineVersions',
      Engine: 'aurora-postgresql',
      EngineVersion: '16.4',
    });
  });
}

test('an engine version that is not listed cannot be created', async () => {
  const { rds } = scriptedSite(({ operation }) => queryAnswer(operation));
  assert.equal(await rds.engineVersionAvailable('aurora-mysql', '5.6'), false);
});

test('groups: what is said of each kind', async () => {
  const answers: Readonly<Record<string, string>> = {
    DescribeDBSubnetGroups:
      '<DBSubnetGroups><DBSubnetGroup><DBSubnetGroupName>g</DBSubnetGroupName><VpcId>vpc-1</VpcId></DBSubnetGroup></DBSubnetGroups>',
    DescribeDBClusterParameterGroups:
      '<DBClusterParameterGroups><DBClusterParameterGroup><DBClusterParameterGroupName>g</DBClusterParameterGroupName><DBParameterGroupFamily>aurora-postgresql16</DBParameterGroupFamily></DBClusterParameterGroup></DBClusterParameterGroups>',
    DescribeDBParameterGroups:
      '<DBParameterGroups><DBParameterGroup><DBParameterGroupName>g</DBParameterGroupName><DBParameterGroupFamily>postgres16</DBParameterGroupFamily></DBParameterGroup></DBParameterGroups>',
    DescribeOptionGroups:
      '<OptionGroupsList><OptionGroup><OptionGroupName>g</OptionGroupName><EngineName>mysql</EngineName><MajorEngineVersion>8.0</MajorEngineVersion></OptionGroup></OptionGroupsList>',
  };
  const { rds, aws } = scriptedSite(({ operation }) => queryAnswer(operation, answers[operation]));
  const nothing = { name: 'g', family: undefined, vpc: undefined, engine: undefined };
  assert.deepEqual(await rds.describeGroup('subnets', 'g'), { ...nothing, vpc: 'vpc-1' });
  assert.deepEqual(await rds.describeGroup('cluster-parameters', 'g'), { ...nothing, family: 'aurora-postgresql16' });
  assert.deepEqual(await rds.describeGroup('instance-parameters', 'g'), { ...nothing, family: 'postgres16' });
  assert.deepEqual(await rds.describeGroup('options', 'g'), { ...nothing, engine: { name: 'mysql', major: '8.0' } });
  assert.deepEqual(aws.sent.map(asked).at(-1), { Action: 'DescribeOptionGroups', OptionGroupName: 'g' });
});

test('groups that are not there, by the code of each kind; any other error stays one', async () => {
  const codes: Readonly<Record<string, string>> = {
    DescribeDBSubnetGroups: 'DBSubnetGroupNotFoundFault',
    DescribeDBClusterParameterGroups: 'DBParameterGroupNotFound',
    DescribeDBParameterGroups: 'DBParameterGroupNotFound',
    DescribeOptionGroups: 'OptionGroupNotFoundFault',
  };
  const { rds } = scriptedSite(({ operation }) => queryError(404, codes[operation] ?? 'Odd'));
  for (const kind of ['subnets', 'cluster-parameters', 'instance-parameters', 'options'] as const) {
    assert.equal(await rds.describeGroup(kind, 'gone'), undefined, kind);
  }
  const denied = scriptedSite(() => queryError(403, 'AccessDenied')).rds;
  await assert.rejects(denied.describeGroup('options', 'g'), { code: 'permission-denied' });
});

test('a class can be made of a version when an orderable option says so, on whichever page', async () => {
  const option = (instanceClass: string) =>
    `<OrderableDBInstanceOptions><OrderableDBInstanceOption><DBInstanceClass>${instanceClass}</DBInstanceClass></OrderableDBInstanceOption></OrderableDBInstanceOptions>`;
  const { rds, aws } = scriptedSite(({ operation, input }) =>
    queryAnswer(
      operation,
      input['Marker'] === undefined ? '<OrderableDBInstanceOptions/><Marker>m</Marker>' : option('db.r6g.large'),
    ),
  );
  assert.equal(await rds.instanceClassAvailable('aurora-postgresql', '16.4', 'db.r6g.large'), true);
  assert.equal(await rds.instanceClassAvailable('aurora-postgresql', '16.4', 'db.r3.large'), false);
  assert.deepEqual(aws.sent.map(asked)[0], {
    Action: 'DescribeOrderableDBInstanceOptions',
    Engine: 'aurora-postgresql',
    EngineVersion: '16.4',
    DBInstanceClass: 'db.r6g.large',
  });
});

test('the bounds of Serverless v2, of that very version, and none where AWS says nothing', async () => {
  const version = (name: string, bounds: string) =>
    `<DBEngineVersion><EngineVersion>${name}</EngineVersion>${bounds}</DBEngineVersion>`;
  const bounds = (min: string, max: string) =>
    `<ServerlessV2FeaturesSupport><MinCapacity>${min}</MinCapacity><MaxCapacity>${max}</MaxCapacity></ServerlessV2FeaturesSupport>`;
  const { rds } = scriptedSite(({ operation }) =>
    queryAnswer(
      operation,
      `<DBEngineVersions>${version('16.40', bounds('0', '256'))}${version('16.4', bounds('0.5', '128'))}${version('11.9', '')}</DBEngineVersions>`,
    ),
  );
  assert.deepEqual(await rds.serverlessRange('aurora-postgresql', '16.4'), { min: 0.5, max: 128 });
  assert.deepEqual(await rds.serverlessRange('aurora-postgresql', '16.40'), { min: 0, max: 256 });
  assert.equal(await rds.serverlessRange('aurora-postgresql', '11.9'), undefined);
  assert.equal(await rds.serverlessRange('aurora-postgresql', '12.1'), undefined);
});
