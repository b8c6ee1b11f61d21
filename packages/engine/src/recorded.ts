import { allowsDependents, type Mode } from '@breakwater/core';
import { CLEAN_UP_DATABASES, type DatabaseRecord, databaseStep, type JournalLine, type ServerRecord } from '@breakwater/history';
import type { Plan } from '@breakwater/plan';
import { waveEnd } from './wave-ends.ts';

type Streams = ReadonlyMap<string, readonly JournalLine[]>;

/** Every server that the waves set out to recover, as last recorded. */
export function serversIn(plan: Plan, streams: Streams): readonly ServerRecord[] {
  return plan.waves.flatMap(({ name }) => {
    const records = new Map<string, ServerRecord>();
    for (const line of streams.get(`waves/${name}`) ?? []) {
      if (line.type !== 'step-finished' && line.type !== 'wave-started') continue;
      for (const server of line.servers ?? []) records.set(server.id, server);
    }
    return [...records.values()];
  });
}

/** Every database whose restore the waves began, as last recorded. */
export function databasesIn(plan: Plan, streams: Streams): readonly DatabaseRecord[] {
  return plan.waves.flatMap(({ name }) => {
    const records = new Map<string, DatabaseRecord>();
    const begun = new Set<string>();
    for (const line of streams.get(`waves/${name}`) ?? []) {
      if (line.type === 'step-started') begun.add(line.step);
      if (line.type !== 'step-finished' && line.type !== 'wave-started') continue;
      for (const database of line.databases ?? []) records.set(database.name, database);
    }
    return [...records.values()].filter((record) => begun.has(databaseStep(record.name)));
  });
}

/**
 * Whether an execution is through with its servers and databases: every wave of the plan has ended, and of a drill that is to be cleaned
 * up nothing is left.
 */
export function isOver(plan: Plan, mode: Mode, streams: Streams): boolean {
  if (plan.waves.some(({ name }) => waveEnd(streams.get(`waves/${name}`)) === undefined)) return false;
  if (mode === 'recovery' || plan.drill.cleanUp === 'keep') return true;
  const cleaned = (step: string) => {
    const end = streams.get('finally')?.findLast((line) => line.type === 'step-finished' && line.step === step);
    return end?.type === 'step-finished' && allowsDependents(end.status);
  };
  const begun = plan.waves.some(({ name }) =>
    streams.get(`waves/${name}`)?.some((line) => line.type === 'step-started' && line.step === 'recover'),
  );
  return (!begun || cleaned('clean-up')) && (databasesIn(plan, streams).length === 0 || cleaned(CLEAN_UP_DATABASES));
}

/** Whether nothing of an execution was ever begun, and no other process of it is about to. */
export function hasNotBegun(streams: Streams, own: string): boolean {
  const begun = [...streams].some(
    ([name, lines]) => name.startsWith('waves/') && lines.some((line) => line.type === 'wave-started'),
  );
  const others = [...streams].filter(([name]) => name.startsWith('runs/') && name !== own);
  const has = (lines: readonly JournalLine[], type: JournalLine['type']) => lines.some((line) => line.type === type);
  return !begun && others.every(([, lines]) => !has(lines, 'run-started') || has(lines, 'run-finished'));
}
