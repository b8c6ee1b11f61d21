import type { OperationContext } from '@breakwater/engine';
import type { JournalLine, JsonObject, Reason } from '@breakwater/history';

/**
 * Tells the journal each thing once: in this process, and over every process that resumes the same attempt. With the record lost it
 * is told again, which does no harm.
 */
export class Telling {
  readonly #told: Set<string>;

  constructor(earlier: readonly JournalLine[]) {
    this.#told = new Set();
    for (const line of earlier) {
      if (line.type === 'progress') this.#told.add(progressKey(line.note, line.server, line.detail));
      if (line.type === 'warning') this.#told.add(warningKey(line.reason, line.server));
    }
  }

  async progress(context: OperationContext, note: string, server?: string, detail?: JsonObject): Promise<void> {
    const key = progressKey(note, server, detail);
    if (this.#told.has(key)) return;
    await context.progress(note, { ...(server === undefined ? {} : { server }), ...(detail === undefined ? {} : { detail }) });
    this.#told.add(key);
  }

  async warn(context: OperationContext, reason: Reason, server?: string): Promise<void> {
    const key = warningKey(reason, server);
    if (this.#told.has(key)) return;
    await context.warn(reason, server);
    this.#told.add(key);
  }
}

function progressKey(note: string, server: string | undefined, detail: JsonObject | undefined): string {
  return JSON.stringify(['progress', note, server ?? '', Object.entries(detail ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function warningKey(reason: Reason, server: string | undefined): string {
  return JSON.stringify(['warning', reason.code, reason.message, server ?? '']);
}
