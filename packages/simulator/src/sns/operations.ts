import { AwsFault } from '../aws-fault.ts';
import { findKey, keyRefusal } from '../kms/keys.ts';
import { type Handler, handler } from '../world/call-context.ts';

/** Something that was published. */
export interface Message {
  readonly id: string;
  readonly at: number;
  readonly subject: string | undefined;
  readonly text: string;
  /** Of a FIFO topic: what it knows the message again by. */
  readonly deduplication?: string;
}

interface PublishRequest {
  readonly TopicArn?: string;
  readonly TargetArn?: string;
  readonly PhoneNumber?: string;
  readonly Subject?: string;
  readonly Message: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

const LARGEST_MESSAGE = 262_144;
/** How long a FIFO topic knows a message again: https://docs.aws.amazon.com/sns/latest/dg/fifo-message-dedup.html. */
const REMEMBERED = 5 * 60_000;

const publish = handler<PublishRequest>((context, input) => {
  const { world, state, now } = context;
  const arn = input.TopicArn ?? input.TargetArn;
  if (arn === undefined)
    throw new AwsFault(
      'InvalidParameter',
      400,
      'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter',
    );
  const [, , service, region, account, name = ''] = arn.split(':');
  if (service !== 'sns' || name === '') throw new AwsFault('InvalidParameter', 400, 'Invalid parameter: TopicArn');
  if (region !== state.region) throw new AwsFault('InvalidParameter', 400, 'Invalid parameter: TopicArn');
  if (input.Message === '') throw new AwsFault('InvalidParameter', 400, 'Invalid parameter: Empty message');
  if (Buffer.byteLength(input.Message) > LARGEST_MESSAGE)
    throw new AwsFault('InvalidParameter', 400, 'Invalid parameter: Message too long');
  if (input.Subject !== undefined && !/^[\x21-\x7e][\x20-\x7e]{0,99}$/.test(input.Subject)) {
    throw new AwsFault('InvalidParameter', 400, 'Invalid parameter: Subject');
  }
  const messages = account === state.account ? state.topics.get(name) : undefined;
  if (messages === undefined) throw new AwsFault('NotFound', 404, 'Topic does not exist');
  const { kmsKey } = world.scenario.topics.find((topic) => topic.account === account && topic.name === name) ?? {};
  const key = kmsKey === undefined ? undefined : findKey(world, kmsKey, state);
  for (const action of key === undefined ? [] : ['GenerateDataKey', 'Decrypt']) {
    const refused = key === undefined ? undefined : keyRefusal(key, context, action, 'sns');
    if (refused !== undefined) throw new AwsFault('KMSAccessDenied', 400, `${refused} (Service: AWSKMS; Status Code: 400)`);
  }
  const deduplication = name.endsWith('.fifo') ? fifo(input) : undefined;
  context.changed();
  const known = messages.find(
    (one) => deduplication !== undefined && one.deduplication === deduplication && now - one.at < REMEMBERED,
  );
  if (known !== undefined) return { MessageId: known.id };
  const id = world.random.uuid('message', state.account, state.region, name, messages.length);
  messages.push({
    id,
    at: now,
    subject: input.Subject,
    text: input.Message,
    ...(deduplication === undefined ? {} : { deduplication }),
  });
  return { MessageId: id };
});

/** The id of a message to a FIFO topic; content-based deduplication is off, as it is unless asked for. */
function fifo({ MessageGroupId, MessageDeduplicationId }: PublishRequest): string {
  if (MessageGroupId === undefined)
    throw new AwsFault('InvalidParameter', 400, 'Invalid parameter: The MessageGroupId parameter is required for FIFO topics');
  if (MessageDeduplicationId === undefined)
    throw new AwsFault(
      'InvalidParameter',
      400,
      'Invalid parameter: The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  return MessageDeduplicationId;
}

export const SNS_HANDLERS: Readonly<Record<string, Handler>> = { Publish: publish };
