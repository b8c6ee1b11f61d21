import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InternalError, RefusedError, UserError } from '@breakwater/core';
import { runCommandLine } from './command-line.ts';
import { EXIT_CODES, type ExitCode } from './exit-codes.ts';
import type { Handlers } from './program.ts';
import { recordedTerminal } from './testing.ts';

type Asked = readonly [keyof Handlers, unknown];

async function understand(line: string, answer: () => ExitCode = () => EXIT_CODES.fine) {
  const asked: Asked[] = [];
  const handler = (name: keyof Handlers) => async (request: unknown) => {
    asked.push([name, request]);
    return answer();
  };
  const terminal = recordedTerminal();
  const handlers: Handlers = {
    check: handler('check'),
    compile: handler('compile'),
    doctor: handler('doctor'),
    run: handler('run'),
    simulate: handler('simulate'),
    capture: handler('capture'),
    retention: handler('retention'),
    report: handler('report'),
    unlock: handler('unlock'),
    historyVerify: handler('historyVerify'),
    historyPush: handler('historyPush'),
  };
  const words = line === '' ? [] : line.split(' ');
  const code = await runCommandLine(words, { terminal, handlers, version: '1.2.3' });
  return { code, asked, out: terminal.text(), err: terminal.errors() };
}

const RUN = {
  files: 'p.yaml',
  mode: 'drill',
  waves: [],
  history: '.breakwater/history',
  approvals: [],
  replaceLive: [],
  json: false,
};
const understood: readonly (readonly [string, Asked])[] = [
  ['check', ['check', { files: ['plans'], format: 'text' }]],
  ['check a.yaml b --format sarif --plan shop', ['check', { files: ['a.yaml', 'b'], format: 'sarif', plan: 'shop' }]],
  ['compile', ['compile', { files: ['plans'], output: '.github/workflows', check: false }]],
  [
    'compile a.yaml --plan shop --output - --uses acme/breakwater@v1 --check',
    ['compile', { files: ['a.yaml'], plan: 'shop', output: '-', source: 'acme/breakwater@v1', check: true }],
  ],
  ['doctor', ['doctor', { files: ['plans'], tokenEnv: 'GITHUB_TOKEN', historyBranch: 'dr-history', json: false }]],
  [
    'doctor a.yaml --plan shop --repo acme/shop.eu --token-env T --history-branch h --json',
    ['doctor', { files: ['a.yaml'], plan: 'shop', repository: 'acme/shop.eu', tokenEnv: 'T', historyBranch: 'h', json: true }],
  ],
  ['history verify', ['historyVerify', { history: '.breakwater/history', anchors: [], json: false }]],
  [
    'history verify --history-branch h --json --anchor 5D41402ABC4B',
    ['historyVerify', { history: '.breakwater/history', branch: { name: 'h' }, anchors: ['5d41402abc4b'], json: true }],
  ],
  [
    'history verify --history-remote up',
    ['historyVerify', { history: '.breakwater/history', branch: { remote: 'up' }, anchors: [], json: false }],
  ],
  ['unlock', ['unlock', { history: '.breakwater/history', yes: false }]],
  [
    'unlock drill-1 --history-branch h --yes',
    ['unlock', { history: '.breakwater/history', branch: { name: 'h', remote: 'origin' }, execution: 'drill-1', yes: true }],
  ],
  ['doctor', ['doctor', { files: ['plans'], tokenEnv: 'GITHUB_TOKEN', historyBranch: 'dr-history', json: false }]],
  [
    'doctor a.yaml --plan shop --repo acme/shop.eu --token-env T --history-branch h --json',
    ['doctor', { files: ['a.yaml'], plan: 'shop', repository: 'acme/shop.eu', tokenEnv: 'T', historyBranch: 'h', json: true }],
  ],
  ['run p.yaml --mode drill', ['run', RUN]],
  ['run p.yaml --mode recovery --json', ['run', { ...RUN, mode: 'recovery', json: true }]],
  ['run p.yaml --mode drill --wave a b --wave c', ['run', { ...RUN, waves: ['a', 'b', 'c'] }]],
  ['run p.yaml --mode drill --approve a --approve b', ['run', { ...RUN, approvals: ['a', 'b'] }]],
  [
    'run p.yaml --mode recovery --replace-live s-0123456789abcdef0',
    ['run', { ...RUN, mode: 'recovery', replaceLive: ['s-0123456789abcdef0'] }],
  ],
  [
    'run p.yaml --mode drill --execution shop-1 --history h --plan shop',
    ['run', { ...RUN, execution: 'shop-1', history: 'h', plan: 'shop' }],
  ],
  ['run p.yaml --mode drill --history-branch dr-history', ['run', { ...RUN, branch: { name: 'dr-history', remote: 'origin' } }]],
  [
    'run p.yaml --mode drill --history-remote ../records.git',
    ['run', { ...RUN, branch: { name: 'dr-history', remote: '../records.git' } }],
  ],
  [
    'report shop-1 --history-branch audit --history-remote upstream',
    [
      'report',
      { execution: 'shop-1', format: 'md', history: '.breakwater/history', branch: { name: 'audit', remote: 'upstream' } },
    ],
  ],
  [
    'history push',
    ['historyPush', { history: '.breakwater/history', branch: { name: 'dr-history', remote: 'origin' }, keepBoth: false }],
  ],
  [
    'history push --history h --history-branch b --history-remote r --keep-both',
    ['historyPush', { history: 'h', branch: { name: 'b', remote: 'r' }, keepBoth: true }],
  ],
  [
    'history push --rewritten restore',
    [
      'historyPush',
      {
        history: '.breakwater/history',
        branch: { name: 'dr-history', remote: 'origin' },
        keepBoth: false,
        rewritten: 'restore',
      },
    ],
  ],
  // With commas too, as the inputs of the actions are written.
  ['run p.yaml --mode drill --wave a,b c --wave d', ['run', { ...RUN, waves: ['a', 'b', 'c', 'd'] }]],
  ['run p.yaml --mode drill --simulate', ['run', { ...RUN, simulation: { speed: 200 } }]],
  [
    'run p.yaml --mode drill --simulate s.yaml --speed max',
    ['run', { ...RUN, simulation: { scenario: 's.yaml', speed: 'max' } }],
  ],
  ['run p.yaml --simulate --mode drill --speed 0.5', ['run', { ...RUN, simulation: { speed: 0.5 } }]],
  ['simulate', ['simulate', { port: 0, speed: 200 }]],
  ['simulate s.yaml --port 4566 --speed 1', ['simulate', { scenario: 's.yaml', port: 4566, speed: 1 }]],
  [
    'capture webshop --account 222233334444 --region us-east-1',
    ['capture', { database: 'webshop', account: '222233334444', region: 'us-east-1' }],
  ],
  [
    'capture ledger --instance --account 222233334444 --region us-east-1',
    ['capture', { database: 'ledger', instance: true, account: '222233334444', region: 'us-east-1' }],
  ],
  [
    'capture webshop --account 222233334444 --region us-east-1 --role-arn arn:aws:iam::222233334444:role/r --external-id e',
    [
      'capture',
      {
        database: 'webshop',
        account: '222233334444',
        region: 'us-east-1',
        roleArn: 'arn:aws:iam::222233334444:role/r',
        externalId: 'e',
      },
    ],
  ],
  ['retention --policy standard --snapshots s.json', ['retention', { policy: 'standard', snapshots: 's.json', json: false }]],
  [
    'retention --policy p.yaml --snapshots - --now 2026-01-15T03:00:00Z --json',
    ['retention', { policy: 'p.yaml', snapshots: '-', now: '2026-01-15T03:00:00Z', json: true }],
  ],
  ['report x', ['report', { execution: 'x', format: 'md', history: '.breakwater/history' }]],
  ['report x --format json --history h', ['report', { execution: 'x', format: 'json', history: 'h' }]],
];

for (const [line, expected] of understood) {
  test(`understands: ${line}`, async () => {
    assert.deepEqual(await understand(line), { code: 0, asked: [expected], out: '', err: '' });
  });
}

const misunderstood: readonly (readonly [line: string, message: RegExp, next: RegExp])[] = [
  ['drll', /unknown command 'drll'/, /breakwater --help/],
  ['chek', /unknown command 'chek' \(Did you mean check\?\)/, /breakwater --help/],
  ['check --fromat json', /unknown option '--fromat' \(Did you mean --format\?\)/, /breakwater check --help/],
  ['check --format xml', /'xml' is invalid.*text, json, sarif, github/, /breakwater check --help/],
  ['capture webshop --account 2222 --region us-east-1', /'2222' is invalid.*twelve digits/, /breakwater capture --help/],
  ['capture webshop --account 222233334444', /required option '--region <region>' not specified/, /breakwater capture --help/],
  [
    'capture web_shop --account 222233334444 --region us-east-1',
    /'web_shop' is invalid.*identifier/,
    /breakwater capture --help/,
  ],
  ['retention --snapshots s.json', /required option '--policy <policy>' not specified/, /breakwater retention --help/],
  ['retention --policy weekly', /required option '--snapshots <file>' not specified/, /breakwater retention --help/],
  ['retention weekly s.json', /required option|too many arguments/, /breakwater retention --help/],
  ['run --mode drill', /missing required argument 'plan'/, /breakwater run --help/],
  ['run p.yaml', /required option '--mode <mode>' not specified/, /breakwater run --help/],
  ['run p.yaml --mode dril', /'dril' is invalid.*drill, recovery/, /breakwater run --help/],
  ['run p.yaml q.yaml --mode drill', /too many arguments/, /breakwater run --help/],
  ['run --simulate p.yaml --mode drill', /missing required argument 'plan'/, /Put it first.*breakwater run --help/],
  ['run p.yaml --mode drill --wave a,', /'a,' is invalid.*must not be empty/, /breakwater run --help/],
  ['run p.yaml --mode drill --speed 5', /'--speed <n>' needs '--simulate'/, /breakwater run --help/],
  ['run p.yaml --mode drill --simulate --speed fast', /'fast' is invalid.*or "max"/, /breakwater run --help/],
  ['run p.yaml --mode drill --simulate --speed 0', /'0' is invalid/, /breakwater run --help/],
  ['run p.yaml --mode drill --simulate --speed 1e9', /'1e9' is invalid/, /breakwater run --help/],
  ['run p.yaml --mode drill --replace-live web-1', /'web-1' is invalid.*s-0123456789abcdef0/, /breakwater run --help/],
  ['simulate --port 70000', /'70000' is invalid.*65535/, /breakwater simulate --help/],
  ['simulate --port http', /'http' is invalid/, /breakwater simulate --help/],
  ['simulate --speed max', /'max' is invalid.*breakwater run --simulate/, /breakwater simulate --help/],
  ['doctor --repo webshop', /'webshop' is invalid.*owner\/name/, /breakwater doctor --help/],
  ['doctor --token-env ghp-x', /name of a variable, not a token/, /--token-env GITHUB_TOKEN/],
  [
    'capture w --account 222233334444 --region us-east-1 --role-arn admin',
    /'admin' is invalid.*ARN/,
    /breakwater capture --help/,
  ],
  [
    'run p.yaml --mode drill --replace-live s-0123456789abcdef0',
    /a drill never replaces a live recovery instance/,
    /breakwater run --help/,
  ],
  ['report', /missing required argument 'execution'/, /breakwater report --help/],
];

for (const [line, message, next] of misunderstood) {
  test(`refuses with 2: ${line}`, async () => {
    const { code, asked, out, err } = await understand(line);
    assert.deepEqual({ code, asked, out }, { code: 2, asked: [], out: '' });
    assert.match(err, /^breakwater: .* \[usage\]\n {2}next: .*\n$/);
    assert.match(err, message);
    assert.match(err, next);
  });
}

for (const token of [
  'ghp_0123456789abcdefghij',
  'github_pat_11AAAA_bbbb',
  'ghs_x',
  '0123456789abcdef0123456789abcdef01234567',
  'a.b-c',
]) {
  test(`a token given instead of a variable's name is refused and not shown again: ${token}`, async () => {
    const { code, asked, out, err } = await understand(`doctor --token-env ${token}`);
    assert.deepEqual({ code, asked, out }, { code: 2, asked: [], out: '' });
    assert.ok(!err.includes(token), err);
    assert.match(err, /revoke it/);
  });
}

test('an empty plan name is not a name', async () => {
  const terminal = recordedTerminal();
  const never = async (): Promise<ExitCode> => assert.fail('nothing was asked');
  const handlers: Handlers = {
    compile: never,
    doctor: never,
    check: never,
    run: never,
    simulate: never,
    capture: never,
    retention: never,
    report: never,
    unlock: never,
    historyVerify: never,
    historyPush: never,
  };
  const code = await runCommandLine(['check', '--plan', ' '], { terminal, handlers, version: '1' });
  assert.equal(code, 2);
  assert.match(terminal.errors(), /It must not be empty/);
});

test('help goes to stdout with examples and exit codes, and is fine', async () => {
  for (const line of [
    '--help',
    'help',
    'check --help',
    'run --help',
    'help run',
    'doctor --help',
    'simulate --help',
    'report --help',
  ]) {
    const { code, out, err } = await understand(line);
    assert.deepEqual({ code, err }, { code: 0, err: '' }, line);
    assert.match(out, /Usage: breakwater/, line);
    assert.match(out, / {2}breakwater \w+/, line);
    assert.match(out, /Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater\./, line);
  }
});

test('no words at all: help on stderr, and 2', async () => {
  const { code, out, err } = await understand('');
  assert.deepEqual({ code, out }, { code: 2, out: '' });
  assert.match(err, /Usage: breakwater/);
});

test('--version prints the version', async () => {
  assert.deepEqual(await understand('--version'), { code: 0, asked: [], out: '1.2.3\n', err: '' });
});

test('what a command answers is the exit code', async () => {
  assert.equal((await understand('check', () => EXIT_CODES.bad)).code, 1);
});

test('what a command throws is told once, without a stack, and decides the exit code', async () => {
  const throwing = (error: unknown) => () => {
    throw error;
  };
  const cases: readonly (readonly [unknown, number])[] = [
    [new UserError('plan-invalid', 'w', { next: 'n' }), 1],
    [new UserError('wave-unknown', 'w', { next: 'n' }), 2],
    [new RefusedError('not-ready', 'w', { next: 'n' }), 1],
    [new InternalError('history-unwritable', 'w', { next: 'n' }), 3],
    [new TypeError('w'), 3],
    ['w', 3],
  ];
  for (const [error, expected] of cases) {
    const { code, err } = await understand('check', throwing(error));
    assert.equal(code, expected, String(error));
    assert.match(err, /^breakwater: .*w \[[a-z-]+\]\n {2}next: .*\n$/);
  }
});
