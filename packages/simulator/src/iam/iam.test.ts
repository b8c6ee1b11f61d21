import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { holds, like } from './conditions.ts';
import { type Decision, decide, requestTags, resourceTags } from './evaluate.ts';
import { checkPolicy, type PolicyDocument, type PolicyStatement } from './policy.ts';

const policy = (...Statement: readonly PolicyStatement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });
const allow = (over: Partial<PolicyStatement>): PolicyStatement => ({ Effect: 'Allow', Action: '*', Resource: '*', ...over });

function decided(statements: readonly PolicyStatement[], action: string, resource: string, context = {}): Decision {
  return decide([policy(...statements)], { action, resource, context });
}

test('what nobody allows is refused, and what somebody denies is refused whoever allows it', () => {
  assert.equal(decided([], 'rds:DeleteDBCluster', '*'), 'implicit');
  assert.equal(decide([], { action: 'rds:DeleteDBCluster', resource: '*', context: {} }), 'implicit');
  assert.equal(decided([allow({ Action: 'rds:*' })], 'rds:DeleteDBCluster', '*'), 'allowed');
  assert.equal(
    decided([allow({}), { Effect: 'Deny', Action: 'rds:Delete*', Resource: '*' }], 'rds:DeleteDBCluster', '*'),
    'explicit',
  );
});

test('actions are compared without regard to case, with * and ?, and never half', () => {
  const cases: readonly (readonly [string, string, Decision])[] = [
    ['rds:CopyDBSnapshot', 'rds:CopyDBSnapshot', 'allowed'],
    ['RDS:copydbsnapshot', 'rds:CopyDBSnapshot', 'allowed'],
    ['rds:Copy*', 'rds:CopyDBSnapshot', 'allowed'],
    ['rds:CopyDB?napshot', 'rds:CopyDBSnapshot', 'allowed'],
    ['rds:CopyDB', 'rds:CopyDBSnapshot', 'implicit'],
    ['rds-data:*', 'rds:CopyDBSnapshot', 'implicit'],
    ['rds.CopyDBSnapshot', 'rds:CopyDBSnapshot', 'implicit'],
  ];
  for (const [pattern, action, wanted] of cases)
    assert.equal(decided([allow({ Action: pattern })], action, '*'), wanted, pattern);
});

test('resources are compared with wildcards and policy variables', () => {
  const arn = 'arn:aws:rds:us-west-2:111122223333:cluster:webshop';
  const context = { 'aws:principalaccount': '111122223333' };
  assert.equal(decided([allow({ Resource: 'arn:aws:rds:*:*:cluster:*' })], 'rds:X', arn), 'allowed');
  assert.equal(decided([allow({ Resource: ['arn:aws:rds:*:*:db:*', arn] })], 'rds:X', arn), 'allowed');
  assert.equal(decided([allow({ Resource: 'arn:aws:rds:*:*:cluster:web' })], 'rds:X', arn), 'implicit');
  assert.equal(
    decided([allow({ Resource: 'arn:aws:rds:*:\u0024{aws:PrincipalAccount}:cluster:*' })], 'rds:X', arn, context),
    'allowed',
  );
  assert.equal(decided([allow({ Resource: 'arn:aws:rds:*:\u0024{aws:PrincipalAccount}:cluster:*' })], 'rds:X', arn), 'implicit');
  assert.equal(decided([allow({ Resource: 'arn:aws:rds:*:*:cluster:*' })], 'rds:X', '*'), 'implicit', 'a listing needs *');
});

test('NotAction and NotResource mean everything else', () => {
  assert.equal(decided([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'rds:X', '*'), 'allowed');
  assert.equal(decided([{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'iam:PassRole', '*'), 'implicit');
  assert.equal(decided([{ Effect: 'Allow', Action: '*', NotResource: 'arn:a:*' }], 'x:Y', 'arn:b:c'), 'allowed');
  assert.equal(decided([{ Effect: 'Allow', Action: '*', NotResource: 'arn:a:*' }], 'x:Y', 'arn:a:c'), 'implicit');
});

test('conditions: every operator, present and absent keys, one value and several', () => {
  const context = { 'aws:a': 'one', 'aws:many': ['x', 'y'], 'aws:via': 'true', 'aws:arn': 'arn:aws:iam::1:role/path/r' };
  const cases: readonly (readonly [string, string, readonly string[], boolean])[] = [
    ['StringEquals', 'aws:A', ['two', 'one'], true],
    ['StringEquals', 'aws:a', ['ONE'], false],
    ['StringEqualsIgnoreCase', 'aws:a', ['ONE'], true],
    ['StringEquals', 'aws:none', ['one'], false],
    ['StringEqualsIfExists', 'aws:none', ['one'], true],
    ['StringNotEquals', 'aws:a', ['two'], true],
    ['StringNotEquals', 'aws:a', ['two', 'one'], false],
    ['StringNotEquals', 'aws:none', ['two'], true],
    ['StringLike', 'aws:a', ['o*'], true],
    ['StringNotLike', 'aws:a', ['o*'], false],
    ['Bool', 'aws:via', ['true'], true],
    ['Bool', 'aws:via', ['false'], false],
    ['Bool', 'aws:none', ['false'], false],
    ['Null', 'aws:a', ['false'], true],
    ['Null', 'aws:a', ['true'], false],
    ['Null', 'aws:none', ['true'], true],
    ['ForAnyValue:StringEquals', 'aws:many', ['y', 'z'], true],
    ['ForAnyValue:StringEquals', 'aws:many', ['z'], false],
    ['ForAnyValue:StringEquals', 'aws:none', ['z'], false],
    ['ForAllValues:StringLike', 'aws:many', ['x', 'y*'], true],
    ['ForAllValues:StringLike', 'aws:many', ['x'], false],
    ['ForAllValues:StringLike', 'aws:none', ['x'], true],
    ['ArnLike', 'aws:arn', ['arn:aws:iam::*:role/*'], true],
    ['ArnLike', 'aws:arn', ['arn:aws:iam:*'], false],
  ];
  for (const [operator, key, values, wanted] of cases) {
    assert.equal(holds(operator, key, values, context), wanted, `${operator} ${key} ${values.join()}`);
  }
  assert.equal(
    decided([allow({ Condition: { StringEquals: { 'aws:a': 'one' }, Null: { 'aws:none': 'false' } } })], 'x:Y', '*', context),
    'implicit',
  );
  assert.equal(decided([allow({ Condition: { StringEquals: { 'aws:a': '\u0024{aws:a}' } } })], 'x:Y', '*', context), 'allowed');
});

test('tags become condition keys', () => {
  assert.deepEqual(requestTags({}), {});
  assert.deepEqual(requestTags({ 'breakwater:owner': 'breakwater' }), {
    'aws:requesttag/breakwater:owner': 'breakwater',
    'aws:tagkeys': ['breakwater:owner'],
  });
  assert.equal(resourceTags({ Tier: 'web' })['aws:resourcetag/tier'], 'web');
});

test('a policy that cannot be enforced as AWS would is refused', () => {
  const broken: readonly (readonly [Partial<PolicyStatement>, RegExp])[] = [
    [{ Condition: { DateGreaterThan: { 'aws:CurrentTime': '2026-01-01' } } }, /DateGreaterThan/],
    [{ NotAction: 'x:Y' }, /Action or NotAction/],
  ];
  for (const [over, words] of broken) {
    assert.throws(() => checkPolicy(policy(allow(over)), 'role r'), { code: 'scenario-invalid', message: words });
  }
  assert.throws(() => checkPolicy({ Statement: { Effect: 'Allow', Action: '*' } }, 'role r'), { code: 'scenario-invalid' });
  assert.ok(checkPolicy(policy(allow({ Condition: { 'ForAnyValue:StringEqualsIfExists': { a: 'b' } } })), 'role r'));
});

test('a pattern without wildcards fits itself and nothing else', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const plain = text.replaceAll(/[*?]/g, '');
      assert.ok(like(plain, plain));
      assert.equal(like(plain, other), plain === other);
      assert.ok(like('*', other));
      assert.ok(like(`${plain}*`, plain + other));
    }),
  );
});
