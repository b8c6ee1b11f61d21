import { AwsError } from '@breakwater/core';
import type { Advance, DatabaseDoubt, DeedContext, Operation, OperationContext } from '@breakwater/engine';
import type { DatabaseFacts, DatabaseRecord, JsonObject } from '@breakwater/history';
import {
  type DatabaseArchive,
  type DatabaseRecovery,
  type PublishEndpoint,
  type SnapshotSelection,
  sourceOf,
  type Wave,
} from '@breakwater/plan';
import { withoutUndefined } from '../boundary.ts';
import type { Rooms } from '../rooms.ts';
import { manifestFrom, ofCluster, ofInstance } from './cluster-manifest.ts';
import type { DatabaseDeedContext, DatabaseSite, PointChoice, SnapshotChoice } from './contracts.ts';
import { CopySlots } from './copy-slots.ts';
import { copySnapshot } from './copy-snapshot.ts';
import { endDatabaseDrill } from './end-database-drill.ts';
import { KeyBook } from './key-book.ts';
import { relaySite } from './relay-site.ts';
import type {
  Archive,
  ClusterRestore,
  DatabaseManifest,
  DatabaseSql,
  InstanceRestore,
  Publication,
  RestoreDatabaseRequest,
  RestoreParts,
  RestoreWishes,
} from './restore-contracts.ts';
import { restoreDatabase } from './restore-database.ts';
import { outlookOf } from './restore-outlook.ts';
import { withSharedReads } from './shared-reads.ts';

/** What the databases of a plan need beside AWS. */
export interface PlanDatabaseParts {
  /** Needed when a database has users or verification. */
  readonly sql?: DatabaseSql;
}

/** So many databases are looked at side by side. */
const AT_ONCE = 10;

/** The databases of a plan, restored by the deed that also works without one. */
export class PlanDatabases {
  readonly #rooms: Rooms;
  readonly #context: DeedContext;
  readonly #deed: DatabaseDeedContext;
  readonly #parts: RestoreParts;

  constructor(rooms: Rooms, context: DeedContext, { sql }: PlanDatabaseParts) {
    const { clock, execution, mode } = context;
    this.#rooms = rooms;
    this.#context = context;
    this.#deed = { clock, execution, mode };
    // Waves run side by side: what is in flight to a Region is counted once for all of them.
    const shared = { slots: new CopySlots(), keys: new KeyBook() };
    this.#parts = { copy: (request, deed) => copySnapshot(request, deed, shared), ...withoutUndefined({ sql }) };
  }

  /** Reads every manifest that the waves name. Throws `UserError` `manifest-invalid` for the first that is none. */
  demandManifests(waves: readonly Wave[]): void {
    for (const wave of waves) for (const database of wave.databases ?? []) this.#kind(database);
  }

  /** What speaks against each database, seen before anything is changed. Reads only, some databases at a time. */
  async doubts(waves: readonly Wave[]): Promise<readonly DatabaseDoubt[]> {
    const placed = waves.flatMap((wave) => (wave.databases ?? []).map((database) => ({ wave: wave.name, database })));
    const sites = new Map<string, DatabaseSite>();
    const siteOf = (name: string) => {
      const site = sites.get(name) ?? withSharedReads(this.#site(name));
      sites.set(name, site);
      return site;
    };
    const found: DatabaseDoubt[] = [];
    for (let at = 0; at < placed.length; at += AT_ONCE) {
      const looks = placed.slice(at, at + AT_ONCE).map(async ({ wave, database }) => {
        const objections = await outlookOf(this.#request(database, siteOf), this.#deed, this.#parts);
        return objections.map((objection) => ({ wave, database: database.name, ...objection }));
      });
      found.push(...(await Promise.all(looks)).flat());
    }
    return found;
  }

  recover(database: DatabaseRecovery): Operation {
    const inner = restoreDatabase(this.#request(database), this.#deed, this.#parts);
    return {
      ...inner,
      advance: async (context) => {
        const advance = await inner.advance(context);
        return advance.state === 'waiting' ? advance : this.#withFacts(advance);
      },
    };
  }

  /** All sites at once: what is deleted in one account says nothing of another. */
  cleanUp(databases: readonly DatabaseRecord[]): Operation {
    const { execution } = this.#deed;
    const sites = [...new Set(databases.map(({ site }) => site))];
    const open = sites.map((site) => {
      const request = { site: this.#site(site), which: { kind: 'execution' as const, execution } };
      return { operation: endDatabaseDrill(request, this.#deed), end: undefined as Finished | undefined };
    });
    return {
      advance: async (context) => {
        const looks = await Promise.all(
          open.map(async (place) => {
            if (place.end !== undefined) return undefined;
            const look = await advanceAt(place.operation, context);
            if (look.state === 'waiting') return look;
            place.end = look;
            return undefined;
          }),
        );
        const waits = looks.filter((look) => look !== undefined);
        if (waits.length > 0) {
          const note = [...new Set(waits.map((wait) => wait.note))].join('; ');
          return { state: 'waiting', note, lookAgainIn: Math.min(...waits.map(({ lookAgainIn }) => lookAgainIn)) };
        }
        return together(open.flatMap(({ end }) => end ?? []));
      },
      abandon: async (context) => {
        const left = await Promise.all(
          open.filter(({ end }) => end === undefined).map(({ operation }) => operation.abandon?.(context)),
        );
        const told = left.filter((one) => one !== undefined);
        return told.length === 0 ? undefined : told.join('; ');
      },
    };
  }

  #request(database: DatabaseRecovery, siteOf = (name: string) => this.#site(name)): RestoreDatabaseRequest {
    const { site, source, snapshot, strategy, verification, connection } = database;
    const { target, kmsKeyId, transitKmsKeyId, users, publish, notify } = database;
    const { masterPassword, finalSnapshot, liftProtection, archive, drillTtl, connectionTimeout } = database;
    const wishes: RestoreWishes = {
      site: siteOf(site),
      database: sourceOf(database).id,
      choice: this.#choice(snapshot),
      strategy,
      connection,
      ...(verification.length === 0 ? {} : { checks: verification }),
      ...withoutUndefined({
        source: source === undefined ? undefined : siteOf(source),
        relay: source === undefined ? undefined : this.#relay(source, site),
        master: masterPassword,
        target,
        kmsKeyId,
        transitKmsKeyId,
        users,
        publish: publish === undefined ? undefined : publicationOf(publish, siteOf),
        notify,
        finalSnapshot,
        liftProtection,
        archive: archive === undefined ? undefined : this.#archive(archive, site),
        drillTtl,
        connectionTimeout,
      }),
    };
    return { ...wishes, ...this.#kind(database) };
  }

  /** What only the one kind has, with the manifest of that kind. */
  #kind(database: DatabaseRecovery): ClusterRestore | InstanceRestore {
    const { settings, members, manifest: file } = database;
    const saved = this.#manifest(database);
    if (sourceOf(database).kind === 'instance') {
      const manifest = saved && ofInstance(saved, file ?? '');
      return { kind: 'instance', ...withoutUndefined({ manifest, settings }) };
    }
    const manifest = saved && ofCluster(saved, file ?? '');
    return { kind: 'cluster', ...withoutUndefined({ manifest, settings, members }) };
  }

  /** A drill refuses a snapshot that is too old. A recovery takes what there is: its age is recorded and held against the objective. */
  #choice(wanted: SnapshotSelection): SnapshotChoice | PointChoice {
    if (this.#deed.mode === 'drill' || wanted.kind !== 'newest') return wanted;
    const { maxAge: _, ...rest } = wanted;
    return rest;
  }

  #archive(archive: DatabaseArchive, site: string): Archive {
    if (archive.kind !== 'vault') return archive;
    const { site: vault, ...rest } = archive;
    return { ...rest, site: this.#site(vault), ...withoutUndefined({ relay: this.#relay(site, vault) }) };
  }

  #manifest({ manifest }: DatabaseRecovery): DatabaseManifest | undefined {
    if (manifest === undefined) return undefined;
    const { plan, set } = this.#context;
    return manifestFrom(set.manifests?.get(plan.name)?.get(manifest), manifest);
  }

  #relay(source: string, destination: string): DatabaseSite | undefined {
    const site = relaySite(this.#rooms.at(source).site, this.#rooms.at(destination).site);
    return site === undefined ? undefined : { site, aws: this.#rooms.of(site).aws };
  }

  #site(name: string): DatabaseSite {
    const { site, aws } = this.#rooms.at(name);
    return { site, aws };
  }

  #withFacts(advance: Finished): Finished {
    const database = databaseFacts(advance.result ?? {}, this.#context.createdAt);
    return { ...advance, database };
  }
}

type Finished = Exclude<Advance, { readonly state: 'waiting' }>;

function publicationOf({ dns, ...rest }: PublishEndpoint, siteOf: (name: string) => DatabaseSite): Publication {
  if (dns === undefined) return rest;
  const { site, ...names } = dns;
  return { ...rest, dns: { ...names, ...withoutUndefined({ site: site === undefined ? undefined : siteOf(site) }) } };
}

/** What the record keeps of a `RestoredDatabase`. `createdAt`: from when data loss is measured, epoch milliseconds. */
export function databaseFacts(result: JsonObject, createdAt: number): DatabaseFacts {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const snapshot = objectOf(result['snapshot']);
  const point = objectOf(result['pointInTime']);
  const restored = Date.parse(text(point['time']) ?? '');
  const taken = Date.parse(text(snapshot['time']) ?? '');
  const asOf = Number.isNaN(restored) ? taken : restored;
  const checks = listOf(result['checks']).map(objectOf);
  const users = listOf(result['users']).flatMap((note) => text(note) ?? []);
  return {
    ...withoutUndefined({
      clusterId: text(result['cluster']),
      clusterArn: text(result['clusterArn']),
      instanceId: text(result['instance']),
      instanceArn: text(result['instanceArn']),
      endpoint: text(result['endpoint']),
      readerEndpoint: text(result['readerEndpoint']),
      port: number(result['port']),
      engine: text(result['engine']),
      engineVersion: text(result['engineVersion']),
      snapshotId: text(snapshot['id']),
      snapshotArn: text(snapshot['arn']),
      pointInTimeOf: text(point['sourceArn']),
      oldCluster: text(result['oldCluster']),
      oldInstance: text(result['oldInstance']),
      finalSnapshot: text(result['finalSnapshot']),
    }),
    // A snapshot taken after the disaster, of a source that lives, loses nothing.
    ...(Number.isNaN(taken) ? {} : { snapshotAt: taken }),
    ...(Number.isNaN(restored) ? {} : { pointInTime: restored }),
    ...(Number.isNaN(asOf) ? {} : { rpa: Math.max(0, createdAt - asOf) }),
    instances: listOf(result['instances']).flatMap((id) => text(id) ?? []),
    ...(users.length === 0 ? {} : { users }),
    ...(checks.length === 0
      ? {}
      : {
          checks: checks.map(({ check, ok, found }) => ({
            check: text(check) ?? 'a check',
            ok: ok === true,
            found: text(found) ?? '',
          })),
        }),
  };
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** One look at one site. What AWS refuses there is a failure of that site, so that the others are cleaned up all the same. */
async function advanceAt(operation: Operation, context: OperationContext): Promise<Advance> {
  try {
    return await operation.advance(context);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'throttled' || error.code === 'aws-unavailable') throw error;
    return { state: 'failed', reason: { code: error.code, message: error.message, next: error.next } };
  }
}

/** The ends at several sites as one: a failure at one is a failure. */
function together(ends: readonly Finished[]): Finished {
  const failed = ends.filter((end) => end.state === 'failed');
  const all = (kind: 'clusters' | 'instances') =>
    ends.flatMap(({ result }) => listOf(result?.[kind])).flatMap((id) => (typeof id === 'string' ? [id] : []));
  const result = { clusters: all('clusters'), instances: all('instances') };
  const [first] = failed;
  if (first !== undefined) {
    return {
      state: 'failed',
      reason: { ...first.reason, message: failed.map(({ reason }) => reason.message).join('; ') },
      result,
    };
  }
  const deleted = [...result.clusters, ...result.instances];
  const message = deleted.length === 0 ? 'no database of this drill was left' : `deleted: ${deleted.join(', ')}`;
  return { state: 'done', status: 'succeeded', reason: { code: 'ok', message }, result };
}
