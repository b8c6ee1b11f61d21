import type { Field, SqlParameter } from '@aws-sdk/client-rds-data';
import { AwsError } from '@breakwater/core';
import type { RdsDataGateway } from './database-services.ts';
import { stopped } from './retry.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./rds-data-client.ts');
type Client = InstanceType<Sdk['RDSDataClient']>;

/** IAM actions that each method of the Data API gateway needs in the site; the Data API reads the secret in the name of the caller. */
export const RDS_DATA_PERMISSIONS = {
  execute: ['rds-data:ExecuteStatement', 'secretsmanager:GetSecretValue', 'kms:Decrypt'],
} as const satisfies Record<keyof RdsDataGateway, readonly string[]>;

/** A paused cluster resumes in about 15 seconds, in half a minute after a day's pause; how often and how long we ask, in milliseconds. */
const RESUME_PAUSE = 15_000;
const LONGEST_RESUME = 300_000;

/** The RDS Data API at one site. */
export function rdsDataGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): RdsDataGateway {
  const { clock, signal } = surroundings;
  const data = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'rds-data' },
    () => import('./rds-data-client.ts'),
    (sdk, settings) => new sdk.RDSDataClient(settings),
  );

  /** A statement that found the cluster paused was not run, so also one that changes something may be sent again. */
  const whenResumed = async <T>(ask: () => Promise<T>, effect: 'read' | 'once'): Promise<T> => {
    const began = clock.now();
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof AwsError) || error.call.awsCode !== 'DatabaseResumingException') throw error;
        if (clock.now() + RESUME_PAUSE - began > LONGEST_RESUME) throw error;
        try {
          await clock.sleep(RESUME_PAUSE, signal);
        } catch (reason) {
          throw signal?.aborted ? stopped(data.context('ExecuteStatement', effect), signal) : reason;
        }
      }
    }
  };

  return {
    async execute({ clusterArn, secretArn, database, sql, parameters, reads }) {
      const effect = reads ? 'read' : 'once';
      const answer = await whenResumed(
        () =>
          data.call('ExecuteStatement', effect, (sdk, client, options) =>
            client.send(
              new sdk.ExecuteStatementCommand({
                resourceArn: clusterArn,
                secretArn,
                database,
                sql,
                parameters: parameters && Object.entries(parameters).map(([name, value]) => parameter(name, value)),
                includeResultMetadata: true,
                // A definition that is cut off by the time limit of a call can leave broken structures behind.
                continueAfterTimeout: !reads,
                // As numbers they would lose digits on the way.
                resultSetOptions: { decimalReturnType: 'STRING', longReturnType: 'STRING' },
              }),
              options,
            ),
          ),
        effect,
      );
      return {
        columns: (answer.columnMetadata ?? []).map(({ label, name }) => label ?? name ?? ''),
        rows: (answer.records ?? []).map((row) => row.map(textOf)),
        updated: answer.numberOfRecordsUpdated,
      };
    },
  };
}

function parameter(name: string, value: string | null): SqlParameter {
  return { name, value: value === null ? { isNull: true } : { stringValue: value } };
}

/** A value as text: numbers and truths as JSON writes them, bytes as base64, arrays as JSON. */
function textOf(field: Field): string | null {
  if (field.isNull === true) return null;
  if (field.stringValue !== undefined) return field.stringValue;
  if (field.blobValue !== undefined) return Buffer.from(field.blobValue).toString('base64');
  if (field.arrayValue !== undefined) return JSON.stringify(Object.values(field.arrayValue)[0] ?? []);
  const plain = field.longValue ?? field.doubleValue ?? field.booleanValue;
  return plain === undefined ? null : String(plain);
}
