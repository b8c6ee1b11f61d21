import { lostBetween } from './git/lost.ts';
import type { CommitSource } from './git-source.ts';
import type { Finding } from './verify.ts';

/**
 * Checks that the branch continues the commit that its witness holds: where it was when it was last pushed. What is missing since then is
 * named file by file. Says nothing where the past was cut off, or there is no witness.
 */
export async function verifyWitness({ git, commit, witness }: CommitSource): Promise<readonly Finding[]> {
  if (witness === undefined) return [];
  const { code } = await git.run(['merge-base', '--is-ancestor', witness.commit, commit]);
  const { stdout: cut } = await git.local(['rev-parse', '--is-shallow-repository']);
  if (code === 0 || cut.toString('utf8').trim() === 'true') return [];
  const was = `it was on the branch at commit ${witness.commit.slice(0, 12)}, which ${witness.ref} keeps`;
  const lost = await lostBetween(git, witness.commit, commit);
  if (lost.length > 0)
    return lost.map((file) => ({ file, message: `${was}, and is missing or altered since: the branch was rewritten` }));
  const message = 'the commits of the branch were put together anew by force; nothing that was recorded is missing';
  return [{ file: witness.ref, message, expected: `a branch that continues ${witness.commit}` }];
}
