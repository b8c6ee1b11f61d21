import { allowsDependents, type Status } from '@breakwater/core';
import type { JournalLine, Reason } from '@breakwater/history';
import { type Plan, topologicalOrder, type Wave } from '@breakwater/plan';
import type { Halt } from './halts.ts';
import type { Stream } from './stream.ts';

type Lines = readonly JournalLine[] | undefined;

/** How a wave's journal ends; `undefined` while it runs, or if it never began. */
export function waveEnd(lines: Lines): Status | undefined {
  const last = lines?.findLast((line) => line.type === 'wave-started' || line.type === 'wave-finished');
  return last?.type === 'wave-finished' ? last.status : undefined;
}

export function endedWell(lines: Lines): boolean {
  const end = waveEnd(lines);
  return end !== undefined && allowsDependents(end);
}

/**
 * Gives an end to every wave that can no longer begin: something it waited for ended badly, or its job was never run. A wave that began
 * and has no end, and whatever waits for it, keeps the execution open, because AWS may go on with it; the halt then names them.
 */
export async function endUnbegun(
  plan: Plan,
  past: ReadonlyMap<string, readonly JournalLine[]>,
  open: (stream: string) => Promise<Stream>,
): Promise<Halt | undefined> {
  const ends = new Map<string, Status>();
  const byName = new Map(plan.waves.map((wave) => [wave.name, wave]));
  for (const wave of topologicalOrder(plan).flatMap((name) => byName.get(name) ?? [])) {
    const lines = past.get(`waves/${wave.name}`);
    const end = waveEnd(lines);
    if (end !== undefined) ends.set(wave.name, end);
    else if (!hasBegun(lines) && wave.dependsOn.every((name) => ends.has(name))) {
      await skip(wave, ends, refusalOf(wave, past), await open(`waves/${wave.name}`));
      ends.set(wave.name, 'skipped');
    }
  }
  const left = plan.waves.map(({ name }) => name).filter((name) => !ends.has(name));
  if (left.length === 0) return undefined;
  return {
    reason: {
      code: 'in-progress',
      message: `not ended yet: ${left.join(', ')}; what comes last waits for them`,
      next: 'Re-run the failed jobs: they go on with the same execution.',
    },
  };
}

/** Whether the wave did anything: an approval alone begins nothing. */
export function hasBegun(lines: Lines): boolean {
  return lines?.some((line) => line.type === 'wave-started') === true;
}

async function skip(wave: Wave, ends: ReadonlyMap<string, Status>, refusal: Reason | undefined, stream: Stream): Promise<void> {
  const gate = stream.past('gate');
  const waiting = gate !== undefined && gate.end === undefined;
  const reason = whySkipped(wave, ends) ?? refusal ?? NEVER_RUN;
  if (waiting) await stream.append({ type: 'step-finished', step: 'gate', status: 'skipped', reason });
  await stream.append({ type: 'wave-finished', status: 'skipped', reason });
}

const NEVER_RUN: Reason = {
  code: 'interrupted',
  message: 'it was never begun: its job did not run',
  next: 'Re-run the failed jobs to begin it.',
};

function whySkipped(wave: Wave, ends: ReadonlyMap<string, Status>): Reason | undefined {
  const failed = wave.dependsOn.find((name) => !allowsDependents(ends.get(name) ?? 'failed'));
  if (failed === undefined) return undefined;
  const end = ends.get(failed);
  return { code: 'dependency-failed', message: `wave "${failed}" ${end === 'skipped' ? 'was skipped' : `ended ${end}`}` };
}

/** Why the last run that was asked for the wave did not begin it: a guard said no, or a gate was closed. */
function refusalOf(wave: Wave, past: ReadonlyMap<string, readonly JournalLine[]>): Reason | undefined {
  const runs = [...past].filter(([name]) => name.startsWith('runs/')).map(([, lines]) => lines);
  const asked = runs.filter((lines) =>
    lines.some((line) => line.type === 'run-started' && (line.waves.length === 0 || line.waves.includes(wave.name))),
  );
  const ended = asked.flatMap((lines) => lines.filter((line) => line.type === 'run-finished'));
  const last = ended.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1);
  if (last === undefined || last.reason.code === 'ok') return undefined;
  return { ...last.reason, message: `it was never begun: ${last.reason.message}` };
}
