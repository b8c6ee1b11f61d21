import type {
  CreateClusterInstanceRequest,
  DatabaseGateways,
  ModifyClusterRequest,
  RdsCluster,
  RdsGateway,
  RdsInstance,
  RdsSnapshot,
  RestoreClusterRequest,
} from '@breakwater/aws';
import { AwsError, type VirtualClock } from '@breakwater/core';
import type { DatabaseSite } from '../databases/contracts.ts';
import { rdsCluster, rdsInstance } from './restored.ts';

/** An error of RDS, as the gateway throws it. */
export function rdsError(awsCode: string, options: { ambiguous?: boolean; message?: string } = {}): AwsError {
  return new AwsError(options.ambiguous === true ? 'aws-unavailable' : 'aws-fault', options.message ?? awsCode, {
    next: 'Look at it.',
    call: {
      service: 'rds',
      operation: 'x',
      account: '111122223333',
      region: 'us-west-2',
      requestId: undefined,
      httpStatus: 400,
      awsCode,
    },
    ambiguous: options.ambiguous ?? false,
  });
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Thing<T> = Mutable<T> & { due: { at: number; do: () => void }[] };

/** What a call that changes something may be made to do. */
export interface FakeFault {
  readonly operation: string;
  /** The how-manieth call of the operation, from 1; all when left out. */
  readonly nth?: number;
  readonly when: 'before' | 'after';
  readonly error: AwsError;
}

/**
 * RDS in memory, for what the restore does: clusters without instances, renames that take time, deletions with their order, refusals with
 * AWS's codes. It knows no more than the tests of the restore need; the simulator is the whole of it.
 */
export class FakeRds {
  readonly clock: VirtualClock;
  readonly clusters: Thing<RdsCluster>[] = [];
  readonly instances: Thing<RdsInstance>[] = [];
  readonly snapshots: RdsSnapshot[] = [];
  readonly tags = new Map<string, Record<string, string>>();
  /** Changes that were applied. */
  readonly applied: { readonly operation: string; readonly id: string; readonly request?: unknown }[] = [];
  readonly faults: FakeFault[] = [];
  readonly secrets = new Map<string, string>();
  readonly parameters = new Map<string, string>();
  readonly published: { readonly subject: string; readonly message: string }[] = [];
  readonly exports = new Map<string, string>();
  readonly versions = new Set(['16.4']);
  readonly keys = new Map([['arn:aws:kms:us-west-2:111122223333:key/own', { state: 'Enabled', region: 'us-west-2' }]]);
  mayLookAtKeys = true;
  global: string | undefined;
  /** What a describe shows of a cluster. */
  shows: (cluster: RdsCluster) => RdsCluster = (cluster) => cluster;
  #made = 0;
  readonly #calls = new Map<string, number>();

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  site(): DatabaseSite {
    const aws: DatabaseGateways = {
      rds: this.#rds(),
      kms: {
        describeKey: async (key) => {
          if (!this.mayLookAtKeys) throw denied();
          const known = this.keys.get(key);
          return (
            known && {
              id: key,
              arn: key,
              account: '111122223333',
              manager: 'CUSTOMER',
              multiRegion: false,
              usage: undefined,
              ...known,
            }
          );
        },
      },
      secrets: {
        getSecret: async (id) => this.secrets.get(id) ?? fail(rdsError('ResourceNotFoundException')),
        putSecret: (id, value) => this.#change('putSecret', id, () => void this.secrets.set(id, value)),
      },
      rdsData: { execute: async () => ({ columns: [], rows: [], updated: 0 }) },
      sns: {
        publish: async (request) => {
          await this.#change('publish', request.topicArn, () => void this.published.push(request));
          return `message-${this.published.length}`;
        },
      },
      parameters: {
        putParameter: (name, value) => this.#change('putParameter', name, () => void this.parameters.set(name, value)),
      },
    };
    return { site: { name: 'dr', account: '111122223333', region: 'us-west-2' }, aws };
  }

  addCluster(over: Partial<RdsCluster>, instances: readonly (Partial<RdsInstance> & { readonly id: string })[]): void {
    const cluster = rdsCluster({ resourceId: `cluster-${++this.#made}`, ...over });
    const members = instances.map(({ id, promotionTier }, index) => ({
      instance: id,
      writer: index === 0,
      promotionTier: promotionTier ?? 1,
      parameterGroupStatus: undefined,
    }));
    this.clusters.push({ ...cluster, members, due: [] });
    for (const each of instances) this.instances.push({ ...rdsInstance({ ...each, cluster: cluster.id }), due: [] });
  }

  addSnapshot(over: Partial<RdsSnapshot> & { readonly id: string }): void {
    this.snapshots.push({
      kind: 'cluster',
      arn: `arn:aws:rds:us-west-2:111122223333:cluster-snapshot:${over.id}`,
      database: 'webshop',
      engine: 'aurora-postgresql',
      engineVersion: '16.4',
      status: 'available',
      progress: 100,
      type: 'manual',
      encrypted: true,
      encryptionType: 'sse-kms',
      kmsKeyId: 'arn:aws:kms:us-west-2:111122223333:key/own',
      createdAt: this.clock.now() - 3_600_000,
      originalCreatedAt: undefined,
      sourceArn: undefined,
      port: 5432,
      masterUsername: 'postgres',
      iamAuthentication: false,
      storageType: 'aurora',
      optionGroup: undefined,
      tags: {},
      ...over,
    });
  }

  changes(operation: string): readonly { readonly id: string; readonly request?: unknown }[] {
    return this.applied.filter((change) => change.operation === operation);
  }

  names(): { readonly clusters: readonly string[]; readonly instances: readonly string[] } {
    this.#settle();
    return { clusters: this.clusters.map(({ id }) => id).sort(), instances: this.instances.map(({ id }) => id).sort() };
  }

  async #change(operation: string, id: string, apply: () => void, request?: unknown): Promise<void> {
    await Promise.resolve();
    this.#settle();
    const nth = (this.#calls.get(operation) ?? 0) + 1;
    this.#calls.set(operation, nth);
    const fault = this.faults.find((each) => each.operation === operation && (each.nth === undefined || each.nth === nth));
    if (fault?.when === 'before') throw fault.error;
    apply();
    this.applied.push({ operation, id, request });
    if (fault?.when === 'after') throw fault.error;
  }

  /** Lets everything happen that is due by now. */
  #settle(): void {
    const now = this.clock.now();
    for (;;) {
      const next = [...this.clusters, ...this.instances]
        .flatMap((thing) => thing.due.map((step) => ({ thing, step })))
        .filter(({ step }) => step.at <= now)
        .sort((one, other) => one.step.at - other.step.at)[0];
      if (next === undefined) return;
      next.thing.due.splice(next.thing.due.indexOf(next.step), 1);
      next.step.do();
    }
  }

  #later(thing: { due: { at: number; do: () => void }[] }, seconds: number, act: () => void): void {
    thing.due.push({ at: this.clock.now() + seconds * 1_000, do: act });
  }

  #cluster(id: string): Thing<RdsCluster> {
    return this.clusters.find((cluster) => cluster.id === id) ?? fail(rdsError('DBClusterNotFoundFault'));
  }

  #instance(id: string): Thing<RdsInstance> {
    return this.instances.find((instance) => instance.id === id) ?? fail(rdsError('DBInstanceNotFound'));
  }

  #rds(): RdsGateway {
    const unused = (name: string) => () => Promise.reject(new Error(`${name} is not in the fake`));
    const look = async <T>(read: () => T): Promise<T> => {
      await Promise.resolve();
      this.#settle();
      return read();
    };
    return {
      describeSnapshots: (_, { id, database, type }) =>
        look(() =>
          this.snapshots.filter(
            (snapshot) =>
              (id === undefined || snapshot.id === id || snapshot.arn === id) &&
              (database === undefined || snapshot.database === database) &&
              (type === undefined || snapshot.type === type),
          ),
        ),
      createSnapshot: async (_, { id, database, tags }) => {
        await this.#change('createSnapshot', id, () => {
          if (this.snapshots.some((snapshot) => snapshot.id === id)) throw rdsError('DBClusterSnapshotAlreadyExistsFault');
          this.addSnapshot({ id, database, tags, createdAt: this.clock.now() });
        });
        return this.snapshots.find((snapshot) => snapshot.id === id) ?? fail(rdsError('x'));
      },
      copySnapshot: unused('copySnapshot'),
      deleteSnapshot: unused('deleteSnapshot'),
      sharedWith: unused('sharedWith'),
      share: unused('share'),
      unshare: unused('unshare'),
      tagsOf: (arn) => look(() => this.tags.get(arn) ?? {}),
      addTags: (arn, tags) =>
        this.#change(
          'addTags',
          arn,
          () => {
            this.tags.set(arn, { ...this.tags.get(arn), ...tags });
            const cluster = this.clusters.find((each) => each.arn === arn);
            if (cluster !== undefined) cluster.tags = { ...cluster.tags, ...tags };
          },
          tags,
        ),
      describeClusters: (id) =>
        look(() =>
          this.clusters
            .filter((cluster) => id === undefined || cluster.id === id)
            .map(({ due: _due, ...cluster }) => this.shows({ ...cluster })),
        ),
      describeInstances: ({ id, cluster } = {}) =>
        look(() =>
          this.instances
            .filter(
              (instance) => (id === undefined || instance.id === id) && (cluster === undefined || instance.cluster === cluster),
            )
            .map(({ due: _due, ...instance }) => ({ ...instance })),
        ),
      engineVersionAvailable: (_, version) => look(() => this.versions.has(version)),
      globalClusterOf: () => look(() => this.global),
      restoreCluster: async (request) => {
        await this.#change('restoreCluster', request.id, () => this.#restore(request), request);
        return this.#cluster(request.id);
      },
      createClusterInstance: async (request) => {
        await this.#change('createInstance', request.id, () => this.#create(request), request);
        return this.#instance(request.id);
      },
      modifyCluster: async (request) => {
        const kind = request.newId === undefined ? 'modifyCluster' : 'renameCluster';
        await this.#change(
          kind,
          request.newId === undefined ? request.id : `${request.id}>${request.newId}`,
          () => this.#modify(request),
          request,
        );
        return this.clusters[0] ?? fail(rdsError('x'));
      },
      renameInstance: (id, newId) => this.#change('renameInstance', `${id}>${newId}`, () => this.#rename(id, newId)),
      deleteCluster: (id, { finalSnapshot }) =>
        this.#change(
          'deleteCluster',
          id,
          () => {
            const cluster = this.#cluster(id);
            const own = this.instances.filter((instance) => instance.cluster === id);
            if (cluster.deletionProtection)
              throw rdsError('InvalidParameterCombination', { message: 'Cannot delete protected Cluster' });
            if (own.some(({ status }) => status !== 'deleting')) throw rdsError('InvalidDBClusterStateFault');
            if (finalSnapshot !== undefined) this.addSnapshot({ id: finalSnapshot, database: id, createdAt: this.clock.now() });
            cluster.status = 'deleting';
            this.#later(cluster, 300, () => this.clusters.splice(this.clusters.indexOf(cluster), 1));
          },
          { finalSnapshot },
        ),
      deleteInstance: (id) =>
        this.#change('deleteInstance', id, () => {
          const instance = this.#instance(id);
          if (instance.status === 'deleting') throw rdsError('InvalidDBInstanceState');
          instance.status = 'deleting';
          this.#later(instance, 120, () => this.instances.splice(this.instances.indexOf(instance), 1));
        }),
      enableHttpEndpoint: (arn) =>
        this.#change('enableHttpEndpoint', arn, () => {
          const cluster = this.clusters.find((each) => each.arn === arn) ?? fail(rdsError('DBClusterNotFoundFault'));
          cluster.httpEndpoint = true;
        }),
      startExport: (request) =>
        this.#change('startExport', request.id, () => void this.exports.set(request.id, 'STARTING'), request),
      exportStatus: (id) =>
        look(() => {
          const status = this.exports.get(id);
          return status === undefined ? undefined : { status, progress: 0, failure: undefined };
        }),
    };
  }

  #restore(request: RestoreClusterRequest): void {
    if (this.clusters.some(({ id }) => id === request.id)) throw rdsError('DBClusterAlreadyExistsFault');
    if (!this.snapshots.some(({ id, arn }) => id === request.snapshot || arn === request.snapshot)) {
      throw rdsError('DBClusterSnapshotNotFoundFault');
    }
    const { id, snapshot: _snapshot, tags, ...settings } = request;
    const made = rdsCluster({
      id,
      resourceId: `cluster-${++this.#made}`,
      status: 'creating',
      endpoint: undefined,
      readerEndpoint: undefined,
      engineVersion: settings.engineVersion,
      deletionProtection: settings.deletionProtection ?? false,
      createdAt: this.clock.now(),
      httpEndpoint: false,
      tags,
    });
    const cluster: Thing<RdsCluster> = { ...made, due: [] };
    this.clusters.push(cluster);
    this.#later(cluster, 300, () => {
      cluster.status = 'available';
    });
  }

  #create(request: CreateClusterInstanceRequest): void {
    if (this.instances.some(({ id }) => id === request.id)) throw rdsError('DBInstanceAlreadyExists');
    const cluster = this.#cluster(request.cluster);
    const { id, tags } = request;
    const instance: Thing<RdsInstance> = {
      ...rdsInstance({ id, cluster: cluster.id, status: 'creating', instanceClass: request.instanceClass, tags }),
      due: [],
    };
    this.instances.push(instance);
    const writer = !cluster.members.some((member) => member.writer);
    cluster.members = [
      ...cluster.members,
      { instance: id, writer, promotionTier: request.promotionTier, parameterGroupStatus: undefined },
    ];
    this.#later(instance, 240, () => {
      instance.status = 'available';
      cluster.endpoint = `${cluster.id}.cluster-x.us-west-2.rds.amazonaws.com`;
      cluster.readerEndpoint = `${cluster.id}.cluster-ro-x.us-west-2.rds.amazonaws.com`;
    });
  }

  #modify({ id, newId, deletionProtection, manageMasterPassword, masterPassword }: ModifyClusterRequest): void {
    const cluster = this.#cluster(id);
    if (deletionProtection !== undefined) cluster.deletionProtection = deletionProtection;
    if (newId === undefined && deletionProtection !== undefined) return;
    if (cluster.status !== 'available') throw rdsError('InvalidDBClusterStateFault');
    if (newId !== undefined) {
      if (this.clusters.some((each) => each.id === newId)) throw rdsError('DBClusterAlreadyExistsFault');
      cluster.status = 'renaming';
      this.#later(cluster, 60, () => {
        for (const instance of this.instances) if (instance.cluster === cluster.id) instance.cluster = newId;
        cluster.id = newId;
        cluster.arn = `arn:aws:rds:us-west-2:111122223333:cluster:${newId}`;
        cluster.endpoint = `${newId}.cluster-x.us-west-2.rds.amazonaws.com`;
        cluster.status = 'available';
      });
      return;
    }
    if (manageMasterPassword === undefined && masterPassword === undefined) return;
    cluster.status = 'resetting-master-credentials';
    if (manageMasterPassword !== undefined)
      cluster.masterSecret = { arn: 'arn:aws:secretsmanager:us-west-2:111122223333:secret:rds!cluster', status: 'creating' };
    this.#later(cluster, 45, () => {
      cluster.status = 'available';
      if (cluster.masterSecret !== undefined) cluster.masterSecret = { ...cluster.masterSecret, status: 'active' };
    });
  }

  #rename(id: string, newId: string): void {
    const instance = this.#instance(id);
    if (instance.status !== 'available') throw rdsError('InvalidDBInstanceState');
    if (this.instances.some((each) => each.id === newId)) throw rdsError('DBInstanceAlreadyExists');
    instance.status = 'renaming';
    this.#later(instance, 60, () => {
      for (const cluster of this.clusters) {
        cluster.members = cluster.members.map((member) => (member.instance === id ? { ...member, instance: newId } : member));
      }
      instance.id = newId;
      instance.status = 'rebooting';
    });
    this.#later(instance, 90, () => {
      instance.status = 'available';
    });
  }
}

function denied(): AwsError {
  const { call } = rdsError('AccessDeniedException');
  return new AwsError('permission-denied', 'no kms:DescribeKey', { next: 'Allow it.', call });
}

function fail(error: Error): never {
  throw error;
}
