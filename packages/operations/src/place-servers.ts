import type { OperationContext } from '@breakwater/engine';
import type { Budget } from './budget.ts';
import { lackOfCapacity, loadOf } from './drs-capacity.ts';
import type { LaunchBook } from './launch-book.ts';
import { serversOf } from './launch-intent.ts';
import { BLOCKED, PREPARING, UNSURE } from './look-again.ts';
import { chunkKey, TAGS, tagValue } from './ownership.ts';
import { type Room, VISIBILITY } from './rooms.ts';
import { type Scan, scanLaunches } from './scan-launches.ts';
import { LaunchStarter, type Wait } from './start-launch.ts';
import type { Telling } from './telling.ts';

/** What keeps the open servers waiting, and when to look at them again. */
export interface Placing {
  readonly notes: readonly string[];
  readonly lookAgainIn: number;
}

/**
 * Finds every server of a book its place: in a job of ours that already exists, at an end (it must not be launched), or in one new
 * job. Works alone in its account and Region, so that quotas are counted and used without another wave in between.
 */
export class ServerPlacer {
  readonly #book: LaunchBook;
  readonly #room: Room;
  readonly #telling: Telling;
  readonly #starter: LaunchStarter;

  constructor(book: LaunchBook, room: Room, telling: Telling) {
    this.#book = book;
    this.#room = room;
    this.#telling = telling;
    this.#starter = new LaunchStarter(book, room, telling);
  }

  place(context: OperationContext, budget: Budget): Promise<Placing> {
    return this.#room.shared.exclusively(async () => {
      const scan = await scanLaunches(this.#book, this.#room, context.clock);
      if (await this.#adopt(scan, context)) return { notes: [], lookAgainIn: 0 };
      for (const [id, standing] of scan.standings) if (standing.kind === 'live') this.#book.failAsLive(id, standing.instance);
      await this.#tellBusy(scan, context);
      const waits: Wait[] = [];
      for (const [index, chunk] of this.#book.chunks.entries()) {
        const wait = await this.#placeChunk(index, chunk, scan, context, budget);
        if (wait !== undefined) waits.push(wait);
      }
      const notes = [...new Set(waits.flatMap(({ note }) => note ?? []))];
      return { notes, lookAgainIn: Math.min(PREPARING, ...waits.map(({ lookAgainIn }) => lookAgainIn)) };
    });
  }

  async #adopt({ standings, own }: Scan, context: OperationContext): Promise<boolean> {
    const found = new Map([...standings.values()].flatMap((at) => (at.kind === 'ours' ? [[at.job.id, at.job] as const] : [])));
    for (const job of found.values()) {
      // Only the servers that the job decides about: others of it may have to be launched again.
      const servers = [...standings].flatMap(([id, at]) => (at.kind === 'ours' && at.job.id === job.id ? [id] : []));
      const key = own.get(job.id)?.key ?? job.tags[TAGS.chunk] ?? job.id;
      await this.#book.follow(context, job, { servers, key, adopted: true });
    }
    return found.size > 0;
  }

  async #tellBusy({ standings }: Scan, context: OperationContext): Promise<void> {
    for (const [id, standing] of standings) {
      if (standing.kind !== 'busy') continue;
      const { id: job, type } = standing.job;
      await this.#telling.progress(context, `held by DRS job ${job} (${type}), which is not ours; waiting for its end`, id, {
        job,
      });
    }
  }

  async #placeChunk(
    index: number,
    chunk: readonly string[],
    scan: Scan,
    context: OperationContext,
    budget: Budget,
  ): Promise<Wait | undefined> {
    const holders = new Map(
      chunk.flatMap((id) => {
        const standing = scan.standings.get(id);
        return standing?.kind === 'busy' ? [[id, standing.job.id] as const] : [];
      }),
    );
    const due = chunk.filter((id) => scan.standings.get(id)?.kind === 'free');
    const held = holders.size === 0 ? undefined : { note: heldNote(holders), lookAgainIn: BLOCKED };
    if (due.length === 0) return held;

    const unsure = this.#book.unanswered().filter((announcement) => serversOf(announcement).some((id) => chunk.includes(id)));
    if (unsure.length > 0) {
      const left = Math.max(...unsure.map(({ at }) => at)) + VISIBILITY - context.clock.now();
      const note = 'the answer to StartRecovery is not known; looking for its job before sending again';
      if (left > 0) return { note, lookAgainIn: Math.min(UNSURE, left) };
      // An announced server is in a job that we cannot prove to be ours; it may be all the same.
      if (unsure.flatMap(serversOf).some((id) => holders.has(id))) return held;
    }
    const batch = this.#book.batchOf(due);
    const lack = lackOfCapacity(loadOf(scan.recent, this.#room.shared.begun()), batch.length);
    if (lack !== undefined) return { note: lack, lookAgainIn: PREPARING };
    if (budget.isSpent()) return { note: undefined, lookAgainIn: 0 };
    return this.#starter.start(this.#freeKey(index, scan), batch, scan, context, budget);
  }

  /**
   * The chunk's key; when a job under it is known already (some of its servers were held by others then), the next one: `0`, `0.2`, …
   */
  #freeKey(index: number, { jobs }: Scan): string {
    const used = new Set([...jobs.values()].map((job) => job.tags[TAGS.chunk]));
    for (let number = 1; ; number += 1) {
      const key = chunkKey(this.#book.owner, this.#book.site, number === 1 ? String(index) : `${index}.${number}`);
      if (!this.#book.isAnswered(key) && !used.has(tagValue(key))) return key;
    }
  }
}

function heldNote(holders: ReadonlyMap<string, string>): string {
  const jobs = [...new Set(holders.values())].join(', ');
  return `waiting for ${jobs}, which ${holders.size === 1 ? 'holds 1 server' : `hold${jobs.includes(',') ? '' : 's'} ${holders.size} servers`}`;
}
