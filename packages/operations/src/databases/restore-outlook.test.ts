import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancelledError, type Mode } from '@breakwater/core';
import type { DatabaseRecovery } from '@breakwater/plan';
import { parseFault } from '@breakwater/simulator';
import { drive } from '../testing/drive.ts';
import { instanceWorld } from '../testing/instances.ts';
import { ACCOUNT, DATABASES, database, manifest, planned, WORLD } from '../testing/planning.ts';
import { StepJournal } from '../testing/recording-context.ts';
import { outlookOf } from './restore-outlook.ts';
import { withSharedReads } from './shared-reads.ts';

const KEYS = `
kmsKeys:
  - { account: "${ACCOUNT}", region: us-west-2, alias: alias/dr }
  - { account: "${ACCOUNT}", region: us-west-2, alias: alias/off, state: Disabled }
  - { account: "${ACCOUNT}", region: us-east-1, alias: alias/shop }
`;
const here = `account: "${ACCOUNT}", region: us-east-1`;
/** More snapshots: an encrypted one, an old one, one that is not there yet, one of a version that only its own Region offers. */
const MORE = `
  - { ${here}, id: locked, database: locked, kmsKey: alias/shop, age: 2h }
  - { ${here}, id: old, database: old, encryption: none, age: 30d }
  - { ${here}, id: odd, database: odd, encryption: none, age: 2h, engineVersion: "16.3" }
  - { account: "${ACCOUNT}", region: us-west-2, id: odd-near, database: odd-near, encryption: none, age: 2h, engineVersion: "16.3" }
engineVersions:
  - { engine: aurora-postgresql, versions: ["16.6"], default: "16.6" }
  - { engine: aurora-postgresql, versions: ["16.3"], default: "16.6", regions: [us-east-1] }
globalClusters:
  - { account: "${ACCOUNT}", id: planet, members: ["arn:aws:rds:us-east-1:${ACCOUNT}:cluster:shop-b"] }
`;
const manifests = new Map(
  [...DATABASES, 'locked', 'old', 'odd', 'odd-near', 'none'].map((id) => [`${id}.json`, manifest(id) as unknown]),
);

function world(databases: readonly DatabaseRecovery[], text = `${WORLD}${MORE}${KEYS}`) {
  const rehearsal = planned(databases, manifests, text);
  const doubts = async (mode: Mode, execution = 'shops-1') => {
    const { doubts: found = [] } = await rehearsal.deedsOf(execution, mode).inspect([rehearsal.wave]);
    return found;
  };
  return { ...rehearsal, doubts };
}

test('nothing speaks against what is well, and looking changes nothing', async () => {
  const all = [
    ...DATABASES.map((id) => database(id, { site: 'far', ...(id === 'shop-a' ? { strategy: 'swap' } : {}) })),
    database('shop-a', { name: 'copied', source: 'far' }),
    database('shop-c', { name: 'taken', site: 'far', snapshot: { kind: 'create' } }),
    database('locked', { source: 'far', kmsKeyId: 'alias/dr' }),
  ];
  for (const mode of ['drill', 'recovery'] as const) {
    const { world: aws, doubts } = world(all);
    assert.deepEqual(await doubts(mode), []);
    assert.deepEqual(
      aws.calls.filter(({ operation, service }) => service !== 'sts' && !operation.startsWith('Describe')),
      [],
    );
  }
});

test('many databases cost one listing of clusters and instances, one look at their version, and one of snapshots each', async () => {
  const { world: aws, doubts } = world(DATABASES.map((id) => database(id, { site: 'far', manifest: `${id}.json` })));
  assert.deepEqual(await doubts('drill'), []);
  const count = (operation: string) => aws.calls.filter((call) => call.operation === operation).length;
  assert.deepEqual(
    ['DescribeDBClusters', 'DescribeDBInstances', 'DescribeDBClusterSnapshots', 'DescribeDBEngineVersions'].map(count),
    [1, 1, DATABASES.length, 1],
  );
});

interface Lacking {
  readonly what: string;
  readonly database: DatabaseRecovery;
  readonly code: string;
  readonly message: RegExp;
  /** Left out: in both modes. */
  readonly only?: Mode;
}

const LACKING: readonly Lacking[] = [
  {
    what: 'no snapshot',
    database: database('none', { site: 'far' }),
    code: 'snapshot-missing',
    message: /no manual snapshot fits \("none" in account 111122223333, us-east-1\)/,
  },
  {
    what: 'no snapshot to copy',
    database: database('none', { source: 'far' }),
    code: 'snapshot-missing',
    message: /no manual snapshot fits/,
  },
  {
    what: 'no snapshot of that name',
    database: database('shop-a', { site: 'far', snapshot: { kind: 'id', id: 'shop-z' } }),
    code: 'snapshot-missing',
    message: /no snapshot "shop-z"/,
  },
  {
    what: 'only an old snapshot, which a recovery takes',
    database: database('old', { site: 'far', snapshot: { kind: 'newest', types: ['manual'], maxAge: 86_400_000 } }),
    code: 'snapshot-unusable',
    message: /is 30d 0h old; at most 24h/,
    only: 'drill',
  },
  {
    what: 'no live cluster to take one of',
    database: database('none', { site: 'far', snapshot: { kind: 'create' } }),
    code: 'cluster-unknown',
    message: /no cluster "none" .*no snapshot can be taken/,
  },
  {
    what: 'an engine version that the Region does not offer',
    database: database('odd-near'),
    code: 'engine-unavailable',
    message: /aurora-postgresql 16\.3, which snapshot odd-near holds, is not offered in us-west-2/,
  },
  {
    what: 'an engine version that the Region of the copy does not offer',
    database: database('odd', { source: 'far' }),
    code: 'engine-unavailable',
    message: /aurora-postgresql 16\.3, which snapshot odd holds, is not offered in us-west-2/,
  },
  {
    what: 'a key that is disabled',
    database: database('shop-a', { source: 'far', kmsKeyId: 'alias/off' }),
    code: 'key-not-accessible',
    message: /alias\/off is Disabled/,
  },
  {
    what: 'no key for a copy of what is encrypted',
    database: database('locked', { source: 'far' }),
    code: 'usage',
    message: /snapshot locked is encrypted: a copy in another Region needs a key/,
  },
  {
    what: 'a name that is taken',
    database: database('shop-a', { site: 'far', target: 'shop-b' }),
    code: 'cluster-exists',
    message: /a cluster "shop-b" is in account/,
    only: 'recovery',
  },
  {
    what: 'nothing to swap with',
    database: database('shop-a', { source: 'far', strategy: 'swap' }),
    code: 'cluster-unknown',
    message: /nothing to swap with/,
    only: 'recovery',
  },
  {
    what: 'a member of a global database',
    database: database('shop-b', { site: 'far', strategy: 'replace', replaces: 'shop-b' }),
    code: 'global-database',
    message: /member of the global database "planet"/,
    only: 'recovery',
  },
];

for (const { what, database: lacking, code, message, only } of LACKING) {
  test(`seen beforehand: ${what}`, async () => {
    for (const mode of ['drill', 'recovery'] as const) {
      const { doubts, world: aws } = world([database('shop-g', { site: 'far' }), lacking]);
      const found = await doubts(mode);
      if (only !== undefined && only !== mode) {
        assert.deepEqual(found, [], mode);
        continue;
      }
      const first = found.find((doubt) => doubt.reason.code === code);
      assert.ok(first, JSON.stringify(found));
      assert.deepEqual([first.wave, first.database, first.certain], ['data', lacking.name, true]);
      assert.match(first.reason.message, message);
      assert.ok((first.reason.next ?? '').length > 0);
      assert.ok(!found.some((doubt) => doubt.database === 'shop-g'), 'the other is well');
      assert.ok(aws.calls.every(({ applied, operation }) => !applied || /^(Describe|Get|Assume)/.test(operation)));
    }
  });
}

test('several things that one database lacks are all said', async () => {
  const { doubts } = world([database('none', { site: 'far', target: 'shop-b' })]);
  const codes = (await doubts('recovery')).map(({ reason }) => reason.code);
  assert.deepEqual(codes, ['cluster-exists', 'snapshot-missing']);
});

test('without a manifest the live cluster is needed, which may not be there', async () => {
  const { manifest: _, ...bare } = database('locked', { site: 'far' });
  const { doubts } = world([bare]);
  const [first] = await doubts('recovery');
  assert.equal(first?.reason.code, 'cluster-unknown');
  assert.match(first?.reason.message ?? '', /no cluster "locked"/);
});

test('what AWS does not let be looked at is told, and not taken for lacking', async () => {
  const rehearsal = world([database('shop-a', { site: 'far' })]);
  rehearsal.world.arm(
    parseFault({
      match: { service: 'rds', operation: 'DescribeDBClusterSnapshots' },
      effect: { kind: 'error', code: 'AccessDenied', status: 403, message: 'not allowed', when: 'before' },
    }),
  );
  const found = await rehearsal.doubts('recovery');
  assert.deepEqual(
    found.map(({ certain, reason }) => [certain, reason.code]),
    [[false, 'permission-denied']],
  );
});

test('what this execution has restored already is not doubted any more, whatever has become of its snapshot', async () => {
  const one = database('shop-a', { site: 'far' });
  const rehearsal = world([one]);
  const { clock, wave, open, deedsOf } = rehearsal;
  const { end } = await drive(deedsOf('shops-1').recoverDatabase(one, wave), new StepJournal(clock).context());
  assert.equal(end.state, 'done', JSON.stringify(end));
  const far = open({ name: 'far', account: ACCOUNT, region: 'us-east-1' });
  await far.rds.deleteSnapshot('cluster', 'shop-a-hand');
  await clock.sleep(600_000);
  assert.deepEqual(await rehearsal.doubts('drill'), []);
  assert.deepEqual(
    (await rehearsal.doubts('drill', 'shops-2')).map(({ reason }) => reason.code),
    ['snapshot-missing'],
  );
});

test('a point in time is seen beforehand, of clusters and of instances, with and without shared reads', async () => {
  const aws = instanceWorld();
  const parts = { copy: () => assert.fail('nothing is copied') };
  const base = { strategy: 'new', target: 'back' } as const;
  const before = aws.world.calls.length;
  for (const site of [aws.production, withSharedReads(aws.production)]) {
    const codes = async (database: string, kind: 'cluster' | 'instance', time: number | 'latest') => {
      const request = { ...base, site, kind, database, choice: { kind: 'point-in-time', time } } as const;
      return (await outlookOf(request, aws.deed, parts)).map(({ reason }) => reason.code);
    };
    assert.deepEqual(await codes('shop', 'cluster', 'latest'), []);
    assert.deepEqual(await codes('ledger', 'instance', aws.clock.now() - 3_600_000), []);
    assert.deepEqual(await codes('shop', 'cluster', aws.clock.now() - 90 * 86_400_000), ['point-in-time-unavailable']);
    assert.deepEqual(await codes('forgotten', 'instance', 'latest'), ['point-in-time-unavailable']);
    assert.deepEqual(await codes('nowhere', 'instance', 'latest'), ['cluster-unknown', 'cluster-unknown']);
  }
  assert.ok(aws.world.calls.slice(before).every(({ operation, applied }) => !applied || operation.startsWith('Describe')));
});

test('what stops the run, or is a fault of ours, is no doubt about a database', async () => {
  for (const error of [new CancelledError('interrupted', 'stopped', { next: 'Again.' }), new Error('a bug')]) {
    const aws = instanceWorld();
    const { rds } = aws.production.aws;
    const broken = { ...rds, describeClusters: () => Promise.reject(error) };
    const site = { ...aws.production, aws: { ...aws.production.aws, rds: broken } };
    const choice = { kind: 'newest', types: ['automated'] } as const;
    const request = { site, database: 'shop', strategy: 'new', target: 'back', choice } as const;
    const looking = outlookOf(request, aws.deed, { copy: () => assert.fail('nothing is copied') });
    await assert.rejects(looking, /stopped|a bug/);
  }
});
