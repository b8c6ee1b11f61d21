import type { Clock } from '@breakwater/core';
import { AwsFault, ConnectionReset } from '../aws-fault.ts';
import { MODELS } from '../boundary.ts';
import { HANDLERS } from '../handlers.ts';
import { authorise } from '../iam/authorise.ts';
import { demandsOf } from '../iam/demands.ts';
import type { Grant } from '../iam/grants.ts';
import { validate } from '../model/validate.ts';
import { Randomness } from '../random.ts';
import { type EventBridgeEvent, eventBridgeEvents } from '../rds/events.ts';
import { emptyRds } from '../rds/state.ts';

import type { SqlBackend } from '../rds-data/sql-backend.ts';
import { sqlBackendOf } from '../rds-data/sql-backend-of.ts';
import type { Route53State } from '../route53/zones.ts';
import type { FaultSpec, Scenario } from '../scenario/scenario.ts';
import type { WireRequest, WireResponse } from '../wire/message.ts';
import { type Route, readInput, routeRequest, type ServiceName, type Unroutable } from '../wire/read-request.ts';
import { writeFault, writeOutput } from '../wire/write-response.ts';
import type { CallContext, Output } from './call-context.ts';
import { type CallRecord, redactInput } from './call-log.ts';
import { type ArmedFault, type CallEffect, type FaultSubject, Faults } from './faults.ts';
import { expiredKey, Identities } from './identities.ts';
import { injectedFault, invalidRequest, throttled, unavailable } from './injected.ts';
import { addOtherJobs, populate } from './populate.ts';
import type { RegionState } from './region-state.ts';
import { describeWorld, type WorldState } from './state.ts';
import { WorldClock } from './world-clock.ts';

/**
 * AWS in a box: what every account and Region holds, who may call, and which faults are armed. Nothing runs in it. Each object
 * knows its whole timeline, and an answer is what is true at `clock.now()`; with the same seed, the same calls at the same times
 * get the same answers.
 */
export class World {
  readonly scenario: Scenario;
  readonly clock: WorldClock;
  readonly random: Randomness;
  readonly identities: Identities;
  readonly faults = new Faults();
  /** Of every account, in no Region. */
  readonly route53: Route53State = { zones: new Map(), changes: new Map() };
  /** What answers SQL behind the Data API. */
  readonly sql: SqlBackend;
  /** When the world began, epoch milliseconds. */
  readonly began: number;
  readonly #calls: CallRecord[] = [];
  readonly #regions = new Map<string, RegionState>();

  constructor(scenario: Scenario, clock: Clock, sql: SqlBackend = sqlBackendOf(scenario)) {
    this.scenario = scenario;
    this.sql = sql;
    this.clock = new WorldClock(clock);
    this.random = new Randomness(scenario.seed);
    this.identities = new Identities(scenario, this.random);
    this.began = this.clock.now();
    populate(this);
    for (const fault of scenario.faults) this.#arm(fault);
  }

  /** Every call so far, oldest first. */
  get calls(): readonly CallRecord[] {
    return this.#calls;
  }

  /** Environment variables of a client that uses the scenario's first caller. Region is that of the first server. */
  get credentials(): {
    AWS_ACCESS_KEY_ID: string;
    AWS_SECRET_ACCESS_KEY: string;
    AWS_REGION: string;
    AWS_EC2_METADATA_DISABLED: string;
  } {
    const caller = this.scenario.callers[0];
    return {
      AWS_ACCESS_KEY_ID: caller?.accessKeyId ?? '',
      AWS_SECRET_ACCESS_KEY: caller?.secretAccessKey ?? '',
      AWS_REGION: this.scenario.servers[0]?.region ?? 'us-west-2',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
  }

  /** What an account holds in a Region; made empty, with DRS not initialised, when first asked for. */
  region(account: string, region: string): RegionState {
    const key = `${account}/${region}`;
    let state = this.#regions.get(key);
    if (state === undefined) {
      state = {
        account,
        region,
        drs: { initialised: false, servers: new Map(), jobs: new Map(), recoveryInstances: [] },
        instances: new Map(),
        ssm: { automations: new Map(), tokens: new Map(), commands: new Map(), parameters: new Map() },
        rds: emptyRds(),
        kms: new Map(),
        secrets: new Map(),
        topics: new Map(),
        transactions: new Map(),
      };
      this.#regions.set(key, state);
    }
    return state;
  }

  get regions(): readonly RegionState[] {
    return [...this.#regions.values()];
  }

  /** Arms a fault from now on. */
  arm(fault: FaultSpec): ArmedFault {
    return this.#arm(fault);
  }

  #arm(fault: FaultSpec): ArmedFault {
    const armed = this.faults.arm(fault, this.clock.now());
    if (fault.effect.kind === 'other-jobs') {
      for (const state of this.regions) {
        const { account, region } = fault.match;
        if ((account ?? state.account) !== state.account || (region ?? state.region) !== state.region || !state.drs.initialised)
          continue;
        addOtherJobs(this, state, { ...fault.effect, from: armed.from, label: `fault-${armed.id}` });
      }
    }
    if (fault.effect.kind === 'other-copies') {
      const { copies, family, for: lasts } = fault.effect;
      for (const { account, region, rds } of this.regions) {
        if ((fault.match.account ?? account) !== account || (fault.match.region ?? region) !== region) continue;
        rds.otherCopies.push({ family, copies, from: armed.from, until: armed.from + lasts });
      }
    }
    return armed;
  }

  /** Permissions that were used so far, and by which statements of the holder's policies. */
  get grants(): readonly Grant[] {
    return this.identities.grants.needed;
  }

  /** Jobs with their timelines, instances, automations, commands: everything, as plain data. */
  state(): WorldState {
    return describeWorld(this);
  }

  /** What EventBridge has sent of RDS so far, in every account and Region, oldest first. */
  get events(): readonly EventBridgeEvent[] {
    return eventBridgeEvents(this);
  }

  /**
   * Answers one request. Throws `ConnectionReset` where a fault drops the connection, and an `AbortError` when `signal` aborts
   * while the call is on its way (before it is applied) or its answer is (after).
   */
  async handle(request: WireRequest, signal?: AbortSignal): Promise<WireResponse> {
    const route = routeRequest(request);
    const call = this.#record(route, request);
    const requestId = this.random.uuid('request', call.number);
    const finish = (response: WireResponse, outcome: string): WireResponse => {
      call.status = response.status;
      call.outcome = outcome;
      return response;
    };
    try {
      await this.#sleep(this.scenario.latency, signal);
      if ('fault' in route) throw route.fault;
      const effects = this.#effectsOn(route, call);
      await this.#before(effects, route, signal);
      const output = await this.#apply(route, call, request);
      await this.#after(effects, signal);
      const operation = MODELS[route.service].operations[route.operation];
      if (operation === undefined) throw new AwsFault('InternalFailure', 500, 'no model');
      return finish(writeOutput(route.service, route.operation, operation, output, requestId), 'ok');
    } catch (error) {
      if (error instanceof AwsFault) return finish(writeFault(route.service, error, requestId), error.code);
      if (error instanceof ConnectionReset) call.outcome = 'dropped';
      else if (signal?.aborted === true) call.outcome = 'aborted';
      else call.outcome = `simulator error: ${error instanceof Error ? error.message : String(error)}`;
      throw error;
    }
  }

  async #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    if (ms > 0 || signal?.aborted === true) await this.clock.sleep(ms, signal);
  }

  #record(route: Route | Unroutable, request: WireRequest): CallRecord {
    const operation = route.service === undefined ? undefined : MODELS[route.service].operations[route.operation];
    let input: Readonly<Record<string, unknown>> | undefined;
    if (route.service !== undefined && operation !== undefined) {
      try {
        input = redactInput(route.operation, readInput(route.service, operation, request));
      } catch {
        // A body that cannot be read is answered as such when the call is applied.
      }
    }
    let principal: { account: string; arn: string } | undefined;
    if ('accessKeyId' in route && route.accessKeyId !== undefined) {
      try {
        principal = this.identities.resolve(route.service, route.accessKeyId, route.sessionToken, this.clock.now());
      } catch {
        // Nobody we know: the call is listed without an account.
      }
    }
    const call: CallRecord = {
      number: this.#calls.length + 1,
      service: route.service ?? 'unknown',
      operation: route.operation,
      account: principal?.account,
      region: route.region,
      principal: principal?.arn,
      at: this.clock.now(),
      request: input,
      outcome: 'open',
      status: undefined,
      applied: false,
      faults: [],
      unroutable: 'fault' in route,
    };
    this.#calls.push(call);
    return call;
  }

  #effectsOn(route: Route, call: CallRecord): readonly CallEffect[] {
    const subject: FaultSubject = {
      service: route.service,
      operation: route.operation,
      account: call.account,
      region: route.region,
      document: typeof call.request?.['DocumentName'] === 'string' ? call.request['DocumentName'] : undefined,
      concerns: (server) => {
        const text = JSON.stringify(call.request ?? {});
        return this.#namesOf(server, call.account, route.region).some((name) => text.includes(name));
      },
      touches: (database) =>
        JSON.stringify(call.request ?? {})
          .toLowerCase()
          .includes(database),
    };
    const effects = this.faults.onCall(subject, this.clock.now());
    call.faults.push(...effects.map((effect) => effect.kind));
    return effects;
  }

  /** The ids under which a request may mean a server: its own, its host name's, and those of its instances. */
  #namesOf(server: string, account: string | undefined, region: string): readonly string[] {
    if (account === undefined) return [server];
    const state = this.region(account, region);
    const found = [...state.drs.servers.values()].find(({ spec }) => spec.id === server || spec.hostname === server);
    if (found === undefined) return [server];
    return [found.spec.id, ...[...state.instances.values()].filter((i) => i.serverId === found.spec.id).map((i) => i.id)];
  }

  async #before(effects: readonly CallEffect[], route: Route, signal: AbortSignal | undefined): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'throttle') throw throttled(route.service);
      if (effect.kind === 'credentials-expire') {
        this.identities.expire(route.accessKeyId, this.clock.now());
        throw expiredKey(route.service);
      }
      if (effect.kind === 'error' && effect.when === 'before') throw injectedFault(effect);
      if (effect.kind === 'unavailable' && effect.when === 'before') throw unavailable(route.service, effect.status);
      if (effect.kind === 'drop' && effect.when === 'before') {
        await this.#sleep(0, signal);
        throw new ConnectionReset();
      }
    }
  }

  #apply(route: Route, call: CallRecord, request: WireRequest): Output | Promise<Output> {
    const model = MODELS[route.service];
    const operation = model.operations[route.operation];
    const handle = HANDLERS[route.service][route.operation];
    if (operation === undefined || handle === undefined)
      throw new AwsFault('SimulatorNotImplemented', 501, `no handler for ${route.operation}`);
    const now = this.clock.now();
    const unsigned = route.service === 'sts' && route.operation === 'AssumeRoleWithWebIdentity';
    const principal = unsigned
      ? { account: '', arn: 'anonymous', userId: 'anonymous', deny: [], policies: undefined, grants: undefined, role: undefined }
      : this.identities.resolve(route.service, route.accessKeyId, route.sessionToken, now);
    const input = readInput(route.service, operation, request);
    const context: CallContext = {
      world: this,
      state: this.region(principal.account, route.region),
      operation: route.operation,
      principal,
      accessKeyId: route.accessKeyId,
      now,
      changed: () => {
        call.applied = true;
      },
    };
    const bound = principal.policies !== undefined || principal.deny.length > 0;
    if (bound && route.service !== 'sts') authorise(principal, route.service, demandsOf(context, route.service, input));
    const violations = validate(model, operation.input, input);
    if (violations.length > 0) throw invalidRequest(route.service, violations);
    return handle(context, input);
  }

  async #after(effects: readonly CallEffect[], signal: AbortSignal | undefined): Promise<void> {
    for (const effect of effects) {
      if (effect.kind === 'slow') await this.#sleep(effect.by, signal);
      if (effect.kind === 'error' && effect.when === 'after') throw injectedFault(effect);
      if (effect.kind === 'unavailable' && effect.when === 'after') throw unavailable(undefined, effect.status);
      if (effect.kind === 'drop' && effect.when === 'after') throw new ConnectionReset();
    }
  }
}

export type { ServiceName };

/** A world of a scenario, on a clock. */
export function createWorld({
  scenario,
  clock,
  sql,
}: {
  readonly scenario: Scenario;
  readonly clock: Clock;
  /** Answers the Data API instead of what the scenario says. */
  readonly sql?: SqlBackend | undefined;
}): World {
  return new World(scenario, clock, sql);
}
