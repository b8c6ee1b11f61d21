/**
 * The one file of this package that casts.
 *
 * `withoutUndefined`: under exactOptionalPropertyTypes an optional member may be absent but not `undefined`, while AWS leaves fields out
 * and our gateways say `undefined`. Dropping such members is exactly what the type says; the compiler cannot follow the loop.
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
