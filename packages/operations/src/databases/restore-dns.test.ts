import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DnsRecord } from '@breakwater/aws';
import { AwsError, deterministicUuid } from '@breakwater/core';
import type { Death } from '../testing/crashing.ts';
import { drive } from '../testing/drive.ts';
import { FakeRds } from '../testing/fake-rds.ts';
import { denied, rdsError } from '../testing/rds-error.ts';
import { Crashed, StepJournal } from '../testing/recording-context.ts';
import { type Restoring, restoring, run } from '../testing/restoring.ts';

const ZONE = 'Z0123456789ABC';
const NAME = 'db.shop.internal';
const READERS = 'ro.shop.internal';
const dns = { zone: ZONE, name: NAME, readerName: READERS, ttl: 60 };
const OLD = { value: 'old.example.net', ttl: 300 };

const record = (over: Partial<DnsRecord> = {}): DnsRecord => ({
  name: NAME,
  type: 'CNAME',
  ttl: OLD.ttl,
  values: [OLD.value],
  alias: undefined,
  setIdentifier: undefined,
  ...over,
});

function world(records: readonly DnsRecord[] = [record()], over: object = {}): Restoring {
  const made = restoring({ publish: { dns }, ...over });
  made.rds.dns.push(...records);
  return made;
}

const pointsTo = ({ rds }: Restoring, name: string) => rds.dns.filter((one) => one.name === name).map(({ values }) => values[0]);
const upserts = ({ rds }: Restoring) => rds.changes('upsertCname').map(({ id }) => id);

test('names point to writer and readers once all name servers say so, and what stood there is recorded', async () => {
  const one = world();
  setInSync(one, 'C1', 40_000);
  const { end, notes, journal } = await run(one);
  assert.equal(end.state === 'done' && end.status, 'succeeded', JSON.stringify(end));
  const [writer] = pointsTo(one, NAME);
  const [readers] = pointsTo(one, READERS);
  assert.match(writer ?? '', /^webshop\.cluster-x/);
  assert.match(readers ?? '', /^webshop\.cluster-ro-/);
  assert.deepEqual(end.result?.['dns'], [
    { zone: ZONE, name: NAME, value: writer, ttl: 60, changed: true, before: OLD },
    { zone: ZONE, name: READERS, value: readers, ttl: 60, changed: true, before: null },
  ]);
  assert.deepEqual(end.result?.['published'], [NAME, READERS]);
  assert.ok(notes.includes(`Route 53 is telling its name servers of ${NAME}`), notes.join('\n'));
  const change = journal.of('change').find(({ id }) => id === `${ZONE}/${NAME}`);
  assert.deepEqual(change?.detail, { zone: ZONE, name: NAME, value: writer, ttl: 60, before: OLD });
  assert.deepEqual(
    one.rds.changes('upsertCname').map(({ request }) => Object(request).comment),
    ['Breakwater: webshop-1', 'Breakwater: webshop-1'],
  );
});

/** Lets a change be in sync so long after the first look at it. */
function setInSync({ rds, clock }: Restoring, change: string, after: number): void {
  const { dnsChanges } = rds;
  let first: number | undefined;
  dnsChanges.set(change, 'PENDING');
  dnsChanges.get = (id) => {
    if (id !== change) return Map.prototype.get.call(dnsChanges, id);
    first ??= clock.now();
    return clock.now() - first < after ? 'PENDING' : 'INSYNC';
  };
}

test('the same value is left alone, however it is written; another TTL is a change', async () => {
  const one = world([], { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
  await run(one);
  const [endpoint] = pointsTo(one, NAME);
  assert.deepEqual(upserts(one), [NAME]);
  one.rds.dns.splice(0, 1, record({ ttl: 60, values: [`${endpoint?.toUpperCase()}.`] }));
  const { end } = await run(one);
  assert.deepEqual(upserts(one), [NAME], 'nothing is sent');
  assert.equal(end.state, 'done');
  one.rds.dns.splice(0, 1, record({ ttl: 300, values: [endpoint ?? ''] }));
  const again = await run(one);
  assert.deepEqual(upserts(one), [NAME, NAME]);
  assert.deepEqual(Object(again.end.result?.['dns'])[0].before, { value: endpoint, ttl: 300 });
});

test('what pointed there before the restore is no change of ours', async () => {
  const first = world([], { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
  await run(first);
  const stands = pointsTo(first, NAME)[0] ?? '';
  const one = world([record({ ttl: 60, values: [stands] })], { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
  const { end } = await run(one);
  assert.deepEqual(upserts(one), []);
  assert.deepEqual(end.result?.['dns'], [
    { zone: ZONE, name: NAME, value: stands, ttl: 60, changed: false, before: { value: stands, ttl: 60 } },
  ]);
});

test('a later process of the same key changes nothing, and still knows what stood there', async () => {
  const one = world();
  const first = await run(one);
  const second = await run(one);
  assert.equal(upserts(one).length, 2);
  assert.deepEqual(second.end.result?.['dns'], first.end.result?.['dns']);
});

test('a name that somebody has pointed elsewhere since is pointed here again, and that is what stood there', async () => {
  const one = world();
  await run(one);
  one.rds.dns.splice(0, 1, record({ values: ['elsewhere.example.net'] }));
  const { end } = await run(one);
  assert.match(pointsTo(one, NAME)[0] ?? '', /^webshop\.cluster-x/);
  assert.deepEqual(Object(end.result?.['dns'])[0].before, { value: 'elsewhere.example.net', ttl: 300 });
});

for (const [what, records, message, next] of [
  ['an address', [record({ type: 'A', values: ['10.0.0.1'] })], /other records than a CNAME \(A\)/, /another name, or delete/],
  ['two kinds', [record({ type: 'A' }), record({ type: 'TXT' })], /\(A, TXT\)/, /another name/],
  ['an alias', [record({ type: 'A', alias: 'lb.example.net', ttl: undefined, values: [] })], /\(A alias\)/, /another name/],
  [
    'an alias of type CNAME',
    [record({ alias: 'x.shop.internal', ttl: undefined, values: [] })],
    /\(CNAME alias\)/,
    /another name/,
  ],
  [
    'a weighted set',
    [record({ setIdentifier: 'blue' }), record({ setIdentifier: 'green' })],
    /sets \(CNAME "blue"\)/,
    /let the set point/,
  ],
  ['the zone itself', [record({ type: 'NS' }), record({ type: 'SOA' })], /is the hosted zone Z0123456789ABC itself/, /below it/],
] as const) {
  test(`${what} is never overwritten: refused before anything is changed`, async () => {
    const one = world(records);
    const { end } = await run(one);
    assert.equal(end.state === 'failed' && end.reason.code, 'usage', JSON.stringify(end));
    if (end.state === 'failed') {
      assert.match(end.reason.message, message);
      assert.match(end.reason.next ?? '', next);
      assert.match(end.reason.next ?? '', /Nothing was changed\.$/);
    }
    assert.deepEqual(one.rds.applied, []);
    assert.deepEqual(one.rds.dns, records);
  });
}

test('the name of the readers is looked at before anything is changed, too', async () => {
  const one = world([record(), record({ name: READERS, type: 'A', values: ['10.0.0.1'] })]);
  const { end } = await run(one);
  assert.match((end.state === 'failed' && end.reason.message) || '', /"ro\.shop\.internal" .* \(A\)/, JSON.stringify(end));
  assert.deepEqual(one.rds.applied, []);
});

test('what has come under the name meanwhile is not overwritten either: the restore is kept', async () => {
  const one = world([]);
  one.rds.shows = (cluster) => {
    if (one.rds.dns.length === 0) one.rds.dns.push(record({ type: 'A', values: ['10.0.0.1'] }));
    return cluster;
  };
  const { end } = await run(one);
  assert.equal(end.state === 'failed' && end.reason.code, 'usage', JSON.stringify(end));
  assert.match((end.state === 'failed' && end.reason.next) || '', /what was restored is kept and adopted\.$/);
  assert.deepEqual(upserts(one), []);
  one.rds.dns.length = 0;
  one.rds.shows = (cluster) => cluster;
  assert.equal((await run(one)).end.state, 'done');
  assert.equal(one.rds.changes('restoreCluster').length, 1);
});

test('Route 53 refuses the look: the database is restored all the same, and the names wait for the permission', async () => {
  const refused = world();
  refused.rds.faults.push({ operation: 'recordsOf', when: 'before', error: denied() });
  const { end, journal } = await run(refused);
  assert.equal(end.state === 'failed' && end.reason.code, 'permission-denied', JSON.stringify(end));
  assert.match(
    journal.lines.flatMap((line) => (line.type === 'warning' ? [line.reason.message] : [])).join('\n'),
    /what stands under db\.shop\.internal could not be looked at beforehand: /,
  );
  assert.equal(refused.rds.changes('restoreCluster').length, 1);
  refused.rds.faults.length = 0;
  assert.equal((await run(refused)).end.state, 'done');
  assert.equal(refused.rds.changes('restoreCluster').length, 1, 'what was restored is adopted');
  assert.equal(upserts(refused).length, 2);
});

test('Route 53 does not answer: that is no objection', async () => {
  const silent = world();
  const { call } = rdsError('Throttling');
  silent.rds.faults.push({
    operation: 'recordsOf',
    when: 'before',
    error: new AwsError('throttled', 'slow', { next: 'Wait.', call }),
  });
  silent.rds.shows = (cluster) => {
    if (cluster.status === 'available') silent.rds.faults.length = 0;
    return cluster;
  };
  assert.equal((await run(silent)).end.state, 'done');
  assert.equal(upserts(silent).length, 2);
});

test('a change that Route 53 refuses is a failure, as of a parameter, and nothing is said to be published', async () => {
  const one = world([], { publish: { dns, parameter: '/p', secret: 's' } });
  one.rds.secrets.set('s', '{}');
  one.rds.faults.push({ operation: 'upsertCname', nth: 2, when: 'before', error: rdsError('InvalidChangeBatch') });
  const { end } = await run(one);
  assert.equal(end.state === 'failed' && end.reason.code, 'aws-fault', JSON.stringify(end));
  assert.deepEqual(end.result?.['published'], ['/p', 's'], 'the names come last');
  assert.deepEqual(pointsTo(one, READERS), []);
});

test('an answer that was lost is no second change of the name, and what stood there is not forgotten', async () => {
  const one = world();
  one.rds.faults.push({ operation: 'upsertCname', nth: 1, when: 'after', error: rdsError('ECONNRESET', { ambiguous: true }) });
  const { end } = await run(one);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(Object(end.result?.['dns'])[0].before, OLD);
  const sent = one.rds.changes('upsertCname').map(({ request }) => request);
  assert.equal(sent.length, 3);
  assert.deepEqual(sent[0], sent[1]);
});

test('a change that AWS does not know for a minute is looked at, and sent, anew', async () => {
  const one = world([], { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
  one.rds.dnsChanges.set('C1', undefined);
  const began = one.clock.now();
  const { end } = await run(one);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(upserts(one), [NAME, NAME]);
  assert.ok(one.clock.now() - began > 60_000);
  assert.deepEqual(Object(end.result?.['dns'])[0].before, null);
});

test('a drill publishes no name, and does not look', async () => {
  const one = restoring({ publish: { dns } }, { mode: 'drill' });
  one.rds.faults.push({ operation: 'recordsOf', when: 'before', error: denied() });
  const { end, journal } = await run(one);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.ok(journal.notes().includes('a drill does not publish its endpoint'));
  assert.deepEqual(one.rds.dns, []);
  assert.equal(end.result?.['dns'], undefined);
});

test('the zone of another account is changed at its site, and the record says so', async () => {
  const one = restoring();
  const there = new FakeRds(one.clock);
  const site = { ...there.site(), site: { name: 'network', account: '999988887777', region: 'eu-west-1' } };
  const { end, journal } = await run(one, { publish: { dns: { ...dns, site } } });
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual([there.dns.length, one.rds.dns.length], [2, 0]);
  const sites = journal
    .of('change')
    .filter(({ operation }) => operation.startsWith('route53:'))
    .map((line) => line.site);
  assert.deepEqual(sites, ['network', 'network']);
});

test('a name that no tag can hold is published all the same; a database that may not be tagged too', async () => {
  const odd = world([record({ values: ["it's.example.net"] })], { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
  assert.equal((await run(odd)).end.state, 'done');
  assert.ok(Object.values(odd.rds.clusters[0]?.tags ?? {}).includes('insync'));
  const untagged = world();
  untagged.rds.faults.push({ operation: 'addTags', when: 'before', error: denied() });
  const { end } = await run(untagged);
  assert.equal(end.state, 'done', JSON.stringify(end));
  assert.deepEqual(Object(end.result?.['dns'])[0].before, OLD);
});

test('where the database may not be tagged, the record tells a later process what was begun, and what stood there', async () => {
  for (const [records, before] of [
    [[record()], OLD],
    [[], null],
  ] as const) {
    const one = world(records, { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
    one.rds.faults.push({ operation: 'addTags', when: 'before', error: denied() });
    setInSync(one, 'C1', 20_000);
    const journal = new StepJournal(one.clock);
    const dying = drive(one.restore(), journal.context(), {
      onLook: () => {
        if (upserts(one).length > 0) throw new Crashed('after the change was sent');
      },
    });
    await assert.rejects(dying, Crashed);
    const { end } = await drive(one.restore(), journal.context());
    assert.equal(end.state, 'done', JSON.stringify(end));
    assert.deepEqual(upserts(one), [NAME, NAME], 'sent again, to be waited for');
    assert.deepEqual(Object(end.result?.['dns'])[0].before, before);
  }
});

test('whoever does not want to wait is not sent away between a change and its end', async () => {
  const one = world([], { publish: { dns: { zone: ZONE, name: NAME, ttl: 60 } } });
  setInSync(one, 'C1', 30_000);
  const restore = one.restore();
  const left: string[] = [];
  await drive(restore, new StepJournal(one.clock).context(), {
    onLook: (look) => {
      if (look.state === 'waiting' && restore.mayBeLeft()) left.push(look.note);
    },
  });
  assert.ok(left.length > 0);
  assert.deepEqual(
    left.filter((note) => note.includes(NAME)),
    [],
  );
});

/** Every moment of the last part of a restore at which a process can die. */
async function lastMoments(): Promise<readonly Death[]> {
  const one = world();
  setInSync(one, 'C1', 20_000);
  const { looks, journal } = await run(one);
  const last = (total: number, count: number) => Array.from({ length: count }, (_, n) => total - n).reverse();
  return [
    ...last(looks, 16).map((look) => ({ look })),
    ...last(journal.entries, 10).flatMap((entry) => [
      { entry, when: 'before' as const },
      { entry, when: 'after' as const },
    ]),
  ];
}

for (const recordLost of [false, true]) {
  const how = recordLost ? 'and its record with it' : 'but not its record';
  test(`a process dies at any moment of the publication, ${how}: the names are in sync, and what stood there is known`, async () => {
    const seen = { none: 0, one: 0, both: 0 };
    for (const death of await lastMoments()) {
      const one = world();
      setInSync(one, 'C1', 20_000);
      const first = new StepJournal(one.clock);
      first.crash = 'entry' in death ? death : undefined;
      const dying = drive(one.restore(), first.context(), {
        onLook: (advance, look) => {
          if ('look' in death && look === death.look && advance.state === 'waiting') throw new Crashed(`after look ${look}`);
        },
      });
      const died = await dying.then(
        () => false,
        (error: unknown) => error instanceof Crashed,
      );
      first.crash = undefined;
      const sent = upserts(one).length;
      const spreading = sent > 0 && !inSync(one, NAME);
      seen[sent === 0 ? 'none' : sent === 1 ? 'one' : 'both'] += Number(died);
      const { end } = await drive(one.restore(), recordLost ? first.context(1, []) : first.context());
      const where = `${JSON.stringify(death)}: ${JSON.stringify(end)}`;
      assert.equal(end.state, 'done', where);
      assert.match(pointsTo(one, NAME)[0] ?? '', /^webshop\.cluster-x/, where);
      const [writer, readers] = [0, 1].map((n) => Object(Object(end.result?.['dns'])[n]));
      assert.deepEqual([writer.before, readers.before, writer.changed, readers.changed], [OLD, null, true, true], where);
      assert.ok(inSync(one, NAME) && inSync(one, READERS), where);
      // What another process has begun is waited for under an id of one's own.
      if (spreading) assert.ok(upserts(one).filter((name) => name === NAME).length >= 2, where);
      assert.equal(one.rds.changes('restoreCluster').length, 1, where);
    }
    assert.ok(seen.none > 0 && seen.one > 1 && seen.both > 5, JSON.stringify(seen));
  });
}

/** Whether the database says that the name is in sync. */
function inSync({ rds }: Restoring, name: string): boolean {
  const tag = `breakwater:dns:${deterministicUuid(`${ZONE}/${name}`.toLowerCase()).slice(0, 8)}`;
  return rds.clusters.some(({ tags }) => tags[tag]?.startsWith('insync') === true);
}
