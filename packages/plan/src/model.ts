import type { Location, Mode } from '@breakwater/core';

/**
 * What should happen, as typed values. Durations are milliseconds, moments are epoch milliseconds, order is the file's order.
 * Everything here is plain data: it can be hashed, compared and stored.
 */

/** An account and Region where things are recovered, and how to get there. */
export interface Site {
  readonly name: string;
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  /** Role assumed for every call at this site; none: the caller's own credentials are used, which must belong to `account`. */
  readonly roleArn?: string;
  readonly externalId?: string;
}

/** Which source servers: all tags must match, or the ids are listed. */
export type Selector =
  | { readonly kind: 'tags'; readonly tags: Readonly<Record<string, string>> }
  | { readonly kind: 'servers'; readonly servers: readonly string[] };

export interface ProtectionGroup {
  readonly name: string;
  readonly site: string;
  readonly select: Selector;
  /** Servers left out although selected. */
  readonly exclude: readonly Selector[];
  /** How many servers the owner expects; another number stops the run before anything is started. */
  readonly expect: { readonly min?: number; readonly max?: number };
}

export type RecoveryPoint =
  | { readonly kind: 'latest' }
  /** The newest recovery point not after `time`. */
  | { readonly kind: 'before'; readonly time: number }
  /** Recovery snapshot id (`pit-…`) by source server id; servers not listed use the latest. */
  | { readonly kind: 'pinned'; readonly snapshots: Readonly<Record<string, string>> };

export type Criticality = 'critical' | 'optional';

/** Settings for some servers of a wave; the first that matches a server counts. */
export interface ServerRule {
  readonly match: Selector;
  readonly criticality: Criticality;
}

export interface Action {
  readonly name: string;
  readonly description?: string;
  readonly kind: 'automation' | 'command';
  /** Name or ARN of the SSM document. */
  readonly document: string;
  /** `$DEFAULT`, `$LATEST` or a number; none: AWS's default. */
  readonly version?: string;
  /** SSM takes a list of strings for every parameter. `${execution}`, `${plan}`, `${wave}` and `${mode}` are filled in. */
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly maxWait: number;
  readonly onFailure: 'stop' | 'continue';
  readonly when: readonly Mode[];
  /** `recovered-instances`: runs on (command) or gets the ids of (automation) the instances that the wave launched. */
  readonly target: 'none' | 'recovered-instances';
  /** The automation parameter that takes the instance ids. */
  readonly targetParameter: string;
  /** Where it runs; none: at the site of the wave's first group (a `finally` action must name its site if the plan has several). */
  readonly site?: string;
}

/** A human approval before the wave. */
export interface Gate {
  readonly description?: string;
  /** GitHub environment whose reviewers approve. */
  readonly environment?: string;
  readonly when: readonly Mode[];
}

export interface Wave {
  readonly name: string;
  readonly description?: string;
  readonly dependsOn: readonly string[];
  readonly groups: readonly string[];
  readonly servers: readonly ServerRule[];
  readonly recoveryPoint: RecoveryPoint;
  readonly preWaveActions: readonly Action[];
  readonly postWaveActions: readonly Action[];
  readonly gate?: Gate;
  /** Bound on launching and proving the wave's servers; actions have their own `maxWait`. */
  readonly timeout: number;
}

export interface Plan {
  readonly name: string;
  readonly description?: string;
  readonly owner: string;
  /** 0 is the most important. */
  readonly tier: number;
  readonly objectives: { readonly rto: number; readonly rpo: number };
  /** What a drill demands of replication before it starts; a recovery only records it. */
  readonly readiness: { readonly maxLag: number };
  /** What a drill does with what it launched, once all waves have ended. */
  readonly drill: { readonly cleanUp: 'terminate' | 'keep' };
  readonly waves: readonly Wave[];
  /** Run at the end, whatever failed before. */
  readonly finally: readonly Action[];
}

/** Several files and documents, made one set. Names are unique a kind. */
export interface PlanSet {
  readonly sites: ReadonlyMap<string, Site>;
  readonly groups: ReadonlyMap<string, ProtectionGroup>;
  readonly plans: ReadonlyMap<string, Plan>;
}

export type Severity = 'error' | 'warning' | 'note';

/** One thing `check` found. */
export interface Finding {
  /** Stable id, as `BW101`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly location: Location;
  readonly message: string;
  /** What would be legal, or what to do. */
  readonly next: string;
  /** A run refuses to start on it. Findings about wisdom (quotas, waits against the RTO) never stop a recovery. */
  readonly blocksRun: boolean;
}

/** A source server as the inventory knows it; what selection needs of it. */
export interface InventoryServer {
  readonly id: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A server that a wave will recover. */
export interface TargetServer {
  readonly id: string;
  readonly site: string;
  readonly group: string;
  readonly criticality: Criticality;
  readonly recoveryPoint: RecoveryPoint;
}

/** What a plan means today: the servers of each wave, in a stable order. */
export interface Targets {
  readonly waves: ReadonlyMap<string, readonly TargetServer[]>;
}
