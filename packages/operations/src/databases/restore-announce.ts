import { type AwsError, asBreakwaterError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import { withoutUndefined } from '../boundary.ts';
import type { LiveDatabase } from './live-database.ts';
import { publishDns } from './restore-dns.ts';
import { RESTORE_TAGS, type RestoreState } from './restore-state.ts';

const PUT_PARAMETER = 'ssm:PutParameter';
const PUT_SECRET = 'secretsmanager:PutSecretValue';
const TAG = 'rds:AddTagsToResource';
const EXPORT = 'rds:StartExportTask';

/** Writes the endpoint where it is read; nothing once everything is written. A drill writes nothing: others would connect to it. */
export async function publishEndpoint(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { publish = {} } = state.request;
  if (state.drill) {
    if (Object.keys(publish).length > 0) await state.telling.progress(context, 'a drill does not publish its endpoint');
    return undefined;
  }
  const { parameter, readerParameter, secret } = publish;
  const { parameters } = state.site.aws;
  const parameterValues: readonly (readonly [string | undefined, string | undefined])[] = [
    [parameter, database.endpoint],
    [readerParameter, database.readerEndpoint],
  ];
  for (const [name, value] of parameterValues) {
    if (name === undefined || value === undefined || isPublished(state, PUT_PARAMETER, name)) continue;
    return published(state, context, name, PUT_PARAMETER, () => parameters.putParameter(name, value));
  }
  const written = secret === undefined ? undefined : await publishSecret(state, database, context, secret);
  if (written !== undefined || state.failure !== undefined) return written;
  // Last, because it is others that it turns: they find all else in place.
  return publishDns(state, database, context);
}

async function publishSecret(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
  secret: string,
): Promise<Advance | undefined> {
  if (isPublished(state, PUT_SECRET, secret)) return undefined;
  const next = endpointSecret(await state.site.aws.secrets.getSecret(secret), database);
  if (next === undefined) {
    return state.fail(
      'usage',
      `secret ${secret} is no JSON object: the endpoint is not written over what is there`,
      'Put a JSON object there, or name another secret, then run the same step again: what was restored is kept and adopted.',
    );
  }
  if (next === 'same') {
    setPublished(state, PUT_SECRET, secret);
    return undefined;
  }
  return published(state, context, secret, PUT_SECRET, () => state.site.aws.secrets.putSecret(secret, next.text));
}

/** A parameter and a secret may have one name. */
function isPublished(state: RestoreState, operation: string, name: string): boolean {
  return state.done.has(`${operation} ${name}`);
}

function setPublished(state: RestoreState, operation: string, name: string): void {
  state.done.add(`${operation} ${name}`);
  state.published.push(name);
}

async function published(
  state: RestoreState,
  context: OperationContext,
  name: string,
  operation: string,
  send: () => Promise<void>,
): Promise<Advance> {
  const advance = await state.change(context, { operation, id: name, note: `the endpoint is written to ${name}` }, send);
  if (state.failure === undefined && state.justSent(state.keyOf(operation, name))) {
    setPublished(state, operation, name);
  }
  return { ...advance, ...(advance.state === 'waiting' ? { lookAgainIn: Math.min(advance.lookAgainIn, 1_000) } : {}) };
}

/** The secret with the endpoint in it, everything else kept; `undefined` when it is no JSON object. */
function endpointSecret(text: string, database: LiveDatabase): { readonly text: string } | 'same' | undefined {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const endpoint = withoutUndefined({
    engine: database.engine.replace('aurora-postgresql', 'postgres').replace('aurora-mysql', 'mysql'),
    host: database.endpoint,
    readerHost: database.readerEndpoint,
    port: database.port,
    ...(database.kind === 'cluster' ? { dbClusterIdentifier: database.id } : { dbInstanceIdentifier: database.id }),
  });
  const entries = new Map<string, unknown>(Object.entries(value));
  if (Object.entries(endpoint).every(([key, wanted]) => entries.get(key) === wanted)) return 'same';
  return { text: JSON.stringify({ ...value, ...endpoint }) };
}

/** Does with the snapshot what was asked for; nothing once it is done. Its failure is told and does not undo the restore. */
export async function archiveSnapshot(
  state: RestoreState,
  database: LiveDatabase,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { archive } = state.request;
  const arn = database.tags[RESTORE_TAGS.snapshot];
  if (archive === undefined || arn === undefined || state.drill || state.done.has('archive')) return undefined;
  try {
    switch (archive.kind) {
      case 'tag': {
        if ((await state.rds.tagsOf(arn))[RESTORE_TAGS.archived] !== undefined) return archived(state, 'tagged');
        const value = new Date(state.deed.clock.now()).toISOString();
        return await sent(state, context, { operation: TAG, id: arn, note: 'the snapshot is tagged as archived' }, () =>
          state.rds.addTags(arn, { [RESTORE_TAGS.archived]: value }),
        );
      }
      case 'export': {
        const id = state.names.exportTask;
        const known = await state.rds.exportStatus(id);
        if (known !== undefined) {
          if (known.status === 'FAILED')
            await state.lose(context, `the export ${id} to S3 failed: ${known.failure ?? 'AWS does not say why'}`);
          return archived(state, `export ${id} to S3 ${known.status.toLowerCase()}; no ${state.noun} can be restored from it`);
        }
        const { kind: _kind, ...where } = archive;
        return await sent(state, context, { operation: EXPORT, id, note: `the snapshot is being exported to S3 as ${id}` }, () =>
          state.rds.startExport({ id, snapshotArn: arn, ...where }),
        );
      }
      case 'vault': {
        state.vault ??= state.parts.copy(
          {
            kind: state.noun,
            database: state.request.database,
            choice: { kind: 'id', id: arn.split(':').slice(6).join(':') },
            source: state.site,
            destination: archive.site,
            steps: 'auto',
            tags: {},
            ...withoutUndefined({
              relay: archive.relay,
              kmsKeyId: archive.kmsKeyId,
              transitKmsKeyId: archive.transitKmsKeyId,
            }),
          },
          state.deed,
        );
        const advance = await state.vault.advance(context);
        if (advance.state === 'waiting') return { ...advance, note: `copying the snapshot to the vault: ${advance.note}` };
        if (advance.state === 'failed')
          await state.lose(context, `the snapshot was not copied to the vault: ${advance.reason.message}`, advance.reason.next);
        else if (advance.reason !== undefined)
          await state.lose(context, `copying the snapshot to the vault: ${advance.reason.message}`, advance.reason.next);
        const copy = advance.result?.['arn'];
        return archived(state, typeof copy === 'string' ? `copied to ${copy}` : 'not archived');
      }
    }
  } catch (cause) {
    const error = asBreakwaterError(cause);
    if (error.kind !== 'aws' || ['throttled', 'aws-unavailable', 'credentials-expired'].includes(error.code)) throw cause;
    await state.lose(context, `the snapshot was not archived: ${error.message}`, error.next);
    return archived(state, undefined);
  }
}

/** A change whose refusal is thrown: it is no verdict on the restore. */
async function sent(
  state: RestoreState,
  context: OperationContext,
  what: { readonly operation: string; readonly id: string; readonly note: string },
  send: () => Promise<unknown>,
): Promise<Advance> {
  let refusal: AwsError | undefined;
  const advance = await state.change(context, what, send, (error) => {
    refusal = error;
    return { state: 'waiting', note: error.message, lookAgainIn: 0 };
  });
  if (refusal !== undefined) throw refusal;
  return advance;
}

function archived(state: RestoreState, how: string | undefined): undefined {
  state.done.add('archive');
  state.archived = how;
  return undefined;
}
