import { runDeed } from '@breakwater/assembly';
import type { Estate } from './estate.ts';
import type { Told } from './scenario.ts';

/** One deed outside a plan. */
export async function deed(
  world: Estate,
  operation: Parameters<typeof runDeed>[0],
  maxWait = 12 * 3_600_000,
  lines: string[] = [],
): Promise<Told> {
  const { end, warnings } = await runDeed(operation, {
    clock: world.clock,
    signal: new AbortController().signal,
    maxWait,
    attempt: 1,
    log: (line) => lines.push(line),
    made: () => undefined,
  });
  const told = [...warnings, ...lines.filter((line) => line.startsWith('warning'))];
  switch (end.end) {
    case 'finished': {
      const { advance } = end;
      told.push(advance.reason?.message ?? '', advance.reason?.next ?? '', JSON.stringify(advance.result ?? {}));
      return { status: advance.state === 'failed' ? 'failed' : advance.status, text: told.join('\n') };
    }
    case 'timed-out':
      return { status: 'timed-out', text: [...told, end.note, end.goesOn ?? ''].join('\n') };
    case 'interrupted':
      return { status: 'interrupted', text: [...told, end.goesOn ?? ''].join('\n') };
    case 'lost':
      return { status: 'lost', text: [...told, end.error.message, end.error.next].join('\n') };
  }
}

/** The second only if the first ended well. */
export async function then(first: Promise<Told>, second: () => Promise<Told>): Promise<Told> {
  const told = await first;
  return told.status === 'succeeded' ? second() : told;
}
