import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { type Clock, RefusedError } from '@breakwater/core';
import { errnoOf, parseJson } from './boundary.ts';
import { createFile, replaceFile, unwritable } from './durable-file.ts';
import { isObject } from './event-shape.ts';
import type { LockHolder } from './events.ts';
import { isDead, ownIdentity, type ProcessIdentity } from './process-identity.ts';

export interface StreamLock {
  /** Whom it was taken from: a process of this machine that died without releasing it. */
  readonly takenOverFrom: LockHolder | undefined;
  /** Removes the lock if it is still ours. */
  release(): void;
}

export interface LockRequest {
  readonly path: string;
  readonly execution: string;
  readonly stream: string;
  readonly owner: string;
  readonly clock: Clock;
}

interface Found {
  readonly text: string;
  readonly holder: LockHolder & ProcessIdentity;
}

/** Locks of this process that are not released yet, by path; the value is the file's content. */
const held = new Map<string, string>();

function removeIfOurs(path: string, content: string): void {
  try {
    if (readFileSync(path, 'utf8') === content) rmSync(path, { force: true });
  } catch {
    // Gone already, or out of reach: whoever wants it next finds a dead process and takes it over.
  }
}

function onExit(): void {
  for (const [path, content] of held) removeIfOurs(path, content);
  held.clear();
}

/**
 * Takes the lock of a stream for this process. Throws `RefusedError` `execution-locked` if another process holds it, and
 * `InternalError` `history-unwritable` if it cannot be written. A lock left by a process of this machine that has certainly died is
 * taken over; `takenOverFrom` says so, and the caller records it.
 */
export function lockStream(request: LockRequest): StreamLock {
  const { path, execution, stream, owner, clock } = request;
  const self = ownIdentity();
  // The token makes two locks of one process differ.
  const content = `${JSON.stringify({ owner, ...self, at: new Date(clock.now()).toISOString(), execution, stream, token: randomUUID() })}\n`;
  try {
    for (let look = 0; look < 3; look += 1) {
      if (createFile(path, content)) return hold(path, content, undefined);
      const found = readLock(path);
      // Released between the two looks.
      if (found === undefined) continue;
      if (!isDead(found.holder, self)) throw lockedBy(found.holder, request);
      return takeOver(found, content, request);
    }
  } catch (error) {
    throw error instanceof RefusedError ? error : unwritable(path, error);
  }
  throw lockedBy({ owner: 'several processes in turn', host: self.host, pid: 0, at: 'just now' }, request);
}

function hold(path: string, content: string, takenOverFrom: LockHolder | undefined): StreamLock {
  if (held.size === 0) {
    process.off('exit', onExit);
    process.on('exit', onExit);
  }
  held.set(path, content);
  return {
    takenOverFrom,
    release: () => {
      if (held.get(path) === content) held.delete(path);
      removeIfOurs(path, content);
    },
  };
}

/**
 * Replaces a dead process's lock. Two processes may see it dead at once: a second, exclusive file lets one of them through, and that
 * one looks again before it replaces the lock, which is never absent in between.
 */
function takeOver(found: Found, content: string, request: LockRequest): StreamLock {
  const guard = `${request.path}.takeover`;
  if (!createFile(guard, content)) {
    throw new RefusedError('execution-locked', `another process is just taking over ${request.path}`, {
      next: `Try again in a moment. If it stays so, that process died in between: remove ${guard}.`,
    });
  }
  try {
    const now = readLock(request.path);
    if (now === undefined || now.text !== found.text) throw lockedBy(now?.holder ?? found.holder, request);
    replaceFile(request.path, content);
  } finally {
    rmSync(guard, { force: true });
  }
  const { owner, host, pid, at } = found.holder;
  return hold(request.path, content, { owner, host, pid, at });
}

function readLock(path: string): Found | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
  const value = parseJson(text);
  const member = (name: string): string | undefined => {
    const found = isObject(value) ? value[name] : undefined;
    return typeof found === 'string' ? found : undefined;
  };
  const pid = isObject(value) && typeof value['pid'] === 'number' ? value['pid'] : 0;
  const [machine, boot, namespace, started] = [member('machine'), member('boot'), member('namespace'), member('started')];
  return {
    text,
    holder: {
      owner: member('owner') ?? 'somebody unknown (the lock file is damaged)',
      // An unreadable lock has no host, and so is never taken for dead.
      host: pid > 0 ? (member('host') ?? '') : '',
      pid,
      at: member('at') ?? 'an unknown time',
      ...(machine === undefined ? {} : { machine }),
      ...(boot === undefined ? {} : { boot }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(started === undefined ? {} : { started }),
    },
  };
}

function lockedBy(holder: LockHolder, { execution, stream, path }: LockRequest): RefusedError {
  const who = `${holder.owner} (process ${holder.pid} on ${holder.host || 'an unknown host'}, since ${holder.at})`;
  return new RefusedError('execution-locked', `execution ${execution} is being run: ${who} holds ${stream}`, {
    next: `Wait for that run to end. If you are sure that it is dead, remove ${path} and run the same execution again.`,
  });
}
