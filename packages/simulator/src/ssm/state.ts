import type { DocumentSpec } from '../scenario/scenario.ts';
import type { Parameter } from './parameters.ts';

/** SSM in one account and Region. */
export interface SsmState {
  readonly automations: Map<string, Automation>;
  /** Automation id and input by client token. */
  readonly tokens: Map<string, { readonly id: string; readonly input: string }>;
  readonly commands: Map<string, RunCommand>;
  /** By name. */
  readonly parameters: Map<string, Parameter>;
}

export interface Signal {
  readonly at: number;
  readonly type: string;
  readonly payload: Readonly<Record<string, readonly string[]>>;
}

export interface Automation {
  readonly id: string;
  readonly document: DocumentSpec;
  readonly documentVersion: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly mode: string;
  readonly startedAt: number;
  readonly visibleAt: number;
  readonly executedBy: string;
  readonly durations: readonly number[];
  /** A fault decided its end when it began. */
  readonly forced: { readonly status: string; readonly message: string } | undefined;
  tags: Readonly<Record<string, string>>;
  readonly signals: Signal[];
  stop: { readonly at: number; readonly type: 'Cancel' | 'Complete' } | undefined;
}

export interface Invocation {
  readonly instanceId: string;
  readonly hostname: string;
  readonly startsAt: number;
  /** Infinity: it hangs. */
  readonly endsAt: number;
  readonly visibleAt: number;
}

export interface RunCommand {
  readonly id: string;
  readonly document: DocumentSpec;
  readonly documentVersion: string;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly comment: string | undefined;
  readonly requestedAt: number;
  readonly timeoutSeconds: number;
  readonly invocations: readonly Invocation[];
  cancelledAt: number | undefined;
}
