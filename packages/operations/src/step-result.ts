import type { ReasonCode } from '@breakwater/core';
import type { Advance } from '@breakwater/engine';
import type { JsonObject, Reason, ServerRecord } from '@breakwater/history';

/** How a step over servers ended: its status is never better than its worst critical server. */
export function judgeServers(
  servers: readonly ServerRecord[],
  words: { readonly done: string; readonly failedAs: ReasonCode },
  result?: JsonObject,
): Exclude<Advance, { readonly state: 'waiting' }> {
  const extra = { servers, ...(result === undefined ? {} : { result }) };
  const failed = servers.filter(({ status }) => status === 'failed');
  const critical = failed.filter(({ criticality }) => criticality === 'critical');
  if (critical.length > 0) return { state: 'failed', reason: reasonOf(critical, servers.length, words.failedAs), ...extra };
  const warned = servers.filter(({ status }) => status === 'succeeded-with-warnings');
  if (failed.length > 0 || warned.length > 0) {
    const message = [...failed, ...warned].map(
      (server) => server.reason?.message ?? `${server.name} (${server.id}) ${server.status}`,
    );
    return {
      state: 'done',
      status: 'succeeded-with-warnings',
      reason: { code: 'degraded', message: summary(message) },
      ...extra,
    };
  }
  return { state: 'done', status: 'succeeded', reason: { code: 'ok', message: words.done }, ...extra };
}

/** The one reason if all failed for the same, otherwise the general one. */
function reasonOf(failed: readonly ServerRecord[], of: number, general: ReasonCode): Reason {
  const [first] = failed;
  const same = failed.every(({ reason }) => reason?.code === first?.reason?.code);
  const message = summary(failed.map((server) => server.reason?.message ?? `${server.name} (${server.id}) failed`));
  return {
    code: same ? (first?.reason?.code ?? general) : general,
    message: failed.length > 1 ? `${failed.length} of ${of} servers: ${message}` : message,
    ...(first?.reason?.next === undefined ? {} : { next: first.reason.next }),
  };
}

const NAMED = 5;

/** The first few in full, the rest as a number: a message must stay readable with a hundred servers down. */
export function summary(messages: readonly string[]): string {
  const named = messages.slice(0, NAMED).join('; ');
  return messages.length > NAMED ? `${named}; and ${messages.length - NAMED} more` : named;
}
