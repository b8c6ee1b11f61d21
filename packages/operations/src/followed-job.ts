import type { DrsGateway, DrsJob, DrsJobLogItem } from '@breakwater/aws';
import { type JobEvent, phaseOf, serverEvents } from './job-log.ts';
import { PREPARING, untilNextJobLook, untilNextLogReading } from './look-again.ts';
import { isActive } from './ownership.ts';

/** Servers of a job come to their ends one by one; the log is not read anew for each. */
const LOG_SOONEST = 10_000;

/** A DRS launch job that we watch until its servers have come to an end. */
export class FollowedJob {
  readonly id: string;
  /** The servers that it was started for; those that it shows may be fewer, or none. */
  readonly servers: readonly string[];
  /** The key of its StartRecovery. */
  readonly key: string;
  job: DrsJob | undefined;
  log: readonly DrsJobLogItem[] = [];
  /** When we first saw it completed; epoch milliseconds. */
  #endSeenAt: number | undefined;
  #logReadAt: number | undefined;
  #readAs = '';
  readonly #handedOut = new Set<string>();

  constructor(id: string, servers: readonly string[], key: string) {
    this.id = id;
    this.servers = servers;
    this.key = key;
  }

  see(job: DrsJob, now: number): void {
    this.job = job;
    if (!isActive(job)) this.#endSeenAt ??= now;
  }

  /** How long it has been COMPLETED, milliseconds; 0 while it runs. */
  endedFor(now: number): number {
    if (this.job === undefined || isActive(this.job)) return 0;
    return Math.max(0, now - (this.job.endedAt ?? this.#endSeenAt ?? now));
  }

  /**
   * Reads the log, if something may have changed since it was last read, and returns its new events of single servers. Launch statuses
   * jump only at the very end; what happens before shows in the log alone.
   */
  async readLog(drs: DrsGateway, now: number): Promise<readonly JobEvent[]> {
    const { job } = this;
    if (job === undefined) return [];
    const state = [job.status, ...job.participants.map(({ launchStatus }) => launchStatus)].join();
    const age = this.#logReadAt === undefined ? Number.POSITIVE_INFINITY : now - this.#logReadAt;
    const changed = state !== this.#readAs;
    const due = isActive(job) ? age >= (changed ? LOG_SOONEST : untilNextLogReading(this.servers.length)) : changed;
    if (!due) return [];
    this.log = await drs.describeJobLog(this.id);
    this.#logReadAt = now;
    this.#readAs = state;
    return serverEvents(
      this.id,
      this.log.filter((item) => this.#isNew(item)),
    );
  }

  #isNew({ at, event, sourceServerId }: DrsJobLogItem): boolean {
    const size = this.#handedOut.size;
    return this.#handedOut.add(`${at} ${event} ${sourceServerId}`).size > size;
  }

  untilNextLook(now: number): number {
    if (this.job === undefined) return PREPARING;
    const age = now - (this.job.createdAt ?? now);
    return untilNextJobLook(phaseOf(this.job, this.servers, this.log, now), age);
  }

  /** How far it is, for people. */
  note(now: number): string {
    const { job } = this;
    if (job === undefined) return `DRS job ${this.id} is not visible yet`;
    const count = this.servers.length === 1 ? '1 server' : `${this.servers.length} servers`;
    if (!isActive(job)) return `DRS job ${this.id} has ended; finding the instances of ${count}`;
    const words = { preparing: 'preparing', launching: 'launching', ending: 'about to end' };
    return `DRS job ${this.id}: ${count}, ${words[phaseOf(job, this.servers, this.log, now).kind]}`;
  }
}
