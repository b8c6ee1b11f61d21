import type { SnapshotKind } from '@breakwater/aws';
import { AwsError, asBreakwaterError, deterministicUuid, type ReasonCode } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { JsonObject, Reason } from '@breakwater/history';
import type { RestoreStrategy } from '@breakwater/plan';
import { UNSURE } from '../look-again.ts';
import { tagValue } from '../ownership.ts';
import { Telling } from '../telling.ts';
import { DATABASE_TAGS, type DatabaseDeedContext, type DatabaseSite } from './contracts.ts';
import { type DatabaseFamily, databaseFamily } from './database-family.ts';
import type { CheckResult, PublishedName, RestoreDatabaseRequest, RestoredDatabase, RestoreParts } from './restore-contracts.ts';
import type { DnsWork } from './restore-dns.ts';
import { type RestoreNames, restoreNames } from './restore-names.ts';
import type { RestoreDesign } from './restore-settings.ts';

/** Tags of a restored cluster beside those of `DATABASE_TAGS`: what a process must know that comes later. */
export const RESTORE_TAGS = {
  mode: 'breakwater:mode',
  /** The snapshot that was restored, by ARN, at the site. */
  snapshot: 'breakwater:snapshot',
  /** Instead of it: the database a moment of which was restored, by ARN. */
  point: 'breakwater:point-in-time-of',
  /** What was asked for when it was made: the same execution never means two things. */
  request: 'breakwater:request',
  /** How many instances it shall have. */
  members: 'breakwater:members',
  /** Whether its Data API shall be on. */
  dataApi: 'breakwater:data-api',
  /** An instance: whether Performance Insights shall be on, and `<seconds> <role ARN>` of enhanced monitoring. */
  insights: 'breakwater:performance-insights',
  monitoring: 'breakwater:monitoring',
  /** The attempt that is being rolled back, and why. */
  rollBack: 'breakwater:rolling-back',
  rollBackReason: 'breakwater:rolled-back-because',
  /** On the old database: `<hash> <time> <execution>` of the restore that takes it away. */
  claimed: 'breakwater:claimed-by',
  notified: 'breakwater:notified',
  archived: DATABASE_TAGS.archived,
} as const;

export const OWNER = 'breakwater';

/** How long something that is in the way may stay there before it counts as a failure, milliseconds. */
const PATIENCE = 20 * 60_000;

/** That a swap is rolled back: since which attempt, and why. */
export interface RollBack {
  readonly attempt: number;
  readonly because: string;
}

/** What is restored, as far as it concerns the restored database. */
export type RestoreOrigin = RestoredSnapshot | RestoredPoint;

export interface RestoredPoint {
  readonly kind: 'point';
  /** Identifier of the source. */
  readonly source: string;
  /** Of the source. */
  readonly arn: string;
  /** What AWS is asked for. */
  readonly wanted: number | 'latest';
  /** Epoch milliseconds. Of the latest moment: what AWS had when it was looked at, so that the data is at least as young. */
  readonly time: number;
}

export interface RestoredSnapshot {
  readonly kind: 'snapshot';
  readonly id: string;
  readonly arn: string;
  readonly engine: string;
  readonly engineVersion: string;
  /** Name, or ARN of a shared one. */
  readonly reference: string;
  readonly sourceArn: string | undefined;
  /** When the original was taken, epoch milliseconds. */
  readonly time: number | undefined;
}

/** What one process knows of one restore. Everything that matters is in AWS; what is here is only a memory of this process. */
export class RestoreState {
  readonly request: RestoreDatabaseRequest;
  readonly deed: DatabaseDeedContext;
  readonly parts: RestoreParts;
  readonly names: RestoreNames;
  /** A drill restores beside, whatever was asked for. */
  readonly strategy: RestoreStrategy;
  readonly telling: Telling;
  readonly drill: boolean;
  readonly family: DatabaseFamily;

  design: RestoreDesign | undefined;
  origin: RestoreOrigin | undefined;
  copy: Operation | undefined;
  vault: Operation | undefined;
  guarded = false;
  /** Something has been taken away that the next steps put back: names, or the old cluster. */
  midway = false;
  /** Since when AWS refuses to be looked at, epoch milliseconds. */
  blindSince: number | undefined;
  takingSnapshot = false;
  /** What bore the target's name at the first look, and is to make room; `nothing` if nothing did. */
  against: string | undefined;
  /** When this process claimed it, epoch milliseconds. */
  claimedAt: number | undefined;
  /** swap: why this process has decided to roll it back. */
  turningBack: string | undefined;
  /** swap: that it is rolled back, where AWS did not take the tag that says so. */
  turnedBack: RollBack | undefined;
  /** swap: since when the new database has been seen under neither name, epoch milliseconds. */
  unseenSince: number | undefined;
  /** swap: since when the old database has been seen under neither name, epoch milliseconds. */
  awaySince: number | undefined;
  /** The final snapshot of what was replaced, once it was seen. */
  finalSnapshot: string | undefined;
  /** When this process sent the restore, epoch milliseconds. */
  restoreSent: number | undefined;
  /** What renaming waits for, and since when. */
  waitingNote: string | undefined;
  waitingSince: number | undefined;
  adopted = false;
  failure: Reason | undefined;
  /** Steps that this process has done, and that may be done again by another. */
  readonly done = new Set<string>();
  readonly losses: Reason[] = [];
  users: readonly string[] = [];
  checks: readonly CheckResult[] = [];
  readonly published: string[] = [];
  readonly dns: PublishedName[] = [];
  /** Changes of DNS names that are not known to have ended, by `<zone>/<name>`. */
  readonly dnsWork = new Map<string, DnsWork>();
  archived: string | undefined;
  result: Partial<RestoredDatabase> = {};
  readonly #inTheWay = new Map<string, number>();
  readonly #sent = new Map<string, number>();

  constructor(request: RestoreDatabaseRequest, deed: DatabaseDeedContext, parts: RestoreParts, context: OperationContext) {
    this.request = request;
    this.deed = deed;
    this.parts = parts;
    this.family = databaseFamily(request.kind ?? 'cluster', request.site.aws.rds);
    this.drill = deed.mode === 'drill';
    this.strategy = this.drill ? 'new' : request.strategy;
    this.names = restoreNames({
      execution: deed.execution,
      mode: deed.mode,
      database: request.database,
      target: request.target,
      strategy: request.strategy,
    });
    this.telling = new Telling(context.earlier);
  }

  /** Of what decides which data the cluster holds and where it goes; the rest may be corrected between two tries. */
  get mark(): string {
    const { database, choice, source, strategy, kmsKeyId, kind } = this.request;
    const from = source === undefined ? null : [source.site.account, source.site.region];
    const asked = [database.toLowerCase(), choice, from, strategy, kmsKeyId ?? null];
    return deterministicUuid(JSON.stringify(kind === 'instance' ? [...asked, kind] : asked));
  }

  /** `cluster` or `instance`, as it stands in what is said. */
  get noun(): SnapshotKind {
    return this.family.kind;
  }

  /** The call that makes the database, as the record has it. */
  get restoring(): string {
    return this.family.changes[this.request.choice.kind === 'point-in-time' ? 'restore-point' : 'restore'];
  }

  get site(): DatabaseSite {
    return this.request.site;
  }

  get rds(): DatabaseSite['aws']['rds'] {
    return this.request.site.aws.rds;
  }

  /** Whether this very execution made it. */
  ours({ tags }: { readonly tags: Readonly<Record<string, string>> }): boolean {
    return tags[DATABASE_TAGS.owner] === OWNER && tags[DATABASE_TAGS.execution] === tagValue(this.deed.execution);
  }

  ownTags(): Readonly<Record<string, string>> {
    return {
      [DATABASE_TAGS.owner]: OWNER,
      [DATABASE_TAGS.execution]: tagValue(this.deed.execution),
      [RESTORE_TAGS.mode]: this.deed.mode,
      ...(this.drill
        ? { [DATABASE_TAGS.expires]: new Date(this.deed.clock.now() + (this.request.drillTtl ?? 86_400_000)).toISOString() }
        : {}),
    };
  }

  /** Ends the deed: the reason is told to whoever wants to be notified, then returned. */
  fail(code: ReasonCode, message: string, next: string): Advance {
    this.failure = { code, message, next };
    return { state: 'waiting', note: message, lookAgainIn: 0 };
  }

  /** Whether the same call was sent so shortly before that AWS may not show it yet. */
  justSent(key: string): boolean {
    const at = this.#sent.get(key);
    return at !== undefined && this.deed.clock.now() - at < 90_000;
  }

  /**
   * One change: announced, sent, recorded. AWS's states move while we look, so what only says "not now" or "is there already" is no
   * failure: the next look decides, up to a limit. Nothing that AWS refuses is ever taken for done.
   */
  async change(
    context: OperationContext,
    what: {
      readonly operation: string;
      readonly id: string;
      readonly note: string;
      readonly detail?: JsonObject;
      /** Name of the site at which it is made, if another. */
      readonly site?: string;
    },
    send: () => Promise<unknown>,
    refused?: (error: AwsError) => Advance,
  ): Promise<Advance> {
    const { operation, id, note, detail = {}, site = this.site.site.name } = what;
    const key = `${this.deed.execution}/${operation}/${id}`;
    await context.intent(operation, key, { ...detail, target: this.names.target });
    try {
      await send();
    } catch (cause) {
      return this.#afterError(cause, key, note, refused);
    }
    this.#sent.set(key, this.deed.clock.now());
    this.#inTheWay.delete(key);
    await context.change({ operation, key, id, adopted: false, site, detail });
    return { state: 'waiting', note, lookAgainIn: 1_000 };
  }

  /** When this process sent its last change, epoch milliseconds. */
  get lastSent(): number | undefined {
    const times = [...this.#sent.values()];
    return times.length === 0 ? undefined : Math.max(...times);
  }

  keyOf(operation: string, id: string): string {
    return `${this.deed.execution}/${operation}/${id}`;
  }

  #afterError(cause: unknown, key: string, note: string, refused?: (error: AwsError) => Advance): Advance {
    const error = asBreakwaterError(cause);
    if (!(error instanceof AwsError)) throw cause;
    if (retriedByEngine(error.code)) throw cause;
    if (isNotNow(error)) {
      const now = this.deed.clock.now();
      const since = this.#inTheWay.get(key) ?? now;
      this.#inTheWay.set(key, since);
      if (now - since < PATIENCE)
        return { state: 'waiting', note: `${note}: not yet (${error.call.awsCode})`, lookAgainIn: UNSURE };
    }
    return refused === undefined ? this.fail(error.code, error.message, error.next) : refused(error);
  }

  /** What could not be looked at is no objection, but told. `when`: before what it would have mattered. */
  unseen(context: OperationContext, when: string): (what: string, error: AwsError) => Promise<void> {
    return (what, error) => this.lose(context, `${what} could not be looked at ${when}: ${error.message}`, error.next);
  }

  async lose(context: OperationContext, message: string, next?: string): Promise<void> {
    const reason: Reason = { code: 'degraded', message, ...(next === undefined ? {} : { next }) };
    if (!this.losses.some((known) => known.message === message)) this.losses.push(reason);
    await this.telling.warn(context, reason);
  }
}

/** What passes by itself, or what concerns the credentials: the engine knows what to do. */
function retriedByEngine(code: ReasonCode): boolean {
  return ['throttled', 'aws-unavailable', 'credentials-expired', 'credentials-missing', 'credentials-invalid'].includes(code);
}

/** AWS says that something is in between, is there already or is not there yet: look again. */
export function isNotNow(error: AwsError): boolean {
  return /AlreadyExists|Invalid(DB)?(Cluster|Instance|ClusterSnapshot|Resource)?State|NotFound/i.test(error.call.awsCode)
    ? !/Subnet|ParameterGroup|KMS|OptionGroup|SnapshotNotFound/i.test(error.call.awsCode)
    : false;
}
