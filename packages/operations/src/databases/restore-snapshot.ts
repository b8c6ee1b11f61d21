import type { RdsSnapshot } from '@breakwater/aws';
import type { Advance, OperationContext } from '@breakwater/engine';
import { withoutUndefined } from '../boundary.ts';
import { type CopySnapshotRequest, DATABASE_TAGS, type SnapshotChoice } from './contracts.ts';
import { untilNextDatabaseLook } from './database-standing.ts';
import { objectionToKey } from './restore-keys.ts';
import { isFinalSnapshot } from './restore-names.ts';
import type { RestoreState } from './restore-state.ts';
import { chooseNewest, originalTime } from './snapshot-choice.ts';

const CREATE_SNAPSHOT = 'rds:CreateDBClusterSnapshot';
const UNTOUCHED = 'Nothing was changed.';

/** Brings about the snapshot that is restored, at the site: chosen there, copied there, or taken. Nothing once `state.snapshot` is known. */
export async function provideSnapshot(state: RestoreState, context: OperationContext): Promise<Advance | undefined> {
  if (state.snapshot !== undefined) return undefined;
  const found = isElsewhere(state) ? await copied(state, context) : await chosen(state, context);
  if ('state' in found) return found;
  return (await objectionTo(state, found, context)) ?? take(state, found, context);
}

/** Whether the snapshot must be copied first. */
export function isElsewhere({ request: { source }, site: { site } }: RestoreState): boolean {
  return source !== undefined && (source.site.account !== site.account || source.site.region !== site.region);
}

/** The copy that a restore from elsewhere needs. */
export function copyRequest({ request, site }: RestoreState): CopySnapshotRequest {
  return {
    kind: 'cluster',
    database: request.database,
    choice: request.choice,
    source: request.source ?? site,
    destination: site,
    steps: 'auto',
    tags: {},
    ...withoutUndefined({
      relay: request.relay,
      kmsKeyId: request.kmsKeyId,
      transitKmsKeyId: request.transitKmsKeyId,
    }),
  };
}

async function copied(state: RestoreState, context: OperationContext): Promise<RdsSnapshot | Advance> {
  const { site, deed } = state;
  state.copy ??= state.parts.copy(copyRequest(state), deed);
  const advance = await state.copy.advance(context);
  if (advance.state === 'waiting') return { ...advance, note: `copying the snapshot: ${advance.note}` };
  if (advance.state === 'failed') {
    state.failure = advance.reason;
    return { state: 'waiting', note: advance.reason.message, lookAgainIn: 0 };
  }
  const id = advance.result?.['id'];
  const [snapshot] = typeof id === 'string' ? await site.aws.rds.describeSnapshots('cluster', { id }) : [];
  return snapshot ?? { state: 'waiting', note: `copy ${String(id)} is not visible yet`, lookAgainIn: 5_000 };
}

async function chosen(state: RestoreState, context: OperationContext): Promise<RdsSnapshot | Advance> {
  const { choice } = state.request;
  switch (choice.kind) {
    case 'id':
      return (await byId(state, choice.id)) ?? missing(state, `no snapshot "${choice.id}"`);
    case 'create':
      return created(state, context);
    case 'newest':
      return (await pinnedEarlier(state, context)) ?? newest(state, choice);
  }
}

export async function newest(
  state: RestoreState,
  choice: SnapshotChoice & { readonly kind: 'newest' },
): Promise<RdsSnapshot | Advance> {
  const { request, site, deed } = state;
  const all = await site.aws.rds.describeSnapshots('cluster', { database: request.database.toLowerCase() });
  const found = chooseNewest(
    all.filter(({ id }) => !isFinalSnapshot(id)),
    choice,
    deed.clock.now(),
  );
  if ('snapshot' in found) return found.snapshot;
  const { code, message, next } = found.reason;
  const where = `"${request.database}" in account ${site.site.account}, ${site.site.region}`;
  return state.fail(code, `${message} (${where})`, next ?? UNTOUCHED);
}

/** What an earlier process chose stays chosen, if it is still there. */
async function pinnedEarlier(state: RestoreState, { earlier }: OperationContext): Promise<RdsSnapshot | undefined> {
  const line = earlier.findLast((one) => one.type === 'progress' && typeof one.detail?.['chosenSnapshot'] === 'string');
  const id = line?.type === 'progress' ? line.detail?.['chosenSnapshot'] : undefined;
  const snapshot = typeof id === 'string' ? await byId(state, id) : undefined;
  return snapshot?.status === 'available' ? snapshot : undefined;
}

export async function byId({ site }: RestoreState, id: string): Promise<RdsSnapshot | undefined> {
  const { rds } = site.aws;
  const [, account, name] = /^arn:[^:]+:rds:[^:]+:(\d{12}):cluster-snapshot:(.+)$/.exec(id) ?? [];
  if (account !== undefined && account !== site.site.account)
    return (await rds.describeSnapshots('cluster', { id, type: 'shared' }))[0];
  const own = name ?? id;
  const type = own.startsWith('rds:') ? ({ type: 'automated' } as const) : {};
  return (await rds.describeSnapshots('cluster', { id: own, ...type }))[0];
}

async function created(state: RestoreState, context: OperationContext): Promise<RdsSnapshot | Advance> {
  const { names, request, site, deed } = state;
  const snapshot = await byId(state, names.created);
  state.takingSnapshot = snapshot?.status !== 'available' && snapshot?.status !== 'failed';
  if (snapshot !== undefined) {
    if (!state.takingSnapshot) return snapshot;
    const elapsed = deed.clock.now() - (snapshot.createdAt ?? deed.clock.now());
    return {
      state: 'waiting',
      note: `snapshot ${snapshot.id} is ${snapshot.status}`,
      lookAgainIn: untilNextDatabaseLook(elapsed),
    };
  }
  if (state.justSent(state.keyOf(CREATE_SNAPSHOT, names.created))) {
    return { state: 'waiting', note: `snapshot ${names.created} is not visible yet`, lookAgainIn: 5_000 };
  }
  return state.change(
    context,
    { operation: CREATE_SNAPSHOT, id: names.created, note: `snapshot ${names.created} of "${request.database}" is being taken` },
    () =>
      site.aws.rds.createSnapshot('cluster', {
        id: names.created,
        database: request.database.toLowerCase(),
        tags: state.ownTags(),
      }),
  );
}

export function missing(state: RestoreState, what: string): Advance {
  const { site } = state.site;
  return state.fail(
    'snapshot-missing',
    `${what} in account ${site.account}, ${site.region}`,
    `Look at the snapshots there, or loosen the choice. ${UNTOUCHED}`,
  );
}

export async function objectionTo(
  state: RestoreState,
  snapshot: RdsSnapshot,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { site, request } = state;
  const { engine, engineVersion } = snapshot;
  if (snapshot.status !== 'available') {
    return state.fail(
      'snapshot-unusable',
      `snapshot ${snapshot.id} is ${snapshot.status}, not available`,
      `Wait for it, or choose another. ${UNTOUCHED}`,
    );
  }
  if (!/^aurora-(mysql|postgresql)$/.test(engine)) {
    return state.fail(
      'engine-unavailable',
      `snapshot ${snapshot.id} is of ${engine}, not of Aurora`,
      `Choose another. ${UNTOUCHED}`,
    );
  }
  if (engineVersion === undefined || !(await site.aws.rds.engineVersionAvailable(engine, engineVersion))) {
    return state.fail(
      'engine-unavailable',
      `${engine} ${engineVersion ?? 'of an unknown version'}, which snapshot ${snapshot.id} holds, is not offered in ${site.site.region}`,
      `Restore in another Region, or choose a snapshot of a version that is offered there. ${UNTOUCHED}`,
    );
  }
  const keyAccount = /^arn:[^:]+:kms:[^:]+:(\d{12}):/.exec(snapshot.kmsKeyId ?? '')?.[1];
  if (request.kmsKeyId === undefined && keyAccount !== undefined && keyAccount !== site.site.account) {
    return state.fail(
      'snapshot-unusable',
      `snapshot ${snapshot.id} is encrypted with a key of account ${keyAccount}; a cluster restored with it would need that key for all its life`,
      `Give a key of account ${site.site.account}. ${UNTOUCHED}`,
    );
  }
  // Found closed only after the old cluster was deleted, it would cost that cluster.
  return keyAccount === site.site.account && snapshot.kmsKeyId !== undefined
    ? objectionToKey(state, snapshot.kmsKeyId, context)
    : undefined;
}

async function take(state: RestoreState, snapshot: RdsSnapshot, context: OperationContext): Promise<undefined> {
  const { id, arn, engine, engineVersion = '' } = snapshot;
  const time = originalTime(snapshot);
  const sourceArn = snapshot.tags[DATABASE_TAGS.sourceArn] ?? snapshot.sourceArn;
  const foreign = !arn.includes(`:${state.site.site.account}:`);
  state.snapshot = { id, arn, engine, engineVersion, reference: foreign ? arn : id, sourceArn, time };
  const taken = time === undefined ? '' : `, taken ${new Date(time).toISOString()}`;
  await state.telling.progress(context, `snapshot ${id} is restored${taken}`, undefined, { chosenSnapshot: foreign ? arn : id });
  return undefined;
}
