/** A value as the Data API knows it. */
export type SqlValue = string | number | bigint | boolean | null | Uint8Array;

/** One statement for a cluster's writer. */
export interface SqlRequest {
  /** Of the cluster under its present name; `resourceId` stays the same through renames. */
  readonly clusterArn: string;
  readonly resourceId: string;
  /** aurora-postgresql, aurora-mysql, … */
  readonly engine: string;
  readonly engineVersion: string;
  /** Snapshot that the cluster was restored from. */
  readonly restoredFrom: string | undefined;
  /** Of the secret. The master's password has been checked; another user's is the backend's to check. */
  readonly credentials: { readonly username: string; readonly password: string };
  readonly isMaster: boolean;
  readonly database: string | undefined;
  /** As it was sent, with `:name` where a parameter belongs; `bindParameters` turns it into `$1` or `?`. */
  readonly sql: string;
  readonly parameters: readonly SqlParameter[];
  /** The same for all statements of a transaction, `BEGIN`, `COMMIT` and `ROLLBACK` included: they need one connection. */
  readonly transactionId: string | undefined;
}

export interface SqlParameter {
  readonly name: string;
  readonly value: SqlValue;
  readonly typeHint: string | undefined;
}

export interface SqlResult {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly SqlValue[])[];
  /** Rows that were changed. */
  readonly updated: number;
}

/** What the database said no with: `ERROR: relation "orders" does not exist`. */
export interface SqlError {
  readonly error: { readonly message: string; readonly sqlState?: string };
}

/** What answers SQL behind the simulated Data API: a real server, PGlite, or a few canned answers. */
export interface SqlBackend {
  /** Must not reject: an error of the database is a value. */
  execute(request: SqlRequest): Promise<SqlResult | SqlError>;
  /** Makes ready what the first statement would have to wait for. Throws `UserError` if it cannot be had here. */
  ready?(): Promise<void>;
  close?(): Promise<void>;
}
