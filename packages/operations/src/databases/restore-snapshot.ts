import type { RdsSnapshot } from '@breakwater/aws';
import type { Advance, OperationContext } from '@breakwater/engine';
import { withoutUndefined } from '../boundary.ts';
import { tagValue } from '../ownership.ts';
import { type CopySnapshotRequest, DATABASE_TAGS, type SnapshotChoice } from './contracts.ts';
import { untilNextDatabaseLook } from './database-standing.ts';
import { lookAtKey, objectionToKey } from './restore-keys.ts';
import { isFinalSnapshot } from './restore-names.ts';
import { providePoint } from './restore-point.ts';
import { OWNER, type RestoreState } from './restore-state.ts';
import { chooseNewest, isOurCopy, originalTime } from './snapshot-choice.ts';

const UNTOUCHED = 'Nothing was changed.';
const ARNS = {
  cluster: /^arn:[^:]+:rds:[^:]+:(\d{12}):cluster-snapshot:(.+)$/,
  instance: /^arn:[^:]+:rds:[^:]+:(\d{12}):snapshot:(.+)$/,
} as const;
const ENGINES = { cluster: /^aurora-(mysql|postgresql)$/, instance: /^(?!aurora|docdb|neptune)./ } as const;

/** Brings about what is restored, at the site: a snapshot chosen there, copied there, or taken; or a point in time. Nothing once it is known. */
export async function provideOrigin(state: RestoreState, context: OperationContext): Promise<Advance | undefined> {
  if (state.origin !== undefined) return undefined;
  const { choice } = state.request;
  if (choice.kind === 'point-in-time') return providePoint(state, choice, context);
  const found = isElsewhere(state) ? await copied(state, choice, context) : await chosen(state, choice, context);
  if ('state' in found) return found;
  return (await objectionTo(state, found, context)) ?? take(state, found, context);
}

/** Whether the snapshot must be copied first. */
export function isElsewhere({ request: { source }, site: { site } }: RestoreState): boolean {
  return source !== undefined && (source.site.account !== site.account || source.site.region !== site.region);
}

/** The copy that a restore from elsewhere needs. */
export function copyRequest({ request, site, noun, design }: RestoreState, choice: SnapshotChoice): CopySnapshotRequest {
  return {
    kind: noun,
    database: request.database,
    choice,
    source: request.source ?? site,
    destination: site,
    steps: 'auto',
    encryptedLater: true,
    tags: {},
    ...withoutUndefined({
      relay: request.relay,
      kmsKeyId: request.kmsKeyId,
      transitKmsKeyId: request.transitKmsKeyId,
      // AWS wants it of a snapshot that crosses Regions, when its own is not a default one.
      optionGroup: design?.kind === 'instance' ? design.settings.optionGroup : undefined,
    }),
  };
}

async function copied(state: RestoreState, choice: SnapshotChoice, context: OperationContext): Promise<RdsSnapshot | Advance> {
  const { site, deed } = state;
  state.copy ??= state.parts.copy(copyRequest(state, choice), deed);
  const advance = await state.copy.advance(context);
  if (advance.state === 'waiting') return { ...advance, note: `copying the snapshot: ${advance.note}` };
  if (advance.state === 'failed') {
    state.failure = advance.reason;
    return { state: 'waiting', note: advance.reason.message, lookAgainIn: 0 };
  }
  // Something of it is left behind.
  if (advance.reason !== undefined) {
    await state.lose(context, `copying the snapshot: ${advance.reason.message}`, advance.reason.next);
  }
  const id = advance.result?.['id'];
  const [snapshot] = typeof id === 'string' ? await site.aws.rds.describeSnapshots(state.noun, { id }) : [];
  return snapshot ?? { state: 'waiting', note: `copy ${String(id)} is not visible yet`, lookAgainIn: 5_000 };
}

async function chosen(state: RestoreState, choice: SnapshotChoice, context: OperationContext): Promise<RdsSnapshot | Advance> {
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
  const all = await site.aws.rds.describeSnapshots(state.noun, { database: request.database.toLowerCase() });
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

export async function byId({ site, noun }: RestoreState, id: string): Promise<RdsSnapshot | undefined> {
  const { rds } = site.aws;
  const [, account, name] = ARNS[noun].exec(id) ?? [];
  if (account !== undefined && account !== site.site.account)
    return (await rds.describeSnapshots(noun, { id, type: 'shared' }))[0];
  const own = name ?? id;
  const type = own.startsWith('rds:') ? ({ type: 'automated' } as const) : {};
  return (await rds.describeSnapshots(noun, { id: own, ...type }))[0];
}

async function created(state: RestoreState, context: OperationContext): Promise<RdsSnapshot | Advance> {
  const { names, request, site, deed, family } = state;
  const operation = family.changes.snapshot;
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
  if (state.justSent(state.keyOf(operation, names.created))) {
    return { state: 'waiting', note: `snapshot ${names.created} is not visible yet`, lookAgainIn: 5_000 };
  }
  return state.change(
    context,
    { operation, id: names.created, note: `snapshot ${names.created} of "${request.database}" is being taken` },
    () =>
      site.aws.rds.createSnapshot(family.kind, {
        id: names.created,
        database: request.database.toLowerCase(),
        // Whose it is, and not that a drill took it: whatever somebody restores of it would seem to be a drill's that expires.
        tags: { [DATABASE_TAGS.owner]: OWNER, [DATABASE_TAGS.execution]: tagValue(deed.execution) },
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
  const { site, request, noun } = state;
  const { engine, engineVersion } = snapshot;
  if (snapshot.status !== 'available') {
    return state.fail(
      'snapshot-unusable',
      `snapshot ${snapshot.id} is ${snapshot.status}, not available`,
      `Wait for it, or choose another. ${UNTOUCHED}`,
    );
  }
  if (!ENGINES[noun].test(engine)) {
    return state.fail(
      'engine-unavailable',
      `snapshot ${snapshot.id} is of ${engine}, not of ${noun === 'cluster' ? 'Aurora' : 'an RDS instance'}`,
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
  const foreignKey = keyAccount !== undefined && keyAccount !== site.site.account;
  if (foreignKey && noun === 'instance') {
    return state.fail(
      'snapshot-unusable',
      `snapshot ${snapshot.id} is encrypted with a key of account ${keyAccount}; RDS restores an instance under the key of its snapshot only`,
      `Name the snapshot's account as the source, and a key of account ${site.site.account}: then it is copied first. ${UNTOUCHED}`,
    );
  }
  if (noun === 'instance' && request.kmsKeyId !== undefined) {
    const other = await otherKey(state, snapshot, request.kmsKeyId);
    if (other !== undefined) return other;
  }
  if (request.kmsKeyId === undefined && foreignKey) {
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

/** A key that AWS would silently not use is refused: an instance comes under that of its snapshot. A copy has the wanted one already. */
async function otherKey(state: RestoreState, snapshot: RdsSnapshot, wanted: string): Promise<Advance | undefined> {
  const key = await lookAtKey(state, wanted);
  const known = key === 'unseen' ? wanted : key?.arn;
  if (known === snapshot.kmsKeyId) return undefined;
  return state.fail(
    'snapshot-unusable',
    `snapshot ${snapshot.id} is ${snapshot.kmsKeyId === undefined ? 'not encrypted' : `encrypted with ${snapshot.kmsKeyId}`}, not with ${wanted}; RDS restores an instance under the key of its snapshot only`,
    `Leave the key out, or copy the snapshot with that key (copy-snapshot) and restore the copy. ${UNTOUCHED}`,
  );
}

async function take(state: RestoreState, snapshot: RdsSnapshot, context: OperationContext): Promise<undefined> {
  const { id, arn, engine, engineVersion = '' } = snapshot;
  const asked = state.request.database.toLowerCase();
  // Right where it was renamed since, and a disaster where the name is a slip: only who asked can tell.
  if (snapshot.database !== '' && snapshot.database.toLowerCase() !== asked) {
    await state.lose(
      context,
      `snapshot ${id} is of ${state.noun} "${snapshot.database}", not of "${asked}"`,
      `If that was meant, name "${snapshot.database}" as the source (source-${state.noun}) and "${asked}" as the target; otherwise restore another snapshot.`,
    );
  }
  const time = originalTime(snapshot);
  const sourceArn = isOurCopy(snapshot) ? snapshot.tags[DATABASE_TAGS.sourceArn] : snapshot.sourceArn;
  const foreign = !arn.includes(`:${state.site.site.account}:`);
  state.origin = { kind: 'snapshot', id, arn, engine, engineVersion, reference: foreign ? arn : id, sourceArn, time };
  const taken = time === undefined ? '' : `, taken ${new Date(time).toISOString()}`;
  await state.telling.progress(context, `snapshot ${id} is restored${taken}`, undefined, { chosenSnapshot: foreign ? arn : id });
  return undefined;
}
