import { asBreakwaterError, deterministicUuid } from '@breakwater/core';
import type { Advance, OperationContext } from '@breakwater/engine';
import type { LiveDatabase } from './live-database.ts';
import { RESTORE_TAGS, type RestoreState } from './restore-state.ts';

const PUBLISH = 'sns:Publish';
/** SNS takes 100 ASCII characters in one line. */
const LONGEST_SUBJECT = 100;
const AGAIN = ' (perhaps told before)';

/**
 * Tells the topic how it ended: at least once, and once if nobody dies. That an attempt failed is news; that what was restored still stands
 * is none, however many attempts find it. SNS cannot be asked what it was told, so a tag on the database
 * says first that it is about to be told, then that it was, right behind the call. A process that finds only the first tells it again:
 * twice is better than not at all. That message says so itself, and a FIFO topic knows it by its id. A failure of it is a warning.
 */
export async function notify(
  state: RestoreState,
  database: LiveDatabase | undefined,
  context: OperationContext,
  outcome: { readonly subject: string; readonly message: string },
): Promise<Advance | undefined> {
  const topicArn = state.request.notify;
  const good = state.failure === undefined;
  const mark = `${context.attempt} ${good ? 'succeeded' : 'failed'}`;
  const key = state.keyOf(PUBLISH, mark);
  if (topicArn === undefined || state.done.has('told')) return undefined;
  const tag = database?.tags[RESTORE_TAGS.notified] ?? '';
  const told = tag === mark || (good && /^\d+ succeeded$/.test(tag));
  if (told || context.earlier.some((line) => line.type === 'change' && line.key === key)) return undefined;
  const begun = `telling ${mark}`;
  const again = (tag === begun || (good && /^telling \d+ succeeded$/.test(tag))) && !state.done.has(begun);
  if (!state.done.has(begun)) {
    state.done.add(begun);
    if (!again) await remember(state, context, database, begun);
  }
  try {
    const { subject, message } = outcome;
    const id = await state.site.aws.sns.publish({
      topicArn,
      subject: subjectOf(subject, again),
      message,
      id: deterministicUuid(key),
    });
    state.done.add('told');
    await remember(state, context, database, mark);
    await context.change({ operation: PUBLISH, key, id, adopted: false, site: state.site.site.name });
    return { state: 'waiting', note: 'the topic is told', lookAgainIn: 0 };
  } catch (cause) {
    const error = asBreakwaterError(cause);
    if (error.kind !== 'aws') throw cause;
    state.done.add('told');
    await state.lose(context, `${topicArn} was not told: ${error.message}`, error.next);
    return undefined;
  }
}

/** Without a database, or without leave to tag it, nothing is remembered: a process that comes later tells it once more. */
async function remember(
  state: RestoreState,
  context: OperationContext,
  database: LiveDatabase | undefined,
  value: string,
): Promise<void> {
  if (database === undefined) return;
  try {
    await state.rds.addTags(database.arn, { [RESTORE_TAGS.notified]: value });
  } catch (cause) {
    const error = asBreakwaterError(cause);
    if (error.kind !== 'aws') throw cause;
    await state.lose(
      context,
      `${state.request.notify} was told, but that could not be noted, so a later try tells it again: ${error.message}`,
      error.next,
    );
  }
}

function subjectOf(text: string, again: boolean): string {
  const plain = `Breakwater: ${text}`.replaceAll(/[^\x20-\x7e]/g, '?');
  return again ? `${plain.slice(0, LONGEST_SUBJECT - AGAIN.length)}${AGAIN}` : plain.slice(0, LONGEST_SUBJECT);
}
