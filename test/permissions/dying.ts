import type { Clock } from '@breakwater/core';
import type { CallRecord, SimulatorRequestHandler } from '@breakwater/simulator';
import { access, type Estate } from './estate.ts';
import type { Told } from './scenario.ts';

/** No deed changes so much. */
const MOST_DEATHS = 60;
/** How long nobody is there between two processes, milliseconds. */
const PAUSE = 7_000;

/**
 * Lets process after process carry on a deed in one world. Each dies right after AWS has applied a change that no one before it had made, before
 * it hears of it; the first that makes none comes to the end. So whatever a process asks of AWS to find what others have begun is asked.
 */
export async function untilNobodyDies(estate: Estate, run: (process: Estate) => Promise<Told>): Promise<Told> {
  const made = new Set<string>();
  for (let deaths = 0; deaths < MOST_DEATHS; deaths += 1) {
    const { process, dead } = mortal(estate, (call) => {
      const change = `${call.operation} ${JSON.stringify(call.request)}`;
      const first = !made.has(change);
      made.add(change);
      return first;
    });
    const told = await Promise.race([run(process), dead]);
    if (told !== undefined) {
      if (deaths < 2) return { status: `${told.status} at once`, text: `${told.text}\n${deaths} died` };
      const twice = doneTwice(estate.world.calls);
      if (twice.length > 0) return { status: 'done twice', text: twice.join('\n') };
      const left = told.status === 'succeeded' ? leftOnTheWay(estate) : [];
      return left.length === 0 ? told : { status: 'left behind', text: left.join('\n') };
    }
    await estate.clock.sleep(PAUSE);
  }
  return { status: 'endless', text: `after ${MOST_DEATHS} processes it is not done:\n${[...made].join('\n')}` };
}

/** What would make a second thing, or take one away, and was applied more than once; tags may tell the time. */
function doneTwice(calls: readonly CallRecord[]): readonly string[] {
  const changes = calls
    .filter(({ applied, operation }) => applied && /^(Copy|Create|Delete|Restore|Send|Start|Terminate)/.test(operation))
    .map(({ operation, request: { Tags: _, ...request } = {} }) => `${operation} ${JSON.stringify(request)}`);
  return changes.filter((change, index) => changes.indexOf(change) !== index);
}

/** Copies that exist only on the way, and shares. */
function leftOnTheWay({ world }: Estate): readonly string[] {
  return world
    .state()
    .regions.flatMap(({ databases }) => databases.snapshots)
    .filter(({ status, tags, sharedWith }) => sharedWith.length > 0 || (tags['breakwater:transit'] && status !== 'deleting'))
    .map(({ arn }) => arn);
}

/** A process that hears nothing any more, neither of AWS nor of time, once it is dead. */
function mortal({ world, clock, handler }: Estate, fatal: (call: CallRecord) => boolean) {
  const death = Promise.withResolvers<undefined>();
  const silence = new Promise<never>(() => undefined);
  let dead = false;
  const mortalHandler: SimulatorRequestHandler = {
    ...handler,
    async handle(request, options) {
      if (dead) return silence;
      const number = world.calls.length;
      const answering = handler.handle(request, options);
      const call = world.calls[number];
      try {
        return await answering;
      } finally {
        if (!dead && call?.applied === true && fatal(call)) {
          dead = true;
          death.resolve(undefined);
        }
        if (dead) await silence;
      }
    },
  };
  const mortalClock: Clock = {
    now: () => clock.now(),
    async sleep(ms, signal) {
      try {
        await clock.sleep(ms, signal);
      } finally {
        if (dead) await silence;
      }
    },
  };
  return { process: access({ world, clock: mortalClock, handler: mortalHandler }), dead: death.promise };
}
