import type { DrsJob, DrsRecoveryInstance } from '@breakwater/aws';
import type { DeedContext, OperationContext, WaveServer } from '@breakwater/engine';
import type { Json, Reason, ServerRecord } from '@breakwater/history';
import { DRS_QUOTA } from './drs-capacity.ts';
import { FollowedJob } from './followed-job.ts';
import { type Announcement, announcementsIn, type Launch, START_RECOVERY } from './launch-intent.ts';
import { failedRecord } from './launched-server.ts';
import { isActive, type Owner } from './ownership.ts';
import { LIVE_NEXT } from './recovery-instances.ts';

/** What one process knows of the launch of a wave's servers at one site. All of it can be found again in AWS. */
export class LaunchBook {
  readonly site: string;
  readonly deed: DeedContext;
  readonly owner: Owner;
  readonly servers: ReadonlyMap<string, WaveServer>;
  /** The servers as they are sent, a job each: cut by the wave's order, so that every process cuts alike. */
  readonly chunks: readonly (readonly string[])[];
  readonly jobs = new Map<string, FollowedJob>();
  readonly #announced: Map<string, Announcement>;
  readonly #launches = new Map<string, Launch>();
  readonly #recorded = new Set<string>();
  readonly #answered = new Set<string>();
  readonly #ends = new Map<string, ServerRecord>();
  /** How many servers may go with this one in a job, after AWS has refused it in a larger company. */
  readonly #company = new Map<string, number>();

  constructor(
    site: string,
    deed: DeedContext,
    owner: Owner,
    servers: readonly WaveServer[],
    earlier: OperationContext['earlier'],
  ) {
    this.site = site;
    this.deed = deed;
    this.owner = owner;
    this.servers = new Map(servers.map((server) => [server.record.id, server]));
    this.chunks = inChunks([...this.servers.keys()], DRS_QUOTA.serversPerJob);
    this.#announced = new Map(announcementsIn(earlier, site));
    for (const { launches } of this.#announced.values()) this.#remember(launches);
    for (const line of earlier) {
      if (line.type !== 'change' || line.operation !== START_RECOVERY || line.site !== site) continue;
      this.jobs.set(line.id, new FollowedJob(line.id, idsIn(line.detail['servers']), line.key));
      this.#recorded.add(line.id);
      this.#answered.add(line.key);
    }
  }

  /** Servers without an end and without a job of ours. */
  open(): readonly string[] {
    const inJobs = new Set([...this.jobs.values()].flatMap(({ servers }) => servers));
    return [...this.servers.keys()].filter((id) => !this.#ends.has(id) && !inJobs.has(id));
  }

  unsettled({ servers }: FollowedJob): readonly string[] {
    return servers.filter((id) => this.servers.has(id) && !this.#ends.has(id));
  }

  isSettled(): boolean {
    return this.#ends.size === this.servers.size;
  }

  /** Jobs that have not ended, as far as we saw. */
  running(): readonly string[] {
    return [...this.jobs.values()].filter(({ job }) => job === undefined || isActive(job)).map(({ id }) => id);
  }

  announced(): ReadonlyMap<string, Announcement> {
    return this.#announced;
  }

  /** Announcements of which no job is known: the call may have been sent. */
  unanswered(): readonly Announcement[] {
    return [...this.#announced.values()].filter(({ key }) => !this.#answered.has(key));
  }

  isAnswered(key: string): boolean {
    return this.#answered.has(key);
  }

  announce(announcement: Announcement): void {
    this.#announced.set(announcement.key, announcement);
    this.#remember(announcement.launches);
  }

  /** AWS said that it did nothing. */
  withdraw(key: string): void {
    this.#announced.delete(key);
  }

  /** Follows a job of ours from now on, and journals that it is ours if no journal says so yet. */
  async follow(
    context: OperationContext,
    job: DrsJob,
    { servers, key, adopted }: { readonly servers: readonly string[]; readonly key: string; readonly adopted: boolean },
  ): Promise<void> {
    const before = this.jobs.get(job.id)?.servers ?? [];
    const followed = new FollowedJob(job.id, [...new Set([...before, ...servers])], key);
    followed.see(job, context.clock.now());
    this.jobs.set(job.id, followed);
    this.#answered.add(key);
    if (this.#recorded.has(job.id)) return;
    await context.change({ operation: START_RECOVERY, key, id: job.id, adopted, site: this.site, detail: { servers } });
    this.#recorded.add(job.id);
  }

  /** The first of these servers that may go in one job. */
  batchOf(due: readonly string[]): readonly string[] {
    const company = (id: string | undefined) => this.#company.get(id ?? '') ?? DRS_QUOTA.serversPerJob;
    const size = company(due[0]);
    return due.filter((id) => company(id) === size).slice(0, size);
  }

  /**
   * AWS has refused these servers together, not saying which of them it means. The next jobs hold half as many, until the one that it
   * means stands alone: a single broken server must not keep a hundred from being recovered.
   */
  splitUp(ids: readonly string[]): void {
    for (const id of ids) this.#company.set(id, Math.ceil(ids.length / 2));
  }

  launchOf(id: string): Launch | undefined {
    return this.#launches.get(id);
  }

  server(id: string): WaveServer {
    const server = this.servers.get(id);
    if (server === undefined) throw new RangeError(`server ${id} is not of this wave`);
    return server;
  }

  record(id: string): ServerRecord {
    return this.#ends.get(id) ?? this.server(id).record;
  }

  /** Host name and id, for people. */
  name(id: string): string {
    const { name } = this.server(id).record;
    return name === id ? id : `${name} (${id})`;
  }

  settle(record: ServerRecord): void {
    this.#ends.set(record.id, record);
  }

  fail(id: string, reason: Reason, job?: string): void {
    this.settle(failedRecord(this.server(id).record, reason, job));
  }

  /** Refuses to launch a server because that would destroy its live instance. */
  failAsLive(id: string, instance: DrsRecoveryInstance): void {
    this.fail(id, {
      code: 'live-recovery-instance',
      message: `${this.name(id)} has a live recovery instance ${instance.id} (job ${instance.jobId ?? 'unknown'}); launching again would destroy it`,
      next: LIVE_NEXT,
    });
  }

  /** Whether somebody asked for the server's live instance to be replaced. A drill never does that. */
  mayReplaceLive(server: string): boolean {
    return this.deed.mode === 'recovery' && this.deed.replaceLive.includes(server);
  }

  #remember(launches: readonly Launch[]): void {
    for (const launch of launches) this.#launches.set(launch.server, launch);
  }
}

function idsIn(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
}

export function inChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}
