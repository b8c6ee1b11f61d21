import type { CallContext } from '../world/call-context.ts';
import { invalidValue } from './faults.ts';
import type { Snapshot } from './state.ts';

/**
 * A presigned URL is needed in GovCloud only, but SDKs send one. It is read, never followed: it must point to the source's Region and
 * say what the request says.
 */
export function checkPreSignedUrl({ state }: CallContext, source: Snapshot, text: string, key: string | undefined): void {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalidValue('PreSignedUrl could not be parsed.');
  }
  const wrong = (what: string) => invalidValue(`PreSignedUrl does not fit the request: ${what}.`);
  if (url.hostname !== `rds.${source.region}.amazonaws.com`) throw wrong('its host is not that of the source Region');
  if (url.searchParams.get('DestinationRegion') !== state.region) throw wrong('DestinationRegion is not this Region');
  const named =
    url.searchParams.get('SourceDBClusterSnapshotIdentifier') ?? url.searchParams.get('SourceDBSnapshotIdentifier') ?? undefined;
  if (named?.toLowerCase() !== source.arn.toLowerCase()) throw wrong('the source is another');
  if ((url.searchParams.get('KmsKeyId') ?? '') !== (key ?? '')) throw wrong('KmsKeyId is another');
}
