/** Executions for the tests of this package, folded from journals as the engine writes them. */
import type { DatabaseRecord, Execution, Reason, ServerRecord } from '@breakwater/history';
import { MINUTE, OK, START, type Story, servers, Teller } from './teller.ts';

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
      users: ['created the user "shop_app"', 'granted SELECT on tables public.orders to "shop_reader"'],
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
    const { account, region, site, cluster = '', strategy, criticality } = databaseRecord(name);
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
