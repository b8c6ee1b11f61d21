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

/**
 * A field of a JSON document that GitHub wrote, by path; `undefined` where there is none. After `typeof` TypeScript knows an object, but
 * not that its fields may be read by name.
 */
export function fieldOf(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((found, name) => {
    return typeof found === 'object' && found !== null ? (found as Readonly<Record<string, unknown>>)[name] : undefined;
  }, value);
}
