import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, test } from 'node:test';
import { CommanderError } from 'commander';
import { parse } from 'yaml';
import { TEMPLATES } from '../../build/policies.ts';
import { buildProgram, type Handlers } from '../../packages/cli/src/program.ts';
import { readTemplate } from './cloudformation.ts';
import { type ShellCommand, SUBSTITUTED, shellCommands } from './shell-words.ts';
import { ROOT } from './source-files.ts';

interface ShellBlock {
  readonly page: string;
  /** Of the first line in the block. */
  readonly line: number;
  readonly text: string;
}

const PAGES = ['*.md', 'docs/**/*.md', 'actions/*/README.md'];

/** Every shell block of the pages, those in lists too; of a session at a console only what is typed. */
function shellBlocks(): readonly ShellBlock[] {
  return globSync(PAGES, { cwd: ROOT })
    .map((page) => page.replaceAll('\\', '/'))
    .sort()
    .flatMap((page) => {
      const text = readFileSync(path.join(ROOT, page), 'utf8');
      return [...text.matchAll(/^( *)```(sh|bash|shell|console)\n([\s\S]*?)^ *```/gm)].map((found) => {
        const [, , language, body = ''] = found;
        const typed = language === 'console' ? body.replaceAll(/^(?!\$ ).*$/gm, '').replaceAll(/^\$ /gm, '') : body;
        return { page, line: text.slice(0, found.index).split('\n').length + 1, text: typed };
      });
    });
}

/** Blocks that are programs, and which test runs them as they stand. */
const RUN_ELSEWHERE: readonly { readonly page: string; readonly by: string }[] = [
  // Needs jq, sha256sum and sed, on a real history.
  { page: 'docs/history.md', by: 'packages/history/src/docs.test.ts' },
];

/** Words of the shell itself, and tools whose use in the pages is plain: nothing to check but that they are these. */
const PLAIN: readonly (readonly string[])[] = [
  // Until the simulator has printed all of its lines.
  ['until', 'grep', '-q', 'BREAKWATER_CLOCK', 'simulator.env'],
  ['do', 'sleep', '1'],
  ['done'],
  // Reads what `breakwater simulate` has printed; test/cli tries it.
  ['.', './simulator.env'],
  ['kill', '%1'],
  // The bundle under its name, as break-glass.md asks for.
  ['alias', 'breakwater=node ~/dr/dist/breakwater.js'],
  ['alias', 'breakwater=node ~/breakwater/dist/breakwater.js'],
];

/** What the pages use of the AWS CLI where no SDK client is installed here to ask. */
const AWS_WITHOUT_CLIENT: Readonly<Record<string, readonly string[]>> = {
  cloudformation: ['deploy', 'describe-stacks', 'delete-stack'],
  sso: ['login'],
};

/** What the pages use of gh, with the options; `workflow run` is looked at closer. */
const GH: Readonly<Record<string, readonly string[]>> = {
  'workflow run': ['-f', '--ref'],
  'auth token': [],
  'run watch': [],
  'run rerun': ['--failed'],
  api: ['--jq', '--method', '-f', '-F'],
  'attestation verify': ['--repo', '--signer-workflow'],
};

const npmScripts: Readonly<Record<string, string>> = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')).scripts;

/** What is wrong with a command of a page; `undefined` if nothing is. */
async function problemOf({ words }: ShellCommand, page: string): Promise<string | undefined> {
  const [tool = '', ...rest] = words;
  if (PLAIN.some((plain) => plain.join(' ') === words.join(' '))) return undefined;
  if (tool === 'breakwater') return breakwaterProblem(rest);
  if (tool === 'npx' && rest[0] === 'breakwater') return breakwaterProblem(rest.slice(1));
  if (tool === 'node' && /(^|\/)dist\/breakwater\.js$/.test(rest[0] ?? '')) return breakwaterProblem(rest.slice(1));
  if (tool === 'npm') return npmProblem(rest);
  if (tool === 'aws') return awsProblem(rest);
  if (tool === 'gh') return ghProblem(rest, page);
  if (tool === 'git') return gitCommands().has(rest[0] ?? '') ? undefined : `git has no ${rest[0]}`;
  if (/^\.ci\//.test(tool)) return existsSync(path.join(ROOT, tool)) ? undefined : `there is no ${tool}`;
  return `nobody tests ${tool}: make it testable, or list it with its reason`;
}

/** Has the real grammar read the words. Only what it would begin is left out. */
async function breakwaterProblem(words: readonly string[]): Promise<string | undefined> {
  let begun = 0;
  const handle = async () => {
    begun++;
    return 0 as const;
  };
  const handlers: Handlers = {
    check: handle,
    compile: handle,
    doctor: handle,
    run: handle,
    simulate: handle,
    capture: handle,
    retention: handle,
    report: handle,
    unlock: handle,
    historyPush: handle,
    historyVerify: handle,
  };
  const program = buildProgram('0.0.0', handlers, () => {});
  const quiet = (command: typeof program) => {
    command.exitOverride().configureOutput({ writeOut: () => {}, writeErr: () => {}, outputError: () => {} });
    for (const each of command.commands) quiet(each);
  };
  quiet(program);
  try {
    await program.parseAsync([...words], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return undefined;
    return error instanceof Error ? error.message : String(error);
  }
  return begun === 1 ? undefined : 'it begins nothing';
}

function npmProblem([command, script = '']: readonly string[]): string | undefined {
  if (command === 'ci') return undefined;
  const name = command === 'test' ? 'test' : command === 'run' ? script : '';
  return name in npmScripts ? undefined : `there is no npm ${command} ${script}`;
}

async function awsProblem([service = '', operation = '', ...rest]: readonly string[]): Promise<string | undefined> {
  if (service === 'cloudformation' && operation === 'deploy') return deployProblem(rest);
  const known = AWS_WITHOUT_CLIENT[service];
  if (known !== undefined) return known.includes(operation) ? undefined : `aws ${service} ${operation} is not among those known`;
  // The command line writes some services in one word.
  const name = service === 'secretsmanager' ? 'secrets-manager' : service;
  if (!existsSync(path.join(ROOT, 'node_modules', '@aws-sdk', `client-${name}`))) return `aws ${service} cannot be checked`;
  const client: object = await import(`@aws-sdk/client-${name}`);
  const wanted = `${operation.replaceAll('-', '')}command`;
  return Object.keys(client).some((each) => each.toLowerCase() === wanted)
    ? undefined
    : `aws ${service} has no operation ${operation}`;
}

function optionOf(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
}

function deployProblem(words: readonly string[]): string | undefined {
  const file = TEMPLATES.find((name) => optionOf(words, '--template-file') === `infrastructure/${name}.yaml`);
  if (file === undefined) return 'there is no such template';
  const { Parameters, Resources } = readTemplate(file);
  const at = words.indexOf('--parameter-overrides');
  const after = at === -1 ? [] : words.slice(at + 1);
  const end = after.findIndex((word) => word.startsWith('--'));
  const given = new Map((end === -1 ? after : after.slice(0, end)).map((word) => splitOnce(word)));
  for (const [name, value] of given) {
    const parameter = Parameters[name];
    if (parameter === undefined) return `${file} has no parameter ${name}`;
    if (value.includes(SUBSTITUTED)) continue;
    const { AllowedPattern: pattern, AllowedValues: values } = parameter;
    const parts = parameter.Type === 'CommaDelimitedList' ? value.split(',') : [value];
    if (pattern !== undefined && !parts.every((part) => new RegExp(`^(?:${pattern})$`).test(part))) return `${name} is not valid`;
    if (values !== undefined && !values.map(String).includes(value)) return `${name} may not be ${value}`;
  }
  const missing = Object.keys(Parameters).filter((name) => Parameters[name]?.Default === undefined && !given.has(name));
  if (missing.length > 0) return `${file} needs ${missing.join(', ')}`;
  const roles = Object.values(Resources).filter(({ Type }) => Type.startsWith('AWS::IAM::'));
  const capability = optionOf(words, '--capabilities') ?? '';
  const named = roles.some(({ Properties = {} }) => 'RoleName' in Properties);
  if (roles.length > 0 && !(named ? ['CAPABILITY_NAMED_IAM'] : ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM']).includes(capability))
    return `${file} makes roles, and nobody agrees to it`;
  return undefined;
}

function splitOnce(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

function ghProblem(words: readonly string[], page: string): string | undefined {
  const command = Object.keys(GH).find((each) => words.join(' ').startsWith(each));
  if (command === undefined) return `gh ${words.slice(0, 2).join(' ')} is not among those known`;
  const strange = words.filter((word) => /^--?[a-zA-Z]/.test(word)).filter((word) => !GH[command]?.includes(word));
  if (strange.length > 0) return `gh ${command} is not known to have ${strange.join(', ')}`;
  return command === 'workflow run' ? dispatchProblem(words.slice(2), page) : undefined;
}

interface Dispatch {
  readonly inputs?: Readonly<
    Record<string, { readonly required?: boolean; readonly default?: unknown; readonly options?: readonly string[] }>
  >;
}

/** A workflow of this repository, or one that the page itself shows under that name. */
function dispatchOf(file: string, page: string): Dispatch | null | undefined {
  const shown = [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)]
    .map(([, block = '']) => block)
    .find((block) => block.startsWith(`# .github/workflows/${file}\n`));
  const place = path.join(ROOT, '.github', 'workflows', file);
  const text = shown ?? (existsSync(place) ? readFileSync(place, 'utf8') : undefined);
  const on: Readonly<Record<string, Dispatch | null>> = text === undefined ? {} : parse(text).on;
  return on['workflow_dispatch'];
}

function dispatchProblem([file = '', ...rest]: readonly string[], page: string): string | undefined {
  const dispatch = dispatchOf(file, page);
  if (dispatch === undefined) return `there is no workflow ${file} that can be dispatched`;
  const inputs = dispatch?.inputs ?? {};
  const given = new Map(rest.flatMap((word, at) => (rest[at - 1] === '-f' ? [splitOnce(word)] : [])));
  for (const [name, value] of given) {
    const options = inputs[name]?.options;
    if (!(name in inputs)) return `${file} has no input ${name}`;
    if (options !== undefined && !options.includes(value)) return `${name} may not be ${value}`;
  }
  const missing = Object.entries(inputs).filter(
    ([name, input]) => input.required && input.default === undefined && !given.has(name),
  );
  return missing.length === 0 ? undefined : `${file} needs ${missing.map(([name]) => name).join(', ')}`;
}

let known: ReadonlySet<string> | undefined;
function gitCommands(): ReadonlySet<string> {
  known ??= new Set(execFileSync('git', ['--list-cmds=main,others'], { encoding: 'utf8' }).split('\n').filter(Boolean));
  return known;
}

describe('every shell line of the pages', () => {
  const blocks = shellBlocks().filter(
    ({ page, text }) => !RUN_ELSEWHERE.some((elsewhere) => elsewhere.page === page && !/^breakwater /m.test(text)),
  );

  it('they are found, on every page that has some', () => {
    const pages = new Set(blocks.map(({ page }) => page));
    for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/infrastructure.md', 'docs/break-glass.md', 'docs/cli.md'])
      assert.ok(pages.has(page), page);
    for (const { by } of RUN_ELSEWHERE) assert.ok(existsSync(path.join(ROOT, by)), by);
  });

  for (const block of blocks) {
    it(`${block.page}:${block.line} can be typed as it stands`, async () => {
      const commands = shellCommands(block.text);
      assert.ok(commands.length > 0);
      for (const command of commands) {
        const problem = await problemOf(command, block.page);
        assert.equal(
          problem,
          undefined,
          `${block.page}:${block.line + command.line - 1}: ${command.words.join(' ')}: ${problem}`,
        );
      }
    });
  }
});

test('a wrong line is found', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['breakwater run plans/webshop.yaml --mode drill --wafe web', /unknown option '--wafe'/],
    ['npx breakwater run plans/webshop.yaml', /--mode/],
    ['npx breakwater faiover', /unknown command/],
    ['node dist/breakwater.js retention --policy', /argument missing/],
    ['npm run tset', /no npm run tset/],
    ['gh workflow run faiover.yml', /no workflow faiover\.yml/],
    ['gh workflow run failover-webshop.yml -f mode=recover', /mode may not be recover/],
    ['gh workflow run failover-webshop.yml -f plan=webshop', /no input plan/],
    ['gh workflow run failover.yml -f plan=webshop', /needs confirmation/],
    ['gh workflow run recompile.yml', /no workflow recompile\.yml that can be dispatched/],
    ['gh run wach', /not among those known/],
    ['gh api --silly repos/x', /--silly/],
    ['aws cloudformation deploy --template-file infrastructure/nowhere.yaml', /no such template/],
    [
      'aws cloudformation deploy --template-file infrastructure/event-dispatch.yaml --parameter-overrides Ownr=acme',
      /no parameter Ownr/,
    ],
    [
      'aws cloudformation deploy --template-file infrastructure/event-dispatch.yaml --parameter-overrides Owner=acme',
      /needs Repository/,
    ],
    ['aws cloudformation describe-stack', /not among those known/],
    ['aws drs describe-job', /no operation describe-job/],
    ['aws s3api list-buckets', /cannot be checked/],
    ['git chekout main', /git has no chekout/],
    ['git status && curl http://x', /nobody tests curl/],
    ['breakwater check "$(curl http://x)"', /nobody tests curl/],
    ['.ci/nothing', /there is no/],
  ];
  for (const [line, expected] of wrong) {
    const problems = await Promise.all(shellCommands(line).map((command) => problemOf(command, 'README.md')));
    assert.match(problems.filter(Boolean).join('\n'), expected, line);
  }
});

test('a shell text is read as a shell would', () => {
  const words = (text: string) => shellCommands(text).map((command) => command.words);
  assert.deepEqual(words('a "b c" \'d\' # e\nf | g > h 2>&1 && i'), [['a', 'b c', 'd'], ['f'], ['g'], ['i']]);
  assert.deepEqual(words('a \\\n  b\nx=1 c="$(d e)"; f $(g)'), [['a', 'b'], ['d', 'e'], ['g'], ['f', SUBSTITUTED]]);
  assert.deepEqual(words('c < in --last'), [['c', '--last']]);
  assert.throws(() => shellCommands("a 'b"), /without an end/);
  assert.throws(() => shellCommands('a <<EOF'), /not understood/);
});
