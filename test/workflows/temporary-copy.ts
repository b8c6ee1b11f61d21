import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseDocument, visit } from 'yaml';
import { temporaryFolder } from '../acceptance/step.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** Actions of others that a copy replaces by a stand-in of the same inputs: act would fetch them from the network. */
const STAND_INS = path.join(import.meta.dirname, 'stand-ins');

/** What act cannot run as it is written, and what the copy has instead. Each is a line of docs/workflows.md. */
export const REWRITES = [
  'uses: $/… becomes uses: ./…: act does not know self-repository references',
  'concurrency.queue is left out: act does not know it, and runs one workflow at a time anyway',
  'a schedule’s timezone is left out: act does not know it',
  'actions of others become the stand-ins of test/workflows/stand-ins: nothing is fetched',
  'gh becomes a stand-in that asks the fake of GitHub’s API',
  'https://github.com is the folder of the bare repository',
  'environments ask nobody: that somebody has approved is what the fake says',
] as const;

/** A repository as a team has it: what is committed here, as it stands in the working folder, with an origin of its own. */
export interface RepositoryCopy {
  readonly folder: string;
  /** The bare repository that is its origin. */
  readonly origin: string;
  /** Folder that holds `<owner>/<name>`: what stands for https://github.com. */
  readonly server: string;
  readonly name: string;
  readonly git: (...args: readonly string[]) => string;
  /** Commits whatever was changed, and pushes it. */
  readonly commit: (message: string) => void;
}

/**
 * Copies the repository, with bundles made from its sources in the folder `dist`, and rewrites what act cannot run. With `called`, its
 * workflows are called from another repository under that name, and call their siblings as older servers must.
 */
export function copyRepository(dist: string, name = 'acme/recovery', called?: string): RepositoryCopy {
  const server = temporaryFolder('origin');
  const folder = path.join(temporaryFolder('checkout'), 'repository');
  const origin = path.join(server, name);
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  for (const file of listed.split('\0')) {
    if (!/^(?:actions|plans|\.github|docs)\/|^(?:action\.yml|package\.json|README\.md)$/.test(file)) continue;
    cpSync(path.join(ROOT, file), path.join(folder, file), { recursive: true });
  }
  cpSync(dist, path.join(folder, 'dist'), { recursive: true });
  if (existsSync(STAND_INS)) cpSync(STAND_INS, path.join(folder, '.stand-ins'), { recursive: true });
  for (const file of yamlFiles(path.join(folder, '.github', 'workflows'))) rewrite(file, called);
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: GIT_ENVIRONMENT });
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', origin], { env: GIT_ENVIRONMENT });
  git('init', '-q', '-b', 'main');
  git('remote', 'add', 'origin', origin);
  const commit = (message: string) => {
    git('add', '-A', '-f');
    git('commit', '-q', '-m', message);
    git('push', '-q', 'origin', 'HEAD');
  };
  commit('Begin');
  return { folder, origin, server, name, git, commit };
}

/** Nobody's own configuration. */
const GIT_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Test',
  GIT_AUTHOR_EMAIL: 'test@example.com',
  GIT_COMMITTER_NAME: 'Test',
  GIT_COMMITTER_EMAIL: 'test@example.com',
};

function yamlFiles(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  return readdirSync(folder)
    .filter((file) => /\.ya?ml$/.test(file))
    .map((file) => path.join(folder, file));
}

function rewrite(file: string, called: string | undefined): void {
  const document = parseDocument(readFileSync(file, 'utf8'));
  visit(document, {
    Map(_, step) {
      // act skips a checkout of the repository itself, because it copies the working folder; not that of another commit or folder.
      const use = step.get('uses');
      const elsewhere = ['ref', 'path'].some((name) => step.hasIn(['with', name]));
      if (typeof use === 'string' && use.startsWith('actions/checkout@') && elsewhere)
        step.set('uses', './.stand-ins/actions-checkout');
    },
    Pair(_, { key, value }) {
      const name = String(key);
      if (name === 'queue' || name === 'timezone') return visit.REMOVE;
      if (name === 'uses' && typeof value === 'object' && value !== null && 'value' in value)
        value.value = localUse(String(value.value), called);
      return undefined;
    },
  });
  writeFileSync(file, String(document));
}

function localUse(use: string, called: string | undefined): string {
  if (use.startsWith('$/')) return called === undefined ? `./${use.slice(2)}` : `${called}/${use.slice(2)}@v1`;
  if (use.startsWith('./')) return use;
  if (/^actions\/checkout@/.test(use)) return use;
  return `./.stand-ins/${use.replace(/@.*$/, '').replaceAll('/', '-')}`;
}
