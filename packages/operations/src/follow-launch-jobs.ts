import type { DrsGateway, DrsJob, DrsRecoveryInstance } from '@breakwater/aws';
import { AwsError, asBreakwaterError } from '@breakwater/core';
import type { OperationContext } from '@breakwater/engine';
import type { Budget } from './budget.ts';
import type { FollowedJob } from './followed-job.ts';
import { type JobEvent, launchedAt, launchedInstance, launchFailure } from './job-log.ts';
import { SETTLING, serverEnd } from './job-outcome.ts';
import type { LaunchBook } from './launch-book.ts';
import { launchedRecord } from './launched-server.ts';
import { isActive, isTaggedBy, isTaggedByAnother, recoveryTags } from './ownership.ts';
import { exists } from './recovery-instances.ts';
import type { Telling } from './telling.ts';

/** How long the instance of a completed job may be missing from DescribeRecoveryInstances before its id is taken from elsewhere. */
const INSTANCE_VISIBILITY = 60_000;

/** Follows the jobs of a book to the end of every server in them. */
export class LaunchJobFollower {
  readonly #book: LaunchBook;
  readonly #drs: DrsGateway;
  readonly #telling: Telling;
  readonly #tagTried = new Set<string>();
  #logDenied = false;

  constructor(book: LaunchBook, drs: DrsGateway, telling: Telling) {
    this.#book = book;
    this.#drs = drs;
    this.#telling = telling;
  }

  /** One look at every job that still has a server without an end; one DescribeJobs for all of them. */
  async look(context: OperationContext, budget: Budget): Promise<void> {
    const open = [...this.#book.jobs.values()].filter((job) => this.#book.unsettled(job).length > 0);
    if (open.length === 0) return;
    const jobs = new Map((await this.#drs.describeJobsById(open.map(({ id }) => id))).map((job) => [job.id, job]));
    for (const followed of open) {
      const job = jobs.get(followed.id);
      if (job === undefined) continue;
      if (isTaggedByAnother(job, this.#book.owner.execution)) {
        this.#book.jobs.delete(job.id);
        await this.#telling.warn(context, {
          code: 'degraded',
          message: `the record says that DRS job ${job.id} is this execution's, but its tags name another; it is left alone`,
        });
        continue;
      }
      followed.see(job, context.clock.now());
    }
    await Promise.all(open.map((followed) => this.#watch(followed, context, budget)));
  }

  async #watch(followed: FollowedJob, context: OperationContext, budget: Budget): Promise<void> {
    const { job } = followed;
    if (job === undefined || !this.#book.jobs.has(job.id)) return;
    if (!['PENDING', 'STARTED', 'COMPLETED'].includes(job.status)) {
      await this.#telling.warn(context, {
        code: 'degraded',
        message: `DRS job ${job.id} has status ${job.status}, which this version does not know; it is watched on`,
      });
    }
    await this.#tagIfUntagged(followed, job, context, budget);
    const events = await this.#newEvents(followed, context);
    await Promise.all(
      events
        .filter(({ server }) => this.#book.servers.has(server))
        .map(({ server, note, detail }) => this.#telling.progress(context, note, server, detail)),
    );
    if (!isActive(job)) await this.#conclude(followed, job, context);
  }

  /** The log is for people and for reasons: that we may not read it must not end our watch over a recovery. */
  async #newEvents(followed: FollowedJob, context: OperationContext): Promise<readonly JobEvent[]> {
    if (this.#logDenied) return [];
    try {
      return await followed.readLog(this.#drs, context.clock.now());
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'permission-denied') throw error;
      this.#logDenied = true;
      const message = `the log of DRS job ${followed.id} cannot be read, so progress and reasons are missing: ${error.message}`;
      await this.#telling.warn(context, { code: error.code, message, next: error.next });
      return [];
    }
  }

  /** Without our tag another process could not find the job, and the clean-up would not dare to end what it launched. */
  async #tagIfUntagged(followed: FollowedJob, job: DrsJob, context: OperationContext, budget: Budget): Promise<void> {
    if (isTaggedBy(job, this.#book.owner.execution) || job.arn === undefined || this.#tagTried.has(job.id)) return;
    if (!budget.spend()) return;
    this.#tagTried.add(job.id);
    try {
      await this.#drs.tagResource(job.arn, recoveryTags(this.#book.owner, followed.key));
    } catch (error) {
      await this.#telling.warn(context, {
        code: 'permission-denied',
        message: `DRS job ${job.id} carries no tag of this execution and could not be tagged: ${asBreakwaterError(error).message}`,
        next: 'Give the role drs:TagResource. Until then a clean-up leaves the instances of this job alone: end them in the DRS console.',
      });
    }
  }

  async #conclude(followed: FollowedJob, job: DrsJob, context: OperationContext): Promise<void> {
    const ends = this.#book.unsettled(followed).map((id) => ({ id, end: serverEnd(job, id) }));
    const launched = ends.filter(({ end }) => end.kind === 'launched').map(({ id }) => id);
    const instances = launched.length === 0 ? [] : await this.#drs.describeRecoveryInstances({ sourceServerIds: launched });
    const endedFor = followed.endedFor(context.clock.now());
    for (const { id, end } of ends) {
      const name = this.#book.name(id);
      switch (end.kind) {
        case 'launched':
          await this.#concludeLaunched(id, followed, job, { instances, inJob: end.instanceId, endedFor }, context);
          break;
        case 'failed':
        case 'left-out':
          this.#book.fail(id, launchFailure(job.id, { id, name: this.#book.record(id).name }, followed.log), job.id);
          break;
        case 'terminated':
          this.#failLaunch(id, `the instance of ${name} was terminated while job ${job.id} ran`, job.id);
          break;
        case 'no-participants':
          this.#book.fail(
            id,
            {
              code: 'no-participants',
              message: `DRS job ${job.id} ended with no server in it; ${name} was not launched`,
              next: `Look at job ${job.id} in the DRS console, then run the same execution again.`,
            },
            job.id,
          );
          break;
        case 'unsettled':
          if (endedFor >= SETTLING) {
            this.#failLaunch(id, `DRS job ${job.id} has ended, but ${name} is still ${end.launchStatus} in it`, job.id);
          }
          break;
        case 'unknown':
          await this.#telling.warn(
            context,
            {
              code: 'degraded',
              message: `DRS reports launch status ${end.launchStatus}, which this version does not know; waiting`,
            },
            id,
          );
          break;
      }
    }
  }

  async #concludeLaunched(
    id: string,
    followed: FollowedJob,
    job: DrsJob,
    seen: {
      readonly instances: readonly DrsRecoveryInstance[];
      readonly inJob: string | undefined;
      readonly endedFor: number;
    },
    context: OperationContext,
  ): Promise<void> {
    const name = this.#book.name(id);
    // An instance of another job is an earlier drill's: whoever adopts it recovers to stale data.
    const instance = seen.instances.find(({ sourceServerId, jobId }) => sourceServerId === id && jobId === job.id);
    if (instance !== undefined && !exists(instance)) {
      this.#failLaunch(id, `instance ${instance.ec2InstanceId} of ${name} was terminated after its launch`, job.id);
      return;
    }
    if (instance === undefined && seen.endedFor < INSTANCE_VISIBILITY) return;
    const instanceId = instance?.ec2InstanceId ?? seen.inJob ?? launchedInstance(id, followed.log);
    if (instanceId === undefined) {
      this.#failLaunch(id, `DRS says that it launched ${name}, but no instance of job ${job.id} can be found`, job.id);
      return;
    }
    const { record, recoveryPoint } = this.#book.server(id);
    const end = launchedRecord(record, {
      createdAt: this.#book.deed.createdAt,
      wanted: recoveryPoint,
      launch: this.#book.launchOf(id),
      jobId: job.id,
      instanceId,
      instance,
      launchedAt: launchedAt(id, followed.log) ?? job.endedAt ?? context.clock.now(),
    });
    if (end.rpa === undefined) {
      await this.#telling.warn(
        context,
        { code: 'degraded', message: `how much data of ${name} was lost is not known: DRS gives no certain recovery point` },
        id,
      );
    }
    this.#book.settle(end);
  }

  #failLaunch(id: string, message: string, job: string): void {
    const next = `Look at job ${job} in the DRS console, then run the same execution again: only servers not launched are launched again.`;
    this.#book.fail(id, { code: 'server-failed', message, next }, job);
  }
}
