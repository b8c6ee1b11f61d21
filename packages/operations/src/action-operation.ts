import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import { type ActionDeed, type ActionPart, partsOf } from './action-parts.ts';

/** What one process knows of a running action: an automation or a command, in parts. */
export interface ActionRun {
  advance(parts: readonly ActionPart[], context: OperationContext): Promise<Advance>;
  /** Asks AWS to stop it; what goes on there all the same, or `undefined`. */
  stop(context: OperationContext): Promise<string | undefined>;
}

/** An action as an operation. Its run is begun with the first look, which brings what the journal holds of it. */
export function actionOperation(work: ActionDeed, begin: (context: OperationContext) => ActionRun): Operation {
  let run: ActionRun | undefined;
  const open = (context: OperationContext) => {
    run ??= begin(context);
    return run;
  };
  return {
    async advance(context) {
      const cut = partsOf(work);
      if ('reason' in cut) return { state: 'failed', reason: cut.reason };
      return open(context).advance(cut.parts, context);
    },
    abandon: (context) => open(context).stop(context),
  };
}
