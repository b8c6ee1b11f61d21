import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { PERMISSIONS } from '@breakwater/aws';
import { parse } from 'yaml';
import { ROLE_TEMPLATES } from '../../build/role-templates.ts';
import { ROOT } from './source-files.ts';

/** Characters of a managed policy, without white space. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LARGEST_POLICY = 6_144;

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>>;
}

test('the templates of the roles are those that the permissions make', () => {
  for (const [file, template] of Object.entries(ROLE_TEMPLATES))
    assert.equal(readFileSync(path.join(ROOT, file), 'utf8'), template(), `${file}: run npm run build`);
});

test('the role of a site allows what the gateways need, nothing else, and in policies that IAM takes', () => {
  const { Resources: resources }: Template = parse(readFileSync(path.join(ROOT, 'docs/roles/site.yaml'), 'utf8'));
  const policies = Object.values(resources).filter(({ Type: type }) => type === 'AWS::IAM::ManagedPolicy');
  assert.equal(policies.length, 2);
  const allowed = new Set<unknown>();
  for (const { Properties: properties } of policies) {
    const document = JSON.stringify(properties['PolicyDocument']);
    assert.ok(document.length < LARGEST_POLICY, `${document.length} characters`);
    for (const action of JSON.parse(document).Statement[0].Action) allowed.add(action);
  }
  const { sts: _start, ...atSites } = PERMISSIONS;
  const needed = new Set(Object.values(atSites).flatMap((methods): readonly string[] => Object.values(methods).flat()));
  assert.deepEqual([...allowed].sort(), [...needed].sort());
});

test('the role that workflows start from may only become the sites’ roles', () => {
  const text = readFileSync(path.join(ROOT, 'docs/roles/start.yaml'), 'utf8');
  const { Resources: resources }: Template = parse(text);
  const policies = JSON.stringify(resources['Role']?.Properties['Policies']);
  assert.equal(policies.match(/"Action"/g)?.length, 1);
  assert.match(policies, /"Action":"sts:AssumeRole","Resource":\{"Ref":"SiteRoles"\}/);
  const trust = JSON.stringify(resources['Role']?.Properties['AssumeRolePolicyDocument']);
  assert.match(trust, /\["repo:",\{"Ref":"Repository"\},":environment:",\{"Ref":"Environment"\}\]/);
});
