import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { type FakeGithub, type RepositorySetup, serveFakeGithub } from '@breakwater/github/testing';
import { edit, PATIENCE, type Rehearsal, rehearse } from '../acceptance/rehearsal.ts';
import { bundles, temporaryFolder } from '../acceptance/step.ts';
import { runWorkflow, type WorkflowRequest, type WorkflowResult } from './act.ts';
import { copyRepository, type RepositoryCopy } from './temporary-copy.ts';

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
}

/** Opens a team's world. At its end there must have been no request that AWS or GitHub does not know. */
export async function openTeam(scenario: string, setup: RepositorySetup = {}): Promise<Team> {
  const aws = await rehearse(scenario);
  const repository = copyRepository(await bundles());
  edit(path.join(repository.folder, 'plans', 'webshop.yaml'), PATIENCE);
  repository.commit('Give a busy machine time');
  const github = await serveFakeGithub({ repositories: { [repository.name]: setup } });
  const artifacts = temporaryFolder('artifacts');
  const git = (...args: readonly string[]) => {
    try {
      return execFileSync('git', ['--git-dir', repository.origin, ...args], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch {
      return undefined;
    }
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
    recorded: (file) => git('show', `dr-history:${file}`),
    record: () => git('ls-tree', '-r', '--name-only', 'dr-history')?.split('\n').filter(Boolean) ?? [],
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
