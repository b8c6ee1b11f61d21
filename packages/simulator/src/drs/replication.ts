import { drsDateTime, isoDuration } from '../wire-time.ts';
import type { World } from '../world/world.ts';
import type { SourceServer } from './state.ts';

/** Milliseconds behind the source; undefined when AWS does not know. */
export function lagOf(world: World, server: SourceServer, now: number): number | undefined {
  const { lag, lagGrows, state } = server.spec;
  if (lag === undefined || state === 'DISCONNECTED' || state === 'STOPPED') return undefined;
  return lagGrows ? lag + (now - world.began) : lag;
}

/** The newest data that a recovery can use. A disconnected source has what it had when the world began, less its lag. */
export function newestDataAt(world: World, server: SourceServer, now: number): number {
  const { lag, lagGrows } = server.spec;
  return (lagGrows ? world.began : now) - (lag ?? 0);
}

const DAYS_IN_SERVICE = 90;

/** The members of a SourceServer that say how replication fares. */
export function replicationInfo(world: World, server: SourceServer, now: number): Readonly<Record<string, unknown>> {
  const { spec } = server;
  const lag = lagOf(world, server, now);
  const synced = spec.state !== 'INITIATING' && spec.state !== 'INITIAL_SYNC';
  return {
    dataReplicationState: spec.state,
    lagDuration: lag === undefined ? undefined : isoDuration(lag),
    dataReplicationError: spec.error === undefined ? undefined : { error: spec.error, rawError: spec.rawError },
    dataReplicationInitiation: {
      startDateTime: drsDateTime(world.began - DAYS_IN_SERVICE * 86_400_000),
      steps: [
        { name: 'WAIT', status: 'SUCCEEDED' },
        { name: 'CREATE_SECURITY_GROUP', status: 'SKIPPED' },
        { name: 'CREATE_STAGING_DISKS', status: 'SUCCEEDED' },
        { name: 'ATTACH_STAGING_DISKS', status: 'SUCCEEDED' },
        { name: 'PAIR_REPLICATION_SERVER_WITH_AGENT', status: 'SUCCEEDED' },
        { name: 'CONNECT_AGENT_TO_REPLICATION_SERVER', status: 'SUCCEEDED' },
        { name: 'START_DATA_TRANSFER', status: spec.state === 'INITIATING' ? 'IN_PROGRESS' : 'SUCCEEDED' },
      ],
    },
    replicatedDisks: [
      {
        deviceName: '/dev/nvme0n1',
        totalStorageBytes: spec.state === 'DISCONNECTED' ? 0 : spec.diskBytes,
        replicatedStorageBytes: synced ? spec.diskBytes : Math.floor(spec.diskBytes / 2),
        rescannedStorageBytes: 0,
        backloggedStorageBytes: lag === undefined || lag === 0 ? 0 : Math.min(spec.diskBytes, Math.round(lag) * 1_024),
      },
    ],
    stagingAvailabilityZone: `${spec.region}a`,
  };
}
