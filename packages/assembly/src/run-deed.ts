import type { Clock } from '@breakwater/core';
import { type Operation, type OperationContext, type OperationEnd, Pacer, runOperation } from '@breakwater/engine';

/** What AWS was asked to make, or what was found made by an earlier process. */
export interface MadeThing {
  readonly operation: string;
  readonly id: string;
  readonly adopted: boolean;
}

export interface DeedOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** How long to wait for the end, milliseconds. */
  readonly maxWait: number;
  /** The attempt of the run, from 1. */
  readonly attempt: number;
  readonly log: (line: string) => void;
  readonly made: (made: MadeThing) => void;
}

/** How a deed outside any plan ended. */
export interface DeedEnd {
  readonly end: OperationEnd;
  readonly made: readonly MadeThing[];
  readonly warnings: readonly string[];
  /** Something may have been begun in AWS. */
  readonly begun: boolean;
}

/** Runs one deed without a plan and without a journal: what it has made is in AWS, where another process finds it. */
export async function runDeed(operation: Operation, options: DeedOptions): Promise<DeedEnd> {
  const { clock, signal, attempt, log } = options;
  const made: MadeThing[] = [];
  const warnings: string[] = [];
  let begun = false;
  const context: OperationContext = {
    clock,
    signal,
    attempt,
    earlier: [],
    async intent(name, key) {
      begun = true;
      log(`${name} is about to be sent (${key})`);
    },
    async change({ operation: name, id, adopted }) {
      made.push({ operation: name, id, adopted });
      options.made({ operation: name, id, adopted });
      log(adopted ? `found ${id}, which an earlier process had begun` : `${name}: ${id}`);
    },
    async progress(note) {
      log(note);
    },
    async warn(reason) {
      warnings.push(reason.message);
      log(`warning: ${reason.message}`);
    },
  };
  const end = await runOperation(told(operation, log), context, {
    pacer: new Pacer(clock),
    deadline: clock.now() + options.maxWait,
  });
  return { end, made, warnings, begun: begun || made.length > 0 };
}

/** What it waits for, said whenever that changes. */
function told(operation: Operation, log: (line: string) => void): Operation {
  let last = '';
  const { abandon } = operation;
  return {
    ...(abandon === undefined ? {} : { abandon: (context: OperationContext) => abandon.call(operation, context) }),
    async advance(context) {
      const advance = await operation.advance(context);
      if (advance.state === 'waiting' && advance.note !== '' && advance.note !== last) {
        last = advance.note;
        log(advance.note);
      }
      return advance;
    },
  };
}
