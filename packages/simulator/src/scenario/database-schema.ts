import { DURATION_PATTERN } from '@breakwater/core';
import { RDS_DURATIONS } from './database-spec.ts';

/** JSON Schema of the database fields of a scenario file; the rest is in scenario-schema.ts. */

const duration = { type: 'string', pattern: DURATION_PATTERN } as const;
const account = { type: 'string', pattern: '^[0-9]{12}$' } as const;
const region = { type: 'string', pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$' } as const;
const text = { type: 'string', minLength: 1 } as const;
const strings = { type: 'array', items: { type: 'string' } } as const;
const tags = { type: 'object', additionalProperties: { type: 'string' } } as const;
const count = { type: 'integer', minimum: 1 } as const;
const natural = { type: 'integer', minimum: 0 } as const;
const flag = { type: 'boolean' } as const;
const family = { enum: ['cluster', 'instance'] } as const;
const accounts = { type: 'array', items: { anyOf: [account, { const: 'all' }] } } as const;

function object(properties: Readonly<Record<string, unknown>>, ...required: readonly string[]): object {
  return { type: 'object', additionalProperties: false, properties, required };
}

function list(items: object): object {
  return { type: 'array', items };
}

const durations = object(Object.fromEntries(Object.keys(RDS_DURATIONS).map((name) => [name, duration])));

const contents = {
  engine: text,
  engineVersion: text,
  port: { type: 'integer', minimum: 1_150, maximum: 65_535 },
  masterUsername: text,
  masterPassword: { type: 'string', minLength: 8, maxLength: 41 },
  gib: count,
  encryption: { enum: ['none', 'sse-kms', 'sse-rds'] },
  kmsKey: text,
  storageType: text,
  iamAuthentication: flag,
  tags,
  age: duration,
  durations,
};

const database = {
  ...contents,
  count,
  gib: { anyOf: [count, object({ from: count, to: count }, 'from', 'to')] },
  account,
  region,
  id: { type: 'string', pattern: '^[a-zA-Z](-?[a-zA-Z0-9{}])*$' },
  databaseName: text,
  subnetGroup: text,
  securityGroups: { type: 'array', items: { type: 'string', pattern: '^sg-[0-9a-z]+$' } },
  parameterGroup: text,
  deletionProtection: flag,
  logExports: strings,
  copyTagsToSnapshot: flag,
  backupWindow: text,
  maintenanceWindow: text,
  automated: {
    anyOf: [{ const: false }, object({ at: { type: 'string', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }, keep: duration })],
  },
};

export const DATABASE_PROPERTIES = {
  rds: object({
    copyLimits: object({ cluster: count, instance: count }),
    manualSnapshots: count,
    oneStepCopies: flag,
    durations,
    visibleAfter: duration,
    sharesVisibleAfter: duration,
    otherCopies: list(
      object({ account, region, kind: family, copies: count, after: duration, for: duration }, 'account', 'region'),
    ),
  }),
  kmsKeys: list(
    object(
      {
        account,
        region,
        id: { type: 'string', pattern: '^(mrk-[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$' },
        alias: { type: 'string', pattern: '^alias/[a-zA-Z0-9/_-]+$' },
        manager: { enum: ['CUSTOMER', 'AWS'] },
        state: {
          enum: [
            'Creating',
            'Enabled',
            'Disabled',
            'PendingDeletion',
            'PendingImport',
            'PendingReplicaDeletion',
            'Unavailable',
            'Updating',
          ],
        },
        usage: { enum: ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] },
        multiRegion: flag,
        accounts: { type: 'array', items: { anyOf: [account, object({ id: account, without: strings }, 'id')] } },
      },
      'account',
      'region',
    ),
  ),
  engineVersions: list(
    object(
      {
        engine: text,
        versions: { ...strings, minItems: 1 },
        default: text,
        regions: list(region),
        classes: strings,
        serverless: {
          anyOf: [object({ min: { type: 'number' }, max: { type: 'number' } }, 'min', 'max'), { const: false }],
        },
      },
      'engine',
      'versions',
    ),
  ),
  clusters: list(
    object(
      {
        ...database,
        httpEndpoint: flag,
        serverless: object(
          {
            min: { type: 'number', minimum: 0, multipleOf: 0.5 },
            max: { type: 'number', minimum: 1, multipleOf: 0.5 },
            autoPauseSeconds: count,
          },
          'min',
          'max',
        ),
        members: list(
          object({
            id: text,
            class: text,
            tier: { type: 'integer', minimum: 0, maximum: 15 },
            zone: text,
            parameterGroup: text,
            publiclyAccessible: flag,
            performanceInsights: flag,
            monitoringInterval: natural,
            monitoringRole: text,
          }),
        ),
        managedSecret: flag,
      },
      'account',
      'region',
      'id',
    ),
  ),
  dbInstances: list(
    object(
      {
        ...database,
        class: text,
        zone: text,
        optionGroup: text,
        multiAz: flag,
        iops: count,
        storageThroughput: count,
        publiclyAccessible: flag,
        performanceInsights: flag,
        monitoringInterval: natural,
        monitoringRole: text,
        managedSecret: flag,
      },
      'account',
      'region',
      'id',
    ),
  ),
  snapshots: list(
    object(
      {
        ...contents,
        account,
        region,
        kind: family,
        id: text,
        database: text,
        type: { enum: ['manual', 'automated', 'awsbackup'] },
        optionGroup: text,
        status: { enum: ['available', 'failed', 'creating'] },
        sourceAge: duration,
        sourceArn: { type: 'string', pattern: '^arn:aws:rds:' },
        sharedWith: accounts,
        series: object({ every: duration, count }, 'every', 'count'),
      },
      'account',
      'region',
      'id',
      'database',
    ),
  ),
  subnetGroups: list(
    object({ account, region, name: text, vpcId: text, subnets: strings, securityGroups: strings }, 'account', 'region', 'name'),
  ),
  parameterGroups: list(object({ account, region, kind: family, name: text, family: text }, 'account', 'region', 'name')),
  optionGroups: list(
    object({ account, region, name: text, engine: text, majorVersion: text }, 'account', 'region', 'name', 'majorVersion'),
  ),
  globalClusters: list(
    object(
      {
        account,
        id: text,
        engine: text,
        members: { type: 'array', minItems: 1, items: { anyOf: [text, object({ arn: text, writer: flag }, 'arn')] } },
      },
      'account',
      'id',
      'members',
    ),
  ),
  secrets: list(
    object(
      { account, region, name: text, value: { anyOf: [text, { type: 'object' }] }, kmsKey: text },
      'account',
      'region',
      'name',
      'value',
    ),
  ),
  route53: object({ insyncAfter: duration }),
  hostedZones: list(
    object(
      {
        account,
        id: { type: 'string', pattern: '^Z[A-Z0-9]{1,31}$' },
        name: text,
        records: list(
          object(
            {
              name: text,
              type: text,
              ttl: natural,
              values: strings,
              alias: text,
              setIdentifier: text,
              weight: natural,
            },
            'name',
          ),
        ),
      },
      'account',
      'name',
    ),
  ),
  topics: list(object({ account, region, name: text, kmsKey: text }, 'account', 'region', 'name')),
  sqlAnswers: list(
    object(
      {
        sql: text,
        columns: strings,
        rows: { type: 'array', items: { type: 'array', items: { type: ['string', 'number', 'boolean', 'null'] } } },
        updated: natural,
        error: text,
      },
      'sql',
    ),
  ),
} as const;
