import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryAnswer, queryError } from './scripted-aws.ts';
import { scriptedSite } from './scripted-site.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:dr';

test('a notification, its subject made to fit, repeated until it is answered', async () => {
  const { sns, aws } = scriptedSite((_, nth) =>
    nth === 0 ? { socketError: 'ECONNRESET' } : queryAnswer('Publish', '<MessageId>m-1</MessageId>'),
  );
  assert.equal(await sns.publish({ topicArn: TOPIC, subject: 'Wave é\n done ', message: 'Grüße' }), 'm-1');
  await sns.publish({ topicArn: TOPIC, subject: 'x'.repeat(200), message: 'm' });
  const { Action, Version, ...first } = aws.sent[1]?.input ?? {};
  assert.deepEqual([Action, Version], ['Publish', '2010-03-31']);
  assert.deepEqual(first, { TopicArn: TOPIC, Subject: 'Wave ? done', Message: 'Grüße' });
  assert.deepEqual(aws.sent[0]?.input, aws.sent[1]?.input);
  assert.equal(aws.sent[2]?.input['Subject'], 'x'.repeat(100));
});

test('a FIFO topic gets its group, and knows the same message again', async () => {
  const { sns, aws } = scriptedSite(() => queryAnswer('Publish', '<MessageId>m</MessageId>'));
  const send = (message: string) => sns.publish({ topicArn: `${TOPIC}.fifo`, subject: 's', message });
  await send('a');
  await send('a');
  await send('b');
  const ids = aws.sent.map(({ input }) => input['MessageDeduplicationId']);
  assert.equal(aws.sent[0]?.input['MessageGroupId'], 'breakwater');
  assert.equal(ids[0], ids[1]);
  assert.notEqual(ids[1], ids[2]);
  const news = (message: string) => sns.publish({ topicArn: `${TOPIC}.fifo`, subject: message, message, id: 'restored' });
  await news('a');
  await news('a, told again');
  const [first, second] = aws.sent.slice(3).map(({ input }) => input['MessageDeduplicationId']);
  assert.equal(first, second, 'the same news in other words');
  assert.notEqual(first, ids[0]);
});

for (const [code, reason, next] of [
  ['NotFound', 'aws-fault', /check the ARN/],
  ['AuthorizationError', 'permission-denied', /Allow sns:Publish/],
  ['KMSAccessDenied', 'key-not-accessible', /key policy/],
] as const) {
  test(`${code} is ${reason}`, async () => {
    const { sns } = scriptedSite(() => queryError(400, code));
    await assert.rejects(sns.publish({ topicArn: TOPIC, subject: 's', message: 'm' }), { code: reason, next });
  });
}

test('an answer without a message id is not a success', async () => {
  const { sns } = scriptedSite(() => queryAnswer('Publish'));
  await assert.rejects(sns.publish({ topicArn: TOPIC, subject: 's', message: 'm' }), { code: 'aws-fault', ambiguous: true });
});
