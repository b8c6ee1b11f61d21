import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drive } from '../testing/drive.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { restoring } from '../testing/restoring.ts';

for (const strategy of ['new', 'swap', 'replace'] as const) {
  test(`${strategy}: whoever may leave, leaves a cluster under every name that had one`, async () => {
    const live = strategy !== 'new';
    const world = restoring({ strategy, liftProtection: true, master: { kind: 'managed' } }, { live });
    const operation = world.restore();
    assert.equal(operation.mayBeLeft(), false, 'before the first look nothing is known');
    let left = 0;
    const stayed: string[] = [];
    const { end } = await drive(operation, new StepJournal(world.clock).context(), {
      onLook: (advance) => {
        if (advance.state !== 'waiting') return;
        const { clusters, instances } = world.rds.names();
        const whole = clusters.includes('webshop') && (strategy === 'replace' || instances.includes('db-1'));
        if (!operation.mayBeLeft()) stayed.push(advance.note);
        else if (live) assert.ok(whole, `${advance.note}: ${clusters.join()} ${instances.join()}`);
        if (operation.mayBeLeft()) left += 1;
      },
    });
    assert.equal(end.state, 'done', JSON.stringify(end));
    assert.ok(left > 2, `${left} waits may be left`);
    assert.ok(!stayed.some((note) => /is creating/.test(note)), 'what AWS does alone may be left');
    if (live)
      assert.ok(
        stayed.some((note) => /deleted|renam|>/.test(note)),
        stayed.join('; '),
      );
    assert.equal(operation.soFar()['cluster'], 'webshop');
  });
}

test('a failure is not left untold', async () => {
  const world = restoring({ strategy: 'swap' });
  const operation = world.restore();
  let mayBeLeft = false;
  const { end } = await drive(operation, new StepJournal(world.clock).context(), {
    onLook: () => {
      mayBeLeft ||= operation.mayBeLeft();
    },
  });
  assert.equal(end.state, 'failed');
  assert.equal(mayBeLeft, false);
});

test('what goes on is said: the snapshot that is taken, the cluster that is restored', async () => {
  const world = restoring({ choice: { kind: 'create' } }, { live: true, execution: 'left' });
  const operation = world.restore({ target: 'webshop-left', members: [{ instanceClass: 'db.r6g.large' }] });
  const context = new StepJournal(world.clock).context();
  assert.equal(await operation.abandon?.(context), undefined);
  await operation.advance(context);
  assert.match(
    (await operation.abandon?.(context)) ?? '',
    /^snapshot webshop-left-snapshot-[0-9a-f]{6} goes on being taken in us-west-2$/,
  );
  const { end } = await drive(operation, context);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.equal(await operation.abandon?.(context), 'cluster webshop-left goes on being restored in us-west-2');
});
