import type { CapacityRange, DatabaseGateways, DnsRecord, RdsCluster, RdsGateway } from '@breakwater/aws';
import type { DatabaseSite } from '../databases/contracts.ts';
import { FakeRdsWorld } from './fake-rds-world.ts';
import { denied, fail, rdsError } from './rds-error.ts';

/** What a call that changes something may be made to do. */
export interface FakeFault {
  readonly operation: string;
  /** The how-manieth call of the operation, from 1; all when left out. */
  readonly nth?: number;
  readonly when: 'before' | 'after';
  readonly error: Error;
}

/**
 * RDS in memory behind its gateways, for what the restore does. It knows no more than the tests of the restore need; the simulator is the
 * whole of it.
 */
export class FakeRds extends FakeRdsWorld {
  readonly tags = new Map<string, Record<string, string>>();
  /** Changes that were applied. */
  readonly applied: { readonly operation: string; readonly id: string; readonly request?: unknown }[] = [];
  readonly faults: FakeFault[] = [];
  readonly secrets = new Map<string, string>();
  readonly parameters = new Map<string, string>();
  readonly published: { readonly subject: string; readonly message: string; readonly id?: string }[] = [];
  /** What stands in the hosted zones, and what AWS says of each change; one that is not here is in sync at once. */
  readonly dns: DnsRecord[] = [];
  readonly dnsChanges = new Map<string, string | undefined>();
  readonly exports = new Map<string, string>();
  readonly versions = new Set(['16.4']);
  readonly keys = new Map([['arn:aws:kms:us-west-2:111122223333:key/own', { state: 'Enabled', region: 'us-west-2' }]]);
  mayLookAtKeys = true;
  /** Groups by name, with their family. */
  readonly groups = new Map([
    ['private', ''],
    ['webshop-pg16', 'aurora-postgresql16'],
  ]);
  mayLookAtGroups = true;
  /** VPCs of subnet groups, and of security groups. */
  readonly vpcs = new Map([['private', 'vpc-1']]);
  readonly securityGroups = new Map([['sg-1', 'vpc-1']]);
  /** Classes that cannot be ordered. */
  readonly unorderable = new Set<string>();
  capacity: CapacityRange | undefined = { min: 0, max: 256 };
  /** What asking for the surroundings ends in, if not in an answer. */
  surroundings: Error | undefined;
  global: string | undefined;
  /** What a describe shows of a cluster. */
  shows: (cluster: RdsCluster) => RdsCluster | undefined = (cluster) => cluster;
  readonly #calls = new Map<string, number>();

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
      ec2: {
        describeSecurityGroups: async (ids) => {
          if (this.surroundings !== undefined) throw this.surroundings;
          return ids.flatMap((id) => (this.securityGroups.has(id) ? [{ id, vpc: this.securityGroups.get(id) }] : []));
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
      route53: {
        recordsOf: async (_, name) => {
          const fault = this.faults.find(({ operation }) => operation === 'recordsOf');
          if (fault !== undefined) throw fault.error;
          return this.dns.filter((record) => record.name === name);
        },
        upsertCname: async (request) => {
          const { name, value, ttl } = request;
          const put = () => {
            const at = this.dns.findIndex((record) => record.name === name);
            const record = { name, type: 'CNAME', ttl, values: [value], alias: undefined, setIdentifier: undefined };
            this.dns.splice(at < 0 ? this.dns.length : at, at < 0 ? 0 : 1, record);
          };
          await this.#change('upsertCname', name, put, request);
          return `C${this.changes('upsertCname').length}`;
        },
        changeStatus: async (change) => (this.dnsChanges.has(change) ? this.dnsChanges.get(change) : 'INSYNC'),
      },
    };
    return { site: { name: 'dr', account: '111122223333', region: 'us-west-2' }, aws };
  }

  changes(operation: string): readonly { readonly id: string; readonly request?: unknown }[] {
    return this.applied.filter((change) => change.operation === operation);
  }

  async #change(operation: string, id: string, apply: () => void, request?: unknown): Promise<void> {
    await Promise.resolve();
    this.settle();
    const nth = (this.#calls.get(operation) ?? 0) + 1;
    this.#calls.set(operation, nth);
    const fault = this.faults.find((each) => each.operation === operation && (each.nth === undefined || each.nth === nth));
    if (fault?.when === 'before') throw fault.error;
    apply();
    this.applied.push({ operation, id, request });
    if (fault?.when === 'after') throw fault.error;
  }

  #rds(): RdsGateway {
    const unused = (name: string) => () => Promise.reject(new Error(`${name} is not in the fake`));
    const look = async <T>(read: () => T): Promise<T> => {
      await Promise.resolve();
      this.settle();
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
            .flatMap(({ due: _due, ...cluster }) => this.shows({ ...cluster }) ?? []),
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
      describeGroup: (_, name) =>
        look(() => {
          if (!this.mayLookAtGroups) throw denied();
          if (this.surroundings !== undefined) throw this.surroundings;
          const family = this.groups.get(name);
          const vpc = this.vpcs.get(name);
          return family === undefined ? undefined : { name, family: family === '' ? undefined : family, vpc, engine: undefined };
        }),
      instanceClassAvailable: (_, _version, instanceClass) =>
        look(() => {
          if (this.surroundings !== undefined) throw this.surroundings;
          return !this.unorderable.has(instanceClass);
        }),
      serverlessRange: () => look(() => this.capacity),
      globalClusterOf: () => look(() => this.global),
      restoreCluster: async (request) => {
        await this.#change('restoreCluster', request.id, () => this.restore(request), request);
        return this.cluster(request.id);
      },
      createClusterInstance: async (request) => {
        await this.#change('createInstance', request.id, () => this.create(request), request);
        return this.instance(request.id);
      },
      modifyCluster: async (request) => {
        const kind = request.newId === undefined ? 'modifyCluster' : 'renameCluster';
        await this.#change(
          kind,
          request.newId === undefined ? request.id : `${request.id}>${request.newId}`,
          () => this.modify(request),
          request,
        );
        return this.clusters[0] ?? fail(rdsError('x'));
      },
      renameInstance: (id, newId) => this.#change('renameInstance', `${id}>${newId}`, () => this.rename(id, newId)),
      deleteCluster: (id, options) =>
        this.#change('deleteCluster', id, () => this.deleteCluster(id, options.finalSnapshot), options),
      deleteInstance: (id) => this.#change('deleteInstance', id, () => this.deleteInstance(id)),
      deleteStandalone: unused('deleteStandalone'),
      restoreInstance: unused('restoreInstance'),
      restoreInstanceToPoint: unused('restoreInstanceToPoint'),
      restoreClusterToPoint: unused('restoreClusterToPoint'),
      modifyInstance: unused('modifyInstance'),
      restoreWindow: unused('restoreWindow'),
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
}
