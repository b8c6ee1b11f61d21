import type { Ec2Instance, GatewayMethod, SiteGateways } from '@breakwater/aws';
import { AwsError } from '@breakwater/core';
import type { Operation, OperationContext } from '@breakwater/engine';
import type { Reason, ServerRecord } from '@breakwater/history';
import { labelOf } from './inspect.ts';
import { type Health, healthOf, isAgentOnline } from './instance-health.ts';
import { untilNextHealthLook } from './look-again.ts';
import type { Rooms } from './rooms.ts';
import { judgeServers, summary } from './step-result.ts';
import { Telling } from './telling.ts';

/** What it asks of AWS; permissions are made of this. */
export const VERIFY_INSTANCES_CALLS = [
  'ec2.describeInstances',
  'ec2.describeInstanceHealth',
  'ssm.describeManagedInstances',
] as const satisfies readonly GatewayMethod[];

/** How long an instance that DRS launched may be unknown to EC2 before it is taken for lost, milliseconds. */
const UNSEEN_FOR = 120_000;

type Launched = ServerRecord & { readonly instanceId: string };

function isLaunched(server: ServerRecord): server is Launched {
  return server.instanceId !== undefined;
}

/**
 * Proves launched servers: running with both EC2 status checks passed, then (if the plan's actions need it) the SSM agent online.
 * Servers without an instance are handed back as they came. Impaired checks are waited out; the wave's deadline ends the wait.
 */
export function verifyInstances(rooms: Rooms, servers: readonly ServerRecord[], needsAgent: boolean): Operation {
  let proof: Proof | undefined;
  return {
    async advance(context) {
      proof ??= new Proof(servers, needsAgent, context);
      await Promise.all(proof.sites().map((site) => proof?.look(site, rooms.at(site).aws, context)));
      const records = proof.records();
      if (!proof.isOver()) {
        return { state: 'waiting', note: proof.note(), lookAgainIn: untilNextHealthLook(context.clock.now() - proof.begunAt) };
      }
      const count = records.length === 1 ? '1 instance' : `${records.length} instances`;
      const done = `${count} passed the status checks${needsAgent ? ', agents online' : ''}`;
      return judgeServers(records, { done, failedAs: 'instance-unhealthy' });
    },
  };
}

class Proof {
  readonly begunAt: number;
  readonly #servers: readonly ServerRecord[];
  readonly #needsAgent: boolean;
  readonly #telling: Telling;
  readonly #ends = new Map<string, ServerRecord>();
  readonly #notes = new Map<string, string>();
  /** When each server first passed what is asked of it, also in an earlier process; epoch milliseconds. */
  readonly #healthyAt = new Map<string, number>();
  /** When EC2 booted each instance. */
  readonly #bootedAt = new Map<string, number>();
  readonly #runningSeen = new Set<string>();

  constructor(servers: readonly ServerRecord[], needsAgent: boolean, context: OperationContext) {
    this.begunAt = context.clock.now();
    this.#servers = servers;
    this.#needsAgent = needsAgent;
    this.#telling = new Telling(context.earlier);
    for (const line of context.earlier) {
      if (line.type !== 'progress' || line.server === undefined) continue;
      const at = line.detail?.['healthyAt'];
      if (typeof at === 'string' && !this.#healthyAt.has(line.server)) this.#healthyAt.set(line.server, Date.parse(at));
    }
  }

  sites(): readonly string[] {
    return [...new Set(this.#open().map(({ site }) => site))];
  }

  isOver(): boolean {
    return this.#open().length === 0;
  }

  records(): readonly ServerRecord[] {
    return this.#servers.map((server) => this.#ends.get(server.id) ?? server);
  }

  note(): string {
    const open = this.#open();
    const told = summary(open.map((server) => `${labelOf(server)} ${this.#notes.get(server.id) ?? 'not looked at yet'}`));
    return `${this.#ends.size} of ${this.#servers.filter(isLaunched).length} instances proved; ${told}`;
  }

  #open(): readonly Launched[] {
    return this.#servers.filter(isLaunched).filter(({ id }) => !this.#ends.has(id));
  }

  /** One call for the checks of all open instances of a site, one for the agents of those that passed. */
  async look(site: string, aws: SiteGateways, context: OperationContext): Promise<void> {
    const open = this.#open().filter((server) => server.site === site);
    const seen = new Map(
      (await aws.ec2.describeInstanceHealth(open.map(({ instanceId }) => instanceId))).map((one) => [one.instanceId, one]),
    );
    const passed: Launched[] = [];
    for (const server of open) {
      const health = healthOf(seen.get(server.instanceId));
      if (health.kind === 'healthy') passed.push(server);
      this.#take(server, health, context.clock.now());
    }
    const online = this.#needsAgent ? await this.#withAgent(passed, aws) : passed;
    for (const server of online) await this.#prove(server, context);
  }

  #take(server: Launched, health: Health, now: number): void {
    const { instanceId } = server;
    const label = `instance ${instanceId} of ${labelOf(server)}`;
    switch (health.kind) {
      case 'healthy':
        this.#runningSeen.add(server.id);
        break;
      case 'checking':
        if (health.running) this.#runningSeen.add(server.id);
        this.#notes.set(server.id, health.note);
        break;
      case 'ended':
        this.#fail(server, { code: 'instance-unhealthy', message: `${label} is ${health.state}`, next: LOST_NEXT });
        break;
      case 'stopped':
        this.#takeStopped(server, label);
        break;
      case 'unseen':
        this.#notes.set(server.id, 'not visible in EC2 yet');
        if (now - this.begunAt >= UNSEEN_FOR) {
          this.#fail(server, { code: 'instance-unhealthy', message: `${label} does not exist in EC2`, next: LOST_NEXT });
        }
        break;
    }
  }

  /** Stopped from the start is a choice of the launch settings (launchDisposition STOPPED); stopped after it ran is not. */
  #takeStopped(server: Launched, label: string): void {
    if (this.#runningSeen.has(server.id)) {
      this.#fail(server, {
        code: 'instance-unhealthy',
        message: `${label} ran and has stopped`,
        next: 'Look at its system log in the EC2 console; start it by hand if it is sound.',
      });
      return;
    }
    if (this.#needsAgent) {
      this.#fail(server, {
        code: 'agent-offline',
        message: `${label} was launched stopped (launchDisposition STOPPED), but the wave's actions need its SSM agent`,
        next: 'Start it in the EC2 console and run the same execution again, or set its launch disposition to STARTED in DRS.',
      });
      return;
    }
    this.#ends.set(server.id, {
      ...server,
      status: 'succeeded-with-warnings',
      reason: {
        code: 'degraded',
        message: `${label} was launched stopped (launchDisposition STOPPED); that it boots is not proved`,
        next: 'Start it in the EC2 console when it is wanted, or set its launch disposition to STARTED in DRS.',
      },
    });
  }

  async #withAgent(passed: readonly Launched[], aws: SiteGateways): Promise<readonly Launched[]> {
    if (passed.length === 0) return [];
    const ids = passed.map(({ instanceId }) => instanceId);
    const unknown = ids.filter((id) => !this.#bootedAt.has(id));
    const [managed, instances] = await Promise.all([
      aws.ssm.describeManagedInstances(ids),
      unknown.length === 0 ? [] : aws.ec2.describeInstances(unknown).catch(noneIfDenied),
    ]);
    for (const { instanceId, launchedAt } of instances) if (launchedAt !== undefined) this.#bootedAt.set(instanceId, launchedAt);
    const agents = new Map(managed.map((one) => [one.instanceId, one]));
    return passed.filter((server) => {
      const online = isAgentOnline(agents.get(server.instanceId), this.#bootedAt.get(server.instanceId) ?? server.launchedAt);
      if (!online) this.#notes.set(server.id, 'status checks passed, SSM agent not online yet');
      return online;
    });
  }

  async #prove(server: Launched, context: OperationContext): Promise<void> {
    const healthyAt = this.#healthyAt.get(server.id) ?? context.clock.now();
    this.#healthyAt.set(server.id, healthyAt);
    const what = this.#needsAgent ? 'status checks passed, SSM agent online' : 'status checks passed';
    await this.#telling.progress(context, what, server.id, { healthyAt: new Date(healthyAt).toISOString() });
    const { reason: _, ...before } = server;
    this.#ends.set(server.id, { ...before, status: 'succeeded', healthyAt });
  }

  #fail(server: Launched, reason: Reason): void {
    this.#ends.set(server.id, { ...server, status: 'failed', reason });
  }
}

/** When an instance booted only sharpens what its launch job says. */
function noneIfDenied(error: unknown): readonly Ec2Instance[] {
  if (error instanceof AwsError && error.code === 'permission-denied') return [];
  throw error;
}

const LOST_NEXT = 'Find in CloudTrail who ended it. To launch the server once more, start a new execution.';
