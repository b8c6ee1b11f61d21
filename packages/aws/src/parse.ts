/** Tolerant reading of what AWS sends: a missing or odd field is `undefined`, never a crash. */

/**
 * Epoch milliseconds of a moment as any AWS protocol writes it: a `Date` of the SDK, epoch seconds, or text. DRS is documented
 * to send `2022-12-07T19:15:38Z` and in fact sends `2022-12-07T19:15:38.846723+00:00`; both are read, cut to milliseconds.
 */
export function moment(value: Date | string | number | undefined | null): number | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = value instanceof Date ? value.getTime() : typeof value === 'number' ? value * 1_000 : Date.parse(value);
  return Number.isFinite(ms) ? Math.floor(ms) : undefined;
}

/** As DRS and SSM take a moment in a filter: UTC with `Z`. */
export function isoMoment(ms: number): string {
  return new Date(ms).toISOString();
}

/** The same without the fraction, which SSM's InvokedAfter filter does not document; rounded down. */
export function isoSecond(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** Tags that come as a map (DRS). */
export function tagsOfMap(tags: Readonly<Record<string, string | undefined>> | undefined): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags ?? {})) result[key] = value ?? '';
  return result;
}

/** Tags that come as a list of pairs (EC2). */
export function tagsOfList(
  tags: readonly { readonly Key?: string | undefined; readonly Value?: string | undefined }[] | undefined,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const { Key, Value } of tags ?? []) if (Key !== undefined) result[Key] = Value ?? '';
  return result;
}

/** Newest first; what has no moment yet is newest of all. Equal ones stay in AWS's order. */
export function newestFirst<T>(items: readonly T[], at: (item: T) => number | undefined): T[] {
  return [...items].sort((a, b) => {
    const [left, right] = [at(a) ?? Number.POSITIVE_INFINITY, at(b) ?? Number.POSITIVE_INFINITY];
    return left === right ? 0 : right - left;
  });
}
