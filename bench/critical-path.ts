import type { DatabaseRecord, Execution, StepRecord, WaveRecord } from '@breakwater/history';
import type { WorldState } from '@breakwater/simulator';

/**
 * How long the plan would take if nobody ever had to notice anything: the longest path through the waves, counting only what AWS itself
 * spent (from the simulated world's own timelines, not from our record). `restored` is the world when the last database was, because
 * a drill deletes them. Milliseconds.
 */
export function awsCriticalPath(execution: Execution, world: WorldState, restored: WorldState): number {
  const aws = new AwsDurations(world, restored);
  const finish = new Map<string, number>();
  const finishOf = (name: string): number => {
    const known = finish.get(name);
    if (known !== undefined) return known;
    const wave = execution.waves.find((candidate) => candidate.name === name);
    if (wave === undefined) throw new Error(`no wave ${name} in the execution`);
    const begins = Math.max(0, ...wave.dependsOn.map(finishOf));
    const ends = begins + aws.ofWave(wave);
    finish.set(name, ends);
    return ends;
  };
  return Math.max(...execution.waves.map(({ name }) => finishOf(name)));
}

/** From the first run's start to the end of the last wave, milliseconds. */
export function makespan(execution: Execution): number {
  if (execution.endedAt === undefined)
    throw new Error(`the execution has not ended: ${execution.verdict} ${execution.reason.message}`);
  return execution.endedAt - execution.startedAt;
}

class AwsDurations {
  readonly #jobs;
  readonly #instances;
  readonly #actions;
  readonly #databases;

  constructor(world: WorldState, restored: WorldState) {
    const { regions } = world;
    this.#jobs = new Map(regions.flatMap(({ jobs }) => jobs).map((job) => [job.id, job]));
    this.#databases = restored.regions.map(({ databases }) => databases);
    this.#instances = new Map(regions.flatMap(({ instances }) => instances).map((instance) => [instance.id, instance]));
    this.#actions = new Map([
      ...regions
        .flatMap(({ automations }) => automations)
        .map(({ id, startedAt, endedAt }) => [id, span(startedAt, endedAt)] as const),
      ...regions
        .flatMap(({ commands }) => commands)
        .map(({ id, requestedAt, endedAt }) => [id, span(requestedAt, endedAt)] as const),
    ]);
  }

  /** Actions one after the other; launch and proof beside the restores of the databases. */
  ofWave(wave: WaveRecord): number {
    const of = (kinds: readonly string[]) =>
      wave.steps.filter(({ kind }) => kinds.includes(kind)).reduce((sum, step) => sum + this.#ofStep(step, wave), 0);
    const databases = (wave.databases ?? []).map((database) => this.#ofDatabase(database));
    return of(['pre-wave-action', 'post-wave-action']) + Math.max(of(['recover', 'verify']), ...databases);
  }

  /** While the cluster, one of its instances or its master secret was in the making or in change. */
  #ofDatabase({ clusterId }: DatabaseRecord): number {
    const phases = this.#databases
      .flatMap(({ clusters, dbInstances }) => [
        ...clusters.filter(({ id }) => id === clusterId).flatMap(withSecret),
        ...dbInstances.filter(({ cluster }) => cluster === clusterId).flatMap((instance) => instance.phases),
      ])
      .sort((a, b) => a.from - b.from);
    if (phases.length === 0) unknown(clusterId ?? 'a database');
    let busy = 0;
    let end = Number.NEGATIVE_INFINITY;
    for (const { from, until } of phases) {
      const to = until ?? from;
      busy += Math.max(0, to - Math.max(from, end));
      end = Math.max(end, to);
    }
    return busy;
  }

  #ofStep(step: StepRecord, wave: WaveRecord): number {
    switch (step.kind) {
      case 'pre-wave-action':
      case 'post-wave-action':
        return step.changes.reduce((sum, { id }) => sum + (this.#actions.get(id) ?? unknown(id)), 0);
      case 'recover':
        return this.#longestJob(step);
      case 'verify':
        return this.#proof(wave);
      default:
        return 0;
    }
  }

  #longestJob(step: StepRecord): number {
    const ids = step.changes.filter(({ operation }) => operation === 'drs:StartRecovery').map(({ id }) => id);
    return Math.max(
      0,
      ...ids.map((id) => {
        const job = this.#jobs.get(id);
        return job === undefined ? unknown(id) : job.endedAt - job.createdAt;
      }),
    );
  }

  /** From the end of the last launch job to the last check passed (and agent online, where the wave waited for agents). */
  #proof(wave: WaveRecord): number {
    const needsAgent = wave.steps.some((step) => step.kind === 'verify' && step.name.includes('agent'));
    const launched = Math.max(0, ...wave.servers.map(({ jobId }) => this.#jobs.get(jobId ?? '')?.endedAt ?? 0));
    const proved = Math.max(
      0,
      ...wave.servers
        .map(({ instanceId }) => this.#instances.get(instanceId ?? ''))
        .filter((instance) => instance !== undefined)
        .map(({ statusOkAt, agentOnlineAt }) => (needsAgent ? Math.max(statusOkAt, agentOnlineAt) : statusOkAt)),
    );
    return Math.max(0, proved - launched);
  }
}

type ClusterView = WorldState['regions'][number]['databases']['clusters'][number];

/** A managed secret begins with the change of the master password and may take longer than that. */
function withSecret({ phases, managedSecretActiveAt }: ClusterView): ClusterView['phases'] {
  const change = phases.findLast(({ status }) => status === 'resetting-master-credentials');
  if (change === undefined || managedSecretActiveAt === null) return phases;
  return [...phases, { status: 'secret', from: change.from, until: managedSecretActiveAt }];
}

function span(from: number, to: number | null): number {
  if (to === null) throw new Error('an action of the benchmark never ended');
  return to - from;
}

function unknown(id: string): never {
  throw new Error(`the simulated world knows nothing of ${id}`);
}
