import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dieAndCarryOn, everyDeath } from '../testing/crashing.ts';
import { type InstanceWorld, instanceWorld } from '../testing/instances.ts';
import { captureInstance } from './instance-manifest.ts';
import type { RestoreInstanceRequest } from './restore-contracts.ts';

const EVERYTHING: Partial<RestoreInstanceRequest> = {
  master: { kind: 'managed' },
  users: { secret: 'ledger/users' },
  checks: [{ kind: 'database', name: 'ledger' }],
  connection: 'direct',
  publish: { parameter: '/ledger/host' },
};
/** What takes minutes takes seconds, so that a process may die at every moment of it in little time. */
const QUICK =
  'rds: { durations: { restore: 20s, reboot: 4s, rename: 8s, password: 4s, secret: 4s, deleteInstance: 12s, snapshot: 12s } }\n';
const POINT = { choice: { kind: 'point-in-time', time: 'latest' } } as const;

/** What each restore must leave, whenever a process died: the wanted instances, and no call twice. */
const CASES: readonly [
  string,
  (world: InstanceWorld) => Promise<Partial<RestoreInstanceRequest>>,
  RegExp,
  'RestoreDBInstanceFromDBSnapshot' | 'RestoreDBInstanceToPointInTime',
][] = [
  ['new', async () => EVERYTHING, /^forgotten ledger ledger-back$/, 'RestoreDBInstanceFromDBSnapshot'],
  ['to a point in time', async () => POINT, /^forgotten ledger ledger-back$/, 'RestoreDBInstanceToPointInTime'],
  [
    'swap',
    async () => ({ strategy: 'swap', target: 'ledger' }),
    /^forgotten ledger ledger-old-[0-9a-f]{6}$/,
    'RestoreDBInstanceFromDBSnapshot',
  ],
  [
    'replace',
    async ({ production, clock }) => ({
      strategy: 'replace',
      target: 'ledger',
      liftProtection: true,
      manifest: await captureInstance(production, 'ledger', clock.now()),
    }),
    /^forgotten ledger$/,
    'RestoreDBInstanceFromDBSnapshot',
  ],
];

for (const [what, request, names, restore] of CASES) {
  test(`${what}: a process that dies anywhere leaves one instance, whether its record is kept or lost`, async () => {
    let one = 0;
    const deaths = await everyDeath(async (death) => {
      one += 1;
      const world = instanceWorld({ more: QUICK });
      const over = await request(world);
      const { end, died } = await dieAndCarryOn(world, () => world.ledger(over), death, { recordLost: one % 2 === 0 });
      const where = `${JSON.stringify(death)}, ${one}: ${JSON.stringify(end)}`;
      assert.equal(end.state, 'done', where);
      assert.match((await world.names()).join(' '), names, where);
      assert.equal(world.applied(restore), 1, where);
      const [live] = await world.production.aws.rds.describeInstances({ id: String(end.result?.['instance']) });
      assert.equal(live?.tags['breakwater:execution'], 'run-1', where);
      return died;
    });
    assert.ok(deaths > 12, `${deaths} deaths`);
  });
}

/** Calls whose answers may be lost on the way, before or after AWS has done it. */
for (const operation of ['RestoreDBInstanceFromDBSnapshot', 'ModifyDBInstance']) {
  for (const when of ['before', 'after']) {
    test(`${operation}: an answer lost ${when} AWS did it makes no second instance`, async () => {
      const world = instanceWorld({ more: 'rds: { visibleAfter: 20s }\n' });
      world.arm({ match: { operation, nth: 1 }, effect: { kind: 'drop', when } });
      const { end } = await world.run(world.ledger(EVERYTHING));
      assert.equal(end.state, 'done', JSON.stringify(end));
      assert.equal(world.applied('RestoreDBInstanceFromDBSnapshot'), 1);
      assert.deepEqual(await world.names(), ['forgotten', 'ledger', 'ledger-back']);
    });
  }
}
