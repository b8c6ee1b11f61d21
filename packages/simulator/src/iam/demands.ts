import { jobArn, recoveryInstanceArn, sourceServerArn } from '../drs/arns.ts';
import { rdsArn } from '../rds/arns.ts';
import { tagsOfResource } from '../rds/resource-tags.ts';
import { findSecret } from '../secrets-manager/secrets.ts';
import type { ServiceName } from '../wire/read-request.ts';
import type { CallContext } from '../world/call-context.ts';
import { demand } from './authorise.ts';
import type { ConditionContext } from './conditions.ts';
import { type Demand, requestTags, resourceTags } from './evaluate.ts';

/**
 * What a call asks of IAM before it is looked at: which action on which resources, with which condition keys. After the service
 * authorization reference (https://docs.aws.amazon.com/service-authorization/latest/reference/): resource types marked there as
 * required are asked for, others when the request names one. What is not listed here has no resource (`*`).
 * What a service asks beside (keys, roles, tags, secrets) is asked where the call is answered.
 */
export function demandsOf(context: CallContext, service: ServiceName, input: unknown): readonly Demand[] {
  const asked = RESOURCES[service]?.[context.operation]?.(new Asking(context, input)) ?? [{ resource: '*' }];
  return asked.map(({ resource, keys = {}, action = context.operation }) =>
    demand(`${service}:${action}`, resource, { principal: context.principal, place: context.state, context: keys }),
  );
}

interface Asked {
  readonly resource: string;
  readonly keys?: ConditionContext;
  /** Instead of the operation's own. */
  readonly action?: string;
}

/** A request, read for what it names. */
class Asking {
  readonly context: CallContext;
  readonly #input: unknown;

  constructor(context: CallContext, input: unknown) {
    this.context = context;
    this.#input = input;
  }

  get #place(): { readonly account: string; readonly region: string } {
    return this.context.state;
  }

  member(name: string): unknown {
    return typeof this.#input === 'object' && this.#input !== null ? Reflect.get(this.#input, name) : undefined;
  }

  text(name: string): string | undefined {
    const value = this.member(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  list(name: string): readonly unknown[] {
    const value = this.member(name);
    return Array.isArray(value) ? value : [];
  }

  /** A part of the request, to be read as a request is. */
  inside(name: string): Asking {
    return new Asking(this.context, this.member(name));
  }

  objects(name: string): readonly Asking[] {
    return this.list(name).map((one) => new Asking(this.context, one));
  }

  /** Tags of the request, as a map (DRS) or as a list of Key and Value. */
  requestTags(name = 'Tags'): ConditionContext {
    const value = this.member(name);
    if (Array.isArray(value)) {
      return requestTags(
        Object.fromEntries(
          value.flatMap((tag: unknown) => {
            if (typeof tag !== 'object' || tag === null) return [];
            const [key, text]: unknown[] = [Reflect.get(tag, 'Key'), Reflect.get(tag, 'Value')];
            return typeof key === 'string' ? [[key, typeof text === 'string' ? text : '']] : [];
          }),
        ),
      );
    }
    if (typeof value !== 'object' || value === null) return {};
    return requestTags(Object.fromEntries(Object.entries(value).map(([key, text]) => [key, String(text)])));
  }

  /** A thing of RDS by its name in the request (which may be an ARN); `*` when the request names none. */
  rds(type: string, name: string, keys: ConditionContext = {}): Asked {
    const given = this.text(name);
    return this.rdsThing(type, given ?? '*', keys);
  }

  rdsThing(type: string, id: string, keys: ConditionContext = {}): Asked {
    const resource = id.startsWith('arn:') ? id : rdsArn(this.#place, type, id.toLowerCase());
    return { resource, keys: { ...keys, ...resourceTags(tagsOfResource(this.context, resource)) } };
  }

  /** Things of RDS that exist only if the request names them. */
  rdsIfNamed(type: string, name: string, keys: ConditionContext = {}): readonly Asked[] {
    return this.text(name) === undefined ? [] : [this.rds(type, name, keys)];
  }

  sourceServer(id: string, keys: ConditionContext = {}): Asked {
    const server = this.context.state.drs.servers.get(id);
    return {
      resource: server?.arn ?? sourceServerArn({ ...this.#place, id }),
      keys: { ...keys, ...resourceTags(server?.tags ?? {}) },
    };
  }

  arn(service: string, path: string, tags: Readonly<Record<string, string>> = {}): Asked {
    const { account, region } = this.#place;
    return { resource: `arn:aws:${service}:${region}:${account}:${path}`, keys: resourceTags(tags) };
  }

  get place(): { readonly account: string; readonly region: string } {
    return this.#place;
  }
}

type Reader = (asking: Asking) => readonly Asked[];

const OWN_SNAPSHOT: Readonly<Record<'cluster' | 'instance', { readonly type: string; readonly name: string }>> = {
  cluster: { type: 'cluster-snapshot', name: 'DBClusterSnapshotIdentifier' },
  instance: { type: 'snapshot', name: 'DBSnapshotIdentifier' },
};

const ofSnapshot =
  (family: 'cluster' | 'instance'): Reader =>
  (ask) => [ask.rds(OWN_SNAPSHOT[family].type, OWN_SNAPSHOT[family].name)];

const ofArn =
  (name: string): Reader =>
  (ask) => [ask.rds('cluster', name, ask.requestTags())];

const automation: Reader = (ask) => {
  const id = ask.text('AutomationExecutionId') ?? '*';
  return [ask.arn('ssm', `automation-execution/${id}`, ask.context.state.ssm.automations.get(id)?.tags)];
};

const ofSecret: Reader = (ask) => {
  const id = ask.text('SecretId') ?? '*';
  const secret = findSecret(ask.context.state, id, ask.context.now);
  if (secret !== undefined) return [{ resource: secret.arn, keys: resourceTags(secret.tags) }];
  return [id.startsWith('arn:') ? { resource: id } : ask.arn('secretsmanager', `secret:${id}-??????`)];
};

/** A document's name may be an ARN; AWS's own documents belong to no account. */
function documents(ask: Asking, type: 'document' | 'automation-definition'): readonly Asked[] {
  const given = ask.text('DocumentName') ?? '*';
  const name = given.startsWith('arn:') ? given.slice(given.lastIndexOf('/') + 1) : given;
  const version = type === 'automation-definition' ? `:${ask.text('DocumentVersion') ?? '$DEFAULT'}` : '';
  const account = /^(AWS|Amazon)/.test(name) ? '' : ask.place.account;
  return [{ resource: `arn:aws:ssm:${ask.place.region}:${account}:${type}/${name}${version}` }];
}

function restoredInstance(ask: Asking, name: string): readonly Asked[] {
  const tags = ask.requestTags();
  return [
    ask.rds('db', name, tags),
    ask.rdsThing('og', ask.text('OptionGroupName') ?? 'default', tags),
    ask.rdsThing('pg', ask.text('DBParameterGroupName') ?? 'default', tags),
    ask.rdsThing('subgrp', ask.text('DBSubnetGroupName') ?? 'default', tags),
  ];
}

/** A hosted zone, and what a change of its records does. Names are told without the dot at their end. */
function zone(ask: Asking): Asked {
  const changes = ask.inside('ChangeBatch').objects('Changes');
  const sets = changes.map((change) => change.inside('ResourceRecordSet'));
  const texts = (list: readonly Asking[], name: string) => [...new Set(list.map((one) => one.text(name) ?? ''))];
  return {
    resource: `arn:aws:route53:::hostedzone/${ask.text('HostedZoneId') ?? '*'}`,
    keys:
      changes.length === 0
        ? {}
        : {
            'route53:changeresourcerecordsetsactions': texts(changes, 'Action'),
            'route53:changeresourcerecordsetsrecordtypes': texts(sets, 'Type'),
            'route53:changeresourcerecordsetsnormalizedrecordnames': texts(sets, 'Name').map((name) =>
              name.toLowerCase().replace(/\.$/, ''),
            ),
          },
  };
}

const RESOURCES: Partial<Readonly<Record<ServiceName, Readonly<Record<string, Reader>>>>> = {
  drs: {
    DescribeRecoverySnapshots: (ask) => [ask.sourceServer(ask.text('sourceServerID') ?? '*')],
    GetLaunchConfiguration: (ask) => [ask.sourceServer(ask.text('sourceServerID') ?? '*')],
    DescribeJobLogItems: (ask) => [{ resource: jobArn(ask.place, ask.text('jobID') ?? '*') }],
    StartRecovery: (ask) => {
      const tags = ask.requestTags('tags');
      const servers = ask.list('sourceServers').flatMap((server) => {
        const id: unknown = typeof server === 'object' && server !== null ? Reflect.get(server, 'sourceServerID') : undefined;
        return typeof id === 'string' ? [ask.sourceServer(id, tags)] : [];
      });
      // Tags on what a call makes are a permission of their own.
      const tagged = {
        action: 'TagResource',
        resource: jobArn(ask.place, '*'),
        keys: { ...tags, 'drs:createaction': 'StartRecovery' },
      };
      return Object.keys(tags).length === 0 ? servers : [...servers, tagged];
    },
    TerminateRecoveryInstances: (ask) =>
      ask.list('recoveryInstanceIDs').map((id) => ({ resource: recoveryInstanceArn(ask.place, String(id)) })),
    DisconnectRecoveryInstance: (ask) => [{ resource: recoveryInstanceArn(ask.place, ask.text('recoveryInstanceID') ?? '*') }],
    DeleteRecoveryInstance: (ask) => [{ resource: recoveryInstanceArn(ask.place, ask.text('recoveryInstanceID') ?? '*') }],
    TagResource: (ask) => [{ resource: ask.text('resourceArn') ?? '*', keys: ask.requestTags('tags') }],
    UntagResource: (ask) => [{ resource: ask.text('resourceArn') ?? '*' }],
  },
  rds: {
    DescribeDBClusters: (ask) => [ask.rds('cluster', 'DBClusterIdentifier')],
    DescribeDBInstances: (ask) => [ask.rds('db', 'DBInstanceIdentifier')],
    DescribeDBClusterSnapshots: ofSnapshot('cluster'),
    DescribeDBSnapshots: ofSnapshot('instance'),
    DescribeDBClusterSnapshotAttributes: ofSnapshot('cluster'),
    DescribeDBSnapshotAttributes: ofSnapshot('instance'),
    ModifyDBClusterSnapshotAttribute: ofSnapshot('cluster'),
    ModifyDBSnapshotAttribute: ofSnapshot('instance'),
    DeleteDBClusterSnapshot: ofSnapshot('cluster'),
    DeleteDBSnapshot: ofSnapshot('instance'),
    CreateDBClusterSnapshot: (ask) => [
      ask.rds('cluster', 'DBClusterIdentifier', ask.requestTags()),
      ask.rds('cluster-snapshot', 'DBClusterSnapshotIdentifier', ask.requestTags()),
    ],
    CreateDBSnapshot: (ask) => [
      ask.rds('db', 'DBInstanceIdentifier', ask.requestTags()),
      ask.rds('snapshot', 'DBSnapshotIdentifier', ask.requestTags()),
    ],
    CopyDBClusterSnapshot: (ask) => [
      ask.rds('cluster-snapshot', 'SourceDBClusterSnapshotIdentifier', ask.requestTags()),
      ask.rds('cluster-snapshot', 'TargetDBClusterSnapshotIdentifier', ask.requestTags()),
    ],
    CopyDBSnapshot: (ask) => [
      ask.rds('snapshot', 'SourceDBSnapshotIdentifier', ask.requestTags()),
      ask.rds('snapshot', 'TargetDBSnapshotIdentifier', ask.requestTags()),
    ],
    ListTagsForResource: ofArn('ResourceName'),
    AddTagsToResource: ofArn('ResourceName'),
    RemoveTagsFromResource: ofArn('ResourceName'),
    RestoreDBClusterFromSnapshot: (ask) => {
      const tags = ask.requestTags();
      return [
        ask.rds('cluster', 'DBClusterIdentifier', tags),
        ask.rds('cluster-snapshot', 'SnapshotIdentifier', tags),
        ask.rdsThing('cluster-pg', ask.text('DBClusterParameterGroupName') ?? 'default', tags),
        ask.rdsThing('og', 'default', tags),
        ask.rdsThing('subgrp', ask.text('DBSubnetGroupName') ?? 'default', tags),
      ];
    },
    RestoreDBClusterToPointInTime: (ask) => {
      const tags = ask.requestTags();
      return [
        ask.rds('cluster', 'DBClusterIdentifier', tags),
        ask.rds('cluster', 'SourceDBClusterIdentifier', tags),
        ask.rdsThing('cluster-pg', ask.text('DBClusterParameterGroupName') ?? 'default', tags),
        ask.rdsThing('og', 'default', tags),
        ask.rdsThing('subgrp', ask.text('DBSubnetGroupName') ?? 'default', tags),
      ];
    },
    RestoreDBInstanceFromDBSnapshot: (ask) => [
      ...restoredInstance(ask, 'DBInstanceIdentifier'),
      ask.rds('snapshot', 'DBSnapshotIdentifier', ask.requestTags()),
    ],
    RestoreDBInstanceToPointInTime: (ask) => [
      ...restoredInstance(ask, 'TargetDBInstanceIdentifier'),
      ask.rds('db', 'SourceDBInstanceIdentifier', ask.requestTags()),
    ],
    CreateDBInstance: (ask) => {
      const tags = ask.requestTags();
      return [
        ask.rds('db', 'DBInstanceIdentifier', tags),
        ...ask.rdsIfNamed('cluster', 'DBClusterIdentifier', tags),
        ...ask.rdsIfNamed('pg', 'DBParameterGroupName', tags),
        ...ask.rdsIfNamed('subgrp', 'DBSubnetGroupName', tags),
      ];
    },
    ModifyDBCluster: (ask) => [ask.rds('cluster', 'DBClusterIdentifier')],
    DescribeDBInstanceAutomatedBackups: (ask) => [ask.rds('db', 'DBInstanceIdentifier')],
    ModifyDBInstance: (ask) => [ask.rds('db', 'DBInstanceIdentifier')],
    DeleteDBCluster: (ask) => [
      ask.rds('cluster', 'DBClusterIdentifier'),
      ask.rds('cluster-snapshot', 'FinalDBSnapshotIdentifier'),
    ],
    DeleteDBInstance: (ask) => [ask.rds('db', 'DBInstanceIdentifier')],
    EnableHttpEndpoint: (ask) => [ask.rds('cluster', 'ResourceArn')],
    StartExportTask: (ask) => [ask.rds('cluster-snapshot', 'SourceArn')],
  },
  'rds-data': Object.fromEntries(
    ['ExecuteStatement', 'BatchExecuteStatement', 'BeginTransaction', 'CommitTransaction', 'RollbackTransaction'].map(
      (operation): [string, Reader] => [
        operation,
        (ask) => (ask.text('resourceArn') === undefined ? [{ resource: '*' }] : [ask.rds('cluster', 'resourceArn')]),
      ],
    ),
  ),
  // Asked where the key is known.
  kms: { DescribeKey: () => [] },
  secretsmanager: {
    GetSecretValue: ofSecret,
    PutSecretValue: ofSecret,
    DescribeSecret: ofSecret,
    CreateSecret: (ask) => [ask.arn('secretsmanager', `secret:${ask.text('Name') ?? '*'}-??????`)],
  },
  route53: {
    ListResourceRecordSets: (ask) => [zone(ask)],
    ChangeResourceRecordSets: (ask) => [zone(ask)],
    GetChange: (ask) => [{ resource: `arn:aws:route53:::change/${ask.text('Id') ?? '*'}` }],
  },
  sns: { Publish: (ask) => [{ resource: ask.text('TopicArn') ?? ask.text('TargetArn') ?? '*' }] },
  ssm: {
    StartAutomationExecution: (ask) => {
      const tags = ask.requestTags();
      const execution = ask.arn('ssm', 'automation-execution/*');
      const asked = [...documents(ask, 'automation-definition'), ...documents(ask, 'document'), execution];
      const tagged = { ...execution, action: 'AddTagsToResource' };
      return (Object.keys(tags).length === 0 ? asked : [...asked, tagged]).map((one) => ({
        ...one,
        keys: { ...one.keys, ...tags },
      }));
    },
    GetAutomationExecution: automation,
    DescribeAutomationStepExecutions: automation,
    StopAutomationExecution: automation,
    SendAutomationSignal: automation,
    SendCommand: (ask) => [
      ...documents(ask, 'document'),
      ...ask
        .list('InstanceIds')
        .map((id) => ask.arn('ec2', `instance/${String(id)}`, ask.context.state.instances.get(String(id))?.tags)),
    ],
    AddTagsToResource: (ask) => [ask.arn('ssm', `automation-execution/${ask.text('ResourceId') ?? '*'}`)],
    PutParameter: (ask) => [ask.arn('ssm', `parameter/${(ask.text('Name') ?? '*').replace(/^\//, '')}`)],
    GetParameter: (ask) => [ask.arn('ssm', `parameter/${(ask.text('Name') ?? '*').replace(/^\//, '')}`)],
  },
};
