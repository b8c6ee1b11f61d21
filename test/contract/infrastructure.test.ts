import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { connect } from '@breakwater/aws';
import { VirtualClock } from '@breakwater/core';
import { ANYWHERE, type PolicyName, policyDocument, readSnapshotEvent } from '@breakwater/operations';
import { createWorld, type PolicyDocument, parseScenario, requestHandler } from '@breakwater/simulator';
import { fillTemplate, POLICY_NAMES, TEMPLATES } from '../../build/policies.ts';
import { Deployment, readTemplate, referencesIn, type Template } from './cloudformation.ts';
import { ROOT } from './source-files.ts';

const templates = new Map(TEMPLATES.map((name) => [name, readTemplate(name)] as const));

function template(name: (typeof TEMPLATES)[number]): Template {
  const found = templates.get(name);
  assert.ok(found);
  return found;
}

describe('every template', () => {
  for (const [name, { text, Parameters, Rules, Conditions, Resources, Outputs, Metadata }] of templates) {
    test(`${name}: its policies are those of the list`, () => {
      assert.equal(text, fillTemplate(text), 'run npm run build');
    });

    test(`${name}: every reference leads somewhere, and every parameter and condition is used`, () => {
      const { names, conditions } = referencesIn({ Conditions, Resources, Outputs });
      const pseudo = [...names].filter((each) => !each.startsWith('AWS::'));
      const known = new Set([...Object.keys(Parameters), ...Object.keys(Resources)]);
      assert.deepEqual(
        pseudo.filter((each) => !known.has(each)),
        [],
      );
      const used = referencesIn({ Rules, Conditions, Resources, Outputs }).names;
      assert.deepEqual(
        Object.keys(Parameters).filter((each) => !used.has(each)),
        [],
        'parameters that nothing uses',
      );
      assert.deepEqual(
        [...conditions].filter((each) => Conditions[each] === undefined),
        [],
      );
      assert.deepEqual(
        Object.keys(Conditions).filter((each) => !conditions.has(each)),
        [],
        'conditions that nothing uses',
      );
      const groups = JSON.stringify(Metadata);
      for (const parameter of Object.keys(Parameters)) assert.match(groups, new RegExp(`"${parameter}"`), 'in a group');
    });

    test(`${name}: parameters say what they take, outputs what they are for`, () => {
      for (const [parameter, { Type, Description = '', AllowedPattern, AllowedValues, Default }] of Object.entries(Parameters)) {
        assert.ok(Description.length > 20, parameter);
        if (Type === 'CommaDelimitedList' || parameter === 'SourcePrefix') continue;
        assert.ok(AllowedPattern !== undefined || AllowedValues !== undefined, `${parameter} takes anything`);
        if (Default !== undefined && AllowedPattern !== undefined)
          assert.match(Default, new RegExp(`^(${AllowedPattern})$`), parameter);
      }
      assert.ok(Object.keys(Outputs).length > 0);
      for (const { Description = '' } of Object.values(Outputs)) assert.ok(Description.length > 10);
    });

    test(`${name}: no keys of users, and within the limits of CloudFormation and IAM`, () => {
      const types = Object.values(Resources).map(({ Type }) => Type);
      assert.ok(!types.some((type) => /AccessKey|IAM::User/.test(type)));
      assert.ok(Buffer.byteLength(text) <= 51_200, 'a template that is handed over as text');
      const deployment = new Deployment(template(name), { 'AWS::Partition': 'aws-us-gov' });
      for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
        const size = (value: unknown) => JSON.stringify(deployment.of(value)).length;
        if (Type === 'AWS::IAM::ManagedPolicy') assert.ok(size(Properties['PolicyDocument']) <= 6_144, `${id} is too long`);
        if (Type !== 'AWS::IAM::Role') continue;
        assert.ok(size(Properties['AssumeRolePolicyDocument']) <= 2_048, `the trust of ${id} is too long`);
        assert.ok(size(Properties['Policies'] ?? []) <= 10_240, `the inline policies of ${id} are too long`);
        const managed = Properties['ManagedPolicyArns'];
        assert.ok(!Array.isArray(managed) || managed.length <= 10, `${id} has too many policies`);
      }
    });
  }

  test('what is not shipped is not claimed', () => {
    const blocks = [...templates.values()].flatMap(({ text }) =>
      [...text.matchAll(/# policy:start ([a-z-]+)/g)].map(([, name]) => name),
    );
    // For a role of one's own: a single action on any instance.
    assert.deepEqual(
      POLICY_NAMES.filter((name) => !blocks.includes(name)),
      ['run-ssm-action'],
    );
  });
});

test('deployed anywhere, the managed policies are the policy files word for word', () => {
  for (const name of ['recovery-account', 'source-account'] as const) {
    const { text, Resources } = template(name);
    const deployment = new Deployment(template(name), { ...ANYWHERE, AllowLiveClusters: 'true' });
    const managed = Object.keys(Resources).filter((id) => Resources[id]?.Type === 'AWS::IAM::ManagedPolicy');
    assert.ok(managed.length >= 2, name);
    for (const id of managed) {
      const [, policy = ''] = /# policy:start ([a-z-]+)/.exec(text.slice(text.indexOf(`\n  ${id}:\n`))) ?? [];
      const known = POLICY_NAMES.find((each): each is PolicyName => each === policy);
      assert.ok(known, policy);
      const resolved: unknown = deployment.of(Resources[id]?.Properties?.['PolicyDocument']);
      const expected = JSON.parse(JSON.stringify(policyDocument(known))) as PolicyDocument;
      assert.deepEqual(inFull(resolved), inFull(expected), `${name} ${id}`);
    }
  }
});

/** One value and a list of one are the same. */
function inFull(document: unknown): unknown {
  const { Statement = [] } = document as { readonly Statement?: readonly Readonly<Record<string, unknown>>[] };
  const list = (value: unknown) => (Array.isArray(value) ? value : [value]);
  return Statement.map((one) => ({ ...one, Action: list(one['Action']), Resource: list(one['Resource']) }));
}

describe('the pages that show them', () => {
  const page = (name: string) => readFileSync(path.join(ROOT, 'docs', `${name}.md`), 'utf8');

  test('docs/credentials.md shows the trust policy that the template makes', () => {
    const [, shown = ''] = /```json\n([\s\S]*?)```/.exec(page('credentials')) ?? [];
    const found = template('github-oidc');
    const trust = new Deployment(found, {
      'AWS::AccountId': '444455556666',
      Owner: 'acme',
      Repository: 'recovery-plans',
      OwnerId: '123456',
      RepositoryId: '456789',
      JobWorkflowRef: 'acme/breakwater/.github/workflows/*@refs/tags/v1*',
    }).of(found.Resources['RecoveryRole']?.Properties?.['AssumeRolePolicyDocument']) as { readonly Statement: readonly object[] };
    const [{ Sid: _, ...statement } = { Sid: '' }] = trust.Statement as readonly { readonly Sid: string }[];
    assert.deepEqual(JSON.parse(shown), statement);
  });

  test('docs/infrastructure.md deploys every template with parameters that it has, and all that it needs', () => {
    const text = page('infrastructure').replaceAll(/ *\\\n\s*/g, ' ');
    const deployed = [...text.matchAll(/cloudformation deploy .*--template-file infrastructure\/([a-z-]+)\.yaml(.*)$/gm)];
    assert.deepEqual([...new Set(deployed.map(([, name]) => name))].sort(), [...TEMPLATES].sort());
    for (const [, name = '', rest = ''] of deployed) {
      const { Parameters, Resources } = template(TEMPLATES.find((each) => each === name) ?? 'github-oidc');
      const given = [...rest.matchAll(/(?<= )([A-Z]\w+)=/g)].map(([, parameter = '']) => parameter);
      assert.ok(given.length > 0, rest);
      assert.deepEqual(
        given.filter((parameter) => Parameters[parameter] === undefined),
        [],
        name,
      );
      const required = Object.keys(Parameters).filter((parameter) => Parameters[parameter]?.Default === undefined);
      assert.deepEqual(
        required.filter((parameter) => !given.includes(parameter)),
        [],
        `${name} needs more`,
      );
      const roles = Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
      const named = roles.some(({ Properties = {} }) => 'RoleName' in Properties);
      if (roles.length > 0) assert.match(rest, named ? /CAPABILITY_NAMED_IAM/ : /CAPABILITY_IAM/, name);
    }
  });
});

/** What EventBridge makes of an event: paths are looked up, and each `<name>` becomes the JSON of what was found. */
function transformed(transformer: unknown, event: unknown): unknown {
  const { InputPathsMap, InputTemplate } = transformer as {
    readonly InputPathsMap: Readonly<Record<string, string>>;
    readonly InputTemplate: string;
  };
  const at = (where: string) =>
    where
      .split('.')
      .slice(1)
      .reduce<unknown>(
        (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
        event,
      );
  const text = InputTemplate.replaceAll(/<([\w-]+)>/g, (_, name: string) => JSON.stringify(at(InputPathsMap[name] ?? '') ?? ''));
  return JSON.parse(text);
}

describe('events of RDS become dispatches', () => {
  const found = template('event-dispatch');
  const deployed = (values: Readonly<Record<string, string>> = {}) =>
    new Deployment(found, {
      Owner: 'acme',
      Repository: 'plans',
      TokenSecret: 'arn:aws:secretsmanager:us-east-1:222233334444:secret:t',
      ...values,
    });
  const rule = deployed().of(found.Resources['Rule']?.Properties) as {
    readonly EventPattern: {
      readonly source: readonly string[];
      readonly 'detail-type': readonly string[];
      readonly detail: { readonly EventID: readonly string[] };
    };
    readonly Targets: readonly {
      readonly InputTransformer: unknown;
      readonly DeadLetterConfig?: unknown;
      readonly RetryPolicy?: unknown;
    }[];
  };
  const [target] = rule.Targets;

  /** Everything that RDS tells of a day in which snapshots of both kinds are taken. */
  async function events() {
    const place = 'account: "222233334444", region: us-east-1';
    const scenario = parseScenario(`
name: events
start: "2026-11-20T03:00:00Z"
callers: [{ account: "222233334444" }]
clusters: [{ ${place}, id: shop, automated: { at: "04:00" }, tags: { Secret: plan } }]
dbInstances: [{ ${place}, id: ledger, automated: { at: "05:00" } }]
`);
    const clock = new VirtualClock(scenario.start ?? 0);
    const world = createWorld({ scenario, clock });
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
    const open = connect({
      clock,
      credentials: { kind: 'static', accessKeyId, secretAccessKey },
      sessionName: 'events',
      requestHandler: requestHandler(world),
    });
    const { rds } = open({ name: 'source', account: '222233334444', region: 'us-east-1' });
    await rds.createSnapshot('cluster', { id: 'by-hand', database: 'shop', tags: {} });
    await rds.createSnapshot('instance', { id: 'by-hand', database: 'ledger', tags: {} });
    await clock.sleep(6 * 3_600_000);
    // The simulator takes automated snapshots when somebody looks.
    for (const kind of ['cluster', 'instance'] as const) await rds.describeSnapshots(kind, {});
    return world.events;
  }

  test('the rule lets through exactly what copy-snapshot would copy', async () => {
    const { source, 'detail-type': types, detail } = rule.EventPattern;
    const passes = (event: Awaited<ReturnType<typeof events>>[number]) =>
      source.includes(event.source) && types.includes(event['detail-type']) && detail.EventID.includes(event.detail.EventID);
    const all = await events();
    const wanted = all.filter((event) => 'wanted' in readSnapshotEvent(event, { account: '222233334444', region: 'us-east-1' }));
    assert.ok(wanted.length >= 2 && wanted.length < all.length, `${wanted.length} of ${all.length}`);
    assert.deepEqual(all.filter(passes), wanted);
  });

  test('what arrives is read by the parser of copy-snapshot, and says no more than it needs', async () => {
    const read = [];
    for (const event of await events()) {
      const body = transformed(target?.InputTransformer, event) as {
        readonly event_type: string;
        readonly client_payload: object;
      };
      assert.deepEqual(Object.keys(body), ['event_type', 'client_payload']);
      assert.equal(body.event_type, 'rds-snapshot');
      assert.ok(Object.keys(body.client_payload).length <= 10, 'GitHub takes ten members');
      assert.doesNotMatch(JSON.stringify(body), /Secret/, 'tags stay in AWS');
      const expected = { account: '222233334444', region: 'us-east-1' };
      const got = readSnapshotEvent(body.client_payload, expected);
      assert.deepEqual(got, readSnapshotEvent(event, expected));
      if ('wanted' in got) read.push(got.wanted.kind);
    }
    assert.deepEqual([...new Set(read)].sort(), ['cluster', 'instance']);
  });

  test('the workflow waits for this type, and the token is never in the template', () => {
    const workflow = readFileSync(path.join(ROOT, '.github', 'workflows', 'copy-snapshots.yml'), 'utf8');
    assert.match(workflow, /types: \[rds-snapshot\]/);
    const connection = JSON.stringify(deployed().of(found.Resources['Connection']));
    assert.match(
      connection,
      /Bearer \{\{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:222233334444:secret:t:SecretString:token\}\}/,
    );
  });

  test('what cannot be delivered is kept, and somebody is told', () => {
    assert.ok(target?.DeadLetterConfig !== undefined && target.RetryPolicy !== undefined);
    const alarm = deployed({ AlarmTopic: 'arn:aws:sns:us-east-1:222233334444:ops' }).of(
      found.Resources['UndeliveredAlarm']?.Properties,
    );
    assert.match(JSON.stringify(alarm), /"AlarmActions":\["arn:aws:sns:us-east-1:222233334444:ops"\]/);
  });
});
