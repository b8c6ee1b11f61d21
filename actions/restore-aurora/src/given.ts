/** A member that is there only if it has a value. */
export function given<K extends string, V>(key: K, value: V | undefined): { readonly [Key in K]?: V } {
  const entry: { [Key in K]?: V } = {};
  if (value !== undefined) entry[key] = value;
  return entry;
}
