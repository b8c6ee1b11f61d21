import { createHash } from 'node:crypto';
import type { Clock, Mode } from '@breakwater/core';
import type {
  DatabaseRecord,
  ExecutionHeader,
  ExecutionHistory,
  Journal,
  JournalEvent,
  JournalLine,
  ServerRecord,
} from '@breakwater/history';
import type { Action, DatabaseRecovery, Plan, PlanSet, Wave } from '@breakwater/plan';
import type { DatabaseDoubt, Deeds, WaveServer } from './deeds.ts';
import type { Advance, Operation, OperationContext } from './operation.ts';

/** A history in memory, with the rules that matter to the engine: one writer a stream, and a disk that can fill up. */
export class MemoryHistory implements ExecutionHistory {
  readonly header: ExecutionHeader;
  readonly place = 'memory';
  readonly #streams = new Map<string, JournalLine[]>();
  readonly #held = new Set<string>();
  readonly #clock: Clock;
  /** Appends that still fit; then every append fails as a full disk does. */
  room = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, header: ExecutionHeader) {
    this.#clock = clock;
    this.header = header;
  }

  async journal(stream: string): Promise<Journal> {
    if (this.#held.has(stream)) throw new Error(`${stream} is held`);
    this.#held.add(stream);
    const lines = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, lines);
    return {
      stream,
      lines: () => lines,
      append: async (event: JournalEvent) => {
        if (this.room <= 0) throw new Error('no space left');
        this.room -= 1;
        const prev = createHash('sha256')
          .update(JSON.stringify(lines.at(-1) ?? stream))
          .digest('hex');
        const line: JournalLine = { v: 1, seq: lines.length, at: new Date(this.#clock.now()).toISOString(), prev, ...event };
        lines.push(line);
        return line;
      },
      close: async () => {
        this.#held.delete(stream);
      },
    };
  }

  async read(): Promise<{ streams: ReadonlyMap<string, readonly JournalLine[]>; problems: readonly string[] }> {
    return { streams: new Map([...this.#streams].map(([name, lines]) => [name, [...lines]])), problems: [] };
  }

  async conclude(): Promise<void> {}

  async writeFile(): Promise<string> {
    return 'memory';
  }

  async seal() {
    return { manifest: '', entry: '' };
  }

  async reopen(): Promise<void> {}

  lines(stream: string): readonly JournalLine[] {
    return this.#streams.get(stream) ?? [];
  }

  get held(): readonly string[] {
    return [...this.#held];
  }
}

/** What a deed of the test says when it is asked the n-th time (from 1), in any process; nothing: that it is done, and well. */
export type Script = (look: number, context: OperationContext) => Promise<Advance | undefined> | Advance | undefined;

/** Deeds that follow scripts, by step id and wave: `database/recover`, `database/pre/Freeze`, `finally/Notify`, `clean-up`. */
export class ScriptedDeeds implements Deeds {
  readonly scripts: Map<string, Script>;
  readonly asked: string[] = [];
  readonly abandoned: string[] = [];
  /** Databases that were handed to the clean-up. */
  readonly cleaned: string[] = [];
  /** What `abandon` answers, by step. */
  readonly goesOn = new Map<string, string>();
  inspectFails: Error | undefined;
  /** What the inspection has against databases. */
  doubts: readonly DatabaseDoubt[] = [];
  readonly #clock: Clock;
  readonly #looks = new Map<string, number>();

  constructor(clock: Clock, scripts: Readonly<Record<string, Script>> = {}) {
    this.#clock = clock;
    this.scripts = new Map(Object.entries(scripts));
  }

  async proveIdentities(sites: Parameters<Deeds['proveIdentities']>[0]) {
    return sites.map(({ name, account, region }) => ({
      site: name,
      account,
      region,
      arn: `arn:aws:sts::${account}:assumed-role/x/y`,
    }));
  }

  async inspect(waves: readonly Wave[]) {
    if (this.inspectFails !== undefined) throw this.inspectFails;
    const servers = (wave: Wave) => (wave.groups.length === 0 ? [] : [waveServer(`s-${wave.name}`)]);
    const doubts = this.doubts.filter(({ wave }) => waves.some(({ name }) => name === wave));
    return { waves: new Map(waves.map((wave) => [wave.name, servers(wave)])), warnings: [], doubts };
  }

  recover(wave: Wave, servers: readonly WaveServer[]): Operation {
    const launched = servers.map(({ record }) => ({ ...record, status: 'succeeded' as const, instanceId: `i-${record.id}` }));
    return this.#operation(`${wave.name}/recover`, { state: 'done', status: 'succeeded', servers: launched });
  }

  verify(wave: Wave, servers: readonly ServerRecord[]): Operation {
    return this.#operation(`${wave.name}/verify`, { state: 'done', status: 'succeeded', servers });
  }

  act(action: Action, stage: string, wave: Wave | undefined): Operation {
    return this.#operation([wave?.name, stage, action.name].filter((part) => part !== undefined).join('/'));
  }

  cleanUp(): Operation {
    return this.#operation('clean-up');
  }

  recoverDatabase({ name }: DatabaseRecovery, wave: Wave): Operation {
    const database = { clusterId: `${name}-restored`, snapshotId: `${name}-snapshot`, rpa: 60_000 };
    return this.#operation(`${wave.name}/database/${name}`, { state: 'done', status: 'succeeded', database });
  }

  cleanUpDatabases(databases: readonly DatabaseRecord[]): Operation {
    this.cleaned.push(...databases.map(({ name }) => name));
    return this.#operation('clean-up-databases');
  }

  #operation(id: string, otherwise: Advance = { state: 'done', status: 'succeeded' }): Operation {
    return {
      advance: async (context) => {
        const look = (this.#looks.get(id) ?? 0) + 1;
        this.#looks.set(id, look);
        this.asked.push(`${this.#clock.now() / 1_000}s ${id}`);
        return (await this.scripts.get(id)?.(look, context)) ?? otherwise;
      },
      abandon: async () => {
        this.abandoned.push(id);
        return this.goesOn.get(id);
      },
    };
  }
}

export function waveServer(id: string): WaveServer {
  return {
    record: {
      id,
      name: id,
      site: 'dr',
      account: '111122223333',
      region: 'us-west-2',
      group: 'g',
      criticality: 'critical',
      status: 'pending',
    },
    recoveryPoint: { kind: 'latest' },
  };
}

export function wave(name: string, overrides: Partial<Wave> = {}): Wave {
  return {
    name,
    dependsOn: [],
    groups: ['g'],
    servers: [],
    recoveryPoint: { kind: 'latest' },
    preWaveActions: [],
    postWaveActions: [],
    timeout: 600_000,
    ...overrides,
  };
}

export function action(name: string, overrides: Partial<Action> = {}): Action {
  return {
    name,
    kind: 'automation',
    document: 'Doc',
    parameters: {},
    maxWait: 60_000,
    onFailure: 'stop',
    when: ['drill', 'recovery'],
    target: 'none',
    targetParameter: 'InstanceIds',
    ...overrides,
  };
}

export function database(name: string, overrides: Partial<DatabaseRecovery> = {}): DatabaseRecovery {
  return {
    name,
    cluster: name,
    site: 'dr',
    snapshot: { kind: 'newest', types: ['automated', 'manual'] },
    strategy: 'new',
    verification: [],
    connection: 'data-api',
    criticality: 'critical',
    timeout: 600_000,
    ...overrides,
  };
}

export function planOf(waves: readonly Wave[], overrides: Partial<Plan> = {}): { readonly set: PlanSet; readonly plan: Plan } {
  const plan: Plan = {
    name: 'p',
    owner: 'team',
    tier: 1,
    objectives: { rto: 3_600_000, rpo: 900_000 },
    readiness: { maxLag: 900_000 },
    drill: { cleanUp: 'keep' },
    waves,
    finally: [],
    ...overrides,
  };
  const set: PlanSet = {
    sites: new Map([['dr', { name: 'dr', account: '111122223333', region: 'us-west-2' }]]),
    groups: new Map([['g', { name: 'g', site: 'dr', select: { kind: 'tags', tags: { a: 'b' } }, exclude: [], expect: {} }]]),
    plans: new Map([[plan.name, plan]]),
  };
  return { set, plan };
}

export function headerOf(plan: Plan, mode: Mode): ExecutionHeader {
  return {
    schema: 'breakwater.execution/1',
    id: 'p-drill-1',
    mode,
    createdAt: 0,
    actor: 'tester',
    tool: 'test',
    simulated: true,
    plan: {
      name: plan.name,
      digest: '0'.repeat(64),
      owner: plan.owner,
      tier: plan.tier,
      objectives: plan.objectives,
      waves: plan.waves.map(({ name, dependsOn }) => ({ name, dependsOn })),
      definition: {},
    },
  };
}
