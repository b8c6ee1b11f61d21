import { type CopySnapshotsRequest, copySnapshots, databaseSql, openDatabaseSites } from '@breakwater/assembly';
import {
  type ClusterManifest,
  type CopySnapshotRequest,
  copySnapshot,
  type DatabaseSite,
  type DatabaseSql,
  deleteOldCluster,
  endDatabaseDrill,
  type MemberSettings,
  type RestoreDatabaseRequest,
  restoreDatabase,
} from '@breakwater/operations';
import { deed } from './deed.ts';
import type { Estate } from './estate.ts';
import type { Told } from './scenario.ts';

export const DNS = { zone: 'Z0SHOP', name: 'live.shop.internal', ttl: 60 };

/** Sites of the databases, proved as the actions prove them. */
export async function databaseSites(world: Estate): Promise<Readonly<Record<'recovery' | 'source' | 'relay', DatabaseSite>>> {
  const { sites } = world;
  const [recovery, source] = await openDatabaseSites([sites.recovery, sites.source], (site) => world.connect(site));
  if (recovery === undefined || source === undefined) throw new Error('no sites');
  return { recovery, source, relay: world.open(sites.relay) };
}

interface CopyCase {
  readonly kind?: 'cluster' | 'instance';
  readonly what: CopySnapshotsRequest['what'];
  readonly how?: Partial<CopySnapshotsRequest['how']>;
  readonly retention?: boolean;
}

export async function copy(world: Estate, { kind = 'cluster', what, how, retention = false }: CopyCase): Promise<Told> {
  const { recovery, source, relay } = await databaseSites(world);
  const lines: string[] = [];
  const outcome = await copySnapshots(
    {
      kind,
      what,
      source,
      destination: recovery,
      how: { steps: 'one', kmsKeyId: 'alias/dr', relay, tags: {}, ...how },
      execution: 'permissions-1',
      wait: true,
      maxWait: 12 * 3_600_000,
      ...(retention ? { retention: { policy: 'by-tag', apply: true } } : {}),
    },
    { clock: world.clock, signal: new AbortController().signal, log: (line) => lines.push(line) },
  );
  const reasons = [outcome.reason, ...outcome.copies.map(({ reason }) => reason)].map(
    ({ message, next }) => `${message} ${next ?? ''}`,
  );
  // Other lines tell what was done, and name the call that did it.
  const warnings = lines.filter((line) => line.includes('warning') || line.includes('could not'));
  return { status: outcome.status, text: [...reasons, ...warnings].join('\n') };
}

export const manifest = (members: readonly MemberSettings[]): ClusterManifest => ({
  schema: 'breakwater.cluster-manifest/1',
  capturedAt: '2026-11-19T03:00:00Z',
  account: '111122223333',
  region: 'us-west-2',
  cluster: { id: 'live', engine: 'aurora-postgresql', engineVersion: '16.6', deletionProtection: true, httpEndpoint: true },
  members,
});
export const MEMBER: MemberSettings = { name: 'live-1', instanceClass: 'db.r6g.large' };

type InstanceRequest = Extract<RestoreDatabaseRequest, { readonly kind: 'instance' }>;

export const instanceManifest = (id: string): NonNullable<InstanceRequest['manifest']> => ({
  schema: 'breakwater.instance-manifest/1',
  capturedAt: '2026-11-19T03:00:00Z',
  account: '111122223333',
  region: 'us-west-2',
  instance: { id, engine: 'postgres', engineVersion: '17.4', instanceClass: 'db.m6g.large' },
});

type RestoreCase = Partial<Omit<Extract<RestoreDatabaseRequest, { readonly kind?: 'cluster' }>, 'site' | 'source' | 'relay'>> & {
  readonly from?: 'source';
  readonly mode?: 'drill' | 'recovery';
  readonly execution?: string;
};

/** SQL as the doors speak it. No server stands behind the Data API here: setting up users reads their secret and asks one question. */
const SPOKEN: DatabaseSql = {
  ...databaseSql(),
  async applyUsers(target, { secret }) {
    await target.site.aws.secrets.getSecret(secret);
    return (await databaseSql().verify(target, [{ kind: 'engine-version', version: '16' }])).map(({ check }) => check);
  },
};

export async function restore(
  world: Estate,
  { from, mode = 'recovery', execution = 'permissions-1', ...over }: RestoreCase,
): Promise<Told> {
  const { recovery, source, relay } = await databaseSites(world);
  const parts = {
    sql: SPOKEN,
    copy: (request: CopySnapshotRequest, context: Parameters<typeof copySnapshot>[1]) => copySnapshot(request, context),
  };
  return deed(
    world,
    restoreDatabase(
      {
        site: recovery,
        ...(from === undefined ? {} : { source, relay }),
        database: 'live',
        choice: { kind: 'id', id: 'live-snap' },
        strategy: 'new',
        manifest: manifest([MEMBER]),
        kmsKeyId: 'alias/dr',
        ...over,
      },
      { clock: world.clock, execution, mode },
      parts,
    ),
  );
}

type InstanceRestoreCase = Partial<Extract<RestoreDatabaseRequest, { readonly kind: 'instance' }>> &
  Pick<RestoreCase, 'mode'> & {
    readonly from?: 'source';
  };

/** As a live instance is now, unless said otherwise: with an option group and enhanced monitoring. */
export async function restoreInstance(world: Estate, { from, mode = 'recovery', ...over }: InstanceRestoreCase): Promise<Told> {
  const { recovery, source, relay } = await databaseSites(world);
  const parts = {
    sql: SPOKEN,
    copy: (request: CopySnapshotRequest, context: Parameters<typeof copySnapshot>[1]) => copySnapshot(request, context),
  };
  return deed(
    world,
    restoreDatabase(
      {
        kind: 'instance',
        site: recovery,
        ...(from === undefined ? {} : { source, relay }),
        database: 'books',
        choice: { kind: 'id', id: 'books-snap' },
        strategy: 'new',
        ...over,
      },
      { clock: world.clock, execution: 'permissions-1', mode },
      parts,
    ),
  );
}

/** Ends the drill of this execution. */
export async function endDrill(world: Estate): Promise<Told> {
  const request = {
    site: (await databaseSites(world)).recovery,
    which: { kind: 'execution', execution: 'permissions-1' },
  } as const;
  return deed(world, endDatabaseDrill(request, { clock: world.clock, execution: 'permissions-1', mode: 'drill' }));
}

/** What a swap of this execution has kept aside goes, with a final snapshot. */
export async function deleteOld(world: Estate, kind: 'cluster' | 'instance', database: string): Promise<Told> {
  const request = { site: (await databaseSites(world)).recovery, kind, database, finalSnapshot: true, liftProtection: true };
  return deed(world, deleteOldCluster(request, { clock: world.clock, execution: 'permissions-1', mode: 'recovery' }));
}

/** Groups that a restore looks at before it deletes or makes anything. */
export const GROUPS = { subnetGroup: 'dr', parameterGroup: 'tuned', securityGroups: ['sg-0dr'] };

export const LATEST = { kind: 'point-in-time', time: 'latest' } as const;
