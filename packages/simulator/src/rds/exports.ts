import type { CallContext, Output } from '../world/call-context.ts';
import { parseRdsArn } from './arns.ts';
import { ownSnapshot } from './describe-snapshots.ts';
import { FAMILIES } from './families.ts';
import { invalidValue, rdsFault } from './faults.ts';
import { newIdentifier } from './identifiers.ts';
import { encryptionKey } from './kms-access.ts';
import { filtered, type ListRequest, listed } from './listing.ts';
import { jittered } from './make-snapshot.ts';
import { requireBeside } from './permissions.ts';
import { type ExportTask, snapshotStatus } from './state.ts';

interface StartRequest {
  readonly ExportTaskIdentifier: string;
  readonly SourceArn: string;
  readonly S3BucketName: string;
  readonly S3Prefix?: string;
  readonly IamRoleArn: string;
  readonly KmsKeyId: string;
  readonly ExportOnly?: readonly string[];
}

function exportOutput(task: ExportTask, now: number): Output {
  const status = now >= task.endsAt ? 'COMPLETE' : now >= task.beginsAt ? 'IN_PROGRESS' : 'STARTING';
  const share = (now - task.beginsAt) / (task.endsAt - task.beginsAt);
  return {
    ExportTaskIdentifier: task.id,
    SourceArn: task.sourceArn,
    SourceType: task.sourceType,
    ExportOnly: task.only,
    SnapshotTime: task.takenAt,
    TaskStartTime: now >= task.beginsAt ? task.beginsAt : undefined,
    TaskEndTime: now >= task.endsAt ? task.endsAt : undefined,
    S3Bucket: task.bucket,
    S3Prefix: task.prefix,
    IamRoleArn: task.roleArn,
    KmsKeyId: task.keyArn,
    Status: status,
    PercentProgress: Math.max(0, Math.min(100, Math.floor(share * 100))),
    TotalExtractedDataInGB: status === 'COMPLETE' ? task.gib : 0,
  };
}

/** StartExportTask of a snapshot: Parquet in S3, which no cluster can be restored from. */
export function startExport(context: CallContext, input: StartRequest): Output {
  const { world, state, now } = context;
  const id = newIdentifier(input.ExportTaskIdentifier, 'ExportTaskIdentifier', 60);
  const arn = parseRdsArn(input.SourceArn);
  if (arn?.type !== 'cluster-snapshot' && arn?.type !== 'snapshot') {
    throw invalidValue(`The simulator exports snapshots only, not ${input.SourceArn}.`);
  }
  const snapshot = ownSnapshot(context, FAMILIES[arn.type === 'snapshot' ? 'instance' : 'cluster'], input.SourceArn);
  if (snapshotStatus(snapshot, now) !== 'available') {
    throw rdsFault('InvalidExportSourceStateFault', `The snapshot ${snapshot.id} is not in the available state.`);
  }
  if (!/^arn:aws:iam::\d{12}:role\/.+$/.test(input.IamRoleArn)) {
    throw rdsFault('IamRoleNotFoundFault', `The IAM role ${input.IamRoleArn} is missing.`);
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(input.S3BucketName)) {
    throw rdsFault('InvalidS3BucketFault', `The S3 bucket ${input.S3BucketName} does not exist.`);
  }
  const key = encryptionKey(context, input.KmsKeyId);
  requireBeside(context, { role: { arn: input.IamRoleArn, to: 'export.rds.amazonaws.com' } });
  if (state.rds.exports.has(id)) throw rdsFault('ExportTaskAlreadyExistsFault', `The export task ${id} already exists.`);
  context.changed();
  const { durations, gib } = snapshot.contents;
  const beginsAt = now + jittered(world, durations.exportStart, 'export-start', state.account, id);
  const task: ExportTask = {
    id,
    sourceArn: snapshot.arn,
    sourceType: 'SNAPSHOT',
    takenAt: snapshot.takenAt,
    bucket: input.S3BucketName,
    prefix: input.S3Prefix,
    only: input.ExportOnly,
    roleArn: input.IamRoleArn,
    keyArn: key.arn,
    gib,
    beginsAt,
    endsAt: beginsAt + jittered(world, durations.export, 'export', state.account, id),
  };
  state.rds.exports.set(id, task);
  state.rds.events.push({
    at: task.endsAt,
    id: snapshot.family === 'cluster' ? 'RDS-EVENT-0164' : 'RDS-EVENT-0161',
    type: FAMILIES[snapshot.family].eventType,
    arn: snapshot.arn,
    source: snapshot.id,
    categories: ['notification'],
    message: `Snapshot export task ${id} completed.`,
    tags: snapshot.tags,
    holds: () => true,
  });
  return exportOutput(task, now);
}

export function describeExports(
  context: CallContext,
  input: ListRequest & { readonly ExportTaskIdentifier?: string; readonly SourceArn?: string },
): Output {
  const { state, now } = context;
  const id = input.ExportTaskIdentifier?.toLowerCase();
  const tasks = [...state.rds.exports.values()].filter(
    (task) => (id === undefined || task.id === id) && (input.SourceArn === undefined || task.sourceArn === input.SourceArn),
  );
  if (id !== undefined && tasks.length === 0) throw rdsFault('ExportTaskNotFoundFault', `Export task ${id} not found.`);
  const fitting = filtered(tasks, input, {
    'export-task-identifier': (task) => [task.id],
    's3-bucket': (task) => [task.bucket],
    'source-arn': (task) => [task.sourceArn],
    status: (task) => [String(exportOutput(task, now)['Status'])],
  });
  const { items, Marker } = listed(context, input, fitting);
  return { Marker, ExportTasks: items.map((task) => exportOutput(task, now)) };
}
