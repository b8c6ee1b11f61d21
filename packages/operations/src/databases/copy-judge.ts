import type { RdsSnapshot } from '@breakwater/aws';
import type { Advance, OperationContext } from '@breakwater/engine';
import { UNSURE } from '../look-again.ts';
import type { Hop } from './copy-plan.ts';
import { startCopy } from './copy-start.ts';
import { type CopyState, type CopyWay, VISIBLE_AFTER } from './copy-state.ts';
import { comesFrom, isOwned, isWayOf } from './copy-tags.ts';
import { operationName, otherContent, progressOf } from './copy-words.ts';

/** What to make of a copy that is there. */
export async function judgeCopy(
  state: CopyState,
  context: OperationContext,
  way: CopyWay,
  hop: Hop,
  snapshot: RdsSnapshot,
): Promise<Advance> {
  const { source, plan } = way;
  const { kind } = state.request;
  const { slots } = state.parts;
  const ours = hop.role === 'target' ? comesFrom(snapshot, source.arn) : isWayOf(snapshot, source.arn);
  if (!ours) {
    slots.release(kind, hop.at, hop.name);
    return state.fail(otherContent(hop, snapshot, source));
  }
  switch (snapshot.status) {
    case 'available': {
      slots.release(kind, hop.at, hop.name);
      const index = plan.hops.indexOf(hop);
      if (index < plan.hops.length - 1) {
        state.ready = snapshot;
        return startCopy(state, context, way, index + 1, snapshot);
      }
      return verify(state, context, way, hop, snapshot);
    }
    case 'failed':
    case 'incompatible-restore':
    case 'incompatible-parameters':
      slots.release(kind, hop.at, hop.name);
      return failedCopy(state, context, hop, snapshot);
    case 'deleting':
      // Its name is taken until it is gone; then the copy is made anew, from whatever of the way is still there.
      slots.release(kind, hop.at, hop.name);
      state.reached = -1;
      state.adopted = false;
      return { state: 'waiting', note: `an earlier ${hop.name} is being deleted`, lookAgainIn: UNSURE };
    default: {
      slots.occupy(kind, hop.at, hop.name);
      state.firstLookAt ??= state.deed.clock.now();
      const now = state.deed.clock.now();
      if (snapshot.progress !== undefined) state.seen.push({ at: now, percent: snapshot.progress });
      const note = `${hop.role === 'target' ? 'copy' : `${hop.role} copy`} ${hop.name} is ${snapshot.status}${progressOf(snapshot)}`;
      return {
        state: 'waiting',
        note,
        lookAgainIn: state.untilNextLook(state.startedAt ?? state.firstLookAt, snapshot.progress),
      };
    }
  }
}

/** What to make of a copy that was begun and is not there. */
export async function lostCopy(state: CopyState, hop: Hop): Promise<Advance> {
  const now = state.deed.clock.now();
  state.firstLookAt ??= now;
  if (now - (state.startedAt ?? state.firstLookAt) < VISIBLE_AFTER) {
    return { state: 'waiting', note: `copy ${hop.name} is not visible yet`, lookAgainIn: UNSURE };
  }
  state.parts.slots.release(state.request.kind, hop.at, hop.name);
  return state.fail({
    code: 'copy-failed',
    message: `copy ${hop.name} is no longer in account ${hop.at.site.account}, ${hop.at.site.region}: somebody deleted it, or AWS cancelled it`,
    next: 'Run the same again: it is copied anew.',
  });
}

/** One that failed before this process came is taken away and copied anew; one that fails under our eyes is a verdict. */
async function failedCopy(state: CopyState, context: OperationContext, hop: Hop, snapshot: RdsSnapshot): Promise<Advance> {
  const { kind } = state.request;
  const witnessed = state.startedAt !== undefined || state.firstLookAt !== undefined || state.retried;
  if (witnessed || !isOwned(snapshot)) {
    return state.fail({
      code: 'copy-failed',
      message: `AWS ended copy ${hop.name} in account ${hop.at.site.account}, ${hop.at.site.region}, as ${snapshot.status}`,
      next: 'Its events in the RDS console may say why (aws rds describe-events); most often a key was closed meanwhile. Run the same again: the failed copy is removed and made anew.',
    });
  }
  state.retried = true;
  state.adopted = false;
  await hop.at.aws.rds.deleteSnapshot(kind, hop.name);
  await state.changed(context, hop.at, operationName(kind, 'delete'), `failed ${hop.name}`, snapshot.arn, {
    status: snapshot.status,
  });
  state.reached = -1;
  return { state: 'waiting', note: `${hop.name}, which had failed earlier, is removed to be copied anew`, lookAgainIn: UNSURE };
}

async function verify(state: CopyState, context: OperationContext, way: CopyWay, hop: Hop, copy: RdsSnapshot): Promise<Advance> {
  const { source, plan } = way;
  const problems: string[] = [];
  if (copy.encrypted !== plan.chain.encrypted) problems.push(copy.encrypted ? 'it is encrypted' : 'it is not encrypted');
  else if (plan.wantedKey !== undefined && copy.kmsKeyId !== plan.wantedKey) {
    problems.push(`its key is ${copy.kmsKeyId ?? 'not known'}, not ${plan.wantedKey}`);
  }
  if (copy.engine !== source.engine) problems.push(`it is of ${copy.engine}, not ${source.engine}`);
  if (problems.length > 0) {
    return state.fail({
      code: state.adopted ? 'snapshot-exists' : 'copy-failed',
      message: `copy ${hop.name} in account ${hop.at.site.account}, ${hop.at.site.region}, is not as wanted: ${problems.join('; ')}`,
      next: 'Look at it. If it is of no use, delete it and run the same again; or ask for the key that it has.',
    });
  }
  state.copy = copy;
  await state.telling?.progress(context, `copy ${copy.id} is available and as wanted`);
  return { state: 'waiting', note: `copy ${copy.id} is available`, lookAgainIn: 0 };
}
