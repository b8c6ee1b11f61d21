import { AwsFault } from '../aws-fault.ts';
import { parseJson } from '../boundary.ts';
import { demand, refusal } from '../iam/authorise.ts';
import { parseRdsArn } from '../rds/arns.ts';
import { clusterArn, membersOf, writerOf } from '../rds/clusters.ts';
import { answersTo, type Cluster, statusOf } from '../rds/state.ts';
import { mayUseSecretKey } from '../secrets-manager/secret-key.ts';
import { findSecret } from '../secrets-manager/secrets.ts';
import { type CallContext, type Handler, handler, type Output } from '../world/call-context.ts';
import type { SqlParameter, SqlResult, SqlValue } from './sql-backend.ts';

interface Field {
  readonly isNull?: boolean;
  readonly booleanValue?: boolean;
  readonly longValue?: number;
  readonly doubleValue?: number;
  readonly stringValue?: string;
  readonly blobValue?: string;
  readonly arrayValue?: unknown;
}

interface Target {
  readonly resourceArn: string;
  readonly secretArn: string;
}

interface ExecuteRequest extends Target {
  readonly sql: string;
  readonly database?: string;
  readonly schema?: string;
  readonly parameters?: readonly { readonly name?: string; readonly value?: Field; readonly typeHint?: string }[];
  readonly transactionId?: string;
  readonly includeResultMetadata?: boolean;
  readonly formatRecordsAs?: 'NONE' | 'JSON';
}

/** A transaction that nobody uses for so long is rolled back. */
const IDLE_TRANSACTION = 180_000;
const LARGEST_RESULT = 1_048_576;

interface Session {
  readonly cluster: Cluster;
  readonly credentials: { readonly username: string; readonly password: string };
}

/** The cluster and who logs in, or the reason why nobody does. */
function connect(context: CallContext, { resourceArn, secretArn }: Target): Session {
  const { state, now } = context;
  const arn = parseRdsArn(resourceArn);
  if (arn === undefined || arn.type !== 'cluster' || arn.region !== state.region) {
    throw new AwsFault('BadRequestException', 400, 'Invalid database identifier for DB cluster');
  }
  if (arn.account !== state.account)
    throw new AwsFault('ForbiddenException', 403, `The cluster ${resourceArn} belongs to another account.`);
  const cluster = state.rds.clusters.find((one) => answersTo(one, arn.id, now));
  if (cluster === undefined) throw new AwsFault('BadRequestException', 400, `DBCluster ${arn.id} is not found.`);
  if (!cluster.httpEndpoint) {
    throw new AwsFault('HttpEndpointNotEnabledException', 400, `HTTP endpoint is not enabled for resource ${resourceArn}`);
  }
  const credentials = credentialsOf(context, secretArn);
  const writer = writerOf(context, cluster);
  if (writer === undefined || membersOf(context, cluster).length === 0) {
    throw new AwsFault('DatabaseNotFoundException', 404, "The DB cluster doesn't have a DB instance.");
  }
  const usable = ['available', 'backing-up', 'modifying', 'resetting-master-credentials', 'renaming'];
  if (!usable.includes(statusOf(cluster, now)) || !usable.includes(statusOf(writer, now))) {
    throw new AwsFault('DatabaseUnavailableException', 504, "The writer instance in the DB cluster isn't available.");
  }
  resume(cluster, now);
  if (credentials.username === cluster.contents.masterUsername && credentials.password !== cluster.masterPassword) {
    throw new AwsFault(
      'DatabaseErrorException',
      400,
      `FATAL: password authentication failed for user "${credentials.username}"; SQLState: 28P01`,
    );
  }
  return { cluster, credentials };
}

/** The Data API reads the secret in its caller's name, and says the same of a missing and of a closed one. */
function credentialsOf(context: CallContext, id: string) {
  const { state, now, principal } = context;
  const found = findSecret(state, id, now);
  const asked = demand('secretsmanager:GetSecretValue', found?.arn ?? id, {
    principal,
    place: state,
    via: 'rds-data.amazonaws.com',
  });
  const secret =
    found !== undefined && refusal(principal, asked) === undefined && mayUseSecretKey(context, found, ['Decrypt'])
      ? found
      : undefined;
  if (secret === undefined) {
    throw new AwsFault(
      'SecretsErrorException',
      400,
      'There was a problem with the Secrets Manager secret used with the request.',
    );
  }
  try {
    const value = parseJson(secret.versions.at(-1)?.value ?? '');
    if (typeof value === 'object' && value !== null && 'username' in value && 'password' in value) {
      if (typeof value.username === 'string' && typeof value.password === 'string') {
        return { username: value.username, password: value.password };
      }
    }
  } catch {
    // Not JSON: answered below.
  }
  throw new AwsFault('InvalidSecretException', 400, "The Secrets Manager secret used with the request isn't valid.");
}

/** A Serverless v2 cluster of minimum 0 that nobody used for a while is paused: the first call wakes it and is refused meanwhile. */
function resume(cluster: Cluster, now: number): void {
  const { serverless, durations } = cluster;
  const pause = serverless?.min === 0 ? (serverless.autoPauseSeconds ?? 300) * 1_000 : undefined;
  if (pause !== undefined && now > cluster.usedAt + pause) cluster.usedAt = now + durations.resume;
  if (cluster.usedAt > now) {
    throw new AwsFault(
      'DatabaseResumingException',
      400,
      'The Aurora DB instance is resuming after being auto-paused. Please wait a few seconds and try again.',
    );
  }
  cluster.usedAt = now;
}

function parameterOf({ name, value, typeHint }: NonNullable<ExecuteRequest['parameters']>[number]): SqlParameter {
  if (name === undefined || value === undefined)
    throw new AwsFault('BadRequestException', 400, 'A parameter needs a name and a value.');
  if (value.arrayValue !== undefined) throw new AwsFault('BadRequestException', 400, 'Array parameters are not supported.');
  const { isNull, booleanValue, longValue, doubleValue, stringValue, blobValue } = value;
  const scalar: SqlValue | undefined =
    isNull === true
      ? null
      : (booleanValue ?? longValue ?? doubleValue ?? stringValue ?? (blobValue && Buffer.from(blobValue, 'base64')));
  if (scalar === undefined) throw new AwsFault('BadRequestException', 400, `The parameter ${name} has no value.`);
  return { name, value: scalar, typeHint };
}

function fieldOf(value: SqlValue): Field {
  if (value === null) return { isNull: true };
  switch (typeof value) {
    case 'boolean':
      return { booleanValue: value };
    case 'bigint':
      return { longValue: Number(value) };
    case 'number':
      return Number.isInteger(value) ? { longValue: value } : { doubleValue: value };
    case 'string':
      return { stringValue: value };
    default:
      return { blobValue: Buffer.from(value).toString('base64') };
  }
}

function plainOf(value: SqlValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value;
}

function resultOutput({ columns, rows, updated }: SqlResult, input: ExecuteRequest): Output {
  const isQuery = columns.length > 0;
  const output = {
    numberOfRecordsUpdated: updated,
    ...(isQuery ? {} : { generatedFields: [] }),
    ...(isQuery && input.formatRecordsAs === 'JSON'
      ? {
          formattedRecords: JSON.stringify(
            rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, plainOf(row[index] ?? null)]))),
          ),
        }
      : {}),
    ...(isQuery && input.formatRecordsAs !== 'JSON' ? { records: rows.map((row) => row.map(fieldOf)) } : {}),
    ...(isQuery && input.includeResultMetadata === true && input.formatRecordsAs !== 'JSON'
      ? { columnMetadata: columns.map((name) => ({ name, label: name })) }
      : {}),
  };
  if (JSON.stringify(output).length > LARGEST_RESULT) {
    throw new AwsFault('BadRequestException', 400, 'Database returned more than the allowed response size limit');
  }
  return output;
}

/** Runs one statement. `sql` may differ from the request's: transactions are told in SQL. */
async function run(
  context: CallContext,
  { cluster, credentials }: Session,
  statement: {
    readonly sql: string;
    readonly database: string | undefined;
    readonly parameters: readonly SqlParameter[];
    readonly transactionId: string | undefined;
  },
): Promise<SqlResult> {
  const { world, now } = context;
  const result = await world.clock.hold(
    world.sql.execute({
      clusterArn: clusterArn(cluster, now),
      resourceId: cluster.resourceId,
      engine: cluster.contents.engine,
      engineVersion: cluster.contents.engineVersion,
      restoredFrom: cluster.restoredFrom,
      credentials,
      isMaster: credentials.username === cluster.contents.masterUsername,
      ...statement,
    }),
  );
  if (!('error' in result)) return result;
  const { message, sqlState } = result.error;
  throw new AwsFault('DatabaseErrorException', 400, sqlState === undefined ? message : `${message}; SQLState: ${sqlState}`);
}

function transactionOf({ state, now }: CallContext, id: string) {
  const transaction = state.transactions.get(id);
  if (transaction === undefined || now > transaction.usedAt + IDLE_TRANSACTION) {
    throw new AwsFault('TransactionNotFoundException', 404, `Transaction ${id} is not found`);
  }
  transaction.usedAt = now;
  return transaction;
}

const READS = /^\s*(select|show|explain|values|table)\b/i;

const executeStatement = handler<ExecuteRequest>(async (context, input) => {
  const session = connect(context, input);
  const sql = input.sql.trim().replace(/;\s*$/, '');
  if (sql === '') throw new AwsFault('BadRequestException', 400, 'SQL is empty');
  const parameters = (input.parameters ?? []).map(parameterOf);
  const transaction = input.transactionId === undefined ? undefined : transactionOf(context, input.transactionId);
  if (!READS.test(sql)) context.changed();
  const database = input.database ?? transaction?.database;
  return resultOutput(await run(context, session, { sql, database, parameters, transactionId: input.transactionId }), input);
});

const beginTransaction = handler<Target & { readonly database?: string }>(async (context, input) => {
  const { world, state, now } = context;
  const session = connect(context, input);
  const transactionId = world.random.base62(64, 'transaction', state.account, state.region, state.transactions.size);
  state.transactions.set(transactionId, { usedAt: now, database: input.database });
  context.changed();
  await run(context, session, { sql: 'BEGIN', database: input.database, parameters: [], transactionId });
  return { transactionId };
});

function endTransaction(sql: 'COMMIT' | 'ROLLBACK', transactionStatus: string): Handler {
  return handler<Target & { readonly transactionId: string }>(async (context, input) => {
    const { transactionId } = input;
    const session = connect(context, input);
    const { database } = transactionOf(context, transactionId);
    context.state.transactions.delete(transactionId);
    context.changed();
    await run(context, session, { sql, database, parameters: [], transactionId });
    return { transactionStatus };
  });
}

export const RDS_DATA_HANDLERS: Readonly<Record<string, Handler>> = {
  ExecuteStatement: executeStatement,
  BeginTransaction: beginTransaction,
  CommitTransaction: endTransaction('COMMIT', 'Transaction Committed'),
  RollbackTransaction: endTransaction('ROLLBACK', 'Rollback Complete'),
};
