import type { GatewayMethod, SsmCommand } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { JsonObject } from '@breakwater/history';
import { type ActionRun, actionOperation } from './action-operation.ts';
import { fillParameters } from './action-parameters.ts';
import { type ActionDeed, type ActionPart, changeOf, intentOf, noteStop, partKey, stopsIn } from './action-parts.ts';
import { withoutUndefined } from './boundary.ts';
import { commandFailure, commandResult, commandState } from './command-outcome.ts';
import { afterThrottling, PREPARING, UNSURE, untilNextActionLook } from './look-again.ts';
import { maskText } from './masking.ts';
import { type Rooms, VISIBILITY } from './rooms.ts';
import { readStartError } from './start-answer.ts';
import { Telling } from './telling.ts';

/** What it asks of AWS; permissions are made of this. */
export const RUN_COMMAND_CALLS = [
  'ssm.listCommandsSince',
  'ssm.sendCommand',
  'ssm.listInvocations',
  'ssm.cancelCommand',
] as const satisfies readonly GatewayMethod[];

export const SEND_COMMAND = 'ssm:SendCommand';

/** Where our own command is looked for when no journal says when it was sent. */
const LOOK_BACK = 12 * 3_600_000;
const CLOCK_MARGIN = 120_000;
/** How long invocations of a sent command may be missing, milliseconds. */
const INVOCATIONS_VISIBLE = 120_000;

/** How a command is found again: SendCommand has no client token, but keeps a comment of up to 100 characters. */
export function commandComment(key: string): string {
  return `breakwater ${key.replaceAll('-', '').slice(0, 12)}`;
}

/**
 * Runs an SSM command on recovered instances, at most 50 at a time, one part after the other. It is sent once, after a look for the
 * comment that an earlier process may have sent it under.
 */
export function runCommand(rooms: Rooms, work: ActionDeed): Operation {
  return actionOperation(work, (context) => new CommandRun(rooms, work, context));
}

interface Sent {
  readonly part: number;
  readonly id: string;
  readonly site: string;
  readonly instances: readonly string[];
  readonly at: number;
  /** We asked it to stop before: only its success counts. */
  readonly stopped: boolean;
}

class CommandRun implements ActionRun {
  readonly #rooms: Rooms;
  readonly #work: ActionDeed;
  readonly #telling: Telling;
  readonly #results: JsonObject[] = [];
  /** When each key was announced: the command may have been sent. */
  readonly #announced = new Map<string, number>();
  readonly #givenUp = new Set<string>();
  #part = 0;
  #sent: Sent | undefined;
  #refusals = 0;

  constructor(rooms: Rooms, work: ActionDeed, context: OperationContext) {
    this.#rooms = rooms;
    this.#work = work;
    this.#telling = new Telling(context.earlier);
    for (const line of context.earlier) {
      if (line.type === 'intent' && line.operation === SEND_COMMAND) this.#announced.set(line.key, Date.parse(line.at));
    }
  }

  async advance(parts: readonly ActionPart[], context: OperationContext): Promise<Advance> {
    const part = parts[this.#part];
    if (part === undefined) return this.#done();
    this.#sent ??= this.#known(part, context);
    return this.#sent === undefined ? this.#place(part, context) : this.#look(this.#sent, parts.length, context);
  }

  async stop(context: OperationContext): Promise<string | undefined> {
    const sent = this.#sent ?? this.#lastSent(context);
    if (sent === undefined) {
      return this.#announced.size === 0 ? undefined : `command "${this.#work.action.name}" may have been sent`;
    }
    await this.#rooms.at(sent.site).aws.ssm.cancelCommand(sent.id);
    const what = `command ${sent.id} ("${this.#work.action.name}")`;
    await noteStop(context, sent.part, sent.id, what);
    return `${what} was asked to stop; what has begun on the instances may go on`;
  }

  #known(part: ActionPart, { earlier, attempt }: OperationContext): Sent | undefined {
    const { index, site } = part;
    const stopped = stopsIn(earlier, index).at(-1);
    const round = stopsIn(earlier, index).length;
    if (stopped !== undefined && !this.#givenUp.has(stopped)) {
      const instances = this.#instances(part, partKey(this.#work, attempt, index, round - 1), earlier);
      return { part: index, site, instances, id: stopped, at: 0, stopped: true };
    }
    const key = partKey(this.#work, attempt, index, round);
    const change = changeOf(earlier, key);
    if (change === undefined) return undefined;
    return { part: index, site, instances: this.#instances(part, key, earlier), id: change.id, at: change.at, stopped: false };
  }

  #instances(part: ActionPart, key: string, earlier: OperationContext['earlier']): readonly string[] {
    const announced = intentOf(earlier, key)?.instances ?? [];
    return announced.length > 0 ? announced : part.instances;
  }

  #lastSent({ earlier }: OperationContext): Sent | undefined {
    const line = earlier.findLast((one) => one.type === 'change' && one.operation === SEND_COMMAND);
    if (line?.type !== 'change') return undefined;
    const part = line.detail['part'];
    const index = typeof part === 'number' ? part : 0;
    return { part: index, id: line.id, site: line.site, instances: [], at: Date.parse(line.at), stopped: false };
  }

  /** Looks whether the command is there already, and sends it if it surely is not. */
  async #place(part: ActionPart, context: OperationContext): Promise<Advance> {
    const { earlier, attempt, clock } = context;
    const key = partKey(this.#work, attempt, part.index, stopsIn(earlier, part.index).length);
    const announcedAt = this.#announced.get(key);
    const since = announcedAt ?? Math.min(this.#work.deed.createdAt, clock.now() - LOOK_BACK);
    const commands = await this.#rooms.at(part.site).aws.ssm.listCommandsSince(since - CLOCK_MARGIN);
    const ours = commands.find(({ comment }) => comment === commandComment(key));
    if (ours !== undefined) return this.#take(part, key, ours, true, context);
    const left = announcedAt === undefined ? 0 : announcedAt + VISIBILITY - clock.now();
    if (left > 0) {
      const note = 'the answer to SendCommand is not known; looking for the command before sending again';
      return { state: 'waiting', note, lookAgainIn: Math.min(UNSURE, left) };
    }
    return this.#send(part, key, context);
  }

  async #send(part: ActionPart, key: string, context: OperationContext): Promise<Advance> {
    const { action, deed, wave } = this.#work;
    const instanceIds = this.#instances(part, key, context.earlier);
    const detail = { document: action.document, part: part.index, instances: instanceIds };
    await context.intent(SEND_COMMAND, key, detail);
    this.#announced.set(key, context.clock.now());
    let command: SsmCommand;
    try {
      command = await this.#rooms.at(part.site).aws.ssm.sendCommand({
        document: action.document,
        parameters: fillParameters(action, deed, wave),
        instanceIds,
        comment: commandComment(key),
        // Milliseconds; the gateway keeps to SSM's 30 seconds to 30 days.
        deliveryTimeout: action.maxWait,
        ...withoutUndefined({ version: action.version }),
      });
    } catch (error) {
      return this.#afterError(error, key);
    }
    return this.#take(part, key, command, false, context);
  }

  async #take(
    part: ActionPart,
    key: string,
    { id, requestedAt }: SsmCommand,
    adopted: boolean,
    context: OperationContext,
  ): Promise<Advance> {
    const instances = this.#instances(part, key, context.earlier);
    const { index, site } = part;
    this.#sent = { part: index, id, site, instances, at: requestedAt ?? context.clock.now(), stopped: false };
    await context.change({ operation: SEND_COMMAND, key, id, adopted, site, detail: { part: index, instances } });
    return { state: 'waiting', note: `command ${id}: sent`, lookAgainIn: untilNextActionLook(0) };
  }

  #afterError(error: unknown, key: string): Advance {
    const { code, message, next } = asBreakwaterError(error);
    const answer = readStartError(error);
    if (answer !== 'look' && answer !== 'fault') this.#announced.delete(key);
    switch (answer) {
      case 'look':
        return {
          state: 'waiting',
          note: `SendCommand was not answered clearly (${message}); looking for it`,
          lookAgainIn: UNSURE,
        };
      case 'throttled':
        return { state: 'waiting', note: message, lookAgainIn: afterThrottling(this.#refusals++) };
      case 'full':
        return { state: 'waiting', note: `waiting for SSM capacity: ${message}`, lookAgainIn: PREPARING };
      case 'refused':
        return { state: 'failed', reason: { code, message: maskText(message), next }, ...this.#resultSoFar() };
      case 'not-sent':
      case 'fault':
        throw error;
    }
  }

  async #look(sent: Sent, parts: number, context: OperationContext): Promise<Advance> {
    const { name } = this.#work.action;
    const elapsed = context.clock.now() - sent.at;
    const invocations = await this.#rooms.at(sent.site).aws.ssm.listInvocations(sent.id);
    const { open, unseen, failed, unknown } = commandState(sent.instances, invocations);
    for (const status of unknown) {
      await this.#telling.warn(context, {
        code: 'degraded',
        message: `command ${sent.id} has an invocation with status ${status}, which this version does not know; it is waited for`,
      });
    }
    const lost = unseen.length > 0 && unseen.length === open.length && elapsed >= INVOCATIONS_VISIBLE;
    if (open.length > 0 && !lost) {
      const note = `command ${sent.id}: ${sent.instances.length - open.length} of ${sent.instances.length} instances done`;
      return { state: 'waiting', note, lookAgainIn: untilNextActionLook(elapsed) };
    }
    if (sent.stopped && (failed.length > 0 || lost)) {
      this.#givenUp.add(sent.id);
      this.#sent = undefined;
      return { state: 'waiting', note: `command ${sent.id} was stopped with the run; sending it anew`, lookAgainIn: 0 };
    }
    this.#results.push(commandResult(sent.id, sent.site, sent.instances, invocations));
    if (lost) {
      const message = `command "${name}" (${sent.id}) was sent, but SSM shows nothing of it on ${unseen.join(', ')}`;
      const next = 'Look at the command in the Systems Manager console, and whether the agents of these instances are online.';
      return { state: 'failed', reason: { code: 'command-failed', message, next }, ...this.#resultSoFar() };
    }
    if (failed.length > 0) {
      return { state: 'failed', reason: commandFailure(name, sent.id, sent.instances.length, failed), ...this.#resultSoFar() };
    }
    this.#sent = undefined;
    this.#part += 1;
    if (this.#part >= parts) return this.#done();
    return { state: 'waiting', note: `${this.#part} of ${parts} commands done`, lookAgainIn: 0 };
  }

  #done(): Advance {
    return { state: 'done', status: 'succeeded', ...this.#resultSoFar() };
  }

  #resultSoFar(): { readonly result: JsonObject } {
    return { result: { commands: this.#results } };
  }
}
