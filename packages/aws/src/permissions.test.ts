import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { SnapshotKind } from './database-gateways.ts';
import { PERMISSIONS } from './permissions.ts';
import { ec2Answer, queryAnswer, route53Answer, type ScriptedAnswer, type SentRequest } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

/** What each family of RDS calls is answered with. */
const RDS_RESULTS: readonly [RegExp, string][] = [
  [
    /^(Create|Copy)DBClusterSnapshot$/,
    '<DBClusterSnapshot><DBClusterSnapshotIdentifier>s</DBClusterSnapshotIdentifier></DBClusterSnapshot>',
  ],
  [/^(Create|Copy)DBSnapshot$/, '<DBSnapshot><DBSnapshotIdentifier>s</DBSnapshotIdentifier></DBSnapshot>'],
  [
    /^(Restore|Modify)DBCluster(FromSnapshot|ToPointInTime)?$/,
    '<DBCluster><DBClusterIdentifier>c</DBClusterIdentifier></DBCluster>',
  ],
  [
    /^(Create|Restore|Modify)DBInstance(FromDBSnapshot|ToPointInTime)?$/,
    '<DBInstance><DBInstanceIdentifier>i</DBInstanceIdentifier></DBInstance>',
  ],
  [/^Publish$/, '<MessageId>m</MessageId>'],
];

function answers({ service, operation }: SentRequest): ScriptedAnswer {
  if (service === 'rds' || service === 'sns') {
    return queryAnswer(operation, RDS_RESULTS.find(([pattern]) => pattern.test(operation))?.[1]);
  }
  switch (operation) {
    case 'GetSecretValue':
      return { json: { SecretString: 'text' } };
    case 'DescribeInstances':
    case 'DescribeInstanceStatus':
    case 'DescribeSecurityGroups':
      return ec2Answer(operation, '');
    case 'ListResourceRecordSets':
      return route53Answer(operation, '<ResourceRecordSets/><IsTruncated>false</IsTruncated><MaxItems>300</MaxItems>');
    case 'ChangeResourceRecordSets':
    case 'GetChange':
      return route53Answer(operation, '<ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo>');
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
/** The same of both kinds of snapshot. */
const both = async (ask: (kind: SnapshotKind) => Promise<unknown>) => {
  await ask('cluster');
  await ask('instance');
};
const cluster = { id: 'c', engine: 'e', tags: {} };
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
    describeSecurityGroups: ({ ec2 }) => ec2.describeSecurityGroups(['sg-0a']),
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
  rds: {
    describeSnapshots: ({ rds }) => both((kind) => rds.describeSnapshots(kind, {})),
    createSnapshot: ({ rds }) => both((kind) => rds.createSnapshot(kind, { id: 's', database: 'd', tags: {} })),
    copySnapshot: ({ rds }) => both((kind) => rds.copySnapshot(kind, { source: 's', target: 't', tags: {} })),
    deleteSnapshot: ({ rds }) => both((kind) => rds.deleteSnapshot(kind, 's')),
    sharedWith: ({ rds }) => both((kind) => rds.sharedWith(kind, 's')),
    share: ({ rds }) => both((kind) => rds.share(kind, 's', '222233334444')),
    unshare: ({ rds }) => both((kind) => rds.unshare(kind, 's', '222233334444')),
    tagsOf: ({ rds }) => rds.tagsOf('arn:x'),
    addTags: ({ rds }) => rds.addTags('arn:x', { a: 'b' }),
    describeClusters: ({ rds }) => rds.describeClusters(),
    describeInstances: ({ rds }) => rds.describeInstances(),
    engineVersionAvailable: ({ rds }) => rds.engineVersionAvailable('e', '1'),
    instanceClassAvailable: ({ rds }) => rds.instanceClassAvailable('e', '1', 'db.a'),
    serverlessRange: ({ rds }) => rds.serverlessRange('e', '1'),
    describeGroup: async ({ rds }) => {
      const kinds = ['subnets', 'cluster-parameters', 'instance-parameters', 'options'] as const;
      for (const kind of kinds) await rds.describeGroup(kind, 'g');
    },
    globalClusterOf: ({ rds }) => rds.globalClusterOf('arn:x'),
    restoreCluster: ({ rds }) => rds.restoreCluster({ ...cluster, snapshot: 's', engineVersion: '1' }),
    createClusterInstance: ({ rds }) => rds.createClusterInstance({ ...cluster, cluster: 'c', instanceClass: 'k' }),
    modifyCluster: ({ rds }) => rds.modifyCluster({ id: 'c' }),
    renameInstance: ({ rds }) => rds.renameInstance('a', 'b'),
    deleteCluster: ({ rds }) => rds.deleteCluster('c', { finalSnapshot: 'f' }),
    deleteInstance: ({ rds }) => rds.deleteInstance('i'),
    deleteStandalone: ({ rds }) => rds.deleteStandalone('i', { finalSnapshot: 'f' }),
    restoreInstance: ({ rds }) => rds.restoreInstance({ id: 'i', snapshot: 's', tags: {} }),
    restoreInstanceToPoint: ({ rds }) => rds.restoreInstanceToPoint({ id: 'i', source: 'd', time: 'latest', tags: {} }),
    restoreClusterToPoint: ({ rds }) => rds.restoreClusterToPoint({ id: 'c', source: 'd', time: 0, tags: {} }),
    modifyInstance: ({ rds }) => rds.modifyInstance({ id: 'i' }),
    restoreWindow: ({ rds }) => both((kind) => rds.restoreWindow(kind, 'd')),
    enableHttpEndpoint: ({ rds }) => rds.enableHttpEndpoint('arn:x'),
    startExport: ({ rds }) => rds.startExport({ id: 'x', snapshotArn: 's', bucket: 'b', roleArn: 'r', kmsKeyId: 'k' }),
    exportStatus: ({ rds }) => rds.exportStatus('x'),
  },
  kms: { describeKey: ({ kms }) => kms.describeKey('k') },
  secrets: {
    getSecret: ({ secrets }) => secrets.getSecret('x'),
    putSecret: ({ secrets }) => secrets.putSecret('x', 'y'),
  },
  rdsData: {
    execute: ({ rdsData }) => rdsData.execute({ clusterArn: 'arn:c', secretArn: 'arn:s', sql: 'select 1', reads: true }),
  },
  sns: { publish: ({ sns }) => sns.publish({ topicArn: 'arn:t', subject: 's', message: 'm' }) },
  parameters: { putParameter: ({ parameters }) => parameters.putParameter('/a', 'b') },
  route53: {
    recordsOf: ({ route53 }) => route53.recordsOf('Z1', 'db.example.com'),
    upsertCname: ({ route53 }) =>
      route53.upsertCname({ zone: 'Z1', name: 'db.example.com', value: 'a.example.com', ttl: 60, comment: '' }),
    changeStatus: ({ route53 }) => route53.changeStatus('C1'),
  },
} satisfies {
  [S in Exclude<keyof typeof PERMISSIONS, 'sts'>]: Record<keyof Site[S], (site: Site) => Promise<unknown>>;
};

for (const service of ['drs', 'ec2', 'ssm', 'rds', 'kms', 'secrets', 'rdsData', 'sns', 'parameters', 'route53'] as const) {
  for (const [method, ask] of Object.entries<(site: Site) => Promise<unknown>>(CALLS[service])) {
    test(`${service} ${method} names every action it calls`, async () => {
      const site = scriptedSite(answers);
      await ask(site);
      const declared: readonly string[] =
        Object.entries<readonly string[]>(PERMISSIONS[service]).find(([name]) => name === method)?.[1] ?? [];
      assert.ok(site.aws.sent.length >= 1);
      for (const request of site.aws.sent)
        assert.ok(declared.includes(`${request.service}:${request.operation}`), request.operation);
      assert.equal(new Set(declared).size, declared.length, 'named once');
      for (const action of declared) assert.match(action, /^[a-z0-9-]+:[A-Z][A-Za-z0-9]+$/);
    });
  }
}

test('a copy and a restore may use keys, and a copy may cross Regions', () => {
  for (const method of ['copySnapshot', 'restoreCluster'] as const) {
    const declared: readonly string[] = PERMISSIONS.rds[method];
    for (const action of ['kms:CreateGrant', 'kms:DescribeKey', 'rds:AddTagsToResource'])
      assert.ok(declared.includes(action), action);
  }
  assert.ok(PERMISSIONS.rds.copySnapshot.includes('rds:CrossRegionCommunication'));
});

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
