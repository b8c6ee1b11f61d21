import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { type FakeGithub, type RepositorySetup, serveFakeGithub, type TokenPermissions } from '@breakwater/github/testing';
import { parse, stringify } from 'yaml';
import { edit, PATIENCE, type Rehearsal, rehearse } from '../acceptance/rehearsal.ts';
import { bundles, temporaryFolder } from '../acceptance/step.ts';
import { runWorkflow, type WorkflowRequest, type WorkflowResult } from './act.ts';
import { copyRepository, type RepositoryCopy } from './temporary-copy.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** A team's repository with its origin, a GitHub to ask, and simulated AWS: what a workflow has around it. */
export interface Team extends AsyncDisposable {
  readonly repository: RepositoryCopy;
  readonly github: FakeGithub;
  readonly aws: Rehearsal;
  run(request: WorkflowRequest): Promise<WorkflowResult>;
  /** A file of the history branch at the origin; `undefined` without the branch or the file. */
  recorded(file: string): string | undefined;
  /** Files of the history branch. */
  record(): readonly string[];
  /** Runs git on the origin. */
  origin(...args: readonly string[]): string;
  /** Writes a file of the repository, commits and pushes it. */
  write(file: string, text: string): void;
  /** Instances that were recovered and still are. */
  live(): number;
  /** Runs the released command line in the repository, against the same AWS; throws if it fails. */
  breakwater(...words: readonly string[]): Promise<string>;
  /** States of the executions on the history branch, by name; every one of them must verify. */
  verified(): Promise<Readonly<Record<string, string>>>;
}

export interface TeamOptions {
  /** How many times as fast as real time AWS and the jobs are. */
  readonly speed?: number;
  /** How long the launch of a database server takes. */
  readonly databaseLaunch?: string;
  /** Tokens that GitHub knows; none: any token may do everything. */
  readonly tokens?: Readonly<Record<string, TokenPermissions>>;
}

/** The world of the sample plan. */
export const WEBSHOP = 'plans/simulation/webshop.yaml';

/**
 * The same world, whose servers and clusters take seconds: its time need not fly, so what has to happen within minutes (credentials,
 * clean-up, letting go of servers) has seconds of a busy machine.
 */
function brisk(databaseLaunch = '4s'): string {
  const launch = {
    jobStart: '1s',
    cleanup: '1s',
    toSnapshot: '1s',
    snapshot: '2s',
    toConversion: '1s',
    toLaunch: '1s',
    jobEnd: '1s',
  };
  const { servers, ...rest }: { readonly servers: readonly { readonly hostname: string }[] } = parse(
    readFileSync(path.join(ROOT, WEBSHOP), 'utf8'),
  );
  const world = {
    ...rest,
    drs: { durations: { ...launch, terminate: '3s' } },
    instances: { visibleAfter: '1s', statusOkAfter: '5s', agentOnlineAfter: '3s' },
    servers: servers.map((server) => {
      const launch = /-db-/.test(server.hostname) ? databaseLaunch : '4s';
      return { ...server, durations: { conversion: '4s', launch } };
    }),
    rds: {
      durations: { restore: '20s', instance: '20s', deleteInstance: '5s', deleteCluster: '5s', password: '2s', rename: '5s' },
    },
  };
  const file = path.join(temporaryFolder('scenario'), 'brisk.yaml');
  writeFileSync(file, stringify(world));
  return file;
}

/** Opens a team's world. At its end there must have been no request that AWS or GitHub does not know. */
export async function openTeam(scenario: string, setup: RepositorySetup = {}, options: TeamOptions = {}): Promise<Team> {
  const [place, speed] = scenario === WEBSHOP ? [brisk(options.databaseLaunch), 100] : [scenario, 1_500];
  const aws = await rehearse(place, options.speed ?? speed);
  const repository = copyRepository(await bundles());
  edit(path.join(repository.folder, 'plans', 'webshop.yaml'), PATIENCE);
  repository.commit('Give a busy machine time');
  const { tokens } = options;
  const github = await serveFakeGithub({
    repositories: { [repository.name]: setup },
    ...(tokens === undefined ? {} : { tokens }),
  });
  const artifacts = temporaryFolder('artifacts');
  const origin = (...args: readonly string[]) =>
    execFileSync('git', ['--git-dir', repository.origin, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  const ask = (...args: readonly string[]) => {
    try {
      return origin(...args);
    } catch {
      return undefined;
    }
  };
  // Never a call that blocks: AWS and GitHub are served by this very process.
  const breakwater = async (...words: readonly string[]) => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [path.join(repository.folder, 'dist', 'breakwater.js'), ...words],
      {
        cwd: repository.folder,
        env: { PATH: process.env['PATH'] ?? '', ...aws.aws },
      },
    );
    return stdout;
  };
  return {
    repository,
    github,
    aws,
    run: (request) =>
      runWorkflow(repository, {
        ...request,
        env: { ...aws.aws, GITHUB_API_URL: github.url, ARTIFACTS: artifacts, ...request.env },
      }),
    recorded: (file) => ask('show', `dr-history:${file}`),
    record: () => ask('ls-tree', '-r', '--name-only', 'dr-history')?.split('\n').filter(Boolean) ?? [],
    origin,
    write: (file, text) => {
      writeFileSync(path.join(repository.folder, file), text);
      repository.commit(`Write ${path.basename(file)}`);
    },
    live: () =>
      aws.world
        .state()
        .regions.flatMap(({ recoveryInstances }) => recoveryInstances)
        .filter(({ until }) => until === null).length,
    breakwater,
    verified: async () => {
      const found: { readonly executions: readonly { readonly execution: string; readonly state: string }[] } = JSON.parse(
        await breakwater('history', 'verify', '--history-branch', 'dr-history', '--history-remote', repository.origin, '--json'),
      );
      return Object.fromEntries(found.executions.map(({ execution, state }) => [execution, state]));
    },
    async [Symbol.asyncDispose]() {
      await aws[Symbol.asyncDispose]();
      const { unknown } = github;
      await github.close();
      assert.deepEqual(unknown, []);
    },
  };
}

/** The results by job, for a test to look at as a whole. */
export function results({ jobs }: WorkflowResult): Readonly<Record<string, string>> {
  return Object.fromEntries(jobs.map(({ job, result }) => [job, result]));
}

/** Files that an input would have made, had a shell or git run it. */
export function pwned(team: Team, { home }: WorkflowResult): readonly string[] {
  return [home, team.repository.folder, team.repository.server].flatMap((folder) => globSync(`${folder}/**/*pwned*`));
}

/** The value of an output that a step has set, the last of that name. */
export function output({ log }: WorkflowResult, name: string): string | undefined {
  return [...log.matchAll(new RegExp(`::set-output:: ${name}=(.*)$`, 'gm'))].at(-1)?.[1];
}
