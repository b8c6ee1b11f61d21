import type { ReasonCode } from '@breakwater/core';

/**
 * What an action takes and gives: one registry an action, written `as const`. Its action.yml and the tables of its README are
 * generated from it, and a contract test holds them together.
 */
export interface ActionDefinition {
  /** Folder under actions/, and the name of the bundle. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly branding: { readonly icon: string; readonly color: string };
  /** Changes something, or may: refused in a run that a stranger could have caused, as by a pull request from a fork. */
  readonly onlyTrusted?: true;
  readonly inputs: Readonly<Record<string, InputDefinition>>;
  readonly outputs: Readonly<Record<string, OutputDefinition>> & Readonly<Record<CommonOutput, OutputDefinition>>;
}

/** Outputs that every action has, so that a workflow can branch on any of them the same way. */
export const COMMON_OUTPUTS = ['status', 'reason-code', 'result'] as const;
export type CommonOutput = (typeof COMMON_OUTPUTS)[number];

interface InputBase {
  readonly description: string;
  /** Must be given. The runner does not enforce this; the kit does. */
  readonly required?: true;
  /**
   * As written in action.yml. An input with a default is never absent, but for an expression as `${{ github.token }}`: away from GitHub
   * nobody fills it in.
   */
  readonly default?: string;
}

export type InputDefinition = InputBase &
  (
    | {
        readonly kind: 'text';
        /** What a value must look like, with words for the message. */
        readonly pattern?: { readonly source: string; readonly means: string };
      }
    | { readonly kind: 'boolean' }
    /** Items separated by commas or newlines, or a JSON list; an empty input is an empty list. */
    | { readonly kind: 'list' }
    | { readonly kind: 'choice'; readonly of: readonly string[] }
    /** `90s`, `15m`, `1h30m`; becomes milliseconds. */
    | { readonly kind: 'duration' }
  );

export interface OutputDefinition {
  readonly description: string;
  /** What a step reads when the process was killed before it could say more. */
  readonly default: string;
}

type Present<D extends InputDefinition, T> = D extends { readonly required: true }
  ? T
  : D extends { readonly default: infer Default extends string }
    ? Default extends `\${{${string}`
      ? T | undefined
      : T
    : T | undefined;

/** The typed value of one input. Absent optional inputs are `undefined`, absent lists are empty. */
export type InputValue<D extends InputDefinition> = D extends { readonly kind: 'list' }
  ? readonly string[]
  : D extends { readonly kind: 'boolean' }
    ? Present<D, boolean>
    : D extends { readonly kind: 'duration' }
      ? Present<D, number>
      : D extends { readonly kind: 'choice'; readonly of: readonly (infer Choice)[] }
        ? Present<D, Choice>
        : Present<D, string>;

export type Inputs<D extends ActionDefinition> = { readonly [Name in keyof D['inputs']]: InputValue<D['inputs'][Name]> };

export type OutputName<D extends ActionDefinition> = keyof D['outputs'] & string;

/** How an action ended, for the step and for the next step. */
export interface Outcome {
  readonly status: string;
  readonly reason: ReasonCode;
  /** The `result` output: JSON with a `schema` that carries its version. */
  readonly result: string;
  /** Set when the step must fail: what is wrong and what to do next, for the one error of the step. */
  readonly failure?: { readonly message: string; readonly next: string };
}
