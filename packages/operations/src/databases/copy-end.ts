import type { Advance, OperationContext } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';
import type { CopiedSnapshot } from './contracts.ts';
import { CopyCleanUp, removeWay, unshareSource } from './copy-clean-up.ts';
import { isPassing } from './copy-faults.ts';
import { copyName, wayName } from './copy-names.ts';
import { BUSY } from './copy-slots.ts';
import type { CopyState } from './copy-state.ts';
import { tagsLeftOut } from './copy-tags.ts';
import { originalTime } from './snapshot-choice.ts';

const TAKEN_BACK = 'What an earlier run had left on the way was taken back.';

/** Whatever became of the copy: nothing stays shared, and nothing stays that was only on the way. */
export async function endCopy(state: CopyState, context: OperationContext): Promise<Advance> {
  state.cleanUp ??= new CopyCleanUp((await isUnderWay(state)) ? [] : chores(state));
  const again = await state.cleanUp.step(context);
  if (again !== undefined) return { state: 'waiting', note: 'taking back what the copy needed on its way', lookAgainIn: again };
  const { left } = state.cleanUp;
  const result = copied(state);
  if (state.failure !== undefined) {
    const { code, message, next = '' } = state.failure;
    const reason: Reason = {
      code,
      message: left.length === 0 ? message : `${message}. Left behind: ${left.join('; ')}`,
      // Said before anybody knew what there was to take back.
      next: state.cleanUp.changed ? next.replace(/Nothing was changed\.$/, TAKEN_BACK) : next,
    };
    return { state: 'failed', reason, ...(result === undefined ? {} : { result }) };
  }
  const doubts = [...leftBehind(left), ...tagsLost(state)];
  if (doubts.length === 0) return { state: 'done', status: 'succeeded', ...(result === undefined ? {} : { result }) };
  const reason: Reason = {
    code: 'degraded',
    message: `the copy is good, but ${doubts.map(({ message }) => message).join('; ')}`,
    next: doubts.map(({ next }) => next).join(' '),
  };
  return { state: 'done', status: 'succeeded-with-warnings', reason, ...(result === undefined ? {} : { result }) };
}

/**
 * Whether another run is copying it, or left AWS doing so, while this one was refused before it had a way: a mistake in its inputs must not
 * cost the hours of that. Whoever runs it without the mistake takes it up.
 */
async function isUnderWay(state: CopyState): Promise<boolean> {
  const { source, plan, request } = state;
  if (source === undefined || plan !== undefined) return false;
  const taken = originalTime(source);
  const way = { at: request.source, name: wayName('transit', source, taken, request.destination.site) };
  const target = { at: request.destination, name: copyName(source, taken) };
  try {
    for (const hop of [way, target]) {
      const copy = await state.look(hop);
      if (copy !== undefined && BUSY.has(copy.status)) return true;
    }
  } catch (error) {
    if (isPassing(error)) throw error;
  }
  return false;
}

interface Doubt {
  readonly message: string;
  readonly next: string;
}

function leftBehind(left: readonly string[]): readonly Doubt[] {
  if (left.length === 0) return [];
  const next = 'Run the same again with the permissions that lack: it finds the copy and takes away what is left.';
  return [{ message: `something is left behind: ${left.join('; ')}`, next }];
}

/** So many keys are named. */
const NAMED = 20;

/** Told by a later run too: what the copy lacks it goes on lacking. */
function tagsLost({ source, request, deed }: CopyState): readonly Doubt[] {
  if (source === undefined) return [];
  const provenance = { sourceArn: source.arn, takenAt: originalTime(source), execution: deed.execution };
  const lost = tagsLeftOut(source.tags, request.tags, provenance);
  if (lost.length === 0) return [];
  const more = lost.length > NAMED ? ` and ${lost.length - NAMED} more` : '';
  return [
    {
      message: `${lost.length} of the tags of snapshot ${source.id} have no room on it beside ours: ${lost.slice(0, NAMED).join(', ')}${more}`,
      next: 'AWS takes 50 tags on a snapshot. Where one of these matters, take others off the source.',
    },
  ];
}

function chores(state: CopyState) {
  const { source: from, destination, relay } = state.request;
  const source = state.source;
  if (source === undefined || from.site.account === destination.site.account) return [];
  const taken = originalTime(source);
  const name = (role: 'transit' | 'relay') => wayName(role, source, taken, destination.site);
  const knows = state.plan !== undefined && !state.resumed && state.failure === undefined;
  const { transit, relay: relayed } = state.plan?.chain ?? { transit: true, relay: true };
  // What tells a later process that something is left comes last.
  return [
    ...(relay !== undefined && (!knows || relayed) ? [removeWay(state.request, relay, name('relay'), source.arn)] : []),
    ...(source.type === 'manual' && (!knows || !transit) ? [unshareSource(state.request, source.id)] : []),
    ...(!knows || transit ? [removeWay(state.request, from, name('transit'), source.arn)] : []),
  ];
}

/** Once there is a good copy, whatever became of the rest. */
function copied(state: CopyState): JsonObject | undefined {
  const source = state.source;
  const copy = state.copy;
  if (source === undefined || copy === undefined) return undefined;
  const result: CopiedSnapshot = {
    id: copy.id,
    arn: copy.arn,
    database: source.database,
    sourceArn: source.arn,
    sourceTime: originalTime(source),
    adopted: state.adopted,
    encrypted: copy.encrypted,
    kmsKeyId: copy.kmsKeyId,
  };
  return { ...result };
}
