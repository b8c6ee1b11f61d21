import { page } from '../paging.ts';
import type { CallContext } from '../world/call-context.ts';
import { invalidValue } from './faults.ts';

export interface ListRequest {
  readonly Filters?: readonly { readonly Name: string; readonly Values: readonly string[] }[];
  readonly MaxRecords?: number;
  readonly Marker?: string;
}

/** One page, with the limits of RDS: MaxRecords is from 20 to 100, and 100 unless told. */
export function listed<T>(
  { world, operation }: CallContext,
  { MaxRecords: most = 100, Marker: token }: ListRequest,
  all: readonly T[],
): { readonly items: readonly T[]; readonly Marker: string | undefined } {
  if (most < 20 || most > 100) throw invalidValue(`Invalid value ${most} for MaxRecords. Must be between 20 and 100`);
  const { items, nextToken } = page(all, {
    listing: operation,
    token,
    size: Math.min(most, Math.max(20, world.scenario.pageSize)),
    invalidToken: () => invalidValue('The value of Marker is not valid.'),
  });
  return { items, Marker: nextToken };
}

/** Keeps what fits every filter. A filter that the operation does not know is an error. */
export function filtered<T>(
  all: readonly T[],
  { Filters: filters = [] }: ListRequest,
  values: Readonly<Record<string, (item: T) => readonly string[]>>,
): readonly T[] {
  for (const { Name: name, Values: wanted } of filters) {
    if (values[name] === undefined) throw invalidValue(`Unrecognized filter name: ${name}`);
    if (wanted.length === 0) throw invalidValue(`The filter ${name} has no values.`);
  }
  return all.filter((item) =>
    filters.every(({ Name: name, Values: wanted }) => {
      const actual = values[name]?.(item).map((value) => value.toLowerCase()) ?? [];
      return wanted.some((value) => actual.includes(value.toLowerCase()));
    }),
  );
}
