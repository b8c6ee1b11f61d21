import { VirtualClock } from '@breakwater/core';
import type { Operation } from '@breakwater/engine';
import { manifestOf } from '../databases/cluster-manifest.ts';
import type { DatabaseDeedContext } from '../databases/contracts.ts';
import type { ClusterManifest, DatabaseSql, RestoreClusterRequest } from '../databases/restore-contracts.ts';
import { type RestoreOperation, restoreDatabase } from '../databases/restore-database.ts';
import { drive } from './drive.ts';
import { FakeRds } from './fake-rds.ts';
import { StepJournal } from './recording-context.ts';
import { rdsCluster, rdsInstance } from './restored.ts';

export const START = Date.UTC(2026, 2, 4, 3);

const MEMBERS = [
  { instance: 'db-1', writer: true, promotionTier: 1, parameterGroupStatus: undefined },
  { instance: 'db-2', writer: false, promotionTier: 2, parameterGroupStatus: undefined },
];

/** How the webshop's cluster looked: a writer and a reader. */
export const MANIFEST: ClusterManifest = manifestOf(
  rdsCluster({ members: MEMBERS }),
  [rdsInstance({ id: 'db-1' }), rdsInstance({ id: 'db-2' })],
  { account: '111122223333', region: 'us-west-2', capturedAt: START },
);

/** Everything that a restore can be asked for. */
export const FULL: Partial<RestoreClusterRequest> = {
  master: { kind: 'managed' },
  users: { secret: 'webshop/users' },
  checks: [{ kind: 'database', name: 'shop' }],
  publish: { parameter: '/webshop/db', secret: 'webshop/endpoint' },
  archive: { kind: 'tag' },
  notify: 'arn:aws:sns:us-west-2:111122223333:oncall',
};

export interface Restoring {
  readonly rds: FakeRds;
  readonly clock: VirtualClock;
  readonly deed: DatabaseDeedContext;
  /** SQL calls, in order. */
  readonly sql: string[];
  /** The operation as a new process has it: nothing is remembered. */
  restore(over?: Partial<RestoreClusterRequest>, deed?: DatabaseDeedContext): RestoreOperation;
}

/** A world with a snapshot of `webshop`, with the live cluster itself if `live`, and a restore of it. */
export function restoring(
  request: Partial<RestoreClusterRequest> = {},
  options: {
    readonly live?: boolean;
    /** Whether a manifest was saved; it was, unless said otherwise. */
    readonly captured?: boolean;
    readonly mode?: 'drill' | 'recovery';
    readonly execution?: string;
    readonly sql?: Partial<DatabaseSql>;
  } = {},
): Restoring {
  const clock = new VirtualClock(START);
  const rds = new FakeRds(clock);
  rds.addSnapshot({ id: 'webshop-snap', createdAt: START - 3_600_000 });
  if (options.live === true) rds.addCluster({ id: 'webshop' }, [{ id: 'db-1' }, { id: 'db-2', promotionTier: 2 }]);
  const deed = { clock, execution: options.execution ?? 'webshop-1', mode: options.mode ?? 'recovery' };
  const site = rds.site();
  const sql: string[] = [];
  const spoken: DatabaseSql = {
    async applyUsers(target, users) {
      sql.push(`users ${target.database.id} ${users.secret} as ${target.secret}`);
      return ['created role app'];
    },
    async verify(target, checks) {
      sql.push(`verify ${target.database.id}`);
      return checks.map((check) => ({ check: check.kind, ok: true, found: 'as expected' }));
    },
    ...options.sql,
  };
  const base: RestoreClusterRequest = {
    site,
    database: 'webshop',
    choice: { kind: 'newest', types: ['automated', 'manual'] },
    strategy: 'new',
    target: 'webshop',
    ...(options.captured === false ? {} : { manifest: MANIFEST }),
    ...request,
  };
  const copy = (): Operation => ({ advance: async () => Promise.reject(new Error('no copy is expected')) });
  return {
    rds,
    clock,
    deed,
    sql,
    restore: (over = {}, as = deed) => restoreDatabase({ ...base, ...over }, as, { copy, sql: spoken }),
  };
}

/** Drives the restore to its end, as one process. */
export async function run(world: Restoring, over: Partial<RestoreClusterRequest> = {}) {
  const journal = new StepJournal(world.clock);
  return { journal, ...(await drive(world.restore(over), journal.context())) };
}
