import assert from 'node:assert/strict';
import { DrsClient } from '@aws-sdk/client-drs';
import { EC2Client } from '@aws-sdk/client-ec2';
import { KMSClient } from '@aws-sdk/client-kms';
import { RDSClient } from '@aws-sdk/client-rds';
import { RDSDataClient } from '@aws-sdk/client-rds-data';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SNSClient } from '@aws-sdk/client-sns';
import { SSMClient } from '@aws-sdk/client-ssm';
import { STSClient } from '@aws-sdk/client-sts';
import { VirtualClock } from '@breakwater/core';
import { createWorld, parseScenario, requestHandler, type World } from '../src/index.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-west-2';

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Official, unmodified SDK clients that do not retry unless told to, in process unless an endpoint is given. */
export function clients(
  world: World,
  {
    keys,
    endpoint,
    region = REGION,
    maxAttempts = 1,
  }: { keys?: Keys; endpoint?: string; region?: string; maxAttempts?: number } = {},
) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = world.credentials;
  const config = {
    region,
    maxAttempts,
    credentials: keys ?? { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
    ...(endpoint === undefined ? { requestHandler: requestHandler(world) } : { endpoint }),
  };
  return {
    drs: new DrsClient(config),
    ssm: new SSMClient(config),
    sts: new STSClient(config),
    ec2: new EC2Client(config),
    rds: new RDSClient(config),
    rdsData: new RDSDataClient(config),
    kms: new KMSClient(config),
    secrets: new SecretsManagerClient(config),
    sns: new SNSClient(config),
    route53: new Route53Client(config),
  };
}

export const START = Date.parse('2026-03-04T03:00:00Z');

/** A world of one account without jitter, on a virtual clock that begins at 03:00. `caller` adds fields of the caller, in YAML. */
export function worldOf(yaml: string, caller = 'deny: []') {
  const clock = new VirtualClock(START);
  const scenario = parseScenario(`name: test\njitter: 0\ncallers: [{ account: "${ACCOUNT}", ${caller} }]\n${yaml}`);
  const world = createWorld({ scenario, clock });
  return { world, clock, ...clients(world) };
}

/** `count` servers in YAML, with `more` fields each. */
export function servers(count: number, more = ''): string {
  return `servers:\n  - { hostname: "server-{n}", count: ${count}, account: "${ACCOUNT}", region: ${REGION}${more === '' ? '' : `, ${more}`} }\n`;
}

/** Ids of the world's servers in the order of the scenario. */
export function serverIds(world: World): readonly string[] {
  return world.scenario.servers.map((server) => server.id);
}

/** For `assert.rejects`: an SDK error of this name and HTTP status, with these further members. */
export function awsError(
  name: string,
  status: number,
  members: Readonly<Record<string, unknown>> = {},
): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Error);
    const metadata: unknown = Reflect.get(error, '$metadata');
    const actual = {
      name: error.name,
      status: typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined,
      ...Object.fromEntries(Object.keys(members).map((key) => [key, Reflect.get(error, key)])),
    };
    assert.deepEqual(actual, { name, status, ...members });
    return true;
  };
}

/** For `assert.rejects`: the code on the wire (which the SDK keeps in `Code`), the status, and words of the message. */
export function refused(code: string, status: number, message?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Error);
    const metadata: unknown = Reflect.get(error, '$metadata');
    const httpStatus = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, 'httpStatusCode') : undefined;
    assert.deepEqual([Reflect.get(error, 'Code'), httpStatus], [code, status], error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}
