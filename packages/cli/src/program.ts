import { MODES, type Mode } from '@breakwater/core';
import { Command, Option } from 'commander';
import {
  accountArgument,
  databaseArgument,
  portArgument,
  regionArgument,
  roleArgument,
  servedSpeedArgument,
  serverArgument,
  speedArgument,
  wordArgument,
} from './arguments.ts';
import {
  type CaptureRequest,
  CHECK_FORMATS,
  type CheckFormat,
  type CheckRequest,
  type CompileCommand,
  DEFAULT_SPEED,
  type DoctorCommand,
  REPORT_FORMATS,
  type ReportFormat,
  type ReportRequest,
  type RetentionRequest,
  type RunCommand,
  type SimulateCommand,
  type Speed,
  type UnlockCommand,
} from './commands/requests.ts';
import type { ExitCode } from './exit-codes.ts';
import { addCompile } from './grammar/compile.ts';
import { addDoctor } from './grammar/doctor.ts';
import { addHistory, type HistoryHandlers } from './grammar/history.ts';
import { type HistoryOptions, historyWords, withHistory } from './grammar/history-place.ts';
import { addUnlock } from './grammar/unlock.ts';

/** What carries out a command once it is understood. Each answers with the exit code. */
export interface Handlers extends HistoryHandlers {
  check(request: CheckRequest): Promise<ExitCode>;
  compile(command: CompileCommand): Promise<ExitCode>;
  doctor(command: DoctorCommand): Promise<ExitCode>;
  run(command: RunCommand): Promise<ExitCode>;
  simulate(command: SimulateCommand): Promise<ExitCode>;
  capture(request: CaptureRequest): Promise<ExitCode>;
  retention(request: RetentionRequest): Promise<ExitCode>;
  report(request: ReportRequest): Promise<ExitCode>;
  unlock(command: UnlockCommand): Promise<ExitCode>;
}

interface RunOptions extends HistoryOptions {
  readonly mode: Mode;
  readonly plan?: string;
  readonly wave?: readonly string[];
  readonly execution?: string;
  readonly simulate?: string | true;
  readonly speed?: Speed;
  readonly json?: true;
  readonly approve?: readonly string[];
  readonly replaceLive?: readonly string[];
}

/** Several words, or one with commas between them: no name of a wave or a server has a comma. */
const several = (parse: (text: string) => string) => (text: string, before: readonly string[] | undefined) => [
  ...(before ?? []),
  ...text.split(',').map((part) => parse(part.trim())),
];

/** The command line's grammar. Parsing calls one handler, whose exit code goes to `answer`. */
export function buildProgram(version: string, handlers: Handlers, answer: (code: ExitCode) => void): Command {
  const program = new Command('breakwater')
    .description('Disaster recovery as code for AWS: check recovery plans, drill them, fail over, and read what happened.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .addHelpText('after', PROGRAM_HELP)
    .showHelpAfterError(false);

  program
    .command('check')
    .summary('find the errors in plan files')
    .description('Checks plan files and says, for each finding, where it is, what is wrong and what would be legal.')
    .argument('[files...]', 'plan files or folders', ['plans'])
    .addOption(new Option('--format <format>', 'how to write the findings').choices(CHECK_FORMATS).default('text'))
    .addOption(new Option('--plan <name>', 'only what concerns this plan').argParser(wordArgument))
    .addHelpText('after', CHECK_HELP)
    .action(async (files: readonly string[], options: { readonly format: CheckFormat; readonly plan?: string }) => {
      answer(
        await handlers.check({ files, format: options.format, ...(options.plan === undefined ? {} : { plan: options.plan }) }),
      );
    });

  addCompile(program, handlers.compile, answer);
  addDoctor(program, (command) => handlers.doctor(command), answer);

  withHistory(program.command('run'))
    .summary('drill or fail over a plan')
    .description('Runs a recovery plan, or resumes a run of it. Works against AWS, or against the simulator with --simulate.')
    .argument('<plan>', 'plan file, or a folder of plan files')
    .addOption(
      new Option('--mode <mode>', 'drill leaves production alone; recovery is the real failover')
        .choices(MODES)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--plan <name>', 'which plan, if the files hold several').argParser(wordArgument))
    .addOption(new Option('--wave <names...>', 'only these waves').argParser(several(wordArgument)))
    .addOption(new Option('--execution <id>', 'start under this id, or resume the run that has it').argParser(wordArgument))
    .addOption(new Option('--approve <waves...>', 'waves whose gate you approve').argParser(several(wordArgument)))
    .addOption(
      new Option(
        '--replace-live <servers...>',
        'source servers whose live recovery instance may be DESTROYED and launched anew',
      ).argParser(several(serverArgument)),
    )
    .addOption(new Option('--simulate [scenario]', 'rehearse on simulated AWS; a scenario file, or the one of the plan'))
    .addOption(
      new Option('--speed <n>', `with --simulate: times as fast as real time, or "max" (default: ${DEFAULT_SPEED})`).argParser(
        speedArgument,
      ),
    )
    .addOption(new Option('--json', 'print nothing but the report, as one JSON document'))
    .addHelpText('after', RUN_HELP)
    .action(async (files: string, options: RunOptions, command: Command) => {
      if (options.speed !== undefined && options.simulate === undefined) {
        command.error("error: option '--speed <n>' needs '--simulate': real AWS has its own pace");
      }
      if (options.mode === 'drill' && options.replaceLive !== undefined) {
        command.error(
          "error: option '--replace-live <servers...>' needs '--mode recovery': a drill never replaces a live recovery instance",
        );
      }
      answer(await handlers.run(runCommand(files, options)));
    });

  program
    .command('simulate')
    .summary('serve simulated AWS on this machine')
    .description(
      'Serves simulated AWS (DRS, SSM, EC2, STS) on 127.0.0.1, prints the exports that a shell needs, and stays until Ctrl-C.',
    )
    .argument('[scenario]', 'scenario file; none: the only one in plans/simulation')
    .addOption(new Option('--port <n>', 'TCP port; 0: any free one').argParser(portArgument).default(0))
    .addOption(new Option('--speed <n>', 'times as fast as real time').argParser(servedSpeedArgument).default(DEFAULT_SPEED))
    .addHelpText('after', SIMULATE_HELP)
    .action(async (scenario: string | undefined, options: { readonly port: number; readonly speed: number }) => {
      const { port, speed } = options;
      answer(await handlers.simulate({ port, speed, ...(scenario === undefined ? {} : { scenario }) }));
    });

  program
    .command('capture')
    .summary('save how a database looks')
    .description(
      'Writes the settings of an Aurora cluster with its instances, or of an RDS instance, as a manifest, from which it can be built again elsewhere.',
    )
    .argument('<database>', 'identifier of the cluster, or with --instance of the instance', databaseArgument)
    .option('--instance', 'it is an RDS instance of its own, not a cluster')
    .addOption(
      new Option('--account <id>', 'its account; other credentials are refused').argParser(accountArgument).makeOptionMandatory(),
    )
    .addOption(new Option('--region <region>', 'its Region').argParser(regionArgument).makeOptionMandatory())
    .addOption(new Option('--role-arn <arn>', 'role to assume there').argParser(roleArgument))
    .addOption(new Option('--external-id <id>', 'external id that the role demands').argParser(wordArgument))
    .addHelpText('after', CAPTURE_HELP)
    .action(async (database: string, options: Omit<CaptureRequest, 'database'>) => {
      answer(await handlers.capture({ database, ...options }));
    });

  program
    .command('retention')
    .summary('say which snapshots a policy would delete')
    .description('Decides which snapshots of a list a retention policy keeps and which may go, and why. It deletes nothing.')
    .addOption(new Option('--policy <policy>', 'a preset, or a YAML or JSON file').argParser(wordArgument).makeOptionMandatory())
    .addOption(
      new Option('--snapshots <file>', 'JSON list of id, time, status, owned; "-": standard input')
        .argParser(wordArgument)
        .makeOptionMandatory(),
    )
    .addOption(new Option('--now <time>', 'decide as of then: ISO 8601, or epoch milliseconds').argParser(wordArgument))
    .addOption(new Option('--json', 'print {keep, delete} as one JSON document'))
    .addHelpText('after', RETENTION_HELP)
    .action(async (options: Omit<RetentionRequest, 'json'> & { readonly json?: true }) => {
      answer(await handlers.retention({ ...options, json: options.json === true }));
    });

  addHistory(program, handlers, answer);

  withHistory(program.command('report'))
    .summary('write the report of an execution')
    .description('Writes the report of an execution, finished or not, from its record.')
    .argument('<execution>', 'execution id, or an unambiguous beginning of it', wordArgument)
    .addOption(new Option('--format <format>', 'Markdown for people, JSON for programs').choices(REPORT_FORMATS).default('md'))
    .addHelpText('after', REPORT_HELP)
    .action(async (execution: string, options: HistoryOptions & { readonly format: ReportFormat }) => {
      answer(await handlers.report({ execution, format: options.format, ...historyWords(options) }));
    });

  addUnlock(program, (command) => handlers.unlock(command), answer);

  return program;
}

function runCommand(files: string, options: RunOptions): RunCommand {
  const { simulate, speed = DEFAULT_SPEED } = options;
  return {
    files,
    mode: options.mode,
    waves: options.wave ?? [],
    ...historyWords(options),
    approvals: options.approve ?? [],
    replaceLive: options.replaceLive ?? [],
    json: options.json === true,
    ...(options.plan === undefined ? {} : { plan: options.plan }),
    ...(options.execution === undefined ? {} : { execution: options.execution }),
    ...(simulate === undefined ? {} : { simulation: { speed, ...(simulate === true ? {} : { scenario: simulate }) } }),
  };
}

const EXIT_HELP = `
Exit codes: 0 fine; 1 the answer is bad; 2 the command line is wrong; 3 a fault of Breakwater.`;

const PROGRAM_HELP = `
A first drill, on simulated AWS:
  breakwater run plans/webshop.yaml --mode drill --simulate

At 3 a.m., GitHub being down (docs/break-glass.md):
  breakwater run plans/webshop.yaml --mode recovery
${EXIT_HELP}
BREAKWATER_DEBUG=1 adds stack traces to errors; NO_COLOR=1 takes the colours away.`;

const CHECK_HELP = `
Examples:
  breakwater check
  breakwater check plans/webshop.yaml plans/sites.yaml
  breakwater check plans --format sarif > breakwater.sarif
${EXIT_HELP}
Findings of severity error make it 1; warnings and notes do not.`;

const RUN_HELP = `
Examples:
  breakwater run plans/webshop.yaml --mode drill --simulate
  breakwater run plans/webshop.yaml --mode drill --simulate plans/simulation/webshop.yaml --speed max
  breakwater run plans --plan webshop --mode recovery --wave database app
  breakwater run plans/webshop.yaml --mode recovery --execution ID     (resume)

The plan comes first: --simulate, --wave, --approve and --replace-live take the words that follow them.
Ctrl-C stops watching: AWS goes on, and the same execution id resumes. A second Ctrl-C leaves at once.
${EXIT_HELP}
Succeeded and degraded are 0; failed, cancelled and in-progress are 1, and so is a refusal.`;

const SIMULATE_HELP = `
Examples:
  breakwater simulate plans/simulation/webshop.yaml --port 4566 > simulator.env &
  until grep -q BREAKWATER_CLOCK simulator.env; do sleep 1; done
  . ./simulator.env && breakwater run plans/webshop.yaml --mode drill

GET /_simulator/calls, GET /_simulator/state and POST /_simulator/faults look into it and break it.
${EXIT_HELP}`;

const CAPTURE_HELP = `
Examples:
  breakwater capture webshop --account 222233334444 --region us-east-1 > plans/webshop-cluster.json
  breakwater capture ledger --instance --account 222233334444 --region us-east-1 > plans/ledger-instance.json
${EXIT_HELP}
Only reads. The manifest holds no secret.`;

const RETENTION_HELP = `
Examples:
  breakwater retention --policy standard --snapshots snapshots.json
  breakwater retention --policy policy.yaml --snapshots - --now 2026-01-15T03:00:00Z --json < snapshots.json

Presets: test, weekly, fortnightly, biweekly, semimonthly, monthly, currentmonth, standard, extreme, ignore.
${EXIT_HELP}
A policy that is not known keeps everything, and says so.`;

const REPORT_HELP = `
Examples:
  breakwater report webshop-drill-20261120t031500z-7f3a > report.md
  breakwater report webshop-drill-20261120 --format json | jq .verdict
${EXIT_HELP}
The verdict does not matter here; a damaged record makes it 1.`;
