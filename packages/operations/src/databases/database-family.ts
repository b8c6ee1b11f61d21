import type { DeletionOptions, RdsGateway, RdsInstance, SnapshotKind } from '@breakwater/aws';
import { type LiveDatabase, liveCluster, liveInstance } from './live-database.ts';

/** What is done to a database, by the names that the record has for it. */
export type DatabaseChange = 'restore' | 'restore-point' | 'snapshot' | 'rename' | 'master' | 'unprotect' | 'delete';

/**
 * What differs between a cluster with its instances and an instance of its own where both are looked at, renamed, given a password and
 * deleted; all the rest of a restore is the same.
 */
export interface DatabaseFamily {
  readonly kind: SnapshotKind;
  /** The IAM-like name of a change, as `rds:DeleteDBCluster`. */
  readonly changes: Readonly<Record<DatabaseChange, string>>;
  find(id: string): Promise<LiveDatabase | undefined>;
  /** Those that are databases of their own. */
  all(): Promise<readonly LiveDatabase[]>;
  /** Of a cluster; an instance has none. */
  instancesOf(id: string): Promise<readonly RdsInstance[]>;
  rename(id: string, newId: string): Promise<unknown>;
  setPassword(id: string, password: string): Promise<unknown>;
  managePassword(id: string, options: { readonly kmsKeyId?: string }): Promise<unknown>;
  unprotect(id: string): Promise<unknown>;
  /** A cluster's instances are deleted first, one by one. */
  remove(id: string, options: DeletionOptions): Promise<void>;
}

export function databaseFamily(kind: SnapshotKind, rds: RdsGateway): DatabaseFamily {
  return kind === 'cluster' ? clusterFamily(rds) : instanceFamily(rds);
}

function clusterFamily(rds: RdsGateway): DatabaseFamily {
  return {
    kind: 'cluster',
    changes: {
      restore: 'rds:RestoreDBClusterFromSnapshot',
      'restore-point': 'rds:RestoreDBClusterToPointInTime',
      snapshot: 'rds:CreateDBClusterSnapshot',
      rename: 'rds:ModifyDBCluster(NewDBClusterIdentifier)',
      master: 'rds:ModifyDBCluster(MasterUserPassword)',
      unprotect: 'rds:ModifyDBCluster(DeletionProtection)',
      delete: 'rds:DeleteDBCluster',
    },
    async find(id) {
      const [cluster] = await rds.describeClusters(id);
      return cluster && liveCluster(cluster);
    },
    all: async () => (await rds.describeClusters()).map(liveCluster),
    instancesOf: (id) => rds.describeInstances({ cluster: id }),
    rename: (id, newId) => rds.modifyCluster({ id, newId }),
    setPassword: (id, masterPassword) => rds.modifyCluster({ id, masterPassword }),
    managePassword: (id, manageMasterPassword) => rds.modifyCluster({ id, manageMasterPassword }),
    unprotect: (id) => rds.modifyCluster({ id, deletionProtection: false }),
    remove: (id, options) => rds.deleteCluster(id, options),
  };
}

function instanceFamily(rds: RdsGateway): DatabaseFamily {
  return {
    kind: 'instance',
    changes: {
      restore: 'rds:RestoreDBInstanceFromDBSnapshot',
      'restore-point': 'rds:RestoreDBInstanceToPointInTime',
      snapshot: 'rds:CreateDBSnapshot',
      rename: 'rds:ModifyDBInstance(NewDBInstanceIdentifier)',
      master: 'rds:ModifyDBInstance(MasterUserPassword)',
      unprotect: 'rds:ModifyDBInstance(DeletionProtection)',
      delete: 'rds:DeleteDBInstance',
    },
    async find(id) {
      const [instance] = await rds.describeInstances({ id });
      return instance && liveInstance(instance);
    },
    all: async () => (await rds.describeInstances()).filter(({ cluster }) => cluster === undefined).map(liveInstance),
    instancesOf: async () => [],
    rename: (id, newId) => rds.renameInstance(id, newId),
    setPassword: (id, masterPassword) => rds.modifyInstance({ id, masterPassword }),
    managePassword: (id, manageMasterPassword) => rds.modifyInstance({ id, manageMasterPassword }),
    unprotect: (id) => rds.modifyInstance({ id, deletionProtection: false }),
    remove: (id, options) => rds.deleteStandalone(id, options),
  };
}
