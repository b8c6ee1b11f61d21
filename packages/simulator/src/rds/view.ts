import type { RegionState } from '../world/region-state.ts';
import type { World } from '../world/world.ts';
import { takeDueSnapshots } from './automated-snapshots.ts';
import { membersOf, writerOf } from './clusters.ts';
import { currentId, isInFlight, type Phase, snapshotProgress, snapshotStatus, statusOf } from './state.ts';

/** `until`: `null` when it never ends. */
export interface PhaseView {
  readonly status: string;
  readonly from: number;
  readonly until: number | null;
}

/** Databases of one account in one Region as plain data; moments are epoch milliseconds, `null` where there is none. */
export interface DatabaseView {
  readonly snapshots: readonly {
    readonly kind: 'cluster' | 'instance';
    readonly id: string;
    readonly arn: string;
    readonly database: string;
    readonly type: string;
    readonly status: string;
    readonly progress: number;
    readonly sourceArn: string | null;
    readonly kmsKey: string | null;
    readonly createdAt: number;
    readonly originalAt: number;
    /** When it leaves 0 %, and when it is or was available: known from the beginning. */
    readonly movesAt: number;
    readonly readyAt: number | null;
    readonly sharedWith: readonly string[];
    readonly tags: Readonly<Record<string, string>>;
  }[];
  /** Copies in flight to this Region by kind, other people's counted. */
  readonly copies: { readonly cluster: number; readonly instance: number };
  readonly clusters: readonly {
    readonly id: string;
    readonly resourceId: string;
    readonly status: string;
    readonly engineVersion: string;
    readonly members: readonly string[];
    readonly writer: string | null;
    readonly restoredFrom: string | null;
    readonly createdAt: number;
    readonly kmsKey: string | null;
    readonly deletionProtection: boolean;
    readonly httpEndpoint: boolean;
    readonly managedSecret: string | null;
    /** When RDS has made that secret. */
    readonly managedSecretActiveAt: number | null;
    /** Times in another status than `available`, in the order in which they began. */
    readonly phases: readonly PhaseView[];
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly dbInstances: readonly {
    readonly id: string;
    readonly resourceId: string;
    readonly status: string;
    readonly cluster: string | null;
    readonly class: string;
    /** Of a database of its own: where it came from, and what guards it. */
    readonly restoredFrom: string | null;
    readonly createdAt: number;
    readonly kmsKey: string | null;
    readonly deletionProtection: boolean;
    readonly managedSecret: string | null;
    readonly managedSecretActiveAt: number | null;
    readonly phases: readonly PhaseView[];
    readonly tags: Readonly<Record<string, string>>;
  }[];
  readonly exports: readonly {
    readonly id: string;
    readonly sourceArn: string;
    readonly bucket: string;
    readonly endsAt: number;
  }[];
  readonly parameters: Readonly<Record<string, string>>;
  /** Names only. */
  readonly secrets: readonly string[];
  readonly topics: Readonly<
    Record<
      string,
      readonly { readonly id: string; readonly at: number; readonly subject: string | null; readonly message: string }[]
    >
  >;
}

function phaseView({ status, from, until }: Phase): PhaseView {
  return { status, from, until: Number.isFinite(until) ? until : null };
}

/** Whether there is anything to tell of. */
export function hasDatabases({ rds, kms, secrets, topics, ssm }: RegionState): boolean {
  return (
    rds.clusters.length +
      rds.instances.length +
      rds.snapshots.size +
      kms.size +
      secrets.size +
      topics.size +
      ssm.parameters.size >
    0
  );
}

export function describeDatabases(world: World, state: RegionState, now: number): DatabaseView {
  const { rds } = state;
  takeDueSnapshots(world, state, now);
  const context = { world, now };
  const inFlight = (kind: 'cluster' | 'instance'): number =>
    [...rds.snapshots.values()].filter((snapshot) => snapshot.family === kind && isInFlight(snapshot, now)).length +
    rds.otherCopies
      .filter((other) => other.family === kind && other.from <= now && now < other.until)
      .reduce((sum, { copies }) => sum + copies, 0);
  return {
    snapshots: [...rds.snapshots.values()].flatMap((snapshot) => {
      const status = snapshotStatus(snapshot, now);
      if (status === undefined) return [];
      return [
        {
          kind: snapshot.family,
          id: snapshot.id,
          arn: snapshot.arn,
          database: snapshot.contents.database,
          type: snapshot.type,
          status,
          progress: snapshotProgress(snapshot, now),
          sourceArn: snapshot.sourceArn ?? null,
          kmsKey: snapshot.contents.keyArn ?? null,
          createdAt: snapshot.takenAt,
          originalAt: snapshot.originalAt,
          movesAt: snapshot.movesAt,
          readyAt: Number.isFinite(snapshot.readyAt) ? snapshot.readyAt : null,
          sharedWith: [...snapshot.sharedWith.keys()],
          tags: snapshot.tags,
        },
      ];
    }),
    copies: { cluster: inFlight('cluster'), instance: inFlight('instance') },
    clusters: rds.clusters
      .filter((cluster) => now < cluster.goneAt)
      .map((cluster) => {
        const writer = writerOf(context, cluster);
        return {
          id: currentId(cluster, now),
          resourceId: cluster.resourceId,
          status: statusOf(cluster, now),
          engineVersion: cluster.contents.engineVersion,
          members: membersOf(context, cluster).map((instance) => currentId(instance, now)),
          writer: writer === undefined ? null : currentId(writer, now),
          restoredFrom: cluster.restoredFrom ?? null,
          createdAt: cluster.createdAt,
          kmsKey: cluster.contents.keyArn ?? null,
          deletionProtection: cluster.deletionProtection,
          httpEndpoint: cluster.httpEndpoint,
          managedSecret: cluster.masterSecret?.arn ?? null,
          managedSecretActiveAt: cluster.masterSecret?.activeAt ?? null,
          phases: cluster.phases.map(phaseView),
          tags: cluster.tags,
        };
      }),
    dbInstances: rds.instances
      .filter((instance) => now < instance.goneAt)
      .map((instance) => ({
        id: currentId(instance, now),
        resourceId: instance.resourceId,
        status: statusOf(instance, now),
        cluster: instance.cluster === undefined ? null : currentId(instance.cluster, now),
        class: instance.instanceClass,
        restoredFrom: instance.restoredFrom ?? null,
        createdAt: instance.createdAt,
        kmsKey: instance.contents.keyArn ?? null,
        deletionProtection: instance.deletionProtection,
        managedSecret: instance.masterSecret?.arn ?? null,
        managedSecretActiveAt: instance.masterSecret?.activeAt ?? null,
        phases: instance.phases.map(phaseView),
        tags: instance.tags,
      })),
    exports: [...rds.exports.values()].map(({ id, sourceArn, bucket, endsAt }) => ({ id, sourceArn, bucket, endsAt })),
    parameters: Object.fromEntries(
      [...state.ssm.parameters.values()].map(({ name, type, value }) => [name, type === 'SecureString' ? '***' : value]),
    ),
    secrets: [...state.secrets.keys()],
    topics: Object.fromEntries(
      [...state.topics].map(([name, messages]) => [
        name,
        messages.map(({ id, at, subject, text }) => ({ id, at, subject: subject ?? null, message: text })),
      ]),
    ),
  };
}
