import assert from 'node:assert/strict';
import { chmod, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { asBreakwaterError, type BreakwaterError, type ReasonCode } from '@breakwater/core';
import { type DrillOptions, folderWith, scratch, VirtualDrill, webshopFiles } from './virtual-drill.ts';

const WEBSHOP = 'plans/simulation/webshop.yaml';

/** Runs what must be refused: the error has the code, says what to do next, and AWS was not asked to change anything. */
async function refused(code: ReasonCode, options: DrillOptions, drill = VirtualDrill.of(WEBSHOP)): Promise<BreakwaterError> {
  const before = drill.world.calls.length;
  const error = await drill.run(options).then(
    ({ execution }) => assert.fail(`not refused: ${execution.verdict} ${execution.reason.message}`),
    (caught) => asBreakwaterError(caught),
  );
  assert.equal(error.code, code, error.message);
  assert.ok(error.next.length > 10, 'says what to do next');
  assert.doesNotMatch(error.message, /\n\s+at /, 'no stack trace');
  const changes = drill.world.calls
    .slice(before)
    .filter(({ operation, applied }) => applied && /^(Start|Send|Terminate)/.test(operation));
  assert.deepEqual(changes, [], 'nothing was started');
  return error;
}

test('plan files that are not there, not files, not text, or not plans', async () => {
  assert.match((await refused('file-unreadable', { files: ['plans/nowhere.yaml'] })).message, /nowhere\.yaml/);
  assert.match((await refused('file-unreadable', { files: [await scratch()] })).message, /holds no plan file/);
  const folder = await folderWith({
    'binary.yaml': new Uint8Array([0, 1, 2, 255, 254, 0, 0, 7]),
    'huge.yaml': `# ${'x'.repeat(10 * 1024 * 1024)}\n`,
    'bomb.yaml': [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...'bcdefghi'.split('').map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghi'[index]}`).join(', ')}]`),
    ].join('\n'),
    'twice.yaml': 'apiVersion: breakwater/v1\nkind: Site\nkind: Site\nname: x\naccount: "111122223333"\nregion: us-west-2\n',
    'empty.yaml': '',
    'waveless.yaml':
      'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: x\nowner: y\ntier: 1\nobjectives: { rto: 1h, rpo: 1m }\nwaves: []\n',
  });
  for (const name of await readdir(folder)) {
    const error = await refused('plan-invalid', { files: [join(folder, name)] }).catch(async (cause) => {
      // A file with nothing in it has no plan to run.
      if (name === 'empty.yaml') return refused('plan-unknown', { files: [join(folder, name)] });
      throw cause;
    });
    assert.ok(error.message.length < 2_000, `${name}: short`);
  }
});

test('a broken neighbour in the same folder does not stop a sound plan', async () => {
  const folder = await folderWith({
    ...(await webshopFiles()),
    'broken.yaml': 'apiVersion: breakwater/v1\nkind: RecoveryPlan\nname: broken\nwaves: 7\n',
  });
  const { execution } = await VirtualDrill.of(WEBSHOP).run({ files: [folder], plan: 'webshop' });
  assert.equal(execution.verdict, 'succeeded');
  await refused('plan-invalid', { files: [folder], plan: 'broken' });
});

test('a byte order mark and CRLF are no mistake', async () => {
  const windows = ([name, text]: readonly [string, string]) =>
    [name, name.endsWith('.yaml') ? `\uFEFF${text.replaceAll('\n', '\r\n')}` : text] as const;
  const folder = await folderWith(Object.fromEntries(Object.entries(await webshopFiles()).map(windows)));
  const { execution } = await VirtualDrill.of(WEBSHOP).run({ files: [join(folder, 'webshop.yaml')] });
  assert.equal(execution.verdict, 'succeeded');
});

test('names that are not there', async () => {
  assert.match(
    (await refused('plan-unknown', { plan: 'webshopp' })).message + (await refused('plan-unknown', { plan: 'webshopp' })).next,
    /webshop/,
  );
  assert.match((await refused('wave-unknown', { waves: ['databse'] })).next, /database/);
  assert.match((await refused('wave-unknown', { approvals: ['databse'] })).next, /web/);
  await refused('usage', { approvals: ['database'] });
  for (const execution of ['../../etc', 'Ünsinn', 'a', 'x'.repeat(200), '-x-', 'a/b']) await refused('usage', { execution });
});

test('an execution id that belongs to another mode, another plan, or an older text of the plan', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  await drill.run({ history, execution: 'mine-1', waves: ['database'] });
  await refused('execution-mismatch', { history, execution: 'mine-1', mode: 'recovery' }, drill);
  const { 'webshop.yaml': text = '', ...others } = await webshopFiles();
  const renamed = await folderWith({ ...others, 'webshop.yaml': text.replace('name: webshop\n', 'name: webshop-two\n') });
  await refused('execution-mismatch', { history, execution: 'mine-1', files: [join(renamed, 'webshop.yaml')] }, drill);
  const changed = await folderWith({ ...others, 'webshop.yaml': text.replace('maxWait: 2m', 'maxWait: 3m') });
  const error = await refused('plan-changed', { history, execution: 'mine-1', files: [join(changed, 'webshop.yaml')] }, drill);
  assert.match(error.message, /[0-9a-f]{8}/, 'names the digests');
  const reformatted = await folderWith({ ...others, 'webshop.yaml': `# a comment\n${text.replace('rto: 90m', 'rto:   90m')}` });
  const { execution } = await drill.run({ history, execution: 'mine-1', files: [join(reformatted, 'webshop.yaml')] });
  assert.equal(execution.verdict, 'succeeded');
});

test('a wave that selects nothing', async () => {
  const scenario = (await readFile(WEBSHOP, 'utf8')).replaceAll('Tier: web', 'Tier: nothing');
  const error = await refused('selection-empty', {}, VirtualDrill.of(scenario));
  assert.match(error.message, /web/);
});

test('the wrong account', async () => {
  const folder = await folderWith({
    ...(await webshopFiles()),
    'sites.yaml': (await readFile('plans/sites.yaml', 'utf8')).replace(/(roleArn|externalId):.*\n/g, ''),
  });
  const error = await refused('account-mismatch', { files: [join(folder, 'webshop.yaml')] });
  assert.match(error.message, /444455556666/);
  assert.match(error.message, /111122223333/);
});

test('expired credentials, missing permissions, a Region without DRS', async () => {
  const expired = VirtualDrill.of(WEBSHOP);
  expired.world.arm({
    match: { service: 'sts' },
    effect: {
      kind: 'error',
      code: 'ExpiredToken',
      status: 403,
      message: 'The security token included in the request is expired',
      when: 'before',
    },
  });
  await refused('credentials-expired', {}, expired);

  const denied = VirtualDrill.of(
    (await readFile(WEBSHOP, 'utf8')).replace(
      '    externalId: webshop-dr\n',
      '    externalId: webshop-dr\n    deny: ["drs:DescribeSourceServers"]\n',
    ),
  );
  assert.match((await refused('permission-denied', {}, denied)).message, /drs:DescribeSourceServers/);

  const bare = VirtualDrill.of(
    (await readFile(WEBSHOP, 'utf8')).replace('    regions: [us-west-2]\n', '    regions: [us-east-1]\n'),
  );
  const error = await refused('drs-uninitialised', {}, bare);
  assert.match(error.message, /us-west-2/);
});

test('a StartRecovery that is not permitted fails the wave and names the permission', async () => {
  const drill = VirtualDrill.of(
    (await readFile(WEBSHOP, 'utf8')).replace(
      '    externalId: webshop-dr\n',
      '    externalId: webshop-dr\n    deny: ["drs:StartRecovery"]\n',
    ),
  );
  const { execution } = await drill.run({});
  assert.equal(execution.verdict, 'failed');
  assert.equal(execution.reason.code, 'permission-denied');
  assert.match(execution.reason.message, /drs:StartRecovery/);
  assert.equal(drill.applied('StartRecovery'), 0);
});

test('a drill is refused while replication is not ready; a recovery is not', async () => {
  const scenario = (await readFile(WEBSHOP, 'utf8')).replace(
    'replication: { lag: 1s }',
    'replication: { state: STALLED, lag: 3h }',
  );
  const error = await refused('not-ready', {}, VirtualDrill.of(scenario));
  assert.match(error.message, /STALLED/);
  const recovery = VirtualDrill.of(scenario);
  const { execution } = await recovery.run({ mode: 'recovery', approvals: ['web'] });
  assert.notEqual(execution.verdict, 'failed', execution.reason.message);
  assert.equal(recovery.applied('StartRecovery'), 3);
});

test('a history that cannot be written', async () => {
  const folder = await folderWith({ webshop: 'a file where a folder should be' });
  await refused('history-unwritable', { history: folder });
  await refused('file-unreadable', { history: join(folder, 'webshop') });
});

test('a read-only history', { skip: process.getuid?.() === 0 ? 'root may write everywhere' : false }, async () => {
  const folder = await scratch();
  await chmod(folder, 0o500);
  await refused('history-unwritable', { history: join(folder, 'history') });
});

test('two runs of one execution at once: the second is refused, the first goes on', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  let second: Promise<BreakwaterError> | undefined;
  const first = await drill.run({
    history,
    execution: 'only-once-1',
    onLine: (line) => {
      if (line.type !== 'wave-started' || second !== undefined) return;
      second = drill.run({ history, execution: 'only-once-1' }).then(
        () => assert.fail('the second ran'),
        (error) => asBreakwaterError(error),
      );
    },
  });
  assert.equal((await second)?.code, 'execution-locked');
  assert.equal(first.execution.verdict, 'succeeded');
  assert.equal(drill.applied('StartRecovery'), 3);
});

test('a journal cut in the middle of a line is repaired, told, and the run resumes', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const history = await scratch();
  const stop = new AbortController();
  await drill.run({
    history,
    execution: 'cut-1',
    signal: stop.signal,
    onLine: (line) => {
      if (line.type === 'change' && line.operation === 'drs:StartRecovery') stop.abort('SIGTERM');
    },
  });
  const file = join(history, 'webshop', 'cut-1', 'waves', 'database.jsonl');
  const text = await readFile(file);
  await truncate(file, text.length - 25);
  const { execution } = await drill.run({ history, execution: 'cut-1' });
  assert.equal(execution.verdict, 'succeeded', execution.reason.message);
  assert.equal(drill.applied('StartRecovery'), 3);
  assert.match(await readFile(file, 'utf8'), /"type":"tail-repaired"/);
});

test('an altered journal stops a drill; a recovery sets it aside, says so, and adopts what AWS knows', async () => {
  for (const mode of ['drill', 'recovery'] as const) {
    const drill = VirtualDrill.of(WEBSHOP);
    const history = await scratch();
    await drill.run({ history, execution: 'altered-1', mode, waves: ['database'] });
    const file = join(history, 'webshop', 'altered-1', 'waves', 'database.jsonl');
    await writeFile(file, (await readFile(file, 'utf8')).replace('"type":"wave-started"', '"type":"wave-Started"'));
    if (mode === 'drill') {
      await refused('history-corrupt', { history, execution: 'altered-1' }, drill);
      continue;
    }
    const { execution } = await drill.run({ history, execution: 'altered-1', mode, approvals: ['web'] });
    assert.equal(drill.applied('StartRecovery'), 3, 'what was launched was adopted');
    assert.equal(execution.verdict, 'degraded');
    assert.equal(execution.reason.code, 'history-corrupt');
  }
});

test('history lost altogether: the same execution id finds its own work in AWS', async () => {
  const drill = VirtualDrill.of(WEBSHOP);
  const stop = new AbortController();
  await drill.run({
    execution: 'lost-1',
    signal: stop.signal,
    onLine: (line, stream) => {
      if (stream === 'waves/application' && line.type === 'change' && line.operation === 'drs:StartRecovery')
        stop.abort('SIGTERM');
    },
  });
  const { execution } = await drill.run({ execution: 'lost-1' });
  assert.ok(
    execution.waves.every(({ status }) => status === 'succeeded'),
    execution.reason.message,
  );
  // With the history it is lost when the recovery was asked for: loss counts from the second run, when the first data were old already.
  assert.deepEqual([execution.verdict, execution.reason.code], ['degraded', 'rpo-missed']);
  assert.equal(drill.applied('StartRecovery'), 3);
  assert.equal(drill.applied('RestoreDBClusterFromSnapshot'), 1);
});
