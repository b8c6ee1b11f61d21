/** Tells an execution as the engine would write it, moment by moment. */
import type { Mode, Status, Verdict } from '@breakwater/core';
import {
  type Execution,
  type ExecutionHeader,
  foldExecution,
  type JournalEvent,
  type JournalLine,
  type JsonObject,
  type Reason,
  type ServerRecord,
  type StepKind,
} from '@breakwater/history';

export const START = Date.UTC(2026, 10, 20, 3, 15);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const OK: Reason = { code: 'ok', message: 'done' };

export interface Story {
  readonly mode?: Mode;
  readonly simulated?: boolean;
  readonly rto?: number;
  readonly rpo?: number;
  readonly plan?: string;
  readonly waves: readonly string[];
  readonly problems?: readonly string[];
}

/** Tells what happened, moment by moment; `at` is minutes after the start. */
export class Teller {
  readonly #streams = new Map<string, JournalLine[]>();
  readonly #story: Story;
  #at = 0;

  constructor(story: Story) {
    this.#story = story;
  }

  at(minutes: number): this {
    this.#at = minutes;
    return this;
  }

  tell(stream: string, event: JournalEvent): this {
    const lines = this.#streams.get(stream) ?? [];
    this.#streams.set(stream, lines);
    lines.push(
      Object.assign({ v: 1 as const, seq: lines.length, at: new Date(START + this.#at * MINUTE).toISOString(), prev: '' }, event),
    );
    return this;
  }

  run(run: string, resumed = false): this {
    this.tell(`runs/${run}`, {
      type: 'run-started',
      run,
      resumed,
      waves: this.#story.waves,
      actor: 'sam',
      tool: 'breakwater 0.1.0',
      approvals: [],
    });
    return this.tell(`runs/${run}`, {
      type: 'identity-proved',
      site: 'dr-oregon',
      account: '111122223333',
      region: 'us-west-2',
      arn: 'arn:aws:sts::111122223333:assumed-role/breakwater-recovery/drill-1',
    });
  }

  endRun(run: string, verdict: Verdict, reason: Reason = OK): this {
    return this.tell(`runs/${run}`, { type: 'run-finished', verdict, reason });
  }

  start(stream: string, step: string, kind: StepKind, name: string, attempt = 1): this {
    return this.tell(stream, { type: 'step-started', step, kind, name, attempt, deadline: START + 120 * MINUTE });
  }

  change(stream: string, step: string, operation: string, id: string, adopted = false): this {
    return this.tell(stream, { type: 'change', step, operation, key: id, id, adopted, site: 'dr-oregon', detail: {} });
  }

  end(
    stream: string,
    step: string,
    status: Status = 'succeeded',
    more: { reason?: Reason; servers?: readonly ServerRecord[]; result?: JsonObject } = {},
  ): this {
    return this.tell(stream, { type: 'step-finished', step, status, reason: OK, ...more });
  }

  /** A step of an action from now for `minutes`, with the automation it ran. */
  action(stream: string, step: string, kind: StepKind, minutes: number, id: string, outputs: JsonObject = {}): this {
    this.start(stream, step, kind, step.slice(step.indexOf('/') + 1)).change(stream, step, 'ssm:StartAutomationExecution', id);
    return this.at(this.#at + minutes).end(stream, step, 'succeeded', { result: { id, status: 'Success', outputs } });
  }

  /** Launch and proof of a wave's servers; those that are not to succeed say so themselves. */
  recover(
    wave: string,
    servers: readonly ServerRecord[],
    { status, reason }: { status: Status; reason: Reason } = { status: 'succeeded', reason: OK },
  ): this {
    const stream = `waves/${wave}`;
    const job = servers[0]?.jobId ?? 'drsjob-00000000000000000';
    this.start(stream, 'recover', 'recover', `launch ${servers.length} servers`).change(
      stream,
      'recover',
      'drs:StartRecovery',
      job,
    );
    const launched = servers.map(
      (server): ServerRecord => (server.status === 'failed' ? server : { ...server, status: 'running' }),
    );
    this.at(this.#at + 9).end(stream, 'recover', status, { reason, servers: launched });
    if (status === 'failed') return this;
    this.start(stream, 'verify', 'verify', 'prove instances and agents');
    return this.at(this.#at + 3.5).end(stream, 'verify', 'succeeded', { servers });
  }

  execution(): Execution {
    return foldExecution(headerOf(this.#story), this.#streams, this.#story.problems);
  }
}

function headerOf({ mode = 'drill', simulated = false, rto = 60, rpo = 15, plan = 'webshop', waves }: Story): ExecutionHeader {
  return {
    schema: 'breakwater.execution/1',
    id: `${mode}-20261120T031500Z-4f2a`,
    mode,
    createdAt: START,
    actor: 'sam',
    commit: '4c7e1b2a9d0f4c7e1b2a9d0f4c7e1b2a9d0f4c7e',
    tool: 'breakwater 0.1.0',
    simulated,
    plan: {
      name: plan,
      digest: '9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d',
      owner: 'team-shop',
      tier: 1,
      objectives: { rto: rto * MINUTE, rpo: rpo * MINUTE },
      waves: waves.map((name, i) => ({ name, dependsOn: waves.slice(Math.max(0, i - 1), i) })),
      definition: {},
    },
  };
}

/** `n` servers `<tier>-1`, `<tier>-2` …, recovered well, with ids that look like AWS's. */
export function servers(tier: string, n: number, from: number): readonly ServerRecord[] {
  return Array.from({ length: n }, (_, i): ServerRecord => {
    const number = String(from + i).padStart(17, '0');
    return {
      id: `s-${number}`,
      name: `${tier}-${i + 1}`,
      site: 'dr-oregon',
      account: '111122223333',
      region: 'us-west-2',
      group: `webshop-${tier}`,
      criticality: 'critical',
      status: 'succeeded',
      jobId: `drsjob-${String(from).padStart(17, '0')}`,
      instanceId: `i-${number}`,
      recoveryPoint: 'latest',
      recoveryPointAt: START - (i + 2) * SECOND,
      rpa: (i + 2) * SECOND,
      launchedAt: START + 9 * MINUTE,
      healthyAt: START + 12.5 * MINUTE,
    };
  });
}
