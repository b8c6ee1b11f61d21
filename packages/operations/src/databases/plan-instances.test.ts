import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatabaseRecovery } from '@breakwater/plan';
import { drive } from '../testing/drive.ts';
import { ACCOUNT, database, FAR, manifest, planned, WORLD } from '../testing/planning.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { INSTANCE_MANIFEST_SCHEMA } from './restore-contracts.ts';

const INSTANCES = `${WORLD}dbInstances: [{ account: "${ACCOUNT}", region: us-east-1, id: ledger, encryption: none }]\n`;
const CAPTURED = {
  schema: INSTANCE_MANIFEST_SCHEMA,
  capturedAt: '2026-11-01T00:00:00Z',
  account: ACCOUNT,
  region: 'us-east-1',
  instance: { id: 'ledger', engine: 'postgres', engineVersion: '17.4', instanceClass: 'db.r6g.large', multiAz: true },
};
const POINT = { kind: 'point-in-time', time: 'latest' } as const;

function instance(over: Partial<DatabaseRecovery> = {}): DatabaseRecovery {
  const { cluster: _, settings: __, manifest: ___, ...rest } = database('ledger', { connection: 'direct', ...over });
  return { ...rest, instance: 'ledger', snapshot: { kind: 'newest', types: ['automated'] }, ...over };
}

test('a wave restores an instance from elsewhere, records it as one, and its clean-up finds it', async () => {
  const wanted = instance({ source: 'far', manifest: 'ledger.json' });
  const rehearsal = planned([wanted], new Map([['ledger.json', CAPTURED as unknown]]), INSTANCES);
  const { clock, wave, deedsOf, open } = rehearsal;
  const { end } = await drive(deedsOf('drill-1').recoverDatabase(wanted, wave), new StepJournal(clock).context());
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const facts = end.state === 'done' ? end.database : undefined;
  assert.match(facts?.instanceId ?? '', /^ledger-drill-[0-9a-f]{6}$/);
  assert.match(facts?.instanceArn ?? '', /:db:ledger-drill-/);
  assert.deepEqual([facts?.clusterId, facts?.instances], [undefined, [facts?.instanceId]]);
  assert.equal(facts?.rpa, 50 * 60_000, 'of the original, not of the copy');
  const [restored] = await open({ ...FAR, name: 'near', region: 'us-west-2' }).rds.describeInstances();
  assert.deepEqual([restored?.instanceClass, restored?.multiAz], ['db.r6g.large', true]);
  const { name, site, strategy, criticality } = wanted;
  const record = { name, instance: 'ledger', site, strategy, criticality, account: '', region: '', status: 'succeeded' } as const;
  const cleaned = await drive(deedsOf('drill-1').cleanUpDatabases([record]), new StepJournal(clock).context());
  assert.equal(cleaned.end.reason?.message, `deleted: ${facts?.instanceId}`);
});

test('the latest moment is the recovery point: of an instance and of a cluster', async () => {
  for (const wanted of [instance({ site: 'far', snapshot: POINT }), database('shop-a', { site: 'far', snapshot: POINT })]) {
    const rehearsal = planned([wanted], new Map([['shop-a.json', manifest('shop-a') as unknown]]), INSTANCES);
    const { clock, wave, deedsOf } = rehearsal;
    const { end } = await drive(deedsOf('drill-1').recoverDatabase(wanted, wave), new StepJournal(clock).context());
    assert.equal(end.state, 'done', JSON.stringify(end));
    const facts = end.state === 'done' ? end.database : undefined;
    assert.deepEqual([facts?.snapshotAt, facts?.snapshotId], [undefined, undefined]);
    assert.match(facts?.pointInTimeOf ?? '', /:us-east-1:111122223333:(db:ledger|cluster:shop-a)$/);
    assert.ok(facts?.pointInTime !== undefined && facts.rpa !== undefined);
    assert.ok(facts.rpa > 4 * 60_000 && facts.rpa <= 5 * 60_000, `${facts.rpa} ms`);
  }
});

test('the manifest of the other kind is refused before anything begins', async () => {
  const wrong = instance({ manifest: 'ledger.json' });
  const rehearsal = planned([wrong], new Map([['ledger.json', manifest('ledger') as unknown]]), INSTANCES);
  await assert.rejects(rehearsal.deedsOf('drill-1').inspect([rehearsal.wave]), { code: 'manifest-invalid' });
  assert.equal(rehearsal.world.calls.length, 0);
});
