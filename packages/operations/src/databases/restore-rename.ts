import type { AwsError, ReasonCode } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import { tagValue } from '../ownership.ts';
import { awaitUsable } from './restore-build.ts';
import { claim, release } from './restore-claim.ts';
import { type RestoreView, rollingBack, swapBegun } from './restore-look.ts';
import { proveDatabase } from './restore-prove.ts';
import { RESTORE_TAGS, type RestoreState } from './restore-state.ts';
import { nextSwapMove, type Standing, type SwapMove } from './swap-moves.ts';

const RENAME_MEMBER = 'rds:ModifyDBInstance(NewDBInstanceIdentifier)';
const TAG = 'rds:AddTagsToResource';

/** How long renaming may stand still before it counts as failed, milliseconds. */
const STILL = 40 * 60_000;
/** How long AWS may show something under neither of its names, milliseconds. */
const AWAY = 90_000;

/**
 * The swap of names, or its way back; nothing when the restored database bears the name and is proved under it. The decision to go back
 * is kept in a tag on the new database before the first step back, so that every later process goes the same way: a later attempt tries
 * the swap anew, but not before all names are back.
 */
export async function swapNames(
  state: RestoreState,
  view: RestoreView & { readonly mine: Standing },
  context: OperationContext,
): Promise<Advance | undefined> {
  const back = rollingBack(state, view);
  if (back !== undefined) {
    const isBack = nextSwapMove(view, state.names, 'back').kind === 'done';
    if (!isBack || back.attempt === context.attempt) return goBack(state, view, context, inFull(state, back.because, context));
    // From here on the tag would say that the new try is to go back.
    const id = view.mine.database.id;
    return state.change(context, { operation: TAG, id, note: 'an earlier roll-back is over' }, () =>
      state.rds.addTags(view.mine.database.arn, { [RESTORE_TAGS.rollBack]: '0' }),
    );
  }
  const away = nothingToSwapWith(state, view);
  if (away !== undefined) return away;
  const move = nextSwapMove(view, state.names, 'forward');
  if (move.kind === 'rename' && view.theirs !== undefined && !swapBegun(state, view)) {
    const claimed = await claim(state, view.theirs.database, context);
    if (claimed !== undefined || state.failure !== undefined) return claimed;
  }
  if (move.kind !== 'done') {
    return carryOut(state, move, context, (why) => turnBack(state, view.mine, context, why));
  }
  const { theirs } = view;
  if (theirs !== undefined) {
    const { id, customEndpoints = [] } = theirs.database;
    state.result = { ...state.result, ...(state.noun === 'cluster' ? { oldCluster: id } : { oldInstance: id }) };
    if (customEndpoints.length > 0) {
      await state.lose(
        context,
        `${customEndpoints.join(', ')} still ${customEndpoints.length === 1 ? 'leads' : 'lead'} to the old cluster ${id}: custom endpoints do not change hands with the names`,
        `Make new ones on ${view.mine.database.id} (aws rds create-db-cluster-endpoint), under other names as long as the old ones are there, and lead those clients to them.`,
      );
    }
  }
  return proved(state, view.mine, context);
}

/**
 * Once a rename has been made, a new database that is not to be seen is only hidden for a moment, or somebody has deleted it. Restored
 * once more, under the name that its first rename has set free, there would be two. Nothing while there is none yet to miss.
 */
export function outOfSight(state: RestoreState, view: RestoreView): Advance | undefined {
  const { names, noun, strategy } = state;
  if (strategy !== 'swap' || !(state.midway || swapBegun(state, view))) return undefined;
  const now = state.deed.clock.now();
  state.unseenSince ??= now;
  if (now - state.unseenSince < AWAY) return pause(`the restored ${noun} is not to be seen`);
  return state.fail(
    'restore-failed',
    `the restored ${noun} is neither ${names.build} nor ${names.target}, and a swap of names is under way`,
    `${whatStands(view, noun)} If somebody has deleted the restored one, rename the old ${noun} to ${names.target} by hand${noun === 'cluster' ? ` (its instances lose "${names.oldSuffix}")` : ''}, then run the same step again: it restores anew.`,
  );
}

/** The old one is at neither of its names before anything was renamed: another swap has it in hand, or somebody deleted it. */
function nothingToSwapWith(
  state: RestoreState,
  { mine, theirs }: RestoreView & { readonly mine: Standing },
): Advance | undefined {
  const { names, noun } = state;
  const begun = mine.database.id !== names.build || mine.instances.some(({ id }) => !id.endsWith(names.newSuffix));
  if (theirs !== undefined || begun) {
    state.awaySince = undefined;
    return undefined;
  }
  if (!longAway(state)) return pause(`${noun} ${names.target} is not to be seen`);
  return state.fail(
    'cluster-exists',
    `the ${noun} "${names.target}" that was to be swapped is not there any more: another restore may be at work on it`,
    `Look at what stands there now, then run the same step again. The restored one is kept as ${names.build}.`,
  );
}

/** Whether the old one has been out of sight for longer than AWS hides what it renames. */
function longAway(state: RestoreState): boolean {
  const now = state.deed.clock.now();
  state.awaySince ??= now;
  return now - state.awaySince >= AWAY;
}

/** Under its new name everything must hold once more; if it does not, the old one gets its name back. */
async function proved(state: RestoreState, mine: Standing, context: OperationContext): Promise<Advance | undefined> {
  if (state.done.has('swap proved')) return undefined;
  const advance =
    (await awaitUsable(state, mine, context)) ?? (await proveDatabase(state, mine.database, context, 'after the swap'));
  if (state.failure !== undefined) {
    const { message } = state.failure;
    state.failure = undefined;
    return turnBack(state, mine, context, message);
  }
  if (advance !== undefined) return advance;
  state.done.add('swap proved');
  return undefined;
}

/** Makes the decision to go back durable. Where AWS refuses that, this process goes back all the same: clients wait for a database. */
async function turnBack(state: RestoreState, mine: Standing, context: OperationContext, why: string): Promise<Advance> {
  const { id, arn } = mine.database;
  const note = 'the swap is rolled back';
  await state.telling.warn(context, { code: 'swap-rolled-back', message: `${note}: ${why}` });
  let refusal: AwsError | undefined;
  state.turningBack = why;
  const advance = await state.change(
    context,
    { operation: TAG, id, note, detail: { because: why } },
    () =>
      state.rds.addTags(arn, {
        [RESTORE_TAGS.rollBack]: String(context.attempt),
        [RESTORE_TAGS.rollBackReason]: tagValue(why),
      }),
    (error) => {
      refusal = error;
      return pause(note);
    },
  );
  if (refusal !== undefined) {
    state.turnedBack = { attempt: context.attempt, because: why };
    await state.lose(context, `that the swap is rolled back could not be noted on ${id}: ${refusal.message}`, refusal.next);
  }
  return advance;
}

async function goBack(
  state: RestoreState,
  view: RestoreView & { readonly mine: Standing },
  context: OperationContext,
  because: string,
): Promise<Advance> {
  const { names, noun } = state;
  const move = nextSwapMove(view, names, 'back');
  if (view.theirs !== undefined) state.awaySince = undefined;
  else if (move.kind === 'stuck' && !longAway(state)) return pause(move.note);
  if (move.kind === 'done') {
    const message = `"${names.target}" is the old ${noun} again: ${because}`;
    const next = `Clients reach the old ${noun}. The restored one stands beside it as ${names.build}: look at what is wrong with it, or delete it; then try anew.`;
    await release(state, view.theirs?.database);
    // It bears no other name any more.
    const { oldCluster: _, oldInstance: __, ...result } = state.result;
    state.result = { ...result, rolledBack: { code: 'swap-rolled-back', message: because } };
    return state.fail('swap-rolled-back', message, next);
  }
  return carryOut(state, move, context, async (why) =>
    state.fail(
      'swap-rolled-back',
      `the swap failed (${because}), and so did its way back: ${why}`,
      `${whatStands(view, noun)} Rename by hand: the old ${noun} is to be called ${names.target} again${noun === 'cluster' ? ` (its instances lose "${names.oldSuffix}")` : ''}. Or run the same step again: it goes on going back.`,
    ),
  );
}

/** A tag holds less than a reason may say: the journal has the whole of it, unless it is lost. */
function inFull({ turningBack }: RestoreState, noted: string, { earlier }: OperationContext): string {
  const told = [turningBack, ...earlier.map((line) => (line.type === 'change' ? line.detail?.['because'] : undefined))];
  return told.find((why): why is string => typeof why === 'string' && tagValue(why) === noted) ?? noted;
}

/** Whoever has to rename by hand must know what is called how. */
function whatStands({ mine, theirs }: Pick<RestoreView, 'mine' | 'theirs'>, noun: string): string {
  const named = ({ database, instances }: Standing) =>
    `${database.id}${instances.length === 0 ? '' : ` (${instances.map(({ id }) => id).join(', ')})`}`;
  const unseen = 'is not to be seen';
  const old = theirs === undefined ? unseen : `is ${named(theirs)}`;
  return `Now the old ${noun} ${old}, the restored one ${mine === undefined ? unseen : `is ${named(mine)}`}.`;
}

async function carryOut(
  state: RestoreState,
  move: Exclude<SwapMove, { readonly kind: 'done' }>,
  context: OperationContext,
  refused: (why: string, code?: ReasonCode) => Promise<Advance>,
): Promise<Advance> {
  switch (move.kind) {
    case 'stuck':
      return refused(move.note);
    case 'wait':
      return still(state, move.note) ? refused(`${move.note}, for ${STILL / 60_000} minutes`) : pause(move.note);
    case 'rename': {
      const { what, from, to } = move;
      const { family, noun } = state;
      const operation = what === 'database' ? family.changes.rename : RENAME_MEMBER;
      const note = `${what === 'database' ? noun : 'instance'} ${from} is being renamed to ${to}`;
      if (state.justSent(state.keyOf(operation, `${from}>${to}`))) return pause(note);
      let why: AwsError | undefined;
      const advance = await state.change(
        context,
        { operation, id: `${from}>${to}`, note },
        () => (what === 'database' ? family.rename(from, to) : state.rds.renameInstance(from, to)),
        (error) => {
          why = error;
          return pause(note);
        },
      );
      return why === undefined ? advance : refused(why.message, why.code);
    }
  }
}

function pause(note: string): Advance {
  return { state: 'waiting', note, lookAgainIn: 5_000 };
}

/** Whether the very same thing has been waited for for too long. */
function still(state: RestoreState, note: string): boolean {
  const now = state.deed.clock.now();
  if (state.waitingNote !== note) {
    state.waitingNote = note;
    state.waitingSince = now;
  }
  return now - (state.waitingSince ?? now) > STILL;
}
