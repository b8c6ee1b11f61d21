/**
 * What Breakwater asks of the services beside RDS for databases, in its own types: keys, the network, secrets, the Data API, news, parameters,
 * names.
 * The same rules as in database-gateways.ts.
 */

export interface KmsKey {
  readonly id: string;
  readonly arn: string;
  readonly account: string | undefined;
  readonly region: string | undefined;
  /** Enabled, Disabled, PendingDeletion, … */
  readonly state: string | undefined;
  /** CUSTOMER or AWS; AWS's own default keys cannot be shared. */
  readonly manager: string | undefined;
  readonly multiRegion: boolean;
  readonly usage: string | undefined;
}

export interface KmsGateway {
  /** By id, ARN or alias; `undefined` when there is no such key. Not permitted: throws `permission-denied`. */
  describeKey(key: string): Promise<KmsKey | undefined>;
}

export interface SecurityGroup {
  readonly id: string;
  readonly vpc: string | undefined;
}

/** What EC2 knows of the network around a database. */
export interface NetworkGateway {
  /** By id; those that are not there are missing from the answer. Not permitted: throws `permission-denied`. */
  describeSecurityGroups(ids: readonly string[]): Promise<readonly SecurityGroup[]>;
}

export interface SecretsGateway {
  /** The secret's text; told to `onSecret` before it is returned, each string value of a JSON object too. */
  getSecret(id: string): Promise<string>;
  putSecret(id: string, value: string): Promise<void>;
}

export interface SqlAnswer {
  readonly columns: readonly string[];
  /** Values as text; `null` for NULL. */
  readonly rows: readonly (readonly (string | null)[])[];
  readonly updated: number | undefined;
}

export interface RdsDataGateway {
  /** One statement. Retries while a paused cluster resumes; a statement that changes something is otherwise sent once. */
  execute(request: {
    readonly clusterArn: string;
    readonly secretArn: string;
    readonly database?: string;
    readonly sql: string;
    readonly parameters?: Readonly<Record<string, string | null>>;
    readonly reads: boolean;
  }): Promise<SqlAnswer>;
}

export interface SnsGateway {
  /**
   * Returns the message id. Subject: at most 100 ASCII characters, no newline. `id`: the same for what is the same news; by it a FIFO
   * topic knows, for five minutes, what it was told already (without one: by subject and message).
   */
  publish(request: {
    readonly topicArn: string;
    readonly subject: string;
    readonly message: string;
    readonly id?: string;
  }): Promise<string>;
}

export interface ParameterGateway {
  /** Creates or overwrites an SSM parameter of type String. */
  putParameter(name: string, value: string): Promise<void>;
}

/** A set of records as a hosted zone has it. Names are in lower case and without the dot at the end. */
export interface DnsRecord {
  readonly name: string;
  /** A, AAAA, CNAME, TXT, SOA, … */
  readonly type: string;
  /** Seconds; `undefined` of an alias. */
  readonly ttl: number | undefined;
  readonly values: readonly string[];
  /** Where an alias of Route 53 points. */
  readonly alias: string | undefined;
  /** Of one of several sets under one name and type (weighted, latency, failover, geographic, multivalue …). */
  readonly setIdentifier: string | undefined;
}

export interface Route53Gateway {
  /** All sets of that name, of every type. `zone` is the id of the hosted zone; Route 53 is global, the zone is the account's. */
  recordsOf(zone: string, name: string): Promise<readonly DnsRecord[]>;
  /** Creates the CNAME, or overwrites it; the same again changes nothing. `ttl` in seconds. Returns the id of the change. */
  upsertCname(request: {
    readonly zone: string;
    readonly name: string;
    readonly value: string;
    readonly ttl: number;
    /** Kept by AWS with the change; cut at 256 characters. */
    readonly comment: string;
  }): Promise<string>;
  /** Whether all name servers of the zone answer with the change: PENDING or INSYNC; `undefined` when AWS does not know it. */
  changeStatus(change: string): Promise<string | undefined>;
}
