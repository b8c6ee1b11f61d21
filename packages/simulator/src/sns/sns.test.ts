import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PublishCommand } from '@aws-sdk/client-sns';
import { DESTINATION, databaseWorld } from '../../test-support/database-worlds.ts';
import { awsError, refused } from '../../test-support/sdk-clients.ts';

const TopicArn = `arn:aws:sns:${DESTINATION.region}:${DESTINATION.account}:on-call`;

test('what is published is kept with its subject', async () => {
  const { destination, world, clock } = databaseWorld();
  const { MessageId } = await destination.sns.send(new PublishCommand({ TopicArn, Subject: 'Restored', Message: 'ä & b' }));
  const here = world
    .state()
    .regions.find(({ region, account }) => region === DESTINATION.region && account === DESTINATION.account);
  assert.deepEqual(here?.databases.topics, {
    'on-call': [{ id: MessageId, at: clock.now(), subject: 'Restored', message: 'ä & b' }],
    'on-call.fifo': [],
  });
});

test('a FIFO topic wants a group and an id, and knows a message again for five minutes', async () => {
  const { destination, world, clock } = databaseWorld();
  const publish = (more: object) =>
    destination.sns.send(new PublishCommand({ TopicArn: `${TopicArn}.fifo`, Message: 'm', ...more }));
  await assert.rejects(publish({ MessageDeduplicationId: 'a' }), refused('InvalidParameter', 400, /MessageGroupId/));
  await assert.rejects(publish({ MessageGroupId: 'g' }), refused('InvalidParameter', 400, /MessageDeduplicationId/));
  const kept = () => world.state().regions.flatMap(({ databases }) => databases?.topics['on-call.fifo'] ?? []).length;
  const first = await publish({ MessageGroupId: 'g', MessageDeduplicationId: 'a' });
  const again = await publish({ MessageGroupId: 'g', MessageDeduplicationId: 'a', Message: 'in other words' });
  assert.equal(again.MessageId, first.MessageId);
  assert.equal(kept(), 1);
  await publish({ MessageGroupId: 'g', MessageDeduplicationId: 'b' });
  assert.equal(kept(), 2);
  await clock.sleep(300_000);
  await publish({ MessageGroupId: 'g', MessageDeduplicationId: 'a' });
  assert.equal(kept(), 3);
});

test('topics, subjects and messages that cannot be', async () => {
  const { destination, source } = databaseWorld();
  const publish = (more: object, { sns } = destination) => sns.send(new PublishCommand({ TopicArn, Message: 'm', ...more }));
  await assert.rejects(publish({ TopicArn: `${TopicArn}x` }), refused('NotFound', 404, /Topic does not exist/));
  await assert.rejects(publish({ TopicArn: undefined }), refused('InvalidParameter', 400));
  await assert.rejects(publish({ TopicArn: 'on-call' }), refused('InvalidParameter', 400));
  await assert.rejects(publish({}, source), awsError('InvalidParameterException', 400));
  await assert.rejects(publish({ Message: '' }), refused('InvalidParameter', 400));
  await assert.rejects(publish({ Message: 'x'.repeat(262_145) }), refused('InvalidParameter', 400, /too long/));
  for (const Subject of ['two\nlines', 'ä', 'x'.repeat(101), ' first'])
    await assert.rejects(publish({ Subject }), refused('InvalidParameter', 400, /Subject/));
});
