import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  EnableHttpEndpointCommand,
  ModifyDBClusterCommand,
  RestoreDBClusterFromSnapshotCommand,
} from '@aws-sdk/client-rds';
import {
  BeginTransactionCommand,
  CommitTransactionCommand,
  ExecuteStatementCommand,
  type ExecuteStatementCommandInput,
  RollbackTransactionCommand,
} from '@aws-sdk/client-rds-data';
import { at, DESTINATION, databaseWorld, SOURCE } from '../../test-support/database-worlds.ts';
import { awsError } from '../../test-support/sdk-clients.ts';
import { bindParameters } from './bind-parameters.ts';
import type { SqlBackend, SqlRequest } from './sql-backend.ts';

const MINUTE = 60_000;
const ARN = `arn:aws:rds:${SOURCE.region}:${SOURCE.account}:cluster:api`;
const PASSWORD = 'simulated-master-password';
const WORLD = `secrets:
  - { ${at(SOURCE)}, name: master, value: { username: postgres, password: ${PASSWORD} } }
  - { ${at(SOURCE)}, name: stale, value: { username: postgres, password: yesterday } }
  - { ${at(SOURCE)}, name: other, value: { username: app, password: secret } }
  - { ${at(SOURCE)}, name: text, value: hello }
`;

/** The base world's clusters do not speak the Data API: one that does is restored beside them. */
async function apiWorld(sql?: SqlBackend, more: object = {}, deny = 'deny: []') {
  const world = databaseWorld(
    `${WORLD}snapshots: [{ ${at(SOURCE)}, id: saved, database: shop, engineVersion: "16.6", kmsKey: alias/shop }]\n`,
    sql,
    deny,
  );
  const { rds } = world.source;
  await rds.send(
    new RestoreDBClusterFromSnapshotCommand({
      DBClusterIdentifier: 'api',
      SnapshotIdentifier: 'saved',
      Engine: 'aurora-postgresql',
      EngineVersion: '16.6',
      ServerlessV2ScalingConfiguration: { MinCapacity: 0.5, MaxCapacity: 4 },
      ...more,
    }),
  );
  await world.clock.sleep(10 * MINUTE);
  const run = (statement: string, rest: Partial<ExecuteStatementCommandInput> = {}) =>
    world.source.rdsData.send(
      new ExecuteStatementCommand({ resourceArn: ARN, secretArn: secret('master'), sql: statement, ...rest }),
    );
  return { ...world, rds, run };
}

function secret(name: string): string {
  return `arn:aws:secretsmanager:${SOURCE.region}:${SOURCE.account}:secret:${name}`;
}

async function usable(sql?: SqlBackend, more: object = {}, deny?: string) {
  const world = await apiWorld(sql, more, deny);
  await world.rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'api-1',
      DBClusterIdentifier: 'api',
      DBInstanceClass: 'db.serverless',
      Engine: 'aurora-postgresql',
    }),
  );
  await world.clock.sleep(10 * MINUTE);
  await world.rds.send(new EnableHttpEndpointCommand({ ResourceArn: ARN }));
  return world;
}

describe('the way to a database', () => {
  test('endpoint, instance, writer: each is missed in its own words', async () => {
    const { rds, run, clock } = await apiWorld();
    const sql = 'select 1';
    await assert.rejects(run(sql), awsError('HttpEndpointNotEnabledException', 400));
    await rds.send(new EnableHttpEndpointCommand({ ResourceArn: ARN }));
    await assert.rejects(run(sql), awsError('DatabaseNotFoundException', 404));
    await rds.send(
      new CreateDBInstanceCommand({
        DBInstanceIdentifier: 'api-1',
        DBClusterIdentifier: 'api',
        DBInstanceClass: 'db.r6g.large',
        Engine: 'aurora-postgresql',
      }),
    );
    await assert.rejects(run(sql), awsError('DatabaseUnavailableException', 504));
    await clock.sleep(10 * MINUTE);
    assert.deepEqual((await run(sql)).records, [[{ longValue: 1 }]]);
    await rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier: 'api-1', SkipFinalSnapshot: true }));
    await assert.rejects(run(sql), awsError('DatabaseUnavailableException', 504));
  });

  test('wrong names and wrong secrets', async () => {
    const { run } = await usable();
    const wrong = (rest: Partial<ExecuteStatementCommandInput>) => run('select 1', rest);
    await assert.rejects(wrong({ resourceArn: ARN.replace('api', 'none') }), awsError('BadRequestException', 400));
    await assert.rejects(wrong({ resourceArn: ARN.replace('cluster', 'db') }), awsError('BadRequestException', 400));
    await assert.rejects(
      wrong({ resourceArn: ARN.replace(SOURCE.account, DESTINATION.account) }),
      awsError('ForbiddenException', 403),
    );
    await assert.rejects(wrong({ secretArn: secret('none') }), awsError('SecretsErrorException', 400));
    await assert.rejects(wrong({ secretArn: secret('text') }), awsError('InvalidSecretException', 400));
    await assert.rejects(wrong({ secretArn: secret('stale') }), (error) => {
      awsError('DatabaseErrorException', 400)(error);
      assert.match(error instanceof Error ? error.message : '', /password authentication failed for user "postgres"/);
      return true;
    });
    await assert.rejects(run('  '), awsError('BadRequestException', 400));
  });

  test('a caller that may not read the secret', async () => {
    const { run } = await usable(undefined, {}, 'deny: ["secretsmanager:GetSecretValue"]');
    await assert.rejects(run('select 1'), awsError('SecretsErrorException', 400));
  });

  test('a new master password takes the place of the old one', async () => {
    const { run, rds, clock } = await usable();
    const change = await rds.send(
      new ModifyDBClusterCommand({ DBClusterIdentifier: 'api', ManageMasterUserPassword: true, ApplyImmediately: true }),
    );
    await clock.sleep(MINUTE);
    await assert.rejects(run('select 1'), awsError('DatabaseErrorException', 400));
    await run('select 1', { secretArn: change.DBCluster?.MasterUserSecret?.SecretArn });
  });

  test('a paused cluster is woken by the first call, and refuses until it is awake', async () => {
    const { run, clock } = await usable(undefined, { ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4 } });
    await assert.rejects(run('select 1'), awsError('DatabaseResumingException', 400));
    await clock.sleep(5_000);
    await assert.rejects(run('select 1'), awsError('DatabaseResumingException', 400));
    await clock.sleep(15_000);
    await run('select 1');
    await clock.sleep(4 * MINUTE);
    await run('select 1');
  });
});

describe('without a backend', () => {
  test('a few statements are answered, the scenario adds to them, all others are errors', async () => {
    const { run } = await usable();
    const { records, columnMetadata } = await run('SELECT VERSION();', { includeResultMetadata: true });
    assert.match(records?.[0]?.[0]?.stringValue ?? '', /^PostgreSQL 16\.6 /);
    assert.deepEqual(
      columnMetadata?.map(({ name }) => name),
      ['version'],
    );
    const orders = await run('select * from orders where paid');
    assert.deepEqual(orders.records, [
      [{ longValue: 2 }, { stringValue: 'a' }, { booleanValue: true }, { doubleValue: 0.5 }, { isNull: true }],
    ]);
    const json = await run('select * from orders', { formatRecordsAs: 'JSON' });
    assert.equal(json.formattedRecords, '[{"id":2,"name":"a","paid":true,"share":0.5,"note":null}]');
    await assert.rejects(run('drop table orders'), awsError('DatabaseErrorException', 400));
  });

  test('passwords in statements and parameters stay out of the log', async () => {
    const { run, world } = await usable();
    await assert.rejects(run(`ALTER ROLE "app" PASSWORD 'hun''ter2'`), awsError('DatabaseErrorException', 400));
    await assert.rejects(
      run('select :secret', { parameters: [{ name: 'secret', value: { stringValue: 'hunter3' } }] }),
      awsError('DatabaseErrorException', 400),
    );
    const log = JSON.stringify(world.calls);
    assert.doesNotMatch(log, /hun|ter2/);
    assert.match(log, /ALTER ROLE \\"app\\" PASSWORD '\*\*\*'/);
  });
});

describe('with a backend', () => {
  test('it is told who asks what of which cluster, and in which transaction', async () => {
    const asked: SqlRequest[] = [];
    const { run, source } = await usable({
      execute(request) {
        asked.push(request);
        return Promise.resolve({ columns: [], rows: [], updated: 3 });
      },
    });
    assert.equal((await run('update t set a = 1', { database: 'shop' })).numberOfRecordsUpdated, 3);
    const target = { resourceArn: ARN, secretArn: secret('other') };
    for (const End of [CommitTransactionCommand, RollbackTransactionCommand]) {
      const { transactionId } = await source.rdsData.send(new BeginTransactionCommand({ ...target, database: 'shop' }));
      await run('insert', { ...target, transactionId });
      await source.rdsData.send(new End({ ...target, transactionId }));
      await assert.rejects(run('late', { transactionId }), awsError('TransactionNotFoundException', 404));
    }
    assert.deepEqual(
      asked.map(({ sql }) => sql),
      ['update t set a = 1', 'BEGIN', 'insert', 'COMMIT', 'BEGIN', 'insert', 'ROLLBACK'],
    );
    const [first, begin, insert] = asked;
    assert.deepEqual(
      [first?.clusterArn, first?.engine, first?.isMaster, first?.credentials.password, first?.database, first?.transactionId],
      [ARN, 'aurora-postgresql', true, PASSWORD, 'shop', undefined],
    );
    assert.match(first?.restoredFrom ?? '', /cluster-snapshot:saved$/);
    assert.deepEqual([begin?.isMaster, insert?.database], [false, 'shop']);
    assert.equal(begin?.transactionId, insert?.transactionId);
  });

  test('a transaction that nobody uses for three minutes is gone', async () => {
    const { run, source, clock } = await usable({
      execute: () => Promise.resolve({ columns: [], rows: [], updated: 0 }),
    });
    const { transactionId } = await source.rdsData.send(
      new BeginTransactionCommand({ resourceArn: ARN, secretArn: secret('master') }),
    );
    await run('select 1', { transactionId });
    await clock.sleep(3 * MINUTE + 1_000);
    await assert.rejects(run('select 1', { transactionId }), awsError('TransactionNotFoundException', 404));
  });

  test('its parameters, rows and errors; and virtual time waits for it', async () => {
    const asked: SqlRequest[] = [];
    const { run, clock } = await usable({
      async execute(request) {
        asked.push(request);
        // Work that a virtual clock cannot see, as a socket's: far more turns of the event loop than it waits for by itself.
        for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (request.sql.includes('nowhere')) {
          return { error: { message: 'ERROR: relation "nowhere" does not exist', sqlState: '42P01' } };
        }
        return { columns: ['id', 'blob', 'big', 'nothing'], rows: [[7.5, new Uint8Array([1, 2]), 9n, null]], updated: 0 };
      },
    });
    const before = clock.now();
    const stop = new AbortController();
    const deadline = clock.sleep(10 * MINUTE, stop.signal).then(
      () => 'passed',
      () => 'held',
    );
    const answer = await run('select :id, :note', {
      parameters: [
        { name: 'id', value: { longValue: 7 }, typeHint: 'DECIMAL' },
        { name: 'note', value: { isNull: true } },
        { name: 'blob', value: { blobValue: new Uint8Array([3]) } },
      ],
    });
    stop.abort();
    assert.equal(await deadline, 'held');
    assert.ok(clock.now() - before < 1_000);
    assert.deepEqual(
      asked[0]?.parameters.map(({ name, value, typeHint }) => [name, value instanceof Uint8Array ? [...value] : value, typeHint]),
      [
        ['id', 7, 'DECIMAL'],
        ['note', null, undefined],
        ['blob', [3], undefined],
      ],
    );
    const [row] = answer.records ?? [];
    assert.deepEqual(
      row?.map(({ doubleValue, longValue, isNull, blobValue }) => doubleValue ?? longValue ?? isNull ?? [...(blobValue ?? [])]),
      [7.5, [1, 2], 9, true],
    );
    await assert.rejects(run('select * from nowhere'), (error) => {
      awsError('DatabaseErrorException', 400)(error);
      assert.equal(error instanceof Error ? error.message : '', 'ERROR: relation "nowhere" does not exist; SQLState: 42P01');
      return true;
    });
    for (const value of [{ arrayValue: { longValues: [1] } }, undefined]) {
      const parameters = [{ name: 'a', ...(value === undefined ? {} : { value }) }];
      await assert.rejects(run('select :a', { parameters }), awsError('BadRequestException', 400));
    }
  });

  test('a result above 1 MiB is refused', async () => {
    const { run } = await usable({
      execute: () => Promise.resolve({ columns: ['a'], rows: [['x'.repeat(1_048_577)]], updated: 0 }),
    });
    await assert.rejects(run('select a'), awsError('BadRequestException', 400));
  });
});

test('parameters are bound where they stand, not in literals, names, comments or casts', () => {
  const parameters = [
    { name: 'a', value: 1, typeHint: undefined },
    { name: 'b', value: 'x', typeHint: undefined },
  ];
  const cases: readonly [sql: string, postgres: string, mysql: string][] = [
    ['select :a, :b, :a', 'select $1, $2, $1', 'select ?, ?, ?'],
    [`select ':a', ":b", :a::text -- :b`, `select ':a', ":b", $1::text -- :b`, `select ':a', ":b", ?::text -- :b`],
    [
      'select $q$:a$q$ /* :b */, `:a`, :unknown',
      'select $q$:a$q$ /* :b */, `:a`, :unknown',
      'select $q$:a$q$ /* :b */, `:a`, :unknown',
    ],
    ["select 'it''s :a', :b", "select 'it''s :a', $1", "select 'it''s :a', ?"],
  ];
  for (const [sql, postgres, mysql] of cases) {
    assert.equal(bindParameters(sql, parameters, 'postgres').text, postgres);
    assert.equal(bindParameters(sql, parameters, 'mysql').text, mysql);
  }
  assert.deepEqual(bindParameters('select :b, :a, :b', parameters, 'postgres').values, ['x', 1]);
  assert.deepEqual(bindParameters('select :b, :a, :b', parameters, 'mysql').values, ['x', 1, 'x']);
});
