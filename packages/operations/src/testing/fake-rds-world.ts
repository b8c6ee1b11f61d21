import type {
  CreateClusterInstanceRequest,
  ModifyClusterRequest,
  RdsCluster,
  RdsInstance,
  RdsSnapshot,
  RestoreClusterRequest,
} from '@breakwater/aws';
import type { VirtualClock } from '@breakwater/core';
import { fail, rdsError } from './rds-error.ts';
import { rdsCluster, rdsInstance } from './restored.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Thing<T> = Mutable<T> & { due: { at: number; do: () => void }[] };

/**
 * Clusters, instances and snapshots in memory, which change with time as AWS's do: clusters without instances, renames that take time,
 * deletions with their order, refusals with AWS's codes.
 */
export class FakeRdsWorld {
  readonly clock: VirtualClock;
  readonly clusters: Thing<RdsCluster>[] = [];
  readonly instances: Thing<RdsInstance>[] = [];
  readonly snapshots: RdsSnapshot[] = [];
  #made = 0;

  constructor(clock: VirtualClock) {
    this.clock = clock;
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

  names(): { readonly clusters: readonly string[]; readonly instances: readonly string[] } {
    this.settle();
    return { clusters: this.clusters.map(({ id }) => id).sort(), instances: this.instances.map(({ id }) => id).sort() };
  }

  /** Lets everything happen that is due by now. */
  settle(): void {
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

  later(thing: { due: { at: number; do: () => void }[] }, seconds: number, act: () => void): void {
    thing.due.push({ at: this.clock.now() + seconds * 1_000, do: act });
  }

  cluster(id: string): Thing<RdsCluster> {
    return this.clusters.find((cluster) => cluster.id === id) ?? fail(rdsError('DBClusterNotFoundFault'));
  }

  instance(id: string): Thing<RdsInstance> {
    return this.instances.find((instance) => instance.id === id) ?? fail(rdsError('DBInstanceNotFound'));
  }

  restore(request: RestoreClusterRequest): void {
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
    this.later(cluster, 300, () => {
      cluster.status = 'available';
    });
  }

  create(request: CreateClusterInstanceRequest): void {
    if (this.instances.some(({ id }) => id === request.id)) throw rdsError('DBInstanceAlreadyExists');
    const cluster = this.cluster(request.cluster);
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
    this.later(instance, 240, () => {
      instance.status = 'available';
      cluster.endpoint = `${cluster.id}.cluster-x.us-west-2.rds.amazonaws.com`;
      cluster.readerEndpoint = `${cluster.id}.cluster-ro-x.us-west-2.rds.amazonaws.com`;
    });
  }

  modify({ id, newId, deletionProtection, manageMasterPassword, masterPassword }: ModifyClusterRequest): void {
    const cluster = this.cluster(id);
    if (deletionProtection !== undefined) cluster.deletionProtection = deletionProtection;
    if (newId === undefined && deletionProtection !== undefined) return;
    if (cluster.status !== 'available') throw rdsError('InvalidDBClusterStateFault');
    if (newId !== undefined) {
      if (this.clusters.some((each) => each.id === newId)) throw rdsError('DBClusterAlreadyExistsFault');
      cluster.status = 'renaming';
      this.later(cluster, 60, () => {
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
    this.later(cluster, 45, () => {
      cluster.status = 'available';
      if (cluster.masterSecret !== undefined) cluster.masterSecret = { ...cluster.masterSecret, status: 'active' };
    });
  }

  rename(id: string, newId: string): void {
    const instance = this.instance(id);
    if (instance.status !== 'available') throw rdsError('InvalidDBInstanceState');
    if (this.instances.some((each) => each.id === newId)) throw rdsError('DBInstanceAlreadyExists');
    instance.status = 'renaming';
    this.later(instance, 60, () => {
      for (const cluster of this.clusters) {
        cluster.members = cluster.members.map((member) => (member.instance === id ? { ...member, instance: newId } : member));
      }
      instance.id = newId;
      instance.status = 'rebooting';
    });
    this.later(instance, 90, () => {
      instance.status = 'available';
    });
  }

  deleteCluster(id: string, finalSnapshot: string | undefined): void {
    const cluster = this.cluster(id);
    const own = this.instances.filter((instance) => instance.cluster === id);
    if (cluster.deletionProtection) throw rdsError('InvalidParameterCombination', { message: 'Cannot delete protected Cluster' });
    if (own.some(({ status }) => status !== 'deleting')) throw rdsError('InvalidDBClusterStateFault');
    if (finalSnapshot !== undefined) this.addSnapshot({ id: finalSnapshot, database: id, createdAt: this.clock.now() });
    cluster.status = 'deleting';
    this.later(cluster, 300, () => this.clusters.splice(this.clusters.indexOf(cluster), 1));
  }

  deleteInstance(id: string): void {
    const instance = this.instance(id);
    if (instance.status === 'deleting') throw rdsError('InvalidDBInstanceState');
    instance.status = 'deleting';
    this.later(instance, 120, () => this.instances.splice(this.instances.indexOf(instance), 1));
  }
}
