import { createHash } from 'node:crypto';
import type { SnsGateway } from './database-services.ts';
import { incomplete } from './odd-answers.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./sns-client.ts');
type Client = InstanceType<Sdk['SNSClient']>;

/** IAM actions that each method of the SNS gateway needs in the site; KMS only for a topic under a key of one's own. */
export const SNS_PERMISSIONS = {
  publish: ['sns:Publish', 'kms:Decrypt', 'kms:GenerateDataKey'],
} as const satisfies Record<keyof SnsGateway, readonly string[]>;

/** Most characters of a subject. */
const SUBJECT_LENGTH = 100;

/** SNS at one site. */
export function snsGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): SnsGateway {
  const sns = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'sns' },
    () => import('./sns-client.ts'),
    (sdk, settings) => new sdk.SNSClient(settings),
  );

  return {
    async publish({ topicArn, subject, message, id: news }) {
      const operation = 'Publish';
      // Repeatable: reading a notification twice harms nobody, missing it may.
      const { MessageId: id } = await sns.call(operation, 'repeatable', (sdk, client) =>
        client.send(
          new sdk.PublishCommand({
            TopicArn: topicArn,
            Subject: asSubject(subject),
            Message: message,
            ...(topicArn.endsWith('.fifo') ? inOrder(news ?? JSON.stringify([subject, message])) : {}),
          }),
        ),
      );
      if (id === undefined) throw incomplete(sns.context(operation, 'repeatable'), 'a message id');
      return id;
    },
  };
}

/** What SNS takes as a subject: one line of printable ASCII that begins with a letter, a digit or punctuation. */
function asSubject(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[^\x20-\x7e]/g, '?')
    .trim()
    .slice(0, SUBJECT_LENGTH);
}

/** A FIFO topic wants a group, and knows a repeated message by its id for five minutes. */
function inOrder(news: string) {
  const hash = createHash('sha256').update(news).digest('hex');
  return { MessageGroupId: 'breakwater', MessageDeduplicationId: hash };
}
