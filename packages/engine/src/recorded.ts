import { type DatabaseRecord, databaseStep, type JournalLine, type ServerRecord } from '@breakwater/history';

/** Every server that a wave set out to recover, as last recorded. */
export function serversIn(lines: readonly JournalLine[]): readonly ServerRecord[] {
  const records = new Map<string, ServerRecord>();
  for (const line of lines) {
    if (line.type !== 'step-finished' && line.type !== 'wave-started') continue;
    for (const server of line.servers ?? []) records.set(server.id, server);
  }
  return [...records.values()];
}

/** Every database whose restore a wave began, as last recorded. */
export function databasesIn(lines: readonly JournalLine[]): readonly DatabaseRecord[] {
  const records = new Map<string, DatabaseRecord>();
  const begun = new Set<string>();
  for (const line of lines) {
    if (line.type === 'step-started') begun.add(line.step);
    if (line.type !== 'step-finished' && line.type !== 'wave-started') continue;
    for (const database of line.databases ?? []) records.set(database.name, database);
  }
  return [...records.values()].filter(({ name }) => begun.has(databaseStep(name)));
}
