import { dirname } from 'node:path';
import { type BreakwaterError, shellCommand } from '@breakwater/core';
import type { Reason } from '../events.ts';
import type { Branch, Rewritten } from './branch.ts';
import { witnessRef } from './witness.ts';

/** What a broken network or a refusing remote throws; everything else is a fault of this machine, or of the record. */
export function isAboutRemote({ code }: BreakwaterError): boolean {
  return code === 'history-unreachable' || code === 'history-rejected';
}

/** The command that joins this machine's record with the branch. */
function pushCommand({ name, remote }: Branch): string {
  const folder = dirname(remote.git.folder);
  return shellCommand([
    'breakwater',
    'history',
    'push',
    '--history',
    folder,
    '--history-branch',
    name,
    '--history-remote',
    remote.url,
  ]);
}

/** Left out: this machine has nothing to reach the branch with. */
export function goesOnAlone({ code, message }: BreakwaterError, branch?: Branch): Reason {
  const command = branch === undefined ? '`breakwater history push`' : pushCommand(branch);
  return {
    code,
    message: `${message}; the recovery goes on, and its record is on this machine alone`,
    next: `Nothing now. It is joined by itself if the remote comes back, or later with: ${command}`,
  };
}

export function joinedAgain({ place }: Branch): Reason {
  return { code: 'ok', message: `the history on ${place} can be reached again: everything that had gathered is on it` };
}

export function waitsForBranch({ code, message, next }: BreakwaterError, patience: number): Reason {
  return { code, message: `${message}; trying again for up to ${patience / 1000} s before this drill is stopped`, next };
}

export function readsAlone({ code, message, next }: BreakwaterError): Reason {
  return { code, message: `${message}; what follows is what this machine knows`, next };
}

export function leftBehind({ code, message }: BreakwaterError, branch?: Branch): Reason {
  const command = branch === undefined ? '`breakwater history push`' : pushCommand(branch);
  return {
    code,
    message: `not all of the record is on the branch: ${message}`,
    next: `It is whole on this machine. Once the remote can be reached, join it: ${command}`,
  };
}

export function rewrittenReason({ was, now, lost, witnessed }: Rewritten, { place, name, remote }: Branch): Reason {
  const what = now === undefined ? 'was deleted' : `was rewritten and is no continuation of ${was.slice(0, 12)} any more`;
  const more = lost.length > 3 ? ` and ${lost.length - 3} more` : '';
  const folder = witnessed ? '' : ` --history ${dirname(remote.git.folder)}`;
  const command = `breakwater history push${folder} --history-branch ${name} --history-remote ${remote.url} --rewritten`;
  const where = witnessed ? `The remote still has it (${witnessRef(name)}).` : 'Only this machine still has it.';
  return {
    code: 'history-rewritten',
    message: `the history on ${place} ${what}; missing or altered: ${lost.slice(0, 3).join(', ')}${more}`,
    next: `Find out who did it. ${where} This puts it back: ${command} restore. To take the branch as it is now: ${command} accept.`,
  };
}

/** For a branch whose commits were put together in another way, by force, and lost nothing. */
export function putTogetherAnew({ place }: Branch): Reason {
  return {
    code: 'history-rewritten',
    message: `the commits of ${place} were put together anew by force; nothing that was recorded is missing`,
    next: 'Find out who did it. The earlier commits no longer show who wrote what, and when.',
  };
}

export function unwitnessed({ place }: Branch, ref: string, said: string): Reason {
  return {
    code: 'history-rejected',
    message: `${place} is written without its witness ${ref}, which the remote does not take: ${said}`,
    next: 'Let references under refs/breakwater/ be written there. Until then a new runner cannot tell that somebody forced the branch back.',
  };
}

export function wentTwoWays(path: string, { place }: Branch): Reason {
  return {
    code: 'history-corrupt',
    message: `${path} went on in two places: here it holds other lines than on ${place}`,
    next: 'Compare the two before you rely on this record.',
  };
}
