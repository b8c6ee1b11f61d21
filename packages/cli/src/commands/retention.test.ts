import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { UserError, VirtualClock } from '@breakwater/core';
import { recordedTerminal } from '../testing.ts';
import type { RetentionRequest } from './requests.ts';
import { retention } from './retention.ts';

const LIST = [
  { id: 'thursday', time: '2026-01-15T03:00:00Z', status: 'available', owned: true },
  { id: 'wednesday', time: 1768359600000, status: 'available', owned: true },
  { id: 'tuesday\u001b[31m\nx', time: '2026-01-13T03:00:00+00:00', status: 'available', owned: true },
  { id: 'foreign', time: '2020-01-01', status: 'available', owned: false },
  { id: 'unborn', time: null, status: 'creating', owned: true },
];

async function decide(t: TestContext, request: Partial<RetentionRequest>, files: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'breakwater-retention-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries({ 's.json': JSON.stringify(LIST), ...files }))
    await writeFile(join(folder, name), text);
  const terminal = recordedTerminal();
  const inside = (name: string) => (name.startsWith('./') ? join(folder, name) : name);
  const code = await retention(
    {
      policy: inside(request.policy ?? '{count: 1}'),
      snapshots: inside(request.snapshots ?? './s.json'),
      json: request.json ?? false,
      ...(request.now === undefined ? {} : { now: request.now }),
    },
    {
      terminal,
      clock: new VirtualClock(Date.UTC(2026, 0, 15, 12)),
      standardInput: async () => JSON.stringify(LIST.slice(0, 2)),
    },
  );
  return { code, out: terminal.text(), err: terminal.errors() };
}

test('a table of what would go and what stays, and why', async (t) => {
  assert.deepEqual(await decide(t, { policy: '{gfs: {daily: 2}}' }), {
    code: 0,
    err: '',
    out: `the policy at 2026-01-15T12:00:00Z: 4 stay, 1 would go. Nothing is deleted here.

Would go
  2026-01-13T03:00:00Z  tuesday x  the policy does not keep it: 2026-01-13 is before the last 2 days, which reach back to 2026-01-14

Stay
  2026-01-15T03:00:00Z  thursday   the newest; newest of 2026-01-15 (day 1 of 2)
  2026-01-14T03:00:00Z  wednesday  newest of 2026-01-14 (day 2 of 2)
  2020-01-01T00:00:00Z  foreign    not ours: never deleted, never counted
  time not known        unborn     its status is "creating": only available copies are counted or deleted
`,
  });
});

test('a table of very many', async (t) => {
  const many = Array.from({ length: 150_000 }, (_, n) => ({ id: `s${n}`, time: n * 1e8, status: 'available', owned: true }));
  const { code, out } = await decide(t, { snapshots: './many.json' }, { 'many.json': JSON.stringify(many.slice(1_000)) });
  assert.equal(code, 0);
  assert.equal(out.split('\n').length, 149_000 + 6);
});

test('--json: every snapshot once, its time as it was written', async (t) => {
  const { code, out, err } = await decide(t, { policy: 'weekly', json: true });
  assert.deepEqual([code, err], [0, '']);
  const answer = JSON.parse(out);
  assert.deepEqual(Object.keys(answer), ['keep', 'delete']);
  assert.deepEqual(answer.keep[1], { id: 'wednesday', time: 1768359600000, reason: 'newest of 2026-01-14 (day 2 of 7)' });
  assert.deepEqual(
    answer.keep.map(({ time }: { time: unknown }) => time),
    LIST.map(({ time }) => time),
  );
  assert.deepEqual(answer.delete, []);
});

test('the list from standard input, the time from --now', async (t) => {
  const { out } = await decide(t, { snapshots: '-', now: '2026-01-14T12:00:00Z', json: true });
  const { keep, delete: gone } = JSON.parse(out);
  assert.deepEqual(gone, []);
  assert.match(keep[0].reason, /still to come/);
  assert.equal(keep[1].reason, 'the newest; 1 of the newest 1');
});

test('a policy from YAML and from JSON', async (t) => {
  const files = {
    'p.yaml': 'count: 1 # the last\nminimumKept: 2\n',
    'p.json': '{"count": 1, "minimumKept": 2}',
    plain: 'weekly',
  };
  for (const policy of ['./p.yaml', './p.json']) {
    const { out } = await decide(t, { policy, json: true }, files);
    assert.deepEqual(JSON.parse(out).delete.length, 1, policy);
  }
  assert.match((await decide(t, { policy: './plain' }, files)).out, /^weekly at /);
});

test('a policy that is not known keeps all, and stderr says so', async (t) => {
  const { code, out, err } = await decide(t, { policy: 'montly', json: true });
  assert.equal(code, 0);
  assert.match(
    err,
    /^breakwater: "montly" is neither a policy \(test, weekly, .*, ignore\) nor a file, so everything is kept\n$/,
  );
  assert.deepEqual(JSON.parse(out).delete, []);
  assert.deepEqual((await decide(t, { policy: 'Ignore' })).err, '');
});

test('bad input: one message, nothing on stdout', async (t) => {
  const files = {
    'bad.yaml': 'count: none',
    'bad.json': '[{"id": ',
    'object.json': '{"snapshots": []}',
    'twice.yaml': 'count: 1\ncount: 2',
  };
  for (const [request, code, message] of [
    [{ policy: 'none.yaml' }, 'file-unreadable', /^none\.yaml cannot be read \(ENOENT\)$/],
    [{ policy: './nowhere/p' }, 'file-unreadable', /cannot be read \(ENOENT\)$/],
    [{ policy: tmpdir() }, 'file-unreadable', /cannot be read \(EISDIR\)$/],
    [{ policy: './bad.yaml' }, 'usage', /^count of .*bad\.yaml must be a whole number from 1 to 1000000, not "none"$/],
    [{ policy: './twice.yaml' }, 'usage', /twice\.yaml is not YAML or JSON: Map keys must be unique/],
    [{ policy: '{days: 0}' }, 'usage', /^days of the policy must be a whole number/],
    [{ snapshots: './none.json' }, 'file-unreadable', /none\.json cannot be read \(ENOENT\)$/],
    [{ snapshots: './bad.json' }, 'usage', /bad\.json is not JSON: /],
    [{ snapshots: './object.json' }, 'usage', /object\.json must be a list of snapshots$/],
    [{ now: 'tomorrow' }, 'usage', /^--now must be a time, not "tomorrow"$/],
    [{ now: '2026-02-30' }, 'usage', /^--now must be a time/],
  ] as const) {
    await assert.rejects(
      () => decide(t, request, files),
      (error) => {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, code, error.message);
        assert.match(error.message, message);
        assert.notEqual(error.next, '');
        return true;
      },
    );
  }
});
