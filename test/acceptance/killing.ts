import type { Rehearsal } from './rehearsal.ts';

/**
 * Runs a step again and again, killing each process outright when its log says so, until the last one is left alone. Answers with that
 * one, and how many were killed.
 */
export async function killedAt(
  rehearsal: Rehearsal,
  action: string,
  inputs: Readonly<Record<string, string>>,
  moments: readonly RegExp[],
  env: Readonly<Record<string, string>> = {},
) {
  let killed = 0;
  for (const index of moments.keys()) {
    // A signal takes a moment to arrive: what the last process had still done, this one will not say. Then it dies at the next moment.
    const when = new RegExp(
      moments
        .slice(index)
        .map(({ source }) => source)
        .join('|'),
    );
    const { code } = await rehearsal.step(action, inputs, { env, interrupt: { when, signal: 'SIGKILL' } });
    if (code === undefined) killed += 1;
  }
  return { last: await rehearsal.step(action, inputs, { env }), killed };
}
