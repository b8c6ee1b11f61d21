import type { CopySnapshotsRequest } from '@breakwater/assembly';
import { copy } from './database-deeds.ts';
import { both, type Scenario } from './scenario.ts';

const one = (id: string): CopySnapshotsRequest['what'] => ({ kind: 'one', database: '', choice: { kind: 'id', id } });
const newest = (database: string): CopySnapshotsRequest['what'] => ({
  kind: 'sweep',
  select: { patterns: [database], tags: {} },
  choice: { kind: 'newest', types: ['automated'] },
});
const taken = (database: string): CopySnapshotsRequest['what'] => ({ kind: 'one', database, choice: { kind: 'create' } });
const TRANSIT = { transitKmsKeyId: 'alias/transit' };

const COPY = both(['copy-snapshot-source'], ['copy-snapshot-destination']);

/** Copies of snapshots, of clusters and of instances. */
export const COPIES: readonly Scenario[] = [
  { name: 'copy in one step', holders: COPY, status: 'succeeded', run: (world) => copy(world, { what: one('shop-by-hand') }) },
  {
    name: 'copy in two steps',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { what: one('shop-by-hand'), how: { steps: 'two' } }),
  },
  {
    name: 'copy by a transit key, with retention',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { what: newest('shop'), how: TRANSIT, retention: true }),
  },
  { name: 'copy of a new snapshot', holders: COPY, status: 'succeeded', run: (world) => copy(world, { what: taken('shop') }) },
  {
    name: 'copy of an instance',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: one('ledger-by-hand') }),
  },
  {
    name: 'copy of an instance in two steps',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: one('ledger-by-hand'), how: { steps: 'two' } }),
  },
  {
    name: 'copy of an instance by a transit key, with retention',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: newest('ledger'), how: TRANSIT, retention: true }),
  },
  {
    name: 'copy of a new snapshot of an instance',
    holders: COPY,
    status: 'succeeded',
    run: (world) => copy(world, { kind: 'instance', what: taken('ledger') }),
  },
];
