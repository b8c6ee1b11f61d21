import type { DeedContext } from '@breakwater/engine';
import type { Action, Wave } from '@breakwater/plan';

/**
 * The action's parameters with `${execution}`, `${plan}`, `${wave}` and `${mode}` filled in; other `${…}` are left to the document.
 * In a finally action `${wave}` is `finally`.
 */
export function fillParameters(
  action: Action,
  { execution, plan, mode }: Pick<DeedContext, 'execution' | 'plan' | 'mode'>,
  wave: Wave | undefined,
): Readonly<Record<string, readonly string[]>> {
  const known = new Map([
    ['execution', execution],
    ['plan', plan.name],
    ['wave', wave?.name ?? 'finally'],
    ['mode', mode],
  ]);
  const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (whole, name) => known.get(name) ?? whole);
  return Object.fromEntries(Object.entries(action.parameters).map(([name, values]) => [name, values.map(fill)]));
}
