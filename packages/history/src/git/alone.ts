import type { BreakwaterError } from '@breakwater/core';
import type { JournalEvent, Reason } from '../events.ts';
import type { ExecutionHistory, HistoryStore, Journal } from '../store.ts';
import type { GitStore } from './git-store.ts';
import { goesOnAlone, leftBehind } from './reasons.ts';

/**
 * The history of a recovery that has to go on without its branch from the beginning, because this machine has nothing to reach it with.
 * The record says so.
 */
export function storeAlone(local: HistoryStore, cause: BreakwaterError, warn: (reason: Reason) => void): GitStore {
  const reason = goesOnAlone(cause);
  const event: JournalEvent = { type: 'history-unreachable', reason };
  return {
    open: async (header) => {
      const { execution, created } = await local.open(header);
      warn(reason);
      return { execution: telling(execution, event), created };
    },
    find: (id) => local.find(id),
    list: () => local.list(),
    recordUnlocking: (unlocking) => local.recordUnlocking(unlocking),
    close: async () => leftBehind(cause),
  };
}

function telling(execution: ExecutionHistory, event: JournalEvent): ExecutionHistory {
  return {
    get header() {
      return execution.header;
    },
    place: execution.place,
    journal: async (stream, damaged): Promise<Journal> => {
      const journal = await execution.journal(stream, damaged);
      if (stream.startsWith('runs/')) await journal.append(event);
      return journal;
    },
    read: () => execution.read(),
    conclude: (verdict) => execution.conclude(verdict),
    writeFile: (name, content) => execution.writeFile(name, content),
    seal: (facts) => execution.seal(facts),
    reopen: (by) => execution.reopen(by),
  };
}
