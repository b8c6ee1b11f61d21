import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { PERMISSIONS } from './permissions.ts';
import { ec2Answer, type ScriptedAnswer } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

function answers(operation: string): ScriptedAnswer {
  switch (operation) {
    case 'DescribeInstances':
    case 'DescribeInstanceStatus':
      return ec2Answer(operation, '');
    case 'GetAutomationExecution':
      return { json: { AutomationExecution: { StepExecutionsTruncated: true } } };
    case 'StartAutomationExecution':
      return { json: { AutomationExecutionId: 'e' } };
    case 'SendCommand':
      return { json: { Command: { CommandId: 'c' } } };
    default:
      return { json: { items: [], job: { jobID: 'drsjob-1' } } };
  }
}

type Site = ReturnType<typeof scriptedSite>;
const document = { document: 'D', parameters: {} };
/** Every method with the least that makes it call AWS. A new method does not compile without a line here. */
const CALLS = {
  drs: {
    describeSourceServers: ({ drs }) => drs.describeSourceServers(),
    describeRecoverySnapshots: ({ drs }) => drs.describeRecoverySnapshots('s-1'),
    startRecovery: ({ drs }) => drs.startRecovery({ servers: [{ id: 's-1' }], isDrill: true, tags: { a: 'b' } }),
    describeJobsById: ({ drs }) => drs.describeJobsById(['drsjob-1']),
    describeJobsSince: ({ drs }) => drs.describeJobsSince(0),
    describeJobLog: ({ drs }) => drs.describeJobLog('drsjob-1'),
    describeRecoveryInstances: ({ drs }) => drs.describeRecoveryInstances({}),
    terminateRecoveryInstances: ({ drs }) => drs.terminateRecoveryInstances(['i-1']),
    tagResource: ({ drs }) => drs.tagResource('arn:x', {}),
  },
  ec2: {
    describeInstanceHealth: ({ ec2 }) => ec2.describeInstanceHealth(['i-0000000a']),
    describeInstances: ({ ec2 }) => ec2.describeInstances(['i-0000000a']),
  },
  ssm: {
    startAutomation: ({ ssm }) => ssm.startAutomation({ ...document, clientToken: 't', tags: {} }),
    getAutomation: ({ ssm }) => ssm.getAutomation('e'),
    stopAutomation: ({ ssm }) => ssm.stopAutomation('e'),
    sendCommand: ({ ssm }) => ssm.sendCommand({ ...document, instanceIds: ['i-1'], comment: '', deliveryTimeout: 1 }),
    listCommandsSince: ({ ssm }) => ssm.listCommandsSince(0),
    listInvocations: ({ ssm }) => ssm.listInvocations('c'),
    cancelCommand: ({ ssm }) => ssm.cancelCommand('c'),
    describeManagedInstances: ({ ssm }) => ssm.describeManagedInstances(['i-0000000a']),
  },
} satisfies { [S in 'drs' | 'ec2' | 'ssm']: Record<keyof Site[S], (site: Site) => Promise<unknown>> };

for (const service of ['drs', 'ec2', 'ssm'] as const) {
  for (const [method, ask] of Object.entries<(site: Site) => Promise<unknown>>(CALLS[service])) {
    test(`${service} ${method} names every action it calls`, async () => {
      const site = scriptedSite(({ operation }) => answers(operation));
      await ask(site);
      const declared: readonly string[] =
        Object.entries<readonly string[]>(PERMISSIONS[service]).find(([name]) => name === method)?.[1] ?? [];
      assert.ok(site.aws.sent.length >= 1);
      for (const request of site.aws.sent)
        assert.ok(declared.includes(`${request.service}:${request.operation}`), request.operation);
      assert.equal(new Set(declared).size, declared.length, 'named once');
      for (const action of declared) assert.match(action, /^[a-z0-9]+:[A-Z][A-Za-z0-9]+$/);
    });
  }
}

test('startRecovery lists what DRS does with the caller’s permissions', () => {
  const declared: readonly string[] = PERMISSIONS.drs.startRecovery;
  for (const action of [
    'drs:CreateRecoveryInstanceForDrs',
    'ec2:RunInstances',
    'ec2:CreateFleet',
    'ec2:DeleteLaunchTemplateVersions',
    'iam:PassRole',
  ]) {
    assert.ok(declared.includes(action), action);
  }
});

/** The table of docs/permissions.md; what a launch needs of EC2 is told there apart. */
function table(): string {
  const rows = Object.entries(PERMISSIONS).flatMap(([service, methods]) =>
    Object.entries<readonly string[]>(methods).map(([method, actions]) => {
      const told = actions.filter((action) => service !== 'drs' || action.startsWith('drs:'));
      const more = told.length < actions.length ? ` and ${actions.length - told.length} of EC2, IAM and KMS (below)` : '';
      return `| ${service} | ${method} | ${told.map((action) => `\`${action}\``).join(', ') || 'none'}${more} |`;
    }),
  );
  return ['| gateway | method | IAM actions |', '| --- | --- | --- |', ...rows].join('\n');
}

test('docs/permissions.md lists exactly what the code declares', () => {
  const page = readFileSync(new URL('../../../docs/permissions.md', import.meta.url), 'utf8');
  const between = (name: string) => page.split(`<!-- ${name}:start -->`)[1]?.split(`<!-- ${name}:end -->`)[0]?.trim();
  const plain = (text: string | undefined) => text?.replaceAll(/-{3,}/g, '---').replaceAll(/ +/g, ' ');
  assert.equal(plain(between('methods')), table());
  const cells = (between('launch') ?? '').split('\n').map((row) => row.split('|')[2] ?? '');
  const named = new Set(cells.flatMap((cell) => [...cell.matchAll(/`([a-z0-9]+:\w+)`/g)].map(([, action]) => action)));
  const declared = [...PERMISSIONS.drs.startRecovery, ...PERMISSIONS.drs.terminateRecoveryInstances];
  const forwarded = new Set(declared.filter((action) => !action.startsWith('drs:')));
  assert.deepEqual([...named].sort(), [...forwarded].sort());
});
