import { AwsFault } from '../aws-fault.ts';
import { findKey, keyRefusal } from '../kms/keys.ts';
import { type Handler, handler } from '../world/call-context.ts';

/** Something that was published. */
export interface Message {
  readonly id: string;
  readonly at: number;
  readonly subject: string | undefined;
  readonly text: string;
}

interface PublishRequest {
  readonly TopicArn?: string;
  readonly TargetArn?: string;
  readonly PhoneNumber?: string;
  readonly Subject?: string;
  readonly Message: string;
}

const LARGEST_MESSAGE = 262_144;

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
  context.changed();
  const id = world.random.uuid('message', state.account, state.region, name, messages.length);
  messages.push({ id, at: now, subject: input.Subject, text: input.Message });
  return { MessageId: id };
});

export const SNS_HANDLERS: Readonly<Record<string, Handler>> = { Publish: publish };
