import type { JsonObject } from '@breakwater/history';
import type { DatabaseManifest } from './databases/restore-contracts.ts';

/**
 * The one file of this package that casts.
 *
 * `withoutUndefined`: under exactOptionalPropertyTypes an optional member may be absent but not `undefined`, while AWS leaves fields out
 * and our gateways say `undefined`. Dropping such members is exactly what the type says; the compiler cannot follow the loop.
 *
 * `asJson`: plain data, written as an interface.
 *
 * `checkedManifest`: a file's content, of which a table of tests has looked at every field.
 */
type WithoutUndefined<T extends object> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without the members that are `undefined`. */
export function withoutUndefined<T extends object>(value: T): WithoutUndefined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as WithoutUndefined<T>;
}

/** A value whose every field was checked against the shape of a manifest; that shape and the type are written side by side. */
export function checkedManifest(value: unknown): DatabaseManifest {
  return value as DatabaseManifest;
}

/** A readonly interface of plain data as JSON: interfaces have no index signature, so that the compiler does not see it. */
export function asJson(value: object): JsonObject {
  return value as JsonObject;
}
