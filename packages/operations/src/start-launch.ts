import type { DrsSourceServer } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { OperationContext } from '@breakwater/engine';
import type { Budget } from './budget.ts';
import type { LaunchBook } from './launch-book.ts';
import { intentDetail, type Launch, START_RECOVERY, serversOf } from './launch-intent.ts';
import { afterThrottling, PREPARING, UNSURE } from './look-again.ts';
import { recoveryTags } from './ownership.ts';
import { jobsBehind, liveInstanceOf } from './recovery-instances.ts';
import { choosePoint, pointAge } from './recovery-point.ts';
import type { Room } from './rooms.ts';
import type { Scan } from './scan-launches.ts';
import { readStartError } from './start-answer.ts';
import type { Telling } from './telling.ts';

/** What keeps servers waiting, and when to look at them again. */
export interface Wait {
  readonly note: string | undefined;
  readonly lookAgainIn: number;
}

/** Recovery points asked for at a time: one call a server. */
const POINTS_AT_ONCE = 8;

/** Starts launch jobs, each announced before and sent once. */
export class LaunchStarter {
  readonly #book: LaunchBook;
  readonly #room: Room;
  readonly #telling: Telling;
  #throttled = 0;

  constructor(book: LaunchBook, room: Room, telling: Telling) {
    this.#book = book;
    this.#room = room;
    this.#telling = telling;
  }

  /**
   * Launches the servers in one job, as far as they may be launched; the others are settled as failed. What could have changed since
   * the plan was inspected is looked at again right before: the server, its recovery point, and whether an instance is live.
   */
  async start(
    key: string,
    servers: readonly string[],
    scan: Scan,
    context: OperationContext,
    budget: Budget,
  ): Promise<Wait | undefined> {
    const launches = await this.#sparingTheLive(await this.#prepare(servers, context), scan);
    if (launches.length === 0 || !budget.spend()) return { note: undefined, lookAgainIn: 0 };
    return this.#send(key, launches, context);
  }

  async #prepare(servers: readonly string[], context: OperationContext): Promise<readonly Launch[]> {
    const { drs } = this.#room.aws;
    const known = new Map((await drs.describeSourceServers(servers)).map((server) => [server.id, server]));
    const launches: Launch[] = [];
    for (let from = 0; from < servers.length; from += POINTS_AT_ONCE) {
      const some = servers.slice(from, from + POINTS_AT_ONCE);
      const prepared = await Promise.all(some.map((id) => this.#prepareServer(id, known.get(id), context)));
      launches.push(...prepared.filter((launch) => launch !== undefined));
    }
    return launches;
  }

  async #prepareServer(id: string, server: DrsSourceServer | undefined, context: OperationContext): Promise<Launch | undefined> {
    if (server === undefined) {
      this.#book.fail(id, {
        code: 'server-unknown',
        message: `source server ${this.#book.name(id)} is not in DRS any more`,
        next: 'Recover it another way, and take it out of the plan.',
      });
      return undefined;
    }
    const choice = await choosePoint(this.#room.aws.drs, server, this.#book.server(id).recoveryPoint);
    if (choice.kind === 'missing') {
      this.#book.fail(id, choice.reason);
      return undefined;
    }
    if (server.replicationState !== 'CONTINUOUS' && choice.newest !== undefined) {
      const note = `replication is ${server.replicationState}; newest usable recovery point ${pointAge(choice.newest, context.clock.now())}`;
      await this.#telling.progress(context, note, id, { newest: new Date(choice.newest).toISOString() });
    }
    const { snapshotId, newest } = choice;
    return { server: id, snapshotId, replicationState: server.replicationState, lag: server.lag, newest };
  }

  async #sparingTheLive(launches: readonly Launch[], { jobs: known }: Scan): Promise<readonly Launch[]> {
    if (launches.length === 0) return [];
    const { drs } = this.#room.aws;
    const instances = await drs.describeRecoveryInstances({ sourceServerIds: launches.map(({ server }) => server) });
    const jobs = await jobsBehind(drs, instances, known.values());
    return launches.filter(({ server }) => {
      const live = liveInstanceOf(server, instances, jobs, this.#book.owner.execution);
      if (live === undefined || this.#book.mayReplaceLive(server)) return true;
      this.#book.failAsLive(server, live);
      return false;
    });
  }

  async #send(key: string, launches: readonly Launch[], context: OperationContext): Promise<Wait> {
    const { owner, site } = this.#book;
    const isDrill = owner.mode === 'drill';
    await context.intent(START_RECOVERY, key, intentDetail(site, isDrill, launches));
    const announcement = { key, at: context.clock.now(), launches };
    this.#book.announce(announcement);
    try {
      const job = await this.#room.aws.drs.startRecovery({
        servers: launches.map(({ server, snapshotId }) =>
          snapshotId === undefined ? { id: server } : { id: server, snapshotId },
        ),
        isDrill,
        tags: recoveryTags(owner, key),
      });
      this.#throttled = 0;
      this.#room.shared.begin(launches.length, job.id);
      await this.#book.follow(context, job, { servers: serversOf(announcement), key, adopted: false });
      return { note: undefined, lookAgainIn: 0 };
    } catch (error) {
      return this.#afterError(error, key, launches);
    }
  }

  #afterError(error: unknown, key: string, launches: readonly Launch[]): Wait {
    const answer = readStartError(error);
    const { code, message, next } = asBreakwaterError(error);
    switch (answer) {
      case 'look':
        this.#room.shared.begin(launches.length, undefined);
        return { note: `StartRecovery was not answered clearly (${message}); looking for its job`, lookAgainIn: UNSURE };
      case 'throttled':
        this.#book.withdraw(key);
        return { note: message, lookAgainIn: afterThrottling(this.#throttled++) };
      case 'full':
        this.#book.withdraw(key);
        return { note: `waiting for DRS capacity: ${message}`, lookAgainIn: PREPARING };
      case 'not-sent':
        this.#book.withdraw(key);
        throw error;
      case 'fault':
        throw error;
      case 'refused':
        this.#book.withdraw(key);
        if (launches.length > 1 && code === 'aws-fault') this.#book.splitUp(launches.map(({ server }) => server));
        else for (const { server } of launches) this.#book.fail(server, { code, message, next });
        return { note: undefined, lookAgainIn: 0 };
    }
  }
}
