/**
 * A second reference on the remote that every push moves together with the branch, in one atomic step. Whoever forces the branch back
 * leaves it behind, so that a machine that never saw the branch before notices as well; and it keeps what was there.
 */

/** Its last part: `refs/breakwater/tips/<branch>/newest`. */
export const WITNESS_NAME = 'newest';

/** The folder of the branch's witness, and of nothing else. */
export function witnessFolder(branch: string): string {
  return `refs/breakwater/tips/${branch}`;
}

/** Full name of the branch's witness on the remote. */
export function witnessRef(branch: string): string {
  return `${witnessFolder(branch)}/${WITNESS_NAME}`;
}
