import type { GatewayMethod, SsmAutomation } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { Advance, Operation, OperationContext } from '@breakwater/engine';
import type { JsonObject } from '@breakwater/history';
import { type ActionRun, actionOperation } from './action-operation.ts';
import { fillParameters } from './action-parameters.ts';
import { type ActionDeed, type ActionPart, changeOf, intentOf, noteStop, partKey, stopsIn } from './action-parts.ts';
import { automationFailure, automationNote, automationResult, automationState, failedSteps } from './automation-outcome.ts';
import { withoutUndefined } from './boundary.ts';
import { afterThrottling, PREPARING, UNSURE, untilNextActionLook, untilNextApprovalLook } from './look-again.ts';
import { maskOutputs, maskText } from './masking.ts';
import { TAGS, tagValue } from './ownership.ts';
import { type Rooms, VISIBILITY } from './rooms.ts';
import { readStartError } from './start-answer.ts';
import { summary } from './step-result.ts';
import { Telling } from './telling.ts';

/** What it asks of AWS; permissions are made of this. */
export const RUN_AUTOMATION_CALLS = [
  'ssm.startAutomation',
  'ssm.getAutomation',
  'ssm.stopAutomation',
] as const satisfies readonly GatewayMethod[];

export const START_AUTOMATION = 'ssm:StartAutomationExecution';

/**
 * Runs an SSM automation: once, or for up to 50 instances at a time, one after the other. Its ClientToken is the same in every
 * process, so that a start which is sent again answers with the execution that already runs.
 */
export function runAutomation(rooms: Rooms, work: ActionDeed): Operation {
  return actionOperation(work, (context) => new AutomationRun(rooms, work, context));
}

/** An execution that is known to exist. */
interface Running {
  readonly part: number;
  readonly id: string;
  readonly site: string;
  readonly instances: readonly string[];
  readonly startedAt: number;
  /** We asked it to stop before: only its success counts. */
  readonly stopped: boolean;
}

class AutomationRun implements ActionRun {
  readonly #rooms: Rooms;
  readonly #work: ActionDeed;
  readonly #telling: Telling;
  readonly #results: JsonObject[] = [];
  readonly #warnings: string[] = [];
  readonly #announced = new Set<string>();
  /** Stopped executions that have been found not to have succeeded. */
  readonly #givenUp = new Set<string>();
  #outputs: Record<string, readonly string[]> = {};
  #part = 0;
  #running: Running | undefined;
  #refusals = 0;

  constructor(rooms: Rooms, work: ActionDeed, context: OperationContext) {
    this.#rooms = rooms;
    this.#work = work;
    this.#telling = new Telling(context.earlier);
  }

  async advance(parts: readonly ActionPart[], context: OperationContext): Promise<Advance> {
    const part = parts[this.#part];
    if (part === undefined) return this.#done();
    this.#running ??= this.#known(part, context);
    return this.#running === undefined ? this.#start(part, context) : this.#look(this.#running, parts.length, context);
  }

  async stop(context: OperationContext): Promise<string | undefined> {
    const running = this.#running ?? this.#lastStarted(context);
    if (running === undefined) {
      return this.#announced.size === 0 ? undefined : `automation "${this.#work.action.name}" may have been started`;
    }
    await this.#rooms.at(running.site).aws.ssm.stopAutomation(running.id);
    const what = `automation ${running.id} ("${this.#work.action.name}")`;
    await noteStop(context, running.part, running.id, what);
    return `${what} was asked to stop`;
  }

  /** What an earlier process started, by the journal; AWS itself answers the same token with the same execution. */
  #known({ index, site, instances }: ActionPart, { earlier, attempt }: OperationContext): Running | undefined {
    const stopped = stopsIn(earlier, index).at(-1);
    const common = { part: index, site, instances };
    if (stopped !== undefined && !this.#givenUp.has(stopped)) return { ...common, id: stopped, startedAt: 0, stopped: true };
    const change = changeOf(earlier, partKey(this.#work, attempt, index, stopsIn(earlier, index).length));
    return change === undefined ? undefined : { ...common, id: change.id, startedAt: change.at, stopped: false };
  }

  #lastStarted({ earlier }: OperationContext): Running | undefined {
    const line = earlier.findLast((one) => one.type === 'change' && one.operation === START_AUTOMATION);
    if (line?.type !== 'change') return undefined;
    const part = line.detail['part'];
    return {
      part: typeof part === 'number' ? part : 0,
      id: line.id,
      site: line.site,
      instances: [],
      startedAt: Date.parse(line.at),
      stopped: false,
    };
  }

  async #start(part: ActionPart, context: OperationContext): Promise<Advance> {
    const { action, deed, wave } = this.#work;
    const key = partKey(this.#work, context.attempt, part.index, stopsIn(context.earlier, part.index).length);
    const intent = intentOf(context.earlier, key);
    // The token stands for this very input; other instances than announced would be refused as a mismatch.
    const instances = intent !== undefined && intent.instances.length > 0 ? intent.instances : part.instances;
    if (intent === undefined && !this.#announced.has(key)) {
      await context.intent(START_AUTOMATION, key, { document: action.document, part: part.index, instances });
    }
    this.#announced.add(key);
    let id: string;
    try {
      id = await this.#rooms.at(part.site).aws.ssm.startAutomation({
        document: action.document,
        parameters: {
          ...fillParameters(action, deed, wave),
          ...(instances.length === 0 ? {} : { [action.targetParameter]: instances }),
        },
        clientToken: key,
        tags: {
          [TAGS.execution]: tagValue(deed.execution),
          [TAGS.plan]: tagValue(deed.plan.name),
          [TAGS.wave]: tagValue(wave?.name ?? 'finally'),
          [TAGS.mode]: deed.mode,
        },
        ...withoutUndefined({ version: action.version }),
      });
    } catch (error) {
      return this.#afterError(error, key);
    }
    const { index, site } = part;
    this.#running = { part: index, id, site, instances, startedAt: context.clock.now(), stopped: false };
    const adopted = intent !== undefined;
    await context.change({ operation: START_AUTOMATION, key, id, adopted, site, detail: { part: index, instances } });
    return { state: 'waiting', note: `automation ${id}: started`, lookAgainIn: untilNextActionLook(0) };
  }

  #afterError(error: unknown, key: string): Advance {
    const { code, message, next } = asBreakwaterError(error);
    switch (readStartError(error)) {
      case 'look':
        return {
          state: 'waiting',
          note: `the answer is not known, asking again with the same token: ${message}`,
          lookAgainIn: UNSURE,
        };
      case 'throttled':
        return { state: 'waiting', note: message, lookAgainIn: afterThrottling(this.#refusals++) };
      case 'full':
        return { state: 'waiting', note: `waiting for SSM capacity: ${message}`, lookAgainIn: PREPARING };
      case 'refused':
        this.#announced.delete(key);
        return { state: 'failed', reason: { code, message: maskText(message), next }, ...this.#resultSoFar() };
      case 'not-sent':
      case 'fault':
        throw error;
    }
  }

  async #look(running: Running, parts: number, context: OperationContext): Promise<Advance> {
    const elapsed = context.clock.now() - running.startedAt;
    const automation = await this.#rooms.at(running.site).aws.ssm.getAutomation(running.id);
    if (running.stopped) return this.#lookAtStopped(running, automation, parts);
    if (automation === undefined) {
      if (elapsed < VISIBILITY) {
        return {
          state: 'waiting',
          note: `automation ${running.id} is not visible yet`,
          lookAgainIn: untilNextActionLook(elapsed),
        };
      }
      const message = `automation "${this.#work.action.name}" (${running.id}) was started, but SSM does not know it`;
      const next = 'Look for it in the Systems Manager console, and run the same execution again.';
      return { state: 'failed', reason: { code: 'automation-failed', message, next }, ...this.#resultSoFar() };
    }
    switch (automationState(automation.status)) {
      case 'succeeded':
        return this.#take(running, automation, parts);
      case 'failed': {
        this.#results.push(automationResult(automation, running.site, running.instances));
        return { state: 'failed', reason: automationFailure(this.#work.action.name, automation), ...this.#resultSoFar() };
      }
      case 'asking':
        return { state: 'waiting', note: automationNote(automation), lookAgainIn: untilNextApprovalLook(elapsed) };
      case 'unknown':
        await this.#telling.warn(context, {
          code: 'degraded',
          message: `automation ${running.id} has status ${automation.status}, which this version does not know; it is waited for`,
        });
        return { state: 'waiting', note: automationNote(automation), lookAgainIn: untilNextActionLook(elapsed) };
      case 'underway':
        return { state: 'waiting', note: automationNote(automation), lookAgainIn: untilNextActionLook(elapsed) };
    }
  }

  /** It may have ended well before our request to stop reached it. */
  #lookAtStopped(running: Running, automation: SsmAutomation | undefined, parts: number): Advance {
    const state = automation === undefined ? 'failed' : automationState(automation.status);
    if (automation !== undefined && state === 'succeeded') return this.#take(running, automation, parts);
    if (state !== 'failed') return { state: 'waiting', note: `automation ${running.id} is stopping`, lookAgainIn: 1_000 };
    this.#givenUp.add(running.id);
    this.#running = undefined;
    return { state: 'waiting', note: `automation ${running.id} was stopped with the run; starting it anew`, lookAgainIn: 0 };
  }

  #take(running: Running, automation: SsmAutomation, parts: number): Advance {
    this.#results.push(automationResult(automation, running.site, running.instances));
    for (const [name, values] of Object.entries(maskOutputs(automation.outputs))) {
      this.#outputs[name] = [...(this.#outputs[name] ?? []), ...values];
    }
    for (const step of failedSteps(automation))
      this.#warnings.push(`step ${step.name} of automation ${running.id} ${step.status}`);
    this.#running = undefined;
    this.#part += 1;
    if (this.#part >= parts) return this.#done();
    return { state: 'waiting', note: `${this.#part} of ${parts} automations done`, lookAgainIn: 0 };
  }

  #done(): Advance {
    if (this.#warnings.length === 0) return { state: 'done', status: 'succeeded', ...this.#resultSoFar() };
    const message = `succeeded, but ${summary(this.#warnings)}`;
    return { state: 'done', status: 'succeeded-with-warnings', reason: { code: 'degraded', message }, ...this.#resultSoFar() };
  }

  #resultSoFar(): { readonly result: JsonObject } {
    return { result: { outputs: this.#outputs, automations: this.#results } };
  }
}
