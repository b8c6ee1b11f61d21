import { connect, type SiteGateways } from '@breakwater/aws';
import { type Mode, VirtualClock } from '@breakwater/core';
import type { DeedContext, Deeds } from '@breakwater/engine';
import type { Action, Plan, PlanSet, Site, Wave } from '@breakwater/plan';
import { type CallRecord, createWorld, parseFault, parseScenario, requestHandler, type World } from '@breakwater/simulator';
import { deeds } from '../deeds.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'us-west-2';

/** A world with a short launch: 60 s a job, checks passed 20 s after, agents 10 s later. */
const WORLD = `
name: operations
seed: 7
start: 2026-03-04T03:00:00Z
latency: 20ms
callers: [{ account: "${ACCOUNT}" }]
accounts: [{ id: "${ACCOUNT}", name: recovery, regions: [${REGION}] }]
drs:
  durations: { jobStart: 1s, toSnapshot: 1s, snapshot: 1s, toConversion: 5s, conversion: 20s, toLaunch: 1s, launch: 25s, jobEnd: 3s, cleanup: 5s, terminate: 20s }
  recoverySnapshots: [{ every: 10m, keep: 1h }]
instances: { visibleAfter: 2s, statusOkAfter: 20s, agentOnlineAfter: 10s }
`;

/** One server as the scenario wants it, with an id that can be told: `server('db', 1)` is `s-db000000000000001`. */
export function serverId(name: string, number = 1): string {
  return `s-${name.replaceAll('-', '')}${String(number).padStart(17 - name.replaceAll('-', '').length, '0')}`;
}

export function serverYaml(name: string, more = '', number = 1): string {
  return `  - { id: ${serverId(name, number)}, account: "${ACCOUNT}", region: ${REGION}, hostname: ${name}, tags: { Group: web }, replication: { lag: 4s }${more === '' ? '' : `, ${more}`} }`;
}

const SITE: Site = { name: 'dr', account: ACCOUNT, region: REGION };

const SET: PlanSet = {
  sites: new Map([['dr', SITE]]),
  groups: new Map([
    ['web', { name: 'web', site: 'dr', select: { kind: 'tags', tags: { Group: 'web' } }, exclude: [], expect: {} }],
  ]),
  plans: new Map(),
};

const WAVE: Wave = {
  name: 'web',
  dependsOn: [],
  groups: ['web'],
  servers: [],
  recoveryPoint: { kind: 'latest' },
  preWaveActions: [],
  postWaveActions: [],
  timeout: 3_600_000,
};

const PLAN: Plan = {
  name: 'webshop',
  owner: 'shop-team',
  tier: 1,
  objectives: { rto: 3_600_000, rpo: 900_000 },
  readiness: { maxLag: 300_000 },
  drill: { cleanUp: 'terminate' },
  waves: [WAVE],
  finally: [],
};

/** An action with everything at its default. */
export function action(over: Partial<Action> & Pick<Action, 'document'>): Action {
  return {
    name: over.document,
    kind: 'automation',
    parameters: {},
    maxWait: 600_000,
    onFailure: 'stop',
    when: ['drill', 'recovery'],
    target: 'none',
    targetParameter: 'InstanceId',
    ...over,
  };
}

export interface SimulatedOptions {
  /** Lines under `servers:`. */
  readonly servers: string;
  /** More of the scenario, as top-level YAML. */
  readonly more?: string;
  readonly mode?: Mode;
  readonly execution?: string;
  readonly replaceLive?: readonly string[];
  readonly wave?: Partial<Wave>;
  readonly plan?: Partial<Plan>;
  /** Between the operations and AWS, for answers that the simulator cannot give. */
  readonly through?: (aws: SiteGateways) => SiteGateways;
}

export interface Simulated {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly aws: SiteGateways;
  readonly wave: Wave;
  readonly context: DeedContext;
  /** The deeds as a new process has them: nothing is remembered. */
  deeds(over?: Partial<DeedContext>): Deeds;
  arm(fault: object): void;
  /** The calls of an operation, as `StartRecovery`, that changed something. */
  changes(operation: string): readonly CallRecord[];
  calls(operation: string): readonly CallRecord[];
}

/** A plan with one wave over one simulated site, and the deeds for it, all on a virtual clock. */
export function simulated(options: SimulatedOptions): Simulated {
  const scenario = parseScenario(`${WORLD}servers:\n${options.servers}\n${options.more ?? ''}`, 'test');
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const open = connect({
    clock,
    credentials: {
      kind: 'static',
      accessKeyId: world.credentials.AWS_ACCESS_KEY_ID,
      secretAccessKey: world.credentials.AWS_SECRET_ACCESS_KEY,
    },
    sessionName: 'test',
    requestHandler: requestHandler(world),
  });
  const through = options.through ?? ((aws: SiteGateways) => aws);
  const wave = { ...WAVE, ...options.wave };
  const context: DeedContext = {
    clock,
    signal: new AbortController().signal,
    execution: options.execution ?? 'webshop-20260304T030000Z-1',
    mode: options.mode ?? 'drill',
    set: SET,
    plan: { ...PLAN, waves: [wave], ...options.plan },
    createdAt: clock.now(),
    replaceLive: options.replaceLive ?? [],
  };
  const site = (where: Site) => through(open(where));
  const calls = (operation: string) => world.calls.filter((call) => call.operation === operation);
  return {
    world,
    clock,
    aws: site(SITE),
    wave,
    context,
    deeds: (over = {}) => deeds({ ...context, ...over }, site),
    arm: (fault) => void world.arm(parseFault(fault)),
    calls,
    changes: (operation) => calls(operation).filter(({ applied }) => applied),
  };
}
