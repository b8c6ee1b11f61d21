import type { AwsError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import { claim } from './restore-claim.ts';
import type { RestoreState } from './restore-state.ts';
import type { Standing } from './swap-moves.ts';

const DELETE_INSTANCE = 'rds:DeleteDBInstance';

/**
 * Deletes the old database: protection off if that is allowed, readers, writer, cluster (or the one instance), with a final snapshot unless it was declined.
 * Nothing once it is gone. That AWS refuses a step because another has not ended yet is never taken for done: only its absence is.
 */
export async function removeOld(
  state: RestoreState,
  theirs: Standing | undefined,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { names, request, family, noun } = state;
  if (theirs === undefined) {
    await lookForFinalSnapshot(state, context);
    return undefined;
  }
  const { database, instances } = theirs;
  const doubt = mayBeOurs(state, context) ?? (await claim(state, database, context));
  if (doubt !== undefined || state.failure !== undefined) return doubt;
  if (database.status === 'deleting') {
    state.done.add('old deleted');
    return { state: 'waiting', note: `the old ${noun} ${database.id} is being deleted`, lookAgainIn: 10_000 };
  }
  if (database.deletionProtection) {
    return state.change(
      context,
      {
        operation: family.changes.unprotect,
        id: database.id,
        note: `deletion protection of ${database.id} is switched off, as was allowed`,
      },
      () => family.unprotect(database.id),
    );
  }
  const writer = database.members.find((member) => member.writer)?.instance;
  const left = instances.filter(({ status }) => status !== 'deleting');
  const next = left.find(({ id }) => id !== writer) ?? left[0];
  if (next !== undefined) {
    if (state.justSent(state.keyOf(DELETE_INSTANCE, next.id))) {
      return { state: 'waiting', note: `instance ${next.id} is being deleted`, lookAgainIn: 5_000 };
    }
    return state.change(
      context,
      { operation: DELETE_INSTANCE, id: next.id, note: `instance ${next.id} of the old cluster is being deleted` },
      () => state.rds.deleteInstance(next.id),
    );
  }
  if (state.justSent(state.keyOf(family.changes.delete, database.id))) {
    return { state: 'waiting', note: `the old ${noun} ${database.id} is being deleted`, lookAgainIn: 5_000 };
  }
  const finalSnapshot = request.finalSnapshot === false ? undefined : names.final;
  const sent = await state.change(
    context,
    {
      operation: family.changes.delete,
      id: database.id,
      note: `the old ${noun} ${database.id} is being deleted${finalSnapshot === undefined ? '' : `, its final snapshot is ${finalSnapshot}`}`,
      detail: { finalSnapshot, snapshot: state.origin?.arn },
    },
    () => family.remove(database.id, { finalSnapshot }),
    (error) => refusedDeletion(state, error),
  );
  // Told as taken only when AWS took it: what was refused has left no final snapshot.
  if (state.justSent(state.keyOf(family.changes.delete, database.id))) state.done.add('old deleted');
  return sent;
}

function refusedDeletion(state: RestoreState, error: AwsError): Advance {
  return state.fail(
    error.code,
    error.message,
    `${error.next} The old ${state.noun} is still there${state.noun === 'cluster' ? '; its instances may be gone' : ''}.`,
  );
}

/** A restore that was sent may stand there without its tags being visible yet: then nothing is deleted any more. */
function mayBeOurs(state: RestoreState, { earlier }: OperationContext): Advance | undefined {
  const key = state.keyOf(state.restoring, state.names.build);
  const sent = state.restoreSent !== undefined || earlier.some((line) => line.type === 'change' && line.key === key);
  if (!sent) return undefined;
  return state.fail(
    'cluster-exists',
    `"${state.names.target}" without this execution's tags stands there, although this execution has sent a restore of that name`,
    'Look whose it is (its tags and its creation time). Nothing more is deleted.',
  );
}

/** The final snapshot is the only way back: that it exists is looked at, once, by whichever process comes after the deletion. */
export async function lookForFinalSnapshot(state: RestoreState, context: OperationContext): Promise<void> {
  const { names, request, noun, strategy, family } = state;
  if (strategy !== 'replace' || request.finalSnapshot === false || state.done.has('final snapshot')) return;
  state.done.add('final snapshot');
  const [final] = await state.rds.describeSnapshots(noun, { id: names.final });
  const key = state.keyOf(family.changes.delete, names.target);
  const deleted = state.done.has('old deleted') || context.earlier.some((line) => line.type === 'change' && line.key === key);
  if (final !== undefined && final.status !== 'failed') {
    state.finalSnapshot = final.id;
    await state.telling.progress(context, `the final snapshot ${names.final} of the old ${noun} is ${final.status}`);
  } else if (deleted || final !== undefined) {
    await state.lose(
      context,
      `the final snapshot ${names.final} of the old ${noun} ${final === undefined ? 'is not there' : 'has failed'}`,
      'Its automated backups are kept: look at them before they expire.',
    );
  }
}
