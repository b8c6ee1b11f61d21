import { AwsError } from '@breakwater/core';
import { type CallContext, callLabel } from './call-context.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextToken: string | undefined;
}

/**
 * Every item of a paged call, in AWS's order. A page may be empty and still have a successor. AWS answering a token with itself
 * would never end: that is an error, because silently cutting the list could hide a server.
 */
export async function* everyItem<Item>(
  call: CallContext,
  fetch: (nextToken: string | undefined) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let token: string | undefined;
  do {
    const page: Page<Item> = await fetch(token);
    yield* page.items;
    // SSM ends a list with an empty string, DRS with no token.
    const next = page.nextToken === '' ? undefined : page.nextToken;
    if (next !== undefined && next === token) throw endlessPages(call);
    token = next;
  } while (token !== undefined);
}

function endlessPages(call: CallContext): AwsError {
  const { service, operation, account, region } = call;
  return new AwsError('aws-fault', `${callLabel(call)}: AWS answered a page token with itself`, {
    next: 'Run it again. If it stays, report it to AWS: the list has no end.',
    call: { service, operation, account, region, requestId: undefined, httpStatus: undefined, awsCode: 'RepeatedPageToken' },
  });
}

/** Cuts a list into runs of at most `size`, in order. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
