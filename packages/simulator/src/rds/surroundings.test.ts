import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import {
  DescribeDBEngineVersionsCommand,
  DescribeDBSubnetGroupsCommand,
  DescribeOptionGroupsCommand,
  DescribeOrderableDBInstanceOptionsCommand,
} from '@aws-sdk/client-rds';
import { VirtualClock } from '@breakwater/core';
import { member, restore, SNAPSHOT } from '../../test-support/cluster-calls.ts';
import { at, DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { clients, refused } from '../../test-support/sdk-clients.ts';
import { createWorld, parseScenario } from '../index.ts';

const POSTGRES = { Engine: 'aurora-postgresql', EngineVersion: '16.6' };
const LIMITED = `engineVersions: [{ engine: aurora-postgresql, versions: ["16.6"], classes: [db.r6g.large], serverless: { min: 0.5, max: 128 } }]\n`;
const NO_SERVERLESS = 'engineVersions: [{ engine: aurora-postgresql, versions: ["16.6"], serverless: false }]\n';

test('security groups: by filter those that are there, by id all or none, each with its VPC', async () => {
  const { ec2 } = databaseWorld().destination;
  const byFilter = async (...Values: string[]) => {
    const { SecurityGroups = [] } = await ec2.send(
      new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-id', Values }] }),
    );
    return SecurityGroups.map(({ GroupId, VpcId }) => [GroupId, VpcId]);
  };
  assert.deepEqual(await byFilter('sg-0dr', 'sg-0none', 'nonsense'), [['sg-0dr', 'vpc-0dr']]);
  const byId = (...GroupIds: string[]) => ec2.send(new DescribeSecurityGroupsCommand({ GroupIds }));
  assert.equal((await byId('sg-0other')).SecurityGroups?.[0]?.VpcId, 'vpc-0other');
  await assert.rejects(byId('sg-0dr', 'sg-0none'), refused('InvalidGroup.NotFound', 400, /'sg-0none' does not exist/));
  await assert.rejects(byId('nonsense'), refused('InvalidGroupId.Malformed', 400, /nonsense/));
  const inVpc = { Filters: [{ Name: 'vpc-id', Values: ['vpc-0dr'] }] };
  const all = (await ec2.send(new DescribeSecurityGroupsCommand(inVpc))).SecurityGroups?.map(({ GroupId }) => GroupId);
  assert.deepEqual([all?.length, all?.includes('sg-0dr')], [2, true], 'and the default one of the VPC');
  const unknown = new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] });
  await assert.rejects(ec2.send(unknown), refused('InvalidParameterValue', 400, /colour/));
});

test('security groups: in a place whose subnet groups name none, any will do, and that of a database is known', async () => {
  const live = `clusters: [{ ${at(SOURCE)}, id: shop, securityGroups: [sg-0live], subnetGroup: private }]\nsubnetGroups: [{ ${at(SOURCE)}, name: private, vpcId: vpc-0live }]\n`;

  const scenario = parseScenario(`name: lenient\ncallers: [{ account: "${SOURCE.account}" }]\n${live}`);
  const world = createWorld({ scenario, clock: new VirtualClock(0) });
  const { ec2 } = clients(world, { region: SOURCE.region });
  const Values = ['sg-0live', 'sg-0any', 'nonsense'];
  const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-id', Values }] }));
  assert.deepEqual(
    SecurityGroups.map(({ GroupId, VpcId }) => [GroupId, VpcId]),
    [
      ['sg-0live', 'vpc-0live'],
      ['sg-0any', undefined],
    ],
  );
});

test('the subnet group `default` is there once a database stands in it', async () => {
  const { source, destination } = databaseWorld();
  const named = new DescribeDBSubnetGroupsCommand({ DBSubnetGroupName: 'default' });
  assert.match((await source.rds.send(named)).DBSubnetGroups?.[0]?.VpcId ?? '', /^vpc-0/);
  await assert.rejects(destination.rds.send(named), refused('DBSubnetGroupNotFoundFault', 404, /default/));
});

test('option groups: by name, by engine and version, and none of that name', async () => {
  const groups = `optionGroups: [{ ${at(DESTINATION)}, name: audited, majorVersion: "17" }, { ${at(DESTINATION)}, name: old, engine: mysql, majorVersion: "8.0" }]\n`;
  const { rds } = databaseWorld(groups).destination;
  const names = async (input: object) =>
    (await rds.send(new DescribeOptionGroupsCommand(input))).OptionGroupsList?.map((group) => group.OptionGroupName);
  const [audited] = (await rds.send(new DescribeOptionGroupsCommand({ OptionGroupName: 'Audited' }))).OptionGroupsList ?? [];
  assert.deepEqual([audited?.EngineName, audited?.MajorEngineVersion], ['postgres', '17']);
  assert.deepEqual(await names({ EngineName: 'mysql', MajorEngineVersion: '8.0' }), ['old']);
  assert.deepEqual(await names({}), ['audited', 'old']);
  await assert.rejects(names({ OptionGroupName: 'none' }), refused('OptionGroupNotFoundFault', 404, /none/));
  await assert.rejects(names({ OptionGroupName: 'old', EngineName: 'mysql' }), refused('InvalidParameterCombination', 400));
  await assert.rejects(names({ MajorEngineVersion: '8.0' }), refused('InvalidParameterCombination', 400));
});

test('orderable classes: those of the version, in pages, and an unknown version is an error', async () => {
  const classes = async (more: string, input: object) => {
    const { rds } = databaseWorld(more).destination;
    const found: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await rds.send(new DescribeOrderableDBInstanceOptionsCommand({ Engine: '', ...input, Marker }));
      found.push(...(page.OrderableDBInstanceOptions ?? []).map((option) => option.DBInstanceClass));
      Marker = page.Marker;
    } while (Marker !== undefined);
    return [...new Set(found)];
  };
  assert.deepEqual(await classes('', { ...POSTGRES, DBInstanceClass: 'db.x9.huge' }), ['db.x9.huge']);
  assert.deepEqual(await classes('', { ...POSTGRES, DBInstanceClass: 'nonsense' }), []);
  assert.deepEqual(await classes(LIMITED, POSTGRES), ['db.r6g.large']);
  assert.deepEqual(await classes(LIMITED, { ...POSTGRES, DBInstanceClass: 'db.r5.large' }), []);
  assert.deepEqual(await classes(NO_SERVERLESS, { ...POSTGRES, DBInstanceClass: 'db.serverless' }), []);
  assert.ok((await classes('pageSize: 20\n', { Engine: 'aurora-postgresql' })).length > 3, 'over several pages');
  const unknown = classes('', { ...POSTGRES, EngineVersion: '9.6' });
  await assert.rejects(unknown, refused('InvalidParameterCombination', 400, /Cannot find version 9\.6/));
  await assert.rejects(classes('', { Engine: 'dbase' }), refused('InvalidParameterValue', 400, /dbase/));
});

test('a class that is not offered, or a capacity that the version has not, is refused', async () => {
  const { destination, clock } = databaseWorld(`${SNAPSHOT}${LIMITED}`);
  const { rds } = destination;
  const bounds = (await rds.send(new DescribeDBEngineVersionsCommand(POSTGRES))).DBEngineVersions?.[0];
  assert.deepEqual(bounds?.ServerlessV2FeaturesSupport, { MinCapacity: 0.5, MaxCapacity: 128 });
  for (const [MinCapacity, MaxCapacity] of [
    [0, 8],
    [1, 256],
  ] as const) {
    const wrong = restore(rds, { ServerlessV2ScalingConfiguration: { MinCapacity, MaxCapacity } });
    await assert.rejects(wrong, refused('InvalidParameterValue', 400, /from 0\.5 to 128/));
  }
  await restore(rds);
  await clock.sleep(600_000);
  const larger = member(rds, 'one', { DBInstanceClass: 'db.r6g.xlarge' });
  await assert.rejects(larger, refused('InvalidParameterCombination', 400, /DBInstanceClass=db\.r6g\.xlarge/));
  const none = databaseWorld(`${SNAPSHOT}${NO_SERVERLESS}`).destination.rds;
  const serverless = restore(none, { ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 } });
  await assert.rejects(serverless, refused('InvalidParameterCombination', 400, /not supported/));
});
