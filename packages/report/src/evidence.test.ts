import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { evidenceJson } from './evidence.ts';
import { databaseRecord, databases, degraded, failed, hostile, inProgress, large, normal } from './testing/executions.ts';

const parsed = (value: object) => JSON.parse(JSON.stringify(value));

describe('the evidence of an execution', () => {
  test('says what was tested, when and where, with the whole plan', () => {
    const evidence = parsed(evidenceJson(normal()));
    assert.equal(evidence.schema, 'breakwater.evidence/1');
    assert.equal(evidence.test.kind, 'rehearsal');
    assert.equal(evidence.test.from, '2026-11-20T03:15:00.000Z');
    assert.equal(evidence.test.durationMs, Date.parse(evidence.test.to) - Date.parse(evidence.test.from));
    assert.equal(evidence.test.sites[0].account, '111122223333');
    assert.equal(evidence.plan.digest, evidence.report.plan.digest);
    assert.equal(evidence.verdict.verdict, evidence.report.verdict);
    assert.equal(evidence.scope.in.flatMap((wave: { servers: unknown[] }) => wave.servers).length, 14);
  });

  test('has every step in the order of its start', () => {
    const { events } = parsed(evidenceJson(normal()));
    const starts = events.map(({ from }: { from: string }) => from);
    assert.ok(starts.length > 5);
    assert.deepEqual(starts, [...starts].sort());
    assert.deepEqual([...new Set(events.map(({ by }: { by: string }) => by))].sort(), ['machine']);
  });

  test('tells what deviated, and what was found', () => {
    const evidence = parsed(evidenceJson(failed()));
    const kinds = new Set(evidence.deviations.map(({ kind }: { kind: string }) => kind));
    assert.ok(kinds.has('tried again') && kinds.has('warning'), [...kinds].join());
    assert.deepEqual(evidence.findings, evidence.report.failures);
    assert.ok(parsed(evidenceJson(inProgress())).deviations.some(({ kind }: { kind: string }) => kind === 'interrupted'));
  });

  test('says of every field that such a report should have where it is, or why it is not recorded', () => {
    const evidence = parsed(evidenceJson(normal()));
    const left = new Set(evidence.notRecorded.map(({ field }: { field: string }) => field));
    for (const field of ['plan.review', 'people.absent', 'findings[].cause', 'reconstitution', 'retention']) {
      assert.ok(left.has(field), field);
    }
    for (const { field, reason } of evidence.notRecorded) {
      assert.ok(reason.length > 20, field);
      assert.equal(evidence[field], undefined, `${field} is told`);
    }
  });

  test('names what each database of its scope is, a cluster or an instance', () => {
    const execution = databases();
    const [wave] = execution.waves;
    assert.ok(wave !== undefined);
    const { cluster: _, ...rest } = databaseRecord('books');
    const told = parsed(evidenceJson({ ...execution, waves: [{ ...wave, databases: [{ ...rest, instance: 'ledger' }] }] }));
    assert.deepEqual(told.scope.in[0].databases, [{ name: 'books', instance: 'ledger', criticality: 'critical' }]);
  });

  test('shows what was proved of restored data', () => {
    const { dataChecks } = parsed(evidenceJson(databases()));
    assert.ok(dataChecks.length > 0);
    for (const { database, check, ok } of dataChecks) assert.ok(database !== '' && check !== '' && typeof ok === 'boolean');
  });

  test('gives a reason for whatever it cannot know, and is the same each time', () => {
    for (const execution of [normal(), degraded(), failed(), hostile(), inProgress(), large(), databases()]) {
      const evidence = parsed(evidenceJson(execution));
      assert.deepEqual(parsed(evidenceJson(execution)), evidence);
      for (const { field, reason } of evidence.notRecorded) {
        assert.ok(reason.length > 20, field);
        assert.equal(evidence[field.split(/[.[]/)[0]]?.[field.split('.')[1] ?? ''], undefined, field);
      }
    }
  });

  test('of simulated AWS is none', () => {
    const execution = normal();
    const rehearsal = { ...execution, header: { ...execution.header, simulated: true } };
    assert.deepEqual(
      [evidenceJson(rehearsal)['evidence'], evidenceJson(execution)['evidence']],
      [false, !execution.header.simulated],
    );
  });
});

const page = readFileSync(new URL('../../../docs/history.md', import.meta.url), 'utf8');
const year = /<!-- tested: year -->\n```sh\n([\s\S]*?)\n```/.exec(page)?.[1] ?? '';
const jq = spawnSync('jq', ['--version']).status === 0;

test('the table of a year that docs/history.md makes shows the real ones', { skip: jq ? false : 'jq is not installed' }, (t) => {
  const root = mkdtempSync(join(tmpdir(), 'breakwater-evidence-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [id, execution] of Object.entries({ normal: normal(), failed: failed(), degraded: degraded() })) {
    const folder = join(root, 'webshop', id);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidenceJson(execution)));
  }
  const { stdout, stderr, status } = spawnSync('sh', ['-c', year], { cwd: root, encoding: 'utf8' });
  assert.deepEqual([stderr, status], ['', 0]);
  const rows = stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  assert.deepEqual(rows.map(([from, kind, , verdict]) => [from, kind, verdict]).sort(), [
    ['2026-11-20T03:15:00.000Z', 'drill', 'degraded'],
    ['2026-11-20T03:15:00.000Z', 'live-failover', 'failed'],
  ]);
});
