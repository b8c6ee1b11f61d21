import { allowsDependents, type Mode, RefusedError } from '@breakwater/core';
import type { GateProof, JsonObject, Reason } from '@breakwater/history';
import type { Gate, Wave } from '@breakwater/plan';
import type { Stream } from './stream.ts';

/** What the platform that keeps approvals is asked before a gate opens. */
export interface GateToProve {
  readonly wave: string;
  /** As the plan names them, in order: each approved by another person. None: the door knows which. */
  readonly environments: readonly string[];
  readonly mode: Mode;
}

/** A gate that opens although nothing proves it: why nothing does. */
export interface Unproved {
  readonly unproved: string;
}

/**
 * Asks the platform who approved. Throws `RefusedError` `gate-unproved` that names what is missing, or the platform's own error; nothing
 * has been changed then.
 */
export type ProveGate = (gate: GateToProve) => Promise<GateProof | Unproved>;

/** Away from a platform that keeps approvals, whoever runs it vouches for them. */
const NOBODY_KEEPS_APPROVALS: Unproved = { unproved: 'no platform kept the approval' };

/** What was found of each gate that somebody says is open. */
export type Proofs = ReadonlyMap<string, GateProof | Unproved>;

/** Proves every gate that this run would open, before anything is changed. Gates that an earlier run opened stay open. */
export async function proveGates(
  waves: readonly Wave[],
  streams: ReadonlyMap<string, Stream>,
  request: { readonly mode: Mode; readonly approvals: readonly string[] },
  prove: ProveGate | undefined,
): Promise<Proofs> {
  const proofs = new Map<string, GateProof | Unproved>();
  for (const { name, gate } of waves) {
    if (!applies(gate, request.mode) || !request.approvals.includes(name) || isOpen(streams.get(name))) continue;
    const environments = environmentsOf(gate);
    proofs.set(name, (await prove?.({ wave: name, environments, mode: request.mode })) ?? NOBODY_KEEPS_APPROVALS);
  }
  return proofs;
}

/** Records the gate of a wave. Returns the reason, if a human still has to approve. */
export async function passGate(
  { name, gate }: Wave,
  stream: Stream,
  request: { readonly mode: Mode; readonly approvals: readonly string[]; readonly actor: string },
  proofs: Proofs,
): Promise<Reason | undefined> {
  if (!applies(gate, request.mode) || isOpen(stream)) return undefined;
  const past = stream.past('gate');
  if (past === undefined || past.end !== undefined) {
    const attempt = (past?.attempt ?? 0) + 1;
    const title = gate.description ?? 'approval';
    await stream.append({ type: 'step-started', step: 'gate', kind: 'gate', name: title, attempt, deadline: 0 });
  }
  if (!request.approvals.includes(name)) {
    return {
      code: 'gate-closed',
      message: `wave "${name}" waits for approval${gate.description === undefined ? '' : `: ${gate.description}`}`,
      next: `Once it is approved, run the same execution again with the approval of "${name}".`,
    };
  }
  const proof = proofs.get(name);
  // A gate is never opened by a way that forgot to ask.
  if (proof === undefined) throw new RefusedError('gate-unproved', `the gate of wave "${name}" was not proved`, UNASKED);
  if ('unproved' in proof) await openUnproved(stream, request.actor, proof);
  else await openProved(stream, proof);
  return undefined;
}

const UNASKED = { next: 'This is a fault of Breakwater: report it. Nothing was started in this wave.' };

async function openProved(stream: Stream, proof: GateProof): Promise<void> {
  for (const message of proof.warnings ?? []) {
    await stream.append({ type: 'warning', step: 'gate', reason: { code: 'degraded', message } });
  }
  const by = proof.approvals.map(({ login, environment }) => `${login} (${environment})`).join(', ');
  await stream.append({
    type: 'step-finished',
    step: 'gate',
    status: 'succeeded',
    reason: { code: 'ok', message: `approved by ${by}` },
    result: {
      approvedBy: [...new Set(proof.approvals.map(({ login }) => login))].join(', '),
      proved: true,
      proof: jsonOf(proof),
    },
  });
}

async function openUnproved(stream: Stream, actor: string, { unproved }: Unproved): Promise<void> {
  await stream.append({
    type: 'step-finished',
    step: 'gate',
    status: 'succeeded',
    reason: { code: 'ok', message: `approved by ${actor}, who vouches for it: ${unproved}` },
    result: { approvedBy: actor, proved: false, unproved },
  });
}

function applies(gate: Gate | undefined, mode: Mode): gate is Gate {
  return gate?.when.includes(mode) === true;
}

function isOpen(stream: Stream | undefined): boolean {
  const end = stream?.past('gate')?.end;
  return end !== undefined && allowsDependents(end.status);
}

function environmentsOf({ environment, environments = [] }: Gate): readonly string[] {
  return environment === undefined ? environments : [environment];
}

function jsonOf({ approvals, rules, warnings, ...facts }: GateProof): JsonObject {
  return {
    ...facts,
    approvals: approvals.map((approval) => ({ ...approval })),
    rules: rules.map((rule) => ({ ...rule })),
    ...(warnings === undefined ? {} : { warnings }),
  };
}
