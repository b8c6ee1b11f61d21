import type { DrsJob, DrsRecoveryInstance, GatewayMethod } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { Advance, DeedContext, Operation, OperationContext } from '@breakwater/engine';
import type { ServerRecord } from '@breakwater/history';
import { Budget } from './budget.ts';
import { DRS_QUOTA, lackOfCapacity, loadOf } from './drs-capacity.ts';
import { missingPermission } from './job-log.ts';
import { afterThrottling, BLOCKED, PREPARING, UNSURE } from './look-again.ts';
import { isActive, isTaggedBy } from './ownership.ts';
import { isGone, jobsBehind } from './recovery-instances.ts';
import { type Room, type Rooms, VISIBILITY } from './rooms.ts';
import { CLOCK_MARGIN, LOOK_BACK } from './scan-launches.ts';
import { readStartError } from './start-answer.ts';
import { Telling } from './telling.ts';

/** What it asks of AWS; permissions are made of this. */
export const END_DRILL_CALLS = [
  'drs.describeJobsById',
  'drs.describeJobsSince',
  'drs.describeJobLog',
  'drs.describeRecoveryInstances',
  'drs.terminateRecoveryInstances',
] as const satisfies readonly GatewayMethod[];

export const TERMINATE = 'drs:TerminateRecoveryInstances';

/** The API takes 200 instances at once, but the quota of servers in a job is 100. */
const INSTANCES_AT_ONCE = DRS_QUOTA.serversPerJob;

/**
 * Ends a drill: terminates the instances that jobs of this execution launched as a drill, and no others. What carries no tag of ours,
 * what is no drill, and everything in a recovery stays. It is over when nothing of ours is left; a launch that still runs is awaited.
 */
export function endDrill(rooms: Rooms, deed: DeedContext, servers: readonly ServerRecord[]): Operation {
  let places: readonly DrillAtSite[] | undefined;
  const open = (context: OperationContext) => {
    places ??= drillsOf(rooms, deed, servers, context);
    return places;
  };
  return {
    async advance(context): Promise<Advance> {
      if (deed.mode !== 'drill') return { state: 'done', status: 'succeeded', reason: NO_DRILL };
      const budget = new Budget();
      const states = await Promise.all(open(context).map((place) => place.advance(context, budget)));
      const waits = states.filter((state) => state !== undefined);
      if (waits.length > 0) {
        const note = [...new Set(waits.map(({ note }) => note))].join('; ');
        return { state: 'waiting', note, lookAgainIn: Math.min(...waits.map(({ lookAgainIn }) => lookAgainIn)) };
      }
      const ended = open(context).flatMap((place) => place.ended());
      const message = ended.length === 0 ? 'nothing of this drill was left to end' : `${ended.length} drill instances terminated`;
      return { state: 'done', status: 'succeeded', reason: { code: 'ok', message }, result: { terminated: ended } };
    },
    async abandon(context) {
      const left = open(context).flatMap((place) => place.left());
      return left.length === 0 ? undefined : `drill instances may be left: ${left.join(', ')}`;
    },
  };
}

const NO_DRILL = { code: 'not-applicable', message: 'not a drill: nothing is terminated' } as const;

function drillsOf(
  rooms: Rooms,
  deed: DeedContext,
  servers: readonly ServerRecord[],
  context: OperationContext,
): readonly DrillAtSite[] {
  const telling = new Telling(context.earlier);
  return [...new Set(servers.map(({ site }) => site))].map((site) => {
    const here = servers.filter((server) => server.site === site).map(({ id }) => id);
    return new DrillAtSite(rooms.at(site), deed, here, context, telling);
  });
}

interface Wait {
  readonly note: string;
  readonly lookAgainIn: number;
}

class DrillAtSite {
  readonly #room: Room;
  readonly #deed: DeedContext;
  readonly #servers: readonly string[];
  readonly #telling: Telling;
  /** When each instance was last asked to end; epoch milliseconds. */
  readonly #asked = new Map<string, number>();
  readonly #recorded = new Set<string>();
  readonly #seen = new Map<string, boolean>();
  #calls: number;
  #throttled = 0;
  /** Why what was asked to end is still there, in AWS's words. */
  #why: string | undefined;

  constructor(room: Room, deed: DeedContext, servers: readonly string[], { earlier }: OperationContext, telling: Telling) {
    this.#room = room;
    this.#deed = deed;
    this.#servers = servers;
    this.#telling = telling;
    this.#calls = 0;
    for (const line of earlier) {
      if (line.type === 'intent' && line.operation === TERMINATE && line.detail['site'] === room.site.name) {
        this.#calls += 1;
        const ids = line.detail['instances'];
        if (Array.isArray(ids)) for (const id of ids) if (typeof id === 'string') this.#asked.set(id, Date.parse(line.at));
      }
      if (line.type === 'change' && line.operation === TERMINATE) this.#recorded.add(line.id);
    }
  }

  /** Instances of ours that are gone now. */
  ended(): readonly string[] {
    return [...new Set([...this.#asked.keys(), ...[...this.#seen].flatMap(([id, live]) => (live ? [] : [id]))])];
  }

  left(): readonly string[] {
    return [...this.#seen].flatMap(([id, live]) => (live ? [id] : []));
  }

  /** One look, and at most one call; `undefined` when nothing of ours is left. */
  advance(context: OperationContext, budget: Budget): Promise<Wait | undefined> {
    return this.#room.shared.exclusively(async () => {
      const now = context.clock.now();
      const { drs } = this.#room.aws;
      const [recent, instances] = await Promise.all([
        drs.describeJobsSince(Math.min(this.#deed.createdAt - CLOCK_MARGIN, now - LOOK_BACK)),
        drs.describeRecoveryInstances({ sourceServerIds: this.#servers }),
      ]);
      const known = [...instances, ...(await this.#unlisted(recent))];
      const jobs = await jobsBehind(drs, known, recent);
      const mine = known.filter((instance) => this.#isMine(instance, jobs));
      for (const id of this.#seen.keys()) this.#seen.set(id, false);
      for (const instance of mine) this.#seen.set(instance.id, !isGone(instance));
      await this.#adopt(recent, context);

      const active = recent.filter(isActive);
      const launching = active.filter((job) => job.type === 'LAUNCH' && isTaggedBy(job, this.#deed.execution));
      const left = mine.filter((instance) => !isGone(instance));
      if (left.length === 0 && launching.length === 0) return undefined;
      const held = new Map(active.flatMap((job) => job.participants.map((one) => [one.sourceServerId, job] as const)));
      const due = left.filter((instance) => this.#isDue(instance, held, now)).slice(0, INSTANCES_AT_ONCE);
      if (due.length === 0) return { note: noteOf(left, held, launching, this.#why), lookAgainIn: BLOCKED };
      const lack = lackOfCapacity(loadOf(recent, this.#room.shared.begun()), due.length);
      if (lack !== undefined) return { note: lack, lookAgainIn: PREPARING };
      if (!budget.spend()) return { note: `${left.length} drill instances to end`, lookAgainIn: 0 };
      return this.#terminate(due, context);
    });
  }

  /** Instances of servers that our jobs name but the record does not: it may be incomplete. */
  async #unlisted(recent: readonly DrsJob[]): Promise<readonly DrsRecoveryInstance[]> {
    const own = recent.filter((job) => job.type === 'LAUNCH' && isTaggedBy(job, this.#deed.execution));
    const servers = new Set(own.flatMap(({ participants }) => participants.map(({ sourceServerId }) => sourceServerId)));
    const missing = [...servers].filter((id) => !this.#servers.includes(id));
    return missing.length === 0 ? [] : this.#room.aws.drs.describeRecoveryInstances({ sourceServerIds: missing });
  }

  #isMine(instance: DrsRecoveryInstance, jobs: ReadonlyMap<string, DrsJob>): boolean {
    const job = jobs.get(instance.jobId ?? '');
    return instance.isDrill && job !== undefined && isTaggedBy(job, this.#deed.execution);
  }

  /** Not while a job holds its server, not while it is going, and not again before the earlier call could show. */
  #isDue(instance: DrsRecoveryInstance, held: ReadonlyMap<string, DrsJob>, now: number): boolean {
    if (instance.ec2State?.toUpperCase() === 'SHUTTING-DOWN' || held.has(instance.sourceServerId ?? '')) return false;
    return now - (this.#asked.get(instance.id) ?? Number.NEGATIVE_INFINITY) >= VISIBILITY;
  }

  /** A TERMINATE job takes no tags: one for the servers we asked for, begun after we did, is ours. */
  async #adopt(recent: readonly DrsJob[], context: OperationContext): Promise<void> {
    const from = Math.min(...this.#asked.values()) - CLOCK_MARGIN;
    const ours = recent.filter(
      ({ id, type, createdAt, participants }) =>
        type === 'TERMINATE' &&
        !this.#recorded.has(id) &&
        (createdAt ?? 0) >= from &&
        participants.length > 0 &&
        participants.every(({ sourceServerId }) => this.#servers.includes(sourceServerId)),
    );
    for (const { id } of ours) await this.#record(id, `${this.#prefix(context)}/${this.#calls - 1}`, true, context);
  }

  #prefix({ attempt }: OperationContext): string {
    return `${this.#deed.execution}/clean-up/${attempt}/${this.#room.site.name}`;
  }

  async #record(id: string, key: string, adopted: boolean, context: OperationContext): Promise<void> {
    await context.change({ operation: TERMINATE, key, id, adopted, site: this.#room.site.name });
    this.#recorded.add(id);
  }

  async #terminate(due: readonly DrsRecoveryInstance[], context: OperationContext): Promise<Wait> {
    const ids = due.map(({ id }) => id);
    const again = ids.filter((id) => this.#asked.has(id));
    if (again.length > 0) {
      this.#why = await this.#whyStillThere();
      const because = this.#why === undefined ? '' : ` (${this.#why})`;
      const permission = this.#why === undefined ? undefined : missingPermission(this.#why);
      const next =
        permission === undefined
          ? 'If it goes on, look at them in the DRS console.'
          : `Give the role that drills there ${permission} (DRS works in EC2 with the caller's permissions), then run the same execution again.`;
      const message = `asked to end before and still there: ${again.join(', ')}${because}; asking again`;
      await this.#telling.warn(context, { code: permission === undefined ? 'degraded' : 'permission-denied', message, next });
    }
    const key = `${this.#prefix(context)}/${this.#calls}`;
    await context.intent(TERMINATE, key, { site: this.#room.site.name, instances: ids });
    this.#calls += 1;
    for (const id of ids) this.#asked.set(id, context.clock.now());
    const note = `ending ${ids.length} drill instances`;
    try {
      const job = await this.#room.aws.drs.terminateRecoveryInstances(ids);
      this.#room.shared.begin(ids.length, job.id);
      this.#throttled = 0;
      await this.#record(job.id, key, false, context);
      return { note, lookAgainIn: UNSURE };
    } catch (error) {
      return this.#afterError(error, ids, note);
    }
  }

  /** What the log of the last TERMINATE job says, if it can be read: a missing permission shows nowhere else. */
  async #whyStillThere(): Promise<string | undefined> {
    const job = [...this.#recorded].at(-1);
    if (job === undefined) return undefined;
    const log = await this.#room.aws.drs.describeJobLog(job).catch(() => []);
    return log.findLast(({ rawError }) => rawError !== undefined)?.rawError;
  }

  #afterError(error: unknown, ids: readonly string[], note: string): Wait {
    const answer = readStartError(error);
    const { message } = asBreakwaterError(error);
    if (answer === 'throttled' || answer === 'full') for (const id of ids) this.#asked.delete(id);
    switch (answer) {
      case 'look':
        this.#room.shared.begin(ids.length, undefined);
        return { note: `${note}: not answered clearly (${message}); looking`, lookAgainIn: UNSURE };
      case 'throttled':
        return { note: message, lookAgainIn: afterThrottling(this.#throttled++) };
      case 'full':
        return { note: `waiting for DRS capacity: ${message}`, lookAgainIn: PREPARING };
      case 'refused':
      case 'not-sent':
      case 'fault':
        throw error;
    }
  }
}

function noteOf(
  left: readonly DrsRecoveryInstance[],
  held: ReadonlyMap<string, DrsJob>,
  launching: readonly DrsJob[],
  why: string | undefined,
): string {
  if (launching.length > 0) return `waiting for ${launching.map(({ id }) => id).join(', ')} to launch, to end what it launches`;
  const holder = left.map((instance) => held.get(instance.sourceServerId ?? '')).find((job) => job !== undefined);
  const by = holder === undefined ? '' : ` (DRS job ${holder.id}, ${holder.type})`;
  const because = why === undefined ? '' : `; last time DRS could not end them: ${why}`;
  return `waiting until ${left.length} drill instances are gone${by}${because}`;
}
