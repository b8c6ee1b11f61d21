import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { reportJson } from './json.ts';
import { resultJson } from './result.ts';
import { databases, degraded, failed, hostile, inProgress, large, normal } from './testing/executions.ts';

const parsed = (value: object) => JSON.parse(JSON.stringify(value));

describe('the JSON report', () => {
  test('begins with its schema and the verdict', () => {
    const report = parsed(reportJson(failed()));
    assert.deepEqual(Object.keys(report).slice(0, 6), ['schema', 'execution', 'mode', 'simulated', 'verdict', 'reason']);
    assert.deepEqual([report.schema, report.verdict, report.reason.code], ['breakwater.report/1', 'failed', 'server-failed']);
    assert.deepEqual(report.recoveryTime, { objectiveMs: 3_600_000, actualMs: 2_130_000, met: false });
    assert.deepEqual(report.recoveryPoint, { objectiveMs: 900_000, actualMs: 6_000, server: 'application-5' });
    assert.deepEqual(report.counts, {
      waves: { total: 3, succeeded: 2, failed: 1 },
      servers: { total: 14, recovered: 8, failed: 1, failedOptional: 0, open: 5 },
    });
  });

  test('names every failure with its reason and where to look', () => {
    const [first, second] = parsed(reportJson(failed())).failures;
    assert.deepEqual(
      [first.kind, first.wave, first.name, first.status, first.weighs, first.reason.code],
      ['server', 'web', 'web-2', 'failed', true, 'server-failed'],
    );
    assert.match(first.url, /launchHistory\/drsjob-/);
    assert.deepEqual([second.kind, second.weighs, second.status], ['step', false, 'failed-ignored']);
  });

  test('has moments in ISO 8601 and durations in milliseconds', () => {
    const report = parsed(reportJson(normal()));
    const [server] = report.waves[0].servers;
    assert.deepEqual([report.startedAt, report.endedAt], ['2026-11-20T03:15:00.000Z', '2026-11-20T03:55:30.000Z']);
    assert.deepEqual(
      [server.rpaMs, server.recoveryPointAt, server.launchedAt],
      [2_000, '2026-11-20T03:14:58.000Z', '2026-11-20T03:24:00.000Z'],
    );
    const [freeze] = report.waves[0].steps;
    assert.deepEqual(
      [freeze.kind, freeze.startedAt, freeze.changes[0].operation],
      ['pre-wave-action', '2026-11-20T03:15:00.000Z', 'ssm:StartAutomationExecution'],
    );
    assert.equal(report.runs[0].identities[0].account, '111122223333');
  });

  test('keeps earlier tries, warnings, unanswered calls, interruptions and damage', () => {
    const [warm] = parsed(reportJson(failed())).waves[2].steps;
    assert.deepEqual([warm.attempt, warm.previous[0].status, warm.warnings[0].reason.code], [2, 'failed', 'throttled']);
    const stopped = parsed(reportJson(inProgress()));
    assert.equal(
      stopped.waves[2].steps.find((step: { id: string }) => step.id === 'recover').openIntents[0].operation,
      'drs:StartRecovery',
    );
    assert.deepEqual(
      [stopped.runs[0].interruptedBy, stopped.runs[0].stillRunning, stopped.endedAt],
      ['SIGTERM', ['web'], undefined],
    );
    assert.equal(stopped.recoveryTime.waitedForPeopleMs, 11.5 * 60_000);
    assert.equal(parsed(reportJson(degraded())).problems.length, 1);
  });
});

describe('databases in the JSON report', () => {
  test('stand beside the servers of their wave, with what was restored and what their checks found', () => {
    const report = parsed(reportJson(databases()));
    assert.deepEqual(report.counts.databases, { total: 3, recovered: 2, failed: 1, failedOptional: 1, open: 0 });
    assert.deepEqual(report.recoveryPoint, {
      objectiveMs: 900_000,
      actualMs: 600_000,
      met: false,
      database: 'shop',
      databases: [{ name: 'stock', objectiveMs: 300_000, actualMs: 600_000, met: false }],
    });
    const [shop, stock, lines] = report.waves[0].databases;
    assert.deepEqual(
      [shop.status, shop.strategy, shop.clusterId, shop.oldCluster, shop.snapshotAt, shop.rpaMs],
      ['succeeded', 'swap', 'shop-drill-0a1b2c', 'shop-old-0a1b2c', '2026-11-20T03:05:00.000Z', 600_000],
    );
    assert.equal(stock.rpoMs, 300_000);
    assert.deepEqual(lines.checks, [{ check: 'table lines', ok: false, found: '0 rows' }]);
    assert.deepEqual(
      report.failures.map(({ kind, name, weighs, url }: { kind: string; name: string; weighs: boolean; url: string }) => [
        kind,
        name,
        weighs,
        url,
      ]),
      [
        [
          'database',
          'lines',
          false,
          'https://us-west-2.console.aws.amazon.com/rds/home?region=us-west-2#database:id=lines-drill-0a1b2c;is-cluster=true',
        ],
      ],
    );
    assert.deepEqual(JSON.parse(resultJson(databases())).waves[0].databases.total, 3);
  });

  test('are not mentioned where there are none', () => {
    assert.doesNotMatch(JSON.stringify(reportJson(normal())), /"databases"/);
    assert.doesNotMatch(resultJson(normal()), /"databases"/);
  });
});

describe('the result of an action', () => {
  test('is the beginning of the report, with the failures and a line for each wave', () => {
    const result = JSON.parse(resultJson(failed()));
    const report = parsed(reportJson(failed()));
    for (const name of [
      'schema',
      'execution',
      'verdict',
      'reason',
      'recoveryTime',
      'recoveryPoint',
      'counts',
      'failures',
      'problems',
    ]) {
      assert.deepEqual(result[name], report[name], name);
    }
    assert.deepEqual(result.waves[2], {
      name: 'web',
      status: 'failed',
      servers: { total: 6, recovered: 0, failed: 1, failedOptional: 0, open: 5 },
    });
    assert.equal(result.leftOut, undefined);
    assert.equal(resultJson(failed()).includes('\n'), false);
  });

  test('stays under 64 KiB, keeps failures in preference, and counts what it left out', () => {
    const execution = large();
    const [wave] = execution.waves;
    const lost = wave?.servers.find(({ status }) => status === 'failed');
    assert.ok(wave !== undefined && lost !== undefined);
    const waves = Array.from({ length: 200 }, (_, w) => ({
      ...wave,
      name: `wave-${w}`,
      servers: Array.from({ length: 20 }, (__, i) => ({
        ...lost,
        id: `s-${w}-${i}`,
        name: `lost-${w}-${i}`,
        reason: { code: 'server-failed' as const, message: 'ü'.repeat(3_000) },
      })),
    }));
    const problems = Array.from({ length: 500 }, (_, i) => `problem ${i}`);
    const text = resultJson({ ...execution, waves, problems });
    assert.ok(Buffer.byteLength(text) <= 64 * 1024, `${Buffer.byteLength(text)} bytes`);
    const result = JSON.parse(text);
    assert.ok(result.failures.length > 10);
    assert.equal(result.failures.length + result.leftOut.failures, 4_000);
    assert.deepEqual([result.waves, result.problems.length, result.leftOut.problems], [[], 10, 490]);
    assert.equal(result.counts.servers.failed, 4_000);
  });

  test('is JSON whatever the names are', () => {
    assert.equal(JSON.parse(resultJson(hostile())).verdict, 'failed');
  });

  test('cuts even one endless message', () => {
    const execution = { ...failed(), reason: { code: 'internal' as const, message: 'x'.repeat(1_000_000) } };
    assert.ok(Buffer.byteLength(resultJson(execution)) <= 64 * 1024);
  });
});

test('docs/reports.md names every member', () => {
  const page = readFileSync(new URL('../../../docs/reports.md', import.meta.url), 'utf8');
  const members = new Set<string>();
  const collect = (value: unknown, free: boolean): void => {
    if (Array.isArray(value)) for (const item of value) collect(item, free);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) {
        if (!free) members.add(name);
        // These hold names of others: statuses, and whatever an operation recorded.
        collect(member, free || name === 'result' || name === 'detail' || name === 'counts');
      }
    }
  };
  for (const make of [normal, failed, degraded, inProgress]) collect(parsed(reportJson(make())), false);
  assert.ok(members.size > 50);
  assert.deepEqual(
    [...members].filter((name) => !page.includes(`\`${name}\``)),
    [],
  );
});
