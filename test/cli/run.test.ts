import assert from 'node:assert/strict';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { breakwater, exported, SCENARIO, scratch, start, WEBSHOP } from './breakwater.ts';

const LINE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}\S+ {2}\S.* {2}\S.*$/;

test('a drill in virtual time: a line a change, the verdict, where the report lies, and 0', async (t) => {
  const history = await scratch(t);
  const { code, out, err } = await breakwater(t, [
    'run',
    WEBSHOP,
    '--mode',
    'drill',
    '--simulate',
    '--speed',
    'max',
    '--history',
    history,
  ]);
  assert.deepEqual({ code, err }, { code: 0, err: '' });
  const [head = '', tail = ''] = out.split('\n\nSUCCEEDED');
  const [first = '', ...lines] = head.split('\n');
  assert.match(first, /^execution webshop-drill-\S+, recorded in /);
  assert.ok(lines.length > 50);
  for (const line of lines) assert.match(line, LINE);
  assert.match(tail, /recovery time {3}\S+.* objective 1h 30m: met/);
  const report = /^report {4}(.*)$/m.exec(tail)?.[1] ?? '';
  assert.match(await readFile(report, 'utf8'), /^# Drill of webshop: succeeded/);
});

test('a critical server that fails: the verdict is failed, the answer 1, and it says why and what next', async (t) => {
  const folder = await scratch(t);
  const scenario = join(folder, 'failing.yaml');
  await writeFile(
    scenario,
    [
      `extends: ${SCENARIO}`,
      'name: failing',
      'faults:',
      '  - match: { server: webshop-db-02 }',
      '    effect: { kind: launch-fails, phase: launch, rawError: "InsufficientInstanceCapacity" }',
      '',
    ].join('\n'),
  );
  const words = ['run', WEBSHOP, '--mode', 'drill', '--simulate', scenario, '--speed', 'max', '--history', join(folder, 'h')];
  const { code, out } = await breakwater(t, words);
  assert.equal(code, 1);
  assert.match(out, /\n\nFAILED {2}drill of webshop/);
  assert.match(out, /InsufficientInstanceCapacity/);
  assert.match(out, /\nnext {6}/);
});

test('a plan with errors starts nothing: 1, the place, and no history', async (t) => {
  const folder = await scratch(t);
  const plan = join(folder, 'p.yaml');
  await writeFile(plan, 'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: p\n');
  const history = join(folder, 'h');
  const words = ['run', plan, '--mode', 'drill', '--simulate', SCENARIO, '--speed', 'max', '--history', history];
  const { code, out, err } = await breakwater(t, words);
  assert.deepEqual({ code, out }, { code: 1, out: '' });
  assert.match(err, /\[plan-invalid\]\n/);
  assert.match(err, /at: .*p\.yaml:\d+:\d+\n/);
  await assert.rejects(readdir(history), { code: 'ENOENT' });
});

const usage: readonly (readonly [name: string, words: readonly string[], code: RegExp])[] = [
  ['an unknown wave', ['--wave', 'databse'], /\[wave-unknown\]\n {2}next: .*database/],
  ['an unknown plan', ['--plan', 'webshp'], /\[plan-unknown\]\n {2}next: .*webshop/],
  ['an impossible execution id', ['--execution', '../../etc/passwd'], /\[usage\]\n {2}next: /],
  ['a scenario that is not there', ['--simulate', 'nope.yaml'], /\[file-unreadable\]\n {2}next: /],
];
test('what does not exist: 2, what there is, and nothing is started', async (t) => {
  const history = join(await scratch(t), 'h');
  const base = ['run', WEBSHOP, '--mode', 'drill', '--simulate', SCENARIO, '--speed', 'max', '--history', history];
  await Promise.all(
    usage.map(async ([name, words, expected]) => {
      const { code, out, err } = await breakwater(t, [...base, ...words]);
      assert.deepEqual({ code, out }, { code: 2, out: '' }, name);
      assert.match(err, expected, name);
    }),
  );
  await assert.rejects(readdir(history), { code: 'ENOENT' });
});

test('a history that is a file is a usage error', async (t) => {
  const history = join(await scratch(t), 'h');
  await writeFile(history, 'a file, where a folder should be');
  const { code, out, err } = await breakwater(t, [
    'run',
    WEBSHOP,
    '--mode',
    'drill',
    '--simulate',
    '--speed',
    'max',
    '--history',
    history,
  ]);
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /\[file-unreadable\]/);
});

test('a history that cannot be written is a fault of ours: 3, before anything starts', {
  skip: process.platform !== 'linux',
}, async (t) => {
  // Not even root can make a folder there. (Not /proc: Node's recursive mkdir never comes back from it.)
  const words = ['run', WEBSHOP, '--mode', 'drill', '--simulate', '--speed', 'max', '--history', '/sys/breakwater'];
  const { code, out, err } = await breakwater(t, words);
  assert.deepEqual({ code, out }, { code: 3, out: '' });
  assert.match(err, /\[history-unwritable\]/);
});

/** The webshop with deadlines and an objective that a busy machine meets, although two minutes of the plan are an eighth of a second here. */
async function patientWebshop(folder: string): Promise<string> {
  for (const name of ['groups', 'sites']) {
    await writeFile(join(folder, `${name}.yaml`), await readFile(join(WEBSHOP, '..', `${name}.yaml`)));
  }
  await cp(join(WEBSHOP, '..', 'manifests'), join(folder, 'manifests'), { recursive: true });
  const text = await readFile(WEBSHOP, 'utf8');
  const plan = text.replaceAll(/(maxWait|timeout): \w+/g, '$1: 10h').replace(/rto: \w+/, 'rto: 90h');
  assert.match(plan, /maxWait: 10h/);
  await writeFile(join(folder, 'webshop.yaml'), plan);
  return join(folder, 'webshop.yaml');
}

test('simulate prints exports; another process runs against it, is interrupted, and resumes', async (t) => {
  const folder = await scratch(t);
  const simulator = start(t, ['simulate', SCENARIO, '--speed', '1000']);
  const env = exported(await simulator.saw(/BREAKWATER_CLOCK=/));
  assert.match(env['AWS_ENDPOINT_URL'] ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  const words = ['run', await patientWebshop(folder), '--mode', 'drill', '--history', join(folder, 'h')];

  const first = start(t, words, { env });
  assert.match(await first.saw(/drs:StartRecovery made/), / {2}run {2}- {2}started drill of webshop/);
  const told = performance.now();
  first.child.kill('SIGINT');
  const interrupted = await first.ended;
  assert.ok(performance.now() - told < 5_000);
  assert.equal(interrupted.code, 1);
  const resume = /^To resume: breakwater (.*)$/m.exec(interrupted.err)?.[1] ?? '';
  assert.match(resume, /^run \S+ --mode drill --execution webshop-drill-\S+ --history \S+$/);
  assert.match(interrupted.out, /IN.PROGRESS/);

  const second = await breakwater(t, resume.split(' '), { env });
  assert.equal(second.code, 0, second.out + second.err);
  assert.match(second.out, /resumed drill of webshop/);
  assert.match(second.out, /\n\nSUCCEEDED {2}/);

  const calls: unknown = await (await fetch(`${env['AWS_ENDPOINT_URL']}/_simulator/calls`)).json();
  assert.ok(Array.isArray(calls));
  assert.equal(
    calls.filter(({ operation, applied }) => operation === 'StartRecovery' && applied).length,
    3,
    'one launch a wave, none twice',
  );

  simulator.child.kill('SIGINT');
  const { code, err } = await simulator.ended;
  assert.equal(code, 0);
  assert.match(err, /Ctrl-C ends it\.\nIt answered \d+ calls\.\n$/);
});

test('a run on the clock of a rehearsal is refused with real AWS', async (t) => {
  const history = join(await scratch(t), 'h');
  const { code, err } = await breakwater(t, ['run', WEBSHOP, '--mode', 'drill', '--history', history], {
    env: { BREAKWATER_CLOCK: '200@0@0' },
  });
  assert.equal(code, 2);
  assert.match(err, /BREAKWATER_CLOCK is set, but AWS_ENDPOINT_URL does not lead to a simulator/);
});

test('no credentials at all: 1, says so, and leaves a record of the refusal', async (t) => {
  const folder = await scratch(t);
  const env = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    BREAKWATER_CLOCK: '1000@0@0',
  };
  const { code, err } = await breakwater(t, ['run', WEBSHOP, '--mode', 'drill', '--history', join(folder, 'h')], { env });
  assert.equal(code, 1, err);
  assert.match(err, /\[credentials-missing\]\n/);
});

test('a port that is taken is a usage error', async (t) => {
  const simulator = start(t, ['simulate', SCENARIO]);
  const port = new URL(exported(await simulator.saw(/BREAKWATER_CLOCK=/))['AWS_ENDPOINT_URL'] ?? '').port;
  const { code, out, err } = await breakwater(t, ['simulate', SCENARIO, '--port', port]);
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, new RegExp(`cannot listen on port ${port}.*\\[usage\\]`));
});

test('--json and report: the record of one execution, read again; nobody else may have its id', async (t) => {
  const history = await scratch(t);
  const base = ['run', WEBSHOP, '--simulate', SCENARIO, '--speed', 'max', '--history', history, '--execution', 'webshop-1'];
  const made = await breakwater(t, [...base, '--mode', 'drill', '--json']);
  assert.deepEqual({ code: made.code, err: made.err }, { code: 0, err: '' });
  assert.equal(JSON.parse(made.out).verdict, 'succeeded');

  const report = (...words: readonly string[]) => breakwater(t, ['report', ...words, '--history', history]);
  const [markdown, json, unknown, otherMode] = await Promise.all([
    report('webshop'),
    report('webshop-1', '--format', 'json'),
    report('elsewhere'),
    breakwater(t, [...base, '--mode', 'recovery']),
  ]);
  assert.match(markdown.out, /^# Drill of webshop: succeeded/);
  assert.equal(json.out, made.out);
  assert.deepEqual([markdown.code, json.code, unknown.code, otherMode.code], [0, 0, 2, 1]);
  assert.match(unknown.err, /\[execution-unknown\]\n {2}next: The newest there: webshop-1\.\n$/);
  assert.match(otherMode.err, /\[execution-mismatch\]/);

  const journal = join(history, 'webshop/webshop-1/waves/database.jsonl');
  const lines = (await readFile(journal, 'utf8')).split('\n');
  await writeFile(journal, [...lines.slice(0, 3), ...lines.slice(4)].join('\n'));
  const damaged = await report('webshop-1');
  assert.equal(damaged.code, 1);
  assert.match(damaged.err, /\[history-corrupt\]/);
});
