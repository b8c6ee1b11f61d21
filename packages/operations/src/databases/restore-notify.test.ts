import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { Crashed, StepJournal } from '../testing/recording-context.ts';
import { restoring } from '../testing/restoring.ts';

const TOPIC = 'arn:aws:sns:us-west-2:111122223333:oncall';

test('a good end is told once, however many attempts find it; a bad one each time', async () => {
  let holds = false;
  const verify = async () => [{ check: 'database shop', ok: holds, found: holds ? 'it exists' : 'it does not exist' }];
  const world = restoring(
    { notify: TOPIC, master: { kind: 'managed' }, checks: [{ kind: 'database', name: 'shop' }] },
    { sql: { verify } },
  );
  const attempt = async (number: number) => drive(world.restore(), new StepJournal(world.clock).context(number));
  const subjects = () => world.rds.published.map(({ subject }) => subject.replace('Breakwater: ', ''));
  await attempt(1);
  await attempt(1);
  assert.deepEqual(subjects(), ['webshop was NOT restored: verification-failed'], 'the same attempt tells it once');
  await attempt(2);
  assert.equal(subjects().length, 2, 'that it failed again is news');
  holds = true;
  for (const number of [3, 4, 4, 1_000]) assert.equal((await attempt(number)).end.state, 'done');
  assert.deepEqual(subjects().slice(2), ['webshop is restored']);
});

test('a process dies between telling a good end and remembering it: the next attempt says that it was perhaps told', async () => {
  const world = restoring({ notify: TOPIC });
  world.rds.faults.push({ operation: 'addTags', nth: 2, when: 'before', error: new Crashed('told') });
  await assert.rejects(drive(world.restore(), new StepJournal(world.clock).context(1)), Crashed);
  await drive(world.restore(), new StepJournal(world.clock).context(2));
  await drive(world.restore(), new StepJournal(world.clock).context(3));
  assert.deepEqual(
    world.rds.published.map(({ subject }) => subject),
    ['Breakwater: webshop is restored', 'Breakwater: webshop is restored (perhaps told before)'],
  );
});
