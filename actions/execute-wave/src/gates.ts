import type { Door } from '@breakwater/action-kit';
import { type Clock, GithubError, RefusedError } from '@breakwater/core';
import type { GateToProve, ProveGate } from '@breakwater/engine';
import { jobClaims, proveGate } from '@breakwater/github';
import type { definition } from './definition.ts';
import { apiOf, ownRun } from './github.ts';

/**
 * How this job proves that its gates were opened by the right people: by asking GitHub. `undefined` away from GitHub, where whoever runs
 * the action vouches.
 */
export function gateProver(door: Door<typeof definition>, clock: Clock): ProveGate | undefined {
  const { github, inputs } = door;
  const run = ownRun(door);
  if (run === undefined) return undefined;
  return async (gate) => {
    const api = apiOf(door, run, tokenOf(door, gate), clock);
    try {
      return await proveGate(api, {
        wave: gate.wave,
        environments: environmentsOf(gate, inputs['gate-environments']),
        run: run.id,
        attempt: github.runAttempt,
        requesters: [github.actor],
        claims: async () => {
          const token = await door.token().catch(() => undefined);
          return token === undefined ? undefined : jobClaims(token);
        },
        clock,
      });
    } catch (error) {
      if (!(error instanceof GithubError) || error.code !== 'github-unavailable') throw error;
      const down = gaveNoAnswer(error);
      if (down && inputs['when-github-is-down'] === 'vouch') {
        const message = `the gate of wave "${gate.wave}" opens without proof: ${error.message}`;
        door.annotations.warning('Gate not proved', message);
        return { unproved: `GitHub could not be asked: ${error.message}` };
      }
      throw new GithubError('github-unavailable', `the gate of wave "${gate.wave}" cannot be proved: ${error.message}`, {
        next: `${error.next} If there is no time: \`breakwater run --approve\` from a shell (docs/break-glass.md)${down ? ', or `when-github-is-down: vouch` (docs/approvals.md)' : ''}.`,
        call: error.call,
        cause: error,
      });
    }
  };
}

/** That it limits our requests is an answer: anybody who may use the token up could open a gate by it. */
function gaveNoAnswer({ call: { httpStatus } }: GithubError): boolean {
  return httpStatus === undefined || httpStatus >= 500;
}

function tokenOf({ inputs }: Door<typeof definition>, { wave }: GateToProve): string {
  if (inputs.token === undefined) {
    throw new RefusedError(
      'gate-unproved',
      `the gate of wave "${wave}" is not proved: the step has no token to ask GitHub with`,
      {
        next: 'Give the step `token` (by default that of the job), and the job `actions: read`.',
      },
    );
  }
  return inputs.token;
}

/** The plan says who has to approve. What the job says it was opened by may name them, and more; it may not name others instead. */
function environmentsOf({ wave, environments }: GateToProve, ofJob: readonly string[]): readonly string[] {
  if (environments.length === 0) return ofJob;
  const known = new Set(ofJob.map((name) => name.toLowerCase()));
  const missing = environments.filter((name) => !known.has(name.toLowerCase()));
  if (ofJob.length === 0 || missing.length === 0) return environments;
  throw new RefusedError(
    'gate-unproved',
    `the plan wants the gate of wave "${wave}" opened by ${environments.join(' and ')}, and this job was opened by ${ofJob.join(' and ')}`,
    { next: 'Compile the workflow of the plan anew (`breakwater compile`), or leave `gate-environments` out.' },
  );
}
