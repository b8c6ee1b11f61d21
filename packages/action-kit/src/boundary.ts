import type { ActionDefinition, Inputs } from './definition.ts';

/**
 * The kit's only casts.
 *
 * `readInputs` builds its values one by one from the definition's own keys, each parsed by its kind; TypeScript cannot follow a loop
 * over keys into a mapped type, so the finished record is given its type here.
 */
export function inputsAs<D extends ActionDefinition>(values: Readonly<Record<string, unknown>>): Inputs<D> {
  return values as Inputs<D>;
}
