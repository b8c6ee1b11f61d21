import { AwsError } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { DatabaseSite } from './contracts.ts';
import { objectionToCapacity } from './restore-capacity.ts';
import { objectionToGroups } from './restore-groups.ts';
import type { RestoreView } from './restore-look.ts';
import type { RestoreDesign } from './restore-settings.ts';
import { isElsewhere } from './restore-snapshot.ts';
import type { RestoreState } from './restore-state.ts';

export interface RestoredEngine {
  readonly name: string;
  readonly version: string;
}

/** Why AWS would refuse the restore; the place is told beside it. */
export interface Shortcoming {
  readonly message: string;
  readonly next: string;
  /** What AWS will most likely refuse, but may take: only that nothing is deleted for it is worth being wrong. */
  readonly likely?: true;
}

/** A look at what the restored database needs around it. */
export interface LookAround {
  readonly site: DatabaseSite;
  readonly design: RestoreDesign;
  /** Not known before it is known what is restored: then only what does not hang on it is looked at. */
  readonly engine: RestoredEngine | undefined;
  /** `unseen`: that may not be looked at. */
  readonly ask: <T>(what: string, question: () => Promise<T>) => Promise<T | 'unseen'>;
}

/**
 * What around the database would make AWS refuse it, as the design wants it: reads only, and only what AWS would refuse for certain, unless
 * it says `likely`. What may not be looked at is no objection, and told to `unseen`; every other error of AWS is thrown.
 */
export async function shortcomingOf(
  { site, design }: Pick<RestoreState, 'site' | 'design'>,
  engine: RestoredEngine | undefined,
  unseen: (what: string, error: AwsError) => Promise<void>,
): Promise<Shortcoming | undefined> {
  if (design === undefined) return undefined;
  const ask: LookAround['ask'] = async (what, question) => {
    try {
      return await question();
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'permission-denied') throw error;
      await unseen(what, error);
      return 'unseen';
    }
  };
  const around: LookAround = { site, design, engine, ask };
  const ofGroups = await objectionToGroups(around);
  const certain = ofGroups !== undefined && !ofGroups.likely;
  const found = certain ? ofGroups : ((await objectionToCapacity(around)) ?? ofGroups);
  if (found === undefined) return undefined;
  const { account, region } = site.site;
  return { ...found, message: `${found.message} in account ${account}, ${region}` };
}

/** Before a snapshot is copied or taken, which may last hours. */
export async function objectionBeforeOrigin(
  state: RestoreState,
  view: RestoreView,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { choice } = state.request;
  const lasts = choice.kind === 'create' || (choice.kind !== 'point-in-time' && isElsewhere(state));
  return lasts && state.failure === undefined ? lookAround(state, view, undefined, context) : undefined;
}

/** Once it is known what is restored, before anything is deleted or made: found only afterwards, it would cost the old database, or an hour. */
export async function objectionToSurroundings(
  state: RestoreState,
  view: RestoreView,
  context: OperationContext,
): Promise<Advance | undefined> {
  if (state.done.has('surroundings')) return undefined;
  const objection = await lookAround(state, view, await engineOf(state), context);
  state.done.add('surroundings');
  return objection;
}

async function lookAround(
  state: RestoreState,
  { theirs }: RestoreView,
  engine: RestoredEngine | undefined,
  context: OperationContext,
): Promise<Advance | undefined> {
  const { strategy, noun } = state;
  const replaces = strategy === 'replace';
  // Nothing can be kept any more that is gone, or going: what AWS says is told then, with what became of the old one.
  if (replaces && (theirs === undefined || theirs.database.status === 'deleting')) return undefined;
  if (sent(state, context)) return undefined;
  const before = replaces ? `before the old ${noun} was deleted` : 'beforehand';
  const unseen = state.unseen(context, before);
  try {
    const found = await shortcomingOf(state, engine, unseen);
    if (found === undefined) return undefined;
    if (found.likely && !replaces) {
      await state.lose(context, `${found.message}: AWS may refuse the ${noun} with it`, found.next);
      return undefined;
    }
    const untouched = replaces ? `Nothing ${begun(state, context) ? 'more is' : 'was'} deleted.` : 'Nothing was restored.';
    return state.fail('usage', `${found.message}: with it the ${noun} could not be restored`, `${found.next} ${untouched}`);
  } catch (error) {
    // Nothing is at stake: a real recovery does not wait until AWS can be asked.
    if (replaces || !(error instanceof AwsError) || error.code.startsWith('credentials-')) throw error;
    await unseen(`what ${state.names.build} needs around it`, error);
    return undefined;
  }
}

/** Of what is restored, once that is known. */
export async function engineOf({ origin, family }: RestoreState): Promise<RestoredEngine | undefined> {
  if (origin?.kind !== 'point') return origin && engineOfSource(origin);
  const source = await family.find(origin.source);
  return source && engineOfSource(source);
}

export function engineOfSource({
  engine,
  engineVersion,
}: {
  readonly engine: string;
  readonly engineVersion: string | undefined;
}): RestoredEngine | undefined {
  return engineVersion === undefined ? undefined : { name: engine, version: engineVersion };
}

/** AWS has taken the restore already, and does not show it yet. */
function sent(state: RestoreState, { earlier }: OperationContext): boolean {
  const key = state.keyOf(state.restoring, state.names.build);
  return earlier.some((line) => line.type === 'change' && line.key === key);
}

/** Whether an earlier process has begun to delete. */
function begun(state: RestoreState, { earlier }: OperationContext): boolean {
  const deletions = [state.keyOf('rds:DeleteDBInstance', ''), state.keyOf(state.family.changes.delete, state.names.target)];
  return earlier.some((line) => line.type === 'change' && deletions.some((key) => line.key.startsWith(key)));
}
