import { asBreakwaterError, type ReasonCode } from '@breakwater/core';
import { isSetAside } from './names.ts';
import { executionFiles } from './seal-folder.ts';
import type { ExecutionHistory } from './store.ts';

/** Another process is writing that journal just now; its middle is damaged; it is none of ours. */
const LEFT_ALONE: ReadonlySet<ReasonCode> = new Set<ReasonCode>(['execution-locked', 'history-corrupt', 'usage']);

/**
 * Mends the journals that a crash left with half a line at their end and that no later run has opened, as opening them does: a seal would vouch
 * for half a line, which is never shared. Answers with their streams. Throws `InternalError` `history-unwritable`.
 */
export async function mendTails(execution: Pick<ExecutionHistory, 'journal' | 'place'>): Promise<readonly string[]> {
  const mended: string[] = [];
  for (const [path, content] of executionFiles(execution.place)) {
    const stream = path.slice(0, -'.jsonl'.length);
    if (!path.endsWith('.jsonl') || content.length === 0 || content.at(-1) === 0x0a || isSetAside(stream)) continue;
    try {
      await (await execution.journal(stream, 'refuse')).close();
      mended.push(stream);
    } catch (error) {
      if (!LEFT_ALONE.has(asBreakwaterError(error).code)) throw error;
    }
  }
  return mended;
}
