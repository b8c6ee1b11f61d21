import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const input = (name) => process.env[`INPUT_${name.toUpperCase()}`]?.trim() ?? '';
const git = (...args) => execFileSync('git', ['-C', input('path'), ...args], { stdio: 'inherit' });
mkdirSync(input('path'), { recursive: true });
git('init', '-q');
git(
  'fetch',
  '-q',
  '--depth',
  input('fetch-depth') || '1',
  `${process.env.GITHUB_SERVER_URL}/${process.env.GITHUB_REPOSITORY}`,
  input('ref') || process.env.GITHUB_SHA,
);
// As the real one: detached, and shallow.
git('checkout', '-q', '--detach', 'FETCH_HEAD');
