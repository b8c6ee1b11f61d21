import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Decision, decide, type PolicyDocument, type PolicyStatement } from '@breakwater/simulator';
import { Deployment, readTemplate } from './cloudformation.ts';

const OIDC = readTemplate('github-oidc');

describe('who may assume the roles of github-oidc', () => {
  const CLAIMS = {
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
    'token.actions.githubusercontent.com:sub': 'repo:acme/plans:environment:dr-drill',
    'token.actions.githubusercontent.com:repository_id': '456',
    'token.actions.githubusercontent.com:repository_owner_id': '123',
    'token.actions.githubusercontent.com:job_workflow_ref': 'acme/breakwater/.github/workflows/wave.yml@refs/tags/v1.2.0',
  };
  const NAMES = { Owner: 'acme', Repository: 'plans' };
  const IDS = { ...NAMES, OwnerId: '123', RepositoryId: '456' };

  /** What the trust policy of a role answers to a token. */
  function asked(role: string, values: Readonly<Record<string, string>>, claims: Readonly<Record<string, string>>): Decision {
    const trust = new Deployment(OIDC, values).of(OIDC.Resources[role]?.Properties?.['AssumeRolePolicyDocument']);
    const { Statement } = trust as { readonly Statement: readonly (PolicyStatement & { readonly Principal: unknown })[] };
    const policy = { Statement: Statement.map(({ Principal: _, ...one }): PolicyStatement => ({ ...one, Resource: '*' })) };
    return decide([policy], { action: 'sts:AssumeRoleWithWebIdentity', resource: '*', context: { ...CLAIMS, ...claims } });
  }
  const sub = (value: string) => ({ 'token.actions.githubusercontent.com:sub': value });

  test('jobs in their own environment, in either form of the subject', () => {
    assert.equal(asked('DrillRole', NAMES, {}), 'allowed');
    assert.equal(asked('RecoveryRole', NAMES, sub('repo:acme/plans:environment:dr-production')), 'allowed');
    assert.equal(asked('DrillRole', IDS, {}), 'allowed');
    assert.equal(asked('DrillRole', IDS, sub('repo:acme@123/plans@456:environment:dr-drill')), 'allowed');
  });

  test('a recovery: jobs of every environment that is named, and of no other', () => {
    const gates = { SecondGateEnvironment: 'dr-business', ThirdGateEnvironment: 'dr-network' };
    const job = (environment: string) => sub(`repo:acme/plans:environment:${environment}`);
    const jobById = (environment: string) => sub(`repo:acme@123/plans@456:environment:${environment}`);
    for (const environment of ['dr-production', 'dr-recovery', 'dr-business', 'dr-network']) {
      const byDefault = environment === 'dr-production' || environment === 'dr-recovery';
      for (const values of [NAMES, IDS]) {
        assert.equal(asked('RecoveryRole', values, job(environment)), byDefault ? 'allowed' : 'implicit', environment);
        assert.equal(asked('RecoveryRole', { ...values, ...gates }, job(environment)), 'allowed', environment);
      }
      assert.equal(asked('RecoveryRole', { ...IDS, ...gates }, jobById(environment)), 'allowed', environment);
      assert.equal(asked('RecoveryRole', { ...NAMES, ...gates }, jobById(environment)), 'implicit', 'ids not given');
    }
    for (const values of [NAMES, IDS]) {
      const without = { ...values, UngatedRecoveryEnvironment: '' };
      assert.equal(asked('RecoveryRole', without, job('dr-recovery')), 'implicit');
      assert.equal(asked('RecoveryRole', without, job('')), 'implicit', 'an empty name is nobody');
      assert.equal(asked('RecoveryRole', values, jobById('')), 'implicit', 'an empty name is nobody');
      assert.equal(asked('RecoveryRole', without, job('dr-production')), 'allowed');
      assert.equal(asked('RecoveryRole', { ...values, ...gates }, job('dr-drill')), 'implicit');
    }
  });

  test('nobody else: other environments, branches, pull requests, repositories, audiences', () => {
    for (const other of [
      'repo:acme/plans:environment:dr-production',
      'repo:acme/plans:ref:refs/heads/main',
      'repo:acme/plans:pull_request',
      'repo:acme/plans-copy:environment:dr-drill',
      'repo:evil/plans:environment:dr-drill',
      'repo:acme@999/plans@456:environment:dr-drill',
      'repo:acme/plans:environment:dr-drill-2',
    ]) {
      assert.equal(asked('DrillRole', IDS, sub(other)), 'implicit', other);
    }
    assert.equal(asked('DrillRole', NAMES, sub('repo:acme@123/plans@456:environment:dr-drill')), 'implicit', 'ids not given');
    assert.equal(asked('DrillRole', NAMES, { 'token.actions.githubusercontent.com:aud': 'https://github.com/acme' }), 'implicit');
  });

  test('with ids, a repository that has taken over the names is not trusted', () => {
    assert.equal(asked('DrillRole', IDS, { 'token.actions.githubusercontent.com:repository_id': '789' }), 'implicit');
    assert.equal(asked('DrillRole', IDS, { 'token.actions.githubusercontent.com:repository_owner_id': '789' }), 'implicit');
  });

  test('a workflow can be asked for', () => {
    const bound = { ...NAMES, JobWorkflowRef: 'acme/breakwater/.github/workflows/wave.yml@refs/tags/v1*' };
    assert.equal(asked('DrillRole', bound, {}), 'allowed');
    const other = {
      'token.actions.githubusercontent.com:job_workflow_ref': 'acme/plans/.github/workflows/mine.yml@refs/heads/main',
    };
    assert.equal(asked('DrillRole', bound, other), 'implicit');
  });

  test('each role may assume its own roles of the sites and no others', () => {
    for (const [role, parameter] of [
      ['DrillRole', 'DrillSiteRoles'],
      ['RecoveryRole', 'RecoverySiteRoles'],
      ['CopyRole', 'CopySiteRoles'],
      ['CheckRole', 'CheckSiteRoles'],
    ] as const) {
      const arn = `arn:aws:iam::111122223333:role/${parameter}`;
      const policies = new Deployment(OIDC, { ...NAMES, [parameter]: [arn] }).of(OIDC.Resources[role]?.Properties?.['Policies']);
      const documents = (policies as readonly { readonly PolicyDocument: PolicyDocument }[]).map(
        ({ PolicyDocument }) => PolicyDocument,
      );
      const may = (resource: string, action = 'sts:AssumeRole') => decide(documents, { action, resource, context: {} });
      assert.equal(may(arn), 'allowed', role);
      assert.equal(may('arn:aws:iam::111122223333:role/admin'), 'implicit', role);
      assert.equal(may(arn, 'sts:GetFederationToken'), 'implicit', role);
    }
  });
});

test('the roles of the accounts are assumed with the external id only', () => {
  for (const name of ['recovery-account', 'source-account'] as const) {
    const found = readTemplate(name);
    for (const [id, { Type, Properties }] of Object.entries(found.Resources)) {
      if (Type !== 'AWS::IAM::Role') continue;
      const trust = JSON.stringify(
        new Deployment(found, { ExternalId: 'webshop-dr' }).of(Properties?.['AssumeRolePolicyDocument']),
      );
      assert.match(trust, /"StringEquals":\{"sts:ExternalId":"webshop-dr"\}/, `${name} ${id}`);
    }
  }
});

test('the transit key is used through RDS only, and the key of the destination by nobody else', () => {
  const found = readTemplate('snapshot-keys');
  const policyOf = (values: Readonly<Record<string, string | readonly string[]>>) =>
    new Deployment(found, values).of(found.Resources['Key']?.Properties?.['KeyPolicy']) as {
      readonly Statement: readonly {
        readonly Sid: string;
        readonly Action: unknown;
        readonly Condition?: unknown;
        readonly Principal: unknown;
      }[];
    };
  assert.deepEqual(
    policyOf({ Side: 'destination' }).Statement.map(({ Sid }) => Sid),
    ['PoliciesOfTheOwnAccount'],
  );
  const partner = 'arn:aws:iam::111122223333:root';
  const transit = policyOf({ Side: 'transit', Partners: [partner] });
  assert.equal(transit.Statement.length, 4);
  for (const { Sid, Principal, Condition } of transit.Statement.slice(1)) {
    assert.deepEqual(Principal, { AWS: [partner] });
    if (Sid !== 'LookedAtByPartners') assert.match(JSON.stringify(Condition), /"kms:ViaService":"rds\.\*\.amazonaws\.com"/);
  }
  for (const id of ['Key']) assert.equal(found.Resources[id]?.DeletionPolicy, 'Retain');
});
