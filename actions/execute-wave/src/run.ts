import { createHash } from 'node:crypto';
import { type Door, type GithubContext, historyBranch, type Outcome, reasonText } from '@breakwater/action-kit';
import { clockFromEnvironment, type RunEnvironment, type RunOutcome, type RunRequest } from '@breakwater/assembly';
import { lineOf } from '@breakwater/cli';
import { type Clock, HAND_OVER, type Verdict } from '@breakwater/core';
import type { Execution, JsonObject, Reason, ServerRecord, WaveRecord } from '@breakwater/history';
import { type ReportLinks, renderMarkdown, renderText, resultJson } from '@breakwater/report';
import type { definition } from './definition.ts';
import { drillStopper } from './drills.ts';
import { gateProver } from './gates.ts';
import { patienceOf, watch } from './hand-over.ts';
import { failuresIn, stepStatus, wavesOf } from './step-status.ts';

/** What the action needs besides its door. */
export interface Parts {
  readonly runPlan: (request: RunRequest, environment: RunEnvironment) => Promise<RunOutcome>;
  /** Real time, for how long the step may run. */
  readonly clock: Clock;
}

/** Runs the waves asked for, and turns what came of it into outputs, a summary, annotations and the step's own end. */
export async function executeWave(door: Door<typeof definition>, parts: Parts): Promise<Outcome> {
  const { inputs, outputs, log } = door;
  const { clock, simulated } = clockFromEnvironment(door.environment);
  if (simulated) log.info('AWS is simulated on this machine: nothing real is touched, and the record is no evidence.');
  const time = watch(patienceOf(inputs['max-run'], door.environment), parts.clock, door.signal);
  if (inputs.token !== undefined) door.mask(inputs.token);
  const proveGate = gateProver(door, clock);
  const stopDrill = drillStopper(door, clock);
  const { execution, report, problems, seal } = await parts
    .runPlan(requestFrom(door), {
      clock,
      simulated,
      signal: time.signal,
      aws: {
        credentials:
          inputs['role-to-assume'] === undefined
            ? { kind: 'default' }
            : { kind: 'web-identity', roleArn: inputs['role-to-assume'], token: door.token },
        onSecret: door.mask,
      },
      began(header, folder) {
        // Known before anything starts: whoever finds the step dead can resume by it.
        outputs.set('execution-id', header.id);
        outputs.set('history', folder);
        log.info(`execution ${header.id}, recorded in ${folder}`);
      },
      ...(proveGate === undefined ? {} : { proveGate }),
      ...(stopDrill === undefined ? {} : { stopDrill }),
      environment: door.environment,
      warn: (reason) => tell(door, reason),
      observe: (line, stream, soFar) => log.info(lineOf(line, stream, soFar)),
    })
    .finally(time.end);
  log.info(renderText(execution));
  for (const problem of problems) door.annotations.warning('Record', problem);
  if (inputs.summary)
    await door.summarise(renderMarkdown(execution, { links: linksOf(door, execution), ...(seal === undefined ? {} : { seal }) }));
  outputs.set('report', report ?? '');
  outputs.set('seal', seal ?? '');
  return conclude(door, execution, time.signal.reason === HAND_OVER);
}

function requestFrom({ inputs, github }: Door<typeof definition>): RunRequest {
  const branch = historyBranch(inputs, github);
  return {
    files: inputs['plan-files'],
    mode: inputs.mode,
    waves: inputs.waves,
    history: inputs.history,
    ...(branch === undefined ? {} : { branch }),
    approvals: inputs['approved-gates'],
    replaceLive: inputs['replace-live'],
    part: inputs.part,
    actor: github.actor,
    ...(inputs.plan === undefined ? {} : { plan: inputs.plan }),
    ...(inputs['execution-id'] === undefined ? {} : { execution: inputs['execution-id'] }),
    ...(inputs['plan-digest'] === undefined ? {} : { planDigest: inputs['plan-digest'] }),
    ...(github.commit === undefined ? {} : { commit: github.commit }),
    ...(github.repository === undefined ? {} : { repository: github.repository }),
    ...(github.runUrl === undefined ? {} : { page: github.runUrl }),
    ...runName(github, inputs.waves),
  };
}

/** What no journal line tells: that the shared history is gone, or back. */
function tell({ annotations, log }: Door<typeof definition>, reason: Reason): void {
  if (reason.code === 'ok') log.info(reason.message);
  else annotations.warning('History', reasonText(reason));
}

function linksOf({ github, inputs }: Door<typeof definition>, { header }: Execution): ReportLinks {
  const { runUrl, commitUrl, repository, serverUrl } = github;
  // A history elsewhere has an address that cannot be guessed.
  const branch = inputs['history-remote'] === undefined && repository !== undefined ? inputs['history-branch'] : undefined;
  return {
    ...(runUrl === undefined ? {} : { run: runUrl }),
    ...(commitUrl === undefined ? {} : { commit: commitUrl }),
    ...(branch === undefined ? {} : { history: `${serverUrl}/${repository}/tree/${branch}/${header.plan.name}/${header.id}` }),
  };
}

/**
 * Steps that run at the same time need names of their own in the record. The jobs of a reusable workflow that is called twice have the
 * same id, so the waves count too. Away from GitHub the next number will do.
 */
function runName({ runId, runAttempt, job, step }: GithubContext, waves: readonly string[]): { readonly run?: string } {
  if (runId === undefined) return {};
  const parts = ['github', runId, runAttempt, job, step, ...waves].filter((part) => part !== undefined);
  const name = parts
    .join('-')
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, 80);
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8);
  return { run: waves.length === 0 ? name : `${name}-${digest}` };
}

function conclude(
  { inputs, outputs, annotations, log }: Door<typeof definition>,
  execution: Execution,
  timeOver: boolean,
): Outcome {
  const waves = wavesOf(execution, inputs.waves);
  const { status, reason } = stepStatus(execution, inputs.waves, inputs.part);
  const servers = waves.flatMap((wave) => wave.servers);
  outputs.set('verdict', execution.verdict);
  outputs.setList('job-ids', known(servers.map((server) => server.jobId)));
  outputs.setList('instance-ids', known(servers.filter(isRecovered).map((server) => server.instanceId)));
  outputs.set('databases', JSON.stringify(databasesIn(waves)));
  const failures = failuresIn(execution, waves);
  for (const { level, title, reason: why } of failures) annotations[level](title, reasonText(why));
  const result = resultJson(execution);
  if (status === 'succeeded' || status === 'degraded') {
    if (status === 'degraded' && failures.length === 0) annotations.warning('Degraded', reasonText(reason));
    return { status, reason: reason.code, result };
  }
  if (timeOver && status === 'in-progress' && inputs['max-run'] !== undefined) {
    outputs.set('handed-over', 'true');
    log.info(`the time of this job is over: the next one goes on with execution ${execution.header.id}`);
    return { status, reason: 'handed-over', result };
  }
  return { status, reason: reason.code, result, failure: { message: reason.message, next: nextStep(execution, reason, status) } };
}

function isRecovered({ status }: Pick<ServerRecord, 'status'>): boolean {
  return status === 'succeeded' || status === 'succeeded-with-warnings';
}

/** What a later step of the workflow needs to know of each restored database. */
function databasesIn(waves: readonly WaveRecord[]): JsonObject {
  return Object.fromEntries(
    waves
      .flatMap(({ databases = [] }) => databases)
      .filter(isRecovered)
      .map((database) => {
        const { name, status, site, clusterId, instanceId, endpoint, readerEndpoint, port } = database;
        const asOf = database.pointInTime ?? database.snapshotAt;
        const facts = {
          status,
          site,
          cluster: clusterId,
          instance: instanceId,
          arn: database.clusterArn ?? database.instanceArn,
          endpoint,
          readerEndpoint,
          port,
          dataFrom: asOf === undefined ? undefined : new Date(asOf).toISOString(),
        };
        return [name, facts];
      }),
  );
}

function known(ids: readonly (string | undefined)[]): readonly string[] {
  return [...new Set(ids)].filter((id) => id !== undefined);
}

/** What to do next, always with the one thing a tired person needs: how to go on with this very execution. */
function nextStep({ header }: Execution, reason: Reason, status: Verdict): string {
  const resume = `\`execution-id: ${header.id}\` and the same history`;
  const advice = reason.next === undefined ? '' : `${reason.next} `;
  if (status === 'in-progress') return `${advice}AWS goes on with what was begun; to resume, run this step with ${resume}.`;
  return `${advice}To try again what failed, and nothing else, run this step with ${resume}.`;
}
