/**
 * The package's only casts.
 *
 * What GitHub answers is unknown until it is looked at; after `typeof` and `Array.isArray` TypeScript knows an object, but not that its
 * fields may be read by name.
 */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
