/** Executions for the tests of this package, folded from journals as the engine writes them. */
import type { Mode, Status, Verdict } from '@breakwater/core';
import {
  type DatabaseRecord,
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
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const OK: Reason = { code: 'ok', message: 'done' };

interface Story {
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

const AUTOMATION = '0a1b2c3d-0000-4000-8000-00000000000';
const WAVES = ['database', 'application', 'web'];

/** Begins the webshop's first two waves, which go well. */
function webshop(story: Partial<Story> = {}): Teller {
  const teller = new Teller({ waves: WAVES, ...story }).run('run-1');
  const database = servers('database', 3, 1);
  const application = servers('application', 5, 10);
  const pending = (all: readonly ServerRecord[]) => all.map((server): ServerRecord => ({ ...server, status: 'pending' }));
  teller.tell('waves/database', { type: 'wave-started', servers: pending(database) });
  teller.action('waves/database', 'pre/Webshop-FreezeDeployments', 'pre-wave-action', 0.5, `${AUTOMATION}1`);
  teller.recover('database', database);
  teller.action('waves/database', 'post/Webshop-PromoteDatabase', 'post-wave-action', 1, `${AUTOMATION}2`, {
    'Promote.Endpoint': ['db.dr.example.com'],
  });
  teller.tell('waves/database', { type: 'wave-finished', status: 'succeeded', reason: OK });
  teller.tell('waves/application', { type: 'wave-started', servers: pending(application) });
  teller.recover('application', application);
  return teller.tell('waves/application', { type: 'wave-finished', status: 'succeeded', reason: OK });
}

function finish(teller: Teller): Teller {
  teller.action('finally', 'finally/Webshop-NotifyOperations', 'finally-action', 0.2, `${AUTOMATION}8`);
  teller.start('finally', 'clean-up', 'clean-up', 'terminate the drill instances');
  return teller.change('finally', 'clean-up', 'drs:TerminateRecoveryInstances', 'drsjob-00000000000000099');
}

/** Everything went well, in 41 minutes. */
export function normal(): Execution {
  const teller = webshop({ simulated: true });
  teller.tell('waves/web', { type: 'wave-started', servers: [] });
  teller.recover('web', servers('web', 6, 20));
  teller.action('waves/web', 'post/Webshop-SmokeTest', 'post-wave-action', 1.5, `${AUTOMATION}3`, { 'Test.Answer': ['200'] });
  teller.tell('waves/web', { type: 'wave-finished', status: 'succeeded', reason: OK });
  return finish(teller).at(45).end('finally', 'clean-up').endRun('run-1', 'succeeded').execution();
}

const RAW: Reason = {
  code: 'server-failed',
  message: 'DRS did not launch web-2: UnauthorizedOperation when calling RunInstances operation',
  next: 'Allow ec2:RunInstances to the role of the site, then run the same execution again.',
};

/** A critical server was not launched; the smoke test was skipped, the clean-up timed out, an earlier try is on record. */
export function failed(): Execution {
  const teller = webshop({ mode: 'recovery' });
  const [first, second, ...rest] = servers('web', 6, 20);
  if (first === undefined || second === undefined) throw new Error('two servers at least');
  const { instanceId: _, launchedAt: __, healthyAt: ___, rpa: ____, ...lost } = second;
  const web: readonly ServerRecord[] = [first, { ...lost, status: 'failed', reason: RAW }, ...rest];
  const reason: Reason = { ...RAW, message: `launch 6 servers: ${RAW.message}` };
  teller.tell('waves/web', { type: 'wave-started', servers: web });
  teller.start('waves/web', 'pre/Webshop-WarmCaches', 'pre-wave-action', 'Webshop-WarmCaches');
  const automation: Reason = { code: 'automation-failed', message: 'automation ended Failed in step Warm (aws:runCommand)' };
  teller.end('waves/web', 'pre/Webshop-WarmCaches', 'failed', { reason: automation });
  teller.start('waves/web', 'pre/Webshop-WarmCaches', 'pre-wave-action', 'Webshop-WarmCaches', 2);
  teller.tell('waves/web', {
    type: 'warning',
    step: 'pre/Webshop-WarmCaches',
    reason: { code: 'throttled', message: 'AWS throttled us for 40s' },
  });
  teller.change('waves/web', 'pre/Webshop-WarmCaches', 'ssm:StartAutomationExecution', `${AUTOMATION}4`, true);
  teller.end('waves/web', 'pre/Webshop-WarmCaches', 'failed-ignored', { reason: automation });
  teller.recover('web', web, { status: 'failed', reason });
  teller.end('waves/web', 'post/Webshop-SmokeTest', 'skipped', {
    reason: { code: 'dependency-failed', message: `not run: ${reason.message}` },
  });
  teller.tell('waves/web', { type: 'wave-finished', status: 'failed', reason });
  finish(teller).at(75);
  teller.end('finally', 'clean-up', 'timed-out', {
    reason: { code: 'timed-out', message: 'not done within 30m 00s; last seen: terminating 8 instances.' },
  });
  return teller.endRun('run-1', 'failed', reason).execution();
}

/** An optional server failed and the recovery point was missed; the record was damaged. */
export function degraded(): Execution {
  const teller = webshop({ rpo: 0.05, problems: ['waves/web.damaged-1.jsonl was found damaged and set aside'] });
  const web = servers('web', 6, 20).map(
    (server, i): ServerRecord => (i === 4 ? { ...server, criticality: 'optional', status: 'failed', reason: RAW } : server),
  );
  teller.recover('web', web, { status: 'succeeded-with-warnings', reason: { code: 'degraded', message: RAW.message } });
  teller.tell('waves/web', {
    type: 'wave-finished',
    status: 'succeeded-with-warnings',
    reason: { code: 'degraded', message: RAW.message },
  });
  return finish(teller).at(45).end('finally', 'clean-up').endRun('run-1', 'degraded').execution();
}

/** Interrupted while AWS launches the last wave; a gate was waited for before. */
export function inProgress(): Execution {
  const teller = webshop({ mode: 'recovery' });
  teller.start('waves/web', 'gate', 'gate', 'incident commander').at(38);
  teller.end('waves/web', 'gate', 'succeeded', {
    reason: { code: 'ok', message: 'approved by alex' },
    result: { approvedBy: 'alex' },
  });
  teller.tell('waves/web', {
    type: 'wave-started',
    servers: servers('web', 6, 20).map((server): ServerRecord => ({ ...server, status: 'running' })),
  });
  teller.start('waves/web', 'recover', 'recover', 'launch 6 servers');
  teller.tell('waves/web', {
    type: 'intent',
    step: 'recover',
    operation: 'drs:StartRecovery',
    key: 'recovery/web/1/dr-oregon/0',
    detail: {},
  });
  teller.at(41);
  teller.tell('runs/run-1', {
    type: 'run-interrupted',
    signal: 'SIGTERM',
    stillRunning: ['web'],
    resume: 'Run the same execution again to resume: it adopts what was begun.',
  });
  return teller.endRun('run-1', 'in-progress', { code: 'interrupted', message: 'stopped by SIGTERM' }).execution();
}

/** Nothing but names and messages that try to be markup. */
export const HOSTILE =
  '|`a`| <img src=x onerror=alert(1)> **b** [c](https://evil.example) @sam #1 $x$ \n\r\u001b[31m; %% end\u202e:::click t1 "call"';

export function hostile(): Execution {
  const teller = new Teller({ waves: [HOSTILE], plan: HOSTILE, problems: [HOSTILE] }).run('run-1');
  const stream = `waves/${HOSTILE}`;
  const reason: Reason = { code: 'automation-failed', message: HOSTILE, next: HOSTILE };
  const [server] = servers('x', 1, 1);
  if (server === undefined) throw new Error('one server');
  teller.tell(stream, {
    type: 'wave-started',
    servers: [
      {
        ...server,
        id: HOSTILE,
        name: HOSTILE,
        site: HOSTILE,
        region: HOSTILE,
        jobId: HOSTILE,
        instanceId: HOSTILE,
        status: 'failed',
        reason,
      },
    ],
  });
  teller.start(stream, HOSTILE, 'post-wave-action', HOSTILE).change(stream, HOSTILE, 'ssm:SendCommand', HOSTILE);
  teller.tell(stream, { type: 'intent', step: HOSTILE, operation: HOSTILE, key: HOSTILE, detail: {} });
  teller.tell(stream, { type: 'warning', step: HOSTILE, reason, server: HOSTILE });
  teller.at(5).end(stream, HOSTILE, 'failed', { reason, result: { [HOSTILE]: `\`\`\`\n${HOSTILE}\n\`\`\`\`` } });
  teller.tell(stream, { type: 'wave-finished', status: 'failed', reason });
  return teller.endRun('run-1', 'failed', reason).execution();
}

export function databaseRecord(name: string, changes: Partial<DatabaseRecord> = {}): DatabaseRecord {
  return {
    name,
    cluster: name,
    site: 'dr-oregon',
    account: '111122223333',
    region: 'us-west-2',
    strategy: 'new',
    criticality: 'critical',
    status: 'succeeded',
    clusterId: `${name}-drill-0a1b2c`,
    endpoint: `${name}.cluster-x.us-west-2.rds.amazonaws.com`,
    snapshotId: `${name}-202611200305-0a1b2c`,
    snapshotAt: START - 10 * MINUTE,
    rpa: 10 * MINUTE,
    ...changes,
  };
}

/** A wave of databases alone: one well, one that lost more than its own objective allows, an optional one whose check does not hold. */
export function databases(): Execution {
  const teller = new Teller({ waves: ['data'], rpo: 15 }).run('run-1');
  const stream = 'waves/data';
  const reason: Reason = {
    code: 'verification-failed',
    message: 'table lines: 0 rows, at least 1 expected',
    next: 'Look at it.',
  };
  const all = [
    databaseRecord('shop', {
      strategy: 'swap',
      oldCluster: 'shop-old-0a1b2c',
      checks: [{ check: 'version 15', ok: true, found: '15.4' }],
    }),
    databaseRecord('stock', { rpo: 5 * MINUTE }),
    databaseRecord('lines', {
      criticality: 'optional',
      status: 'failed',
      reason,
      checks: [{ check: 'table lines', ok: false, found: '0 rows' }],
    }),
  ];
  const pending = all.map(({ name, rpo }): DatabaseRecord => {
    const { account, region, site, cluster, strategy, criticality } = databaseRecord(name);
    return {
      name,
      cluster,
      site,
      account,
      region,
      strategy,
      criticality,
      status: 'pending',
      ...(rpo === undefined ? {} : { rpo }),
    };
  });
  teller.tell(stream, { type: 'wave-started', servers: [], databases: pending });
  for (const database of all) {
    const step = `database/${database.name}`;
    teller.start(stream, step, 'recover-database', `restore database ${database.name}`);
    teller.change(stream, step, 'rds:RestoreDBClusterFromSnapshot', database.clusterId ?? '');
  }
  for (const database of all) {
    teller.at(20).tell(stream, {
      type: 'step-finished',
      step: `database/${database.name}`,
      status: database.status === 'failed' ? 'failed-ignored' : 'succeeded',
      reason: database.reason ?? OK,
      databases: [database],
    });
  }
  teller.tell(stream, {
    type: 'wave-finished',
    status: 'succeeded-with-warnings',
    reason: { code: 'degraded', message: reason.message },
  });
  return teller.endRun('run-1', 'degraded').execution();
}

/** 300 servers in three waves of 100, every tenth lost. */
export function large(): Execution {
  const teller = new Teller({ waves: WAVES }).run('run-1');
  WAVES.forEach((wave, w) => {
    const all = servers(wave, 100, 1 + w * 100).map(
      (server, i): ServerRecord => (i % 10 === 9 ? { ...server, status: 'failed', reason: RAW } : server),
    );
    const reason: Reason = { code: 'server-failed', message: `10 of 100 servers: ${RAW.message}` };
    teller.recover(wave, all, { status: 'failed', reason });
    teller.tell(`waves/${wave}`, { type: 'wave-finished', status: 'failed', reason });
  });
  return teller.endRun('run-1', 'failed').execution();
}
