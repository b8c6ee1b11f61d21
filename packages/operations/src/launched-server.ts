import type { DrsRecoveryInstance } from '@breakwater/aws';
import type { Reason, ServerRecord } from '@breakwater/history';
import type { RecoveryPoint } from '@breakwater/plan';
import { withoutUndefined } from './boundary.ts';
import type { Launch } from './launch-intent.ts';
import { recoveryPointActual } from './recovery-point.ts';

/**
 * The record of a server that DRS has launched. It stays `running`: launched is not proved, and a wave that times out before the proof
 * must not show it as succeeded.
 */
export function launchedRecord(
  record: ServerRecord,
  known: {
    readonly createdAt: number;
    readonly wanted: RecoveryPoint;
    /** None when the record of the launch is lost; then the latest known lag stands in. */
    readonly launch: Launch | undefined;
    readonly jobId: string;
    readonly instanceId: string;
    readonly instance: DrsRecoveryInstance | undefined;
    readonly launchedAt: number;
  },
): ServerRecord {
  const { createdAt, wanted, launch, jobId, instanceId, instance, launchedAt } = known;
  const snapshotId = launch === undefined ? plannedSnapshot(record.id, wanted) : launch.snapshotId;
  const latest = launch === undefined ? wanted.kind !== 'before' && snapshotId === undefined : snapshotId === undefined;
  const lag = launch === undefined ? record.lag : launch.lag;
  const pointAt = instance?.pointInTime;
  const replicationState = launch?.replicationState ?? record.replicationState;
  const rpa = recoveryPointActual({ createdAt, pointAt, latest, lag, newest: launch?.newest, replicationState });
  const { reason: _, lag: __, rpa: ___, ...before } = record;
  return {
    ...before,
    status: 'running',
    ...withoutUndefined({
      replicationState,
      lag,
      jobId,
      instanceId,
      recoveryPoint: latest ? 'latest' : snapshotId,
      recoveryPointAt: pointAt,
      rpa,
      launchedAt,
    }),
  };
}

function plannedSnapshot(server: string, wanted: RecoveryPoint): string | undefined {
  return wanted.kind === 'pinned' ? wanted.snapshots[server] : undefined;
}

export function failedRecord(record: ServerRecord, reason: Reason, jobId?: string): ServerRecord {
  const { instanceId: _, ...before } = record;
  return { ...before, status: 'failed', reason, ...withoutUndefined({ jobId }) };
}
