import type { AwsFault } from './aws-fault.ts';

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken: string | undefined;
}

export interface PageRequest {
  /** What is listed; a token of one listing is refused by another. */
  readonly listing: string;
  readonly token: string | undefined;
  readonly size: number;
  /** The service's own error for a token that is not its own. */
  readonly invalidToken: () => AwsFault;
}

/** One page of a listing. */
export function page<T>(all: readonly T[], { listing, token, size, invalidToken }: PageRequest): Page<T> {
  let from = 0;
  if (token !== undefined && token !== '') {
    const match = /^(.+):(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
    if (match?.[1] !== listing) throw invalidToken();
    from = Number(match[2]);
  }
  const to = from + size;
  const nextToken = to < all.length ? Buffer.from(`${listing}:${to}`).toString('base64url') : undefined;
  return { items: all.slice(from, to), nextToken };
}
