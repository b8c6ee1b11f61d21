import type { DrsSourceServer } from '@breakwater/aws';
import { formatDuration } from '@breakwater/core';

/** Why a server's replication is not what a drill wants. */
export interface Doubt {
  readonly message: string;
}

/**
 * What speaks against drilling a server now; `undefined` when it replicates continuously within `maxLag` milliseconds. DRS leaves the
 * lag out when it does not know it, which is not the same as none.
 */
export function doubtOf(server: DrsSourceServer, maxLag: number): Doubt | undefined {
  const wrong: string[] = [];
  if (server.stagingStatus === 'EXTENSION_ERROR')
    wrong.push('its extension from the staging account is broken (EXTENSION_ERROR)');
  if (server.replicationState !== 'CONTINUOUS') wrong.push(`replication is ${server.replicationState}`);
  if (server.lag === undefined) wrong.push('lag unknown');
  else if (server.lag > maxLag) wrong.push(`lag ${formatDuration(server.lag)} is more than ${formatDuration(maxLag)}`);
  if (wrong.length === 0) return undefined;
  if (server.lag !== undefined && server.lag <= maxLag) wrong.push(`lag ${formatDuration(server.lag)}`);
  if (server.replicationError !== undefined) wrong.push(server.replicationError);
  const label = server.name === server.id ? server.id : `${server.name} (${server.id})`;
  return { message: `${label}: ${wrong.join(', ')}` };
}
