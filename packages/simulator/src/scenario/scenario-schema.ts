import { DURATION_PATTERN } from '@breakwater/core';
import { DATABASE_PROPERTIES } from './database-schema.ts';

/** JSON Schema (2020-12) of a scenario file. Defaults are applied in resolve-scenario.ts. */

const duration = { type: 'string', pattern: DURATION_PATTERN } as const;
const account = { type: 'string', pattern: '^[0-9]{12}$' } as const;
const region = { type: 'string', pattern: '^[a-z]{2}(-[a-z]+)+-[0-9]$' } as const;
const strings = { type: 'array', items: { type: 'string' } } as const;
const tags = { type: 'object', additionalProperties: { type: 'string' } } as const;
const count = { type: 'integer', minimum: 1 } as const;

function object(properties: Readonly<Record<string, unknown>>, ...required: readonly string[]): object {
  return { type: 'object', additionalProperties: false, properties, required };
}

const durations = object({
  jobStart: duration,
  cleanup: duration,
  toSnapshot: duration,
  snapshot: duration,
  toConversion: duration,
  conversion: duration,
  toLaunch: duration,
  launch: duration,
  jobEnd: duration,
  terminate: duration,
});
const instanceTimes = object({ visibleAfter: duration, statusOkAfter: duration, agentOnlineAfter: duration });
const launchPhase = { enum: ['skipped', 'cleanup', 'snapshot', 'conversion', 'launch'] };
const when = { enum: ['before', 'after'] };

function effect(kind: string, properties: Readonly<Record<string, unknown>> = {}, ...required: readonly string[]): object {
  return object({ kind: { const: kind }, ...properties }, 'kind', ...required);
}

/** One fault, as a scenario lists it and `POST /_simulator/faults` takes it. */
export const FAULT_SCHEMA = {
  $id: 'fault',
  ...object(
    {
      match: object({
        service: { enum: ['drs', 'ssm', 'sts', 'ec2', 'rds', 'rds-data', 'kms', 'secretsmanager', 'sns', 'route53'] },
        operation: { type: 'string' },
        account,
        region,
        server: { type: 'string' },
        document: { type: 'string' },
        database: { type: 'string' },
        nth: count,
        times: count,
      }),
      effect: {
        type: 'object',
        required: ['kind'],
        discriminator: { propertyName: 'kind' },
        oneOf: [
          effect('throttle'),
          effect(
            'error',
            {
              code: { type: 'string' },
              status: { type: 'integer', minimum: 400, maximum: 599 },
              message: { type: 'string' },
              when,
            },
            'code',
          ),
          effect('unavailable', { status: { enum: [500, 502, 503, 504] }, when }),
          effect('drop', { when }),
          effect('slow', { by: duration }, 'by'),
          effect('launch-fails', { phase: launchPhase, rawError: { type: 'string' } }),
          effect('agent-never-online'),
          effect('status-impaired'),
          effect('automation-hangs'),
          effect('automation-ends', { status: { type: 'string' }, message: { type: 'string' } }, 'status'),
          effect('credentials-expire'),
          effect('visibility-lag', { by: duration }, 'by'),
          effect('other-jobs', { jobs: count, servers: count, for: duration }),
          effect('copy-fails', { at: { type: 'integer', minimum: 0, maximum: 99 } }),
          effect('copy-stalls', { by: duration }, 'by'),
          effect('restore-fails', { status: { type: 'string' } }),
          effect('instance-fails', { status: { type: 'string' } }),
          effect('other-copies', { copies: count, family: { enum: ['cluster', 'instance'] }, for: duration }),
        ],
      },
      after: duration,
      for: duration,
    },
    'effect',
  ),
} as const;

const one = { type: 'string' } as const;
const oneOrMany = { anyOf: [one, strings] } as const;
const statement = object(
  {
    Sid: one,
    Effect: { enum: ['Allow', 'Deny'] },
    Action: oneOrMany,
    NotAction: oneOrMany,
    Resource: oneOrMany,
    NotResource: oneOrMany,
    Condition: { type: 'object', additionalProperties: { type: 'object', additionalProperties: oneOrMany } },
  },
  'Effect',
);

/** An identity policy of IAM, as a scenario holds it or as it stands in a file of its own. */
export const POLICY_SCHEMA = {
  $id: 'policy',
  ...object({ Version: one, Id: one, Statement: { anyOf: [statement, { type: 'array', items: statement }] } }, 'Statement'),
} as const;

const policies = { type: 'array', items: { anyOf: [{ type: 'string', minLength: 1 }, { $ref: 'policy' }] } } as const;

const step = object(
  {
    name: { type: 'string', minLength: 1 },
    action: { type: 'string' },
    duration,
    outputs: { type: 'object', additionalProperties: { anyOf: [{ type: 'string' }, strings] } },
    onFailure: { enum: ['Abort', 'Continue'] },
    fails: object(
      {
        message: { type: 'string' },
        type: { enum: ['Action', 'Permission', 'Throttling', 'Verification', 'Internal'] },
        stage: { enum: ['InputValidation', 'PreVerification', 'Invocation', 'PostVerification'] },
      },
      'message',
    ),
    hangs: { type: 'boolean' },
    approval: { type: 'boolean' },
    timeout: duration,
  },
  'name',
);

export const SCENARIO_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Breakwater simulator scenario',
  ...object(
    {
      extends: { type: 'string' },
      name: { type: 'string', minLength: 1 },
      description: { type: 'string' },
      seed: { type: 'integer' },
      start: { type: 'string', format: 'date-time' },
      latency: duration,
      pageSize: count,
      jitter: { type: 'number', minimum: 0, maximum: 0.9 },
      sqlServer: {
        anyOf: [{ const: 'none' }, object({ kind: { const: 'pglite' }, contents: { type: 'string' } }, 'kind')],
      },
      accounts: {
        type: 'array',
        items: object({ id: account, name: { type: 'string' }, regions: { type: 'array', items: region } }, 'id'),
      },
      callers: {
        type: 'array',
        minItems: 1,
        items: object(
          {
            account,
            arn: { type: 'string' },
            accessKeyId: { type: 'string', pattern: '^AKIA[A-Z0-9]{12,}$' },
            secretAccessKey: { type: 'string', minLength: 8 },
            deny: strings,
            policies,
          },
          'account',
        ),
      },
      roles: {
        type: 'array',
        items: object(
          {
            arn: { type: 'string', pattern: '^arn:aws:iam::[0-9]{12}:role/.+$' },
            trust: strings,
            externalId: { type: 'string', minLength: 2 },
            maxSession: duration,
            deny: strings,
            policies,
            webIdentity: object({ issuer: { type: 'string' }, audience: { type: 'string' }, subjects: strings }),
          },
          'arn',
        ),
      },
      drs: object({
        omitFinishedInstanceIds: { type: 'boolean' },
        quotas: object({ jobs: count, serversInJob: count, serversInJobs: count }),
        durations,
        recoverySnapshots: { type: 'array', items: object({ every: duration, keep: duration }, 'every', 'keep') },
        jobIds: { type: 'array', items: { type: 'string', pattern: '^drsjob-[0-9a-zA-Z]{17}$' } },
        jobsVisibleAfter: duration,
        otherJobs: {
          type: 'array',
          items: object({ account, region, jobs: count, servers: count, after: duration, for: duration }, 'account', 'region'),
        },
      }),
      instances: instanceTimes,
      ssm: object({
        executionVisibleAfter: duration,
        invocationVisibleAfter: duration,
        stepsShown: count,
        concurrentAutomations: count,
      }),
      servers: {
        type: 'array',
        items: object(
          {
            count,
            id: { type: 'string', pattern: '^s-[0-9a-zA-Z]{17}$' },
            account,
            region,
            hostname: { type: 'string', minLength: 1 },
            domain: { type: 'string' },
            tags,
            replication: object({
              state: { type: 'string' },
              lag: { anyOf: [duration, { type: 'null' }] },
              lagGrows: { type: 'boolean' },
              error: { type: 'string' },
              rawError: { type: 'string' },
            }),
            durations,
            launchDisposition: { enum: ['STARTED', 'STOPPED'] },
            instanceType: { type: 'string' },
            diskGiB: count,
            os: { type: 'string' },
            snapshots: {
              type: 'array',
              items: object({ id: { type: 'string', pattern: '^pit-[0-9a-zA-Z]{17}$' }, age: duration }, 'age'),
            },
            recoveryInstance: object(
              { id: { type: 'string', pattern: '^i-[0-9a-f]{8,17}$' }, kind: { enum: ['drill', 'recovery'] }, age: duration },
              'kind',
            ),
            staging: object(
              { status: { enum: ['EXTENDED', 'EXTENSION_ERROR', 'NOT_EXTENDED'] }, account, error: { type: 'string' } },
              'status',
              'account',
            ),
            instance: instanceTimes,
            instanceIds: { type: 'array', items: { type: 'string', pattern: '^i-[0-9a-f]{8,17}$' } },
            fails: object({ phase: launchPhase, rawError: { type: 'string' } }, 'phase'),
          },
          'account',
          'region',
          'hostname',
        ),
      },
      documents: {
        type: 'array',
        items: object(
          {
            name: { type: 'string', pattern: '^[a-zA-Z0-9_.-]{3,128}$' },
            kind: { enum: ['automation', 'command'] },
            versions: count,
            accounts: { type: 'array', items: account },
            assumeRole: { type: 'string', pattern: '^arn:aws:iam::[0-9]{12}:role/.+$' },
            parameters: {
              type: 'object',
              additionalProperties: object({
                type: { enum: ['String', 'StringList', 'Integer', 'Boolean', 'StringMap', 'MapList'] },
                required: { type: 'boolean' },
                default: { anyOf: [{ type: 'string' }, strings] },
                allowed: strings,
              }),
            },
            steps: { type: 'array', items: step },
            phases: { type: 'array', items: object({ status: { type: 'string' }, duration }, 'status', 'duration') },
            end: { type: 'string' },
            duration,
            exitCode: { type: 'integer' },
            status: { enum: ['Success', 'Failed', 'TimedOut', 'Cancelled'] },
            output: { type: 'string' },
            errorOutput: { type: 'string' },
            hangs: { type: 'boolean' },
          },
          'name',
        ),
      },
      ...DATABASE_PROPERTIES,
      faults: { type: 'array', items: { $ref: 'fault' } },
    },
    'name',
  ),
} as const;
