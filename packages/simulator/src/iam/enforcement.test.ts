import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { VirtualClock } from '@breakwater/core';
import { loadScenario, parseScenario } from '../scenario/load-scenario.ts';
import type { WireResponse } from '../wire/message.ts';
import { createWorld, type World } from '../world/world.ts';

const ACCOUNT = '111122223333';
const ANY = '"*"';

/** A world whose one caller has exactly these statements. */
function worldOf(statements: string): World {
  const scenario = parseScenario(`
name: policies
start: "2026-11-20T03:00:00Z"
latency: 1ms
callers:
  - account: "${ACCOUNT}"
    policies: [{ Statement: [${statements}] }]
accounts: [{ id: "${ACCOUNT}", regions: [us-west-2] }]
servers: [{ id: s-00000000000000001, account: "${ACCOUNT}", region: us-west-2, hostname: web, tags: { Tier: web } }]
kmsKeys:
  - { account: "${ACCOUNT}", region: us-west-2, id: 0b9d4e18-3c5a-47f2-8e61-7d20f9a3c802, alias: alias/own }
clusters: [{ account: "${ACCOUNT}", region: us-west-2, id: shop, tags: { breakwater:owner: breakwater } }, { account: "${ACCOUNT}", region: us-west-2, id: other }]
secrets: [{ account: "${ACCOUNT}", region: us-west-2, name: locked, value: text, kmsKey: alias/own }]
topics: [{ account: "${ACCOUNT}", region: us-west-2, name: calls, kmsKey: alias/own }]
`);
  return createWorld({ scenario, clock: new VirtualClock(scenario.start ?? 0) });
}

const allow = (action: string, resource = ANY, condition = ''): string =>
  `{ Effect: Allow, Action: ${action}, Resource: ${resource}${condition === '' ? '' : `, Condition: ${condition}`} }`;

function signed(world: World, service: string): Readonly<Record<string, string>> {
  const { AWS_ACCESS_KEY_ID: key } = world.credentials;
  return { authorization: `AWS4-HMAC-SHA256 Credential=${key}/20261120/us-west-2/${service}/aws4_request, Signature=x` };
}

async function sent(world: World, answer: Promise<WireResponse>): Promise<WireResponse> {
  await world.clock.advance(10);
  return answer;
}

function json(world: World, service: string, target: string, body: object): Promise<WireResponse> {
  const headers = { ...signed(world, service), 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  return sent(
    world,
    world.handle({ method: 'POST', path: '/', query: new URLSearchParams(), headers, body: JSON.stringify(body) }),
  );
}

function rest(world: World, service: string, route: string, body: object): Promise<WireResponse> {
  const headers = { ...signed(world, service), 'content-type': 'application/json' };
  return sent(
    world,
    world.handle({ method: 'POST', path: route, query: new URLSearchParams(), headers, body: JSON.stringify(body) }),
  );
}

function query(world: World, service: string, version: string, members: Readonly<Record<string, string>>): Promise<WireResponse> {
  const headers = { ...signed(world, service), 'content-type': 'application/x-www-form-urlencoded' };
  const body = new URLSearchParams({ Version: version, ...members }).toString();
  return sent(world, world.handle({ method: 'POST', path: '/', query: new URLSearchParams(), headers, body }));
}

const deleteCluster = (world: World, id: string) =>
  query(world, 'rds', '2014-10-31', { Action: 'DeleteDBCluster', DBClusterIdentifier: id, SkipFinalSnapshot: 'true' });

test('each service refuses in its own shape and names the action', async () => {
  const world = worldOf(allow('sts:GetCallerIdentity'));
  const drs = await rest(world, 'drs', '/DescribeSourceServers', {});
  assert.deepEqual([drs.status, drs.headers['x-amzn-errortype']], [403, 'AccessDeniedException']);
  assert.match(drs.body, /not authorized to perform: drs:DescribeSourceServers because no identity-based policy allows/);
  const ssm = await json(world, 'ssm', 'AmazonSSM.ListCommands', {});
  assert.equal(ssm.status, 400);
  assert.match(ssm.body, /AccessDeniedException.*not authorized to perform: ssm:ListCommands/);
  const rds = await query(world, 'rds', '2014-10-31', { Action: 'DescribeDBClusters' });
  assert.equal(rds.status, 403);
  assert.match(
    rds.body,
    /<Code>AccessDenied<\/Code>.*rds:DescribeDBClusters on resource: arn:aws:rds:us-west-2:111122223333:cluster:\*/s,
  );
  const ec2 = await query(world, 'ec2', '2016-11-15', { Action: 'DescribeInstances' });
  assert.equal(ec2.status, 403);
  assert.match(ec2.body, /UnauthorizedOperation.*ec2:DescribeInstances/s);
  const sns = await query(world, 'sns', '2010-03-31', {
    Action: 'Publish',
    TopicArn: `arn:aws:sns:us-west-2:${ACCOUNT}:calls`,
    Message: 'm',
  });
  assert.match(sns.body, /AuthorizationError.*sns:Publish on resource: arn:aws:sns/s);
  const sts = await query(world, 'sts', '2011-06-15', { Action: 'GetCallerIdentity' });
  assert.equal(sts.status, 200, 'asks for nothing');
});

test('a condition on the tag of the resource lets only our own go', async () => {
  const ours = '{ StringEquals: { "aws:ResourceTag/breakwater:owner": breakwater } }';
  const world = worldOf(
    `${allow('rds:DeleteDBCluster', '"arn:aws:rds:*:*:cluster:*"', ours)}, ${allow('rds:DeleteDBCluster', '"arn:aws:rds:*:*:cluster-snapshot:*"')}`,
  );
  // IAM lets it through; RDS wants its instances gone first.
  assert.match((await deleteCluster(world, 'shop')).body, /InvalidDBClusterStateFault/);
  const refused = await deleteCluster(world, 'other');
  assert.equal(refused.status, 403);
  assert.match(refused.body, /rds:DeleteDBCluster on resource: arn:aws:rds:us-west-2:111122223333:cluster:other/);
});

test('an explicit deny is told as one', async () => {
  const world = worldOf(`${allow(ANY)}, { Effect: Deny, Action: "rds:Delete*", Resource: "*" }`);
  assert.match((await deleteCluster(world, 'shop')).body, /with an explicit deny in an identity-based policy/);
});

test('DRS launches with the permissions of its caller: the job is accepted and the server fails', async () => {
  const world = worldOf(`${allow('"drs:*"')}, ${allow('"ec2:Describe*"')}`);
  const started = await rest(world, 'drs', '/StartRecovery', {
    sourceServers: [{ sourceServerID: 's-00000000000000001' }],
    isDrill: true,
  });
  assert.equal(started.status, 202);
  await world.clock.advance(3_600_000);
  const [job] = world.state().regions.flatMap(({ jobs }) => jobs);
  assert.match(JSON.stringify(job), /LAUNCH_FAILED.*UnauthorizedOperation when calling \w+ operation/);
});

test('a tag of the request can be asked for', async () => {
  const drill = '{ StringEquals: { "aws:RequestTag/breakwater:mode": drill } }';
  const world = worldOf(`${allow('"drs:StartRecovery"', ANY, drill)}, ${allow('"drs:TagResource"')}`);
  const start = (tags: object) =>
    rest(world, 'drs', '/StartRecovery', { sourceServers: [{ sourceServerID: 's-00000000000000001' }], isDrill: true, tags });
  assert.equal((await start({})).status, 403);
  assert.equal((await start({ 'breakwater:mode': 'recovery' })).status, 403);
  assert.equal((await start({ 'breakwater:mode': 'drill' })).status, 202);
});

test('secrets and topics under a key need the key as well, through their service', async () => {
  const without = worldOf(`${allow('["secretsmanager:*", "sns:Publish"]')}`);
  const read = (world: World) => json(world, 'secretsmanager', 'secretsmanager.GetSecretValue', { SecretId: 'locked' });
  const tell = (world: World) =>
    query(world, 'sns', '2010-03-31', { Action: 'Publish', TopicArn: `arn:aws:sns:us-west-2:${ACCOUNT}:calls`, Message: 'm' });
  assert.match((await read(without)).body, /Access to KMS is not allowed/);
  assert.match((await tell(without)).body, /KMSAccessDenied.*kms:GenerateDataKey/s);
  const via = (service: string) => `{ StringLike: { "kms:ViaService": "${service}.*.amazonaws.com" } }`;
  const other = worldOf(`${allow('["secretsmanager:*"]')}, ${allow('"kms:*"', ANY, via('rds'))}`);
  assert.equal((await read(other)).status, 400);
  const right = worldOf(`${allow('["secretsmanager:*"]')}, ${allow('"kms:*"', ANY, via('secretsmanager'))}`);
  assert.equal((await read(right)).status, 200);
});

test('policies stand in a scenario or in files beside it; what is wrong with them is said', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-policies-'));
  const write = (name: string, text: string) => writeFileSync(path.join(folder, name), text);
  write('policy.json', JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', Action: 'drs:*', Resource: '*' } }));
  write('world.yaml', `name: w\ncallers: [{ account: "${ACCOUNT}", policies: [policy.json] }]\n`);
  assert.equal(loadScenario(path.join(folder, 'world.yaml')).callers[0]?.policies?.length, 1);
  write('missing.yaml', `name: w\ncallers: [{ account: "${ACCOUNT}", policies: [nowhere.json] }]\n`);
  assert.throws(() => loadScenario(path.join(folder, 'missing.yaml')), { code: 'file-unreadable' });
  write('policy.json', JSON.stringify({ Statement: [{ Effect: 'Perhaps' }] }));
  assert.throws(() => loadScenario(path.join(folder, 'world.yaml')), { code: 'scenario-invalid' });
  assert.throws(() => parseScenario(`name: w\ncallers: [{ account: "${ACCOUNT}", policies: [policy.json] }]\n`), {
    code: 'scenario-invalid',
  });
});
