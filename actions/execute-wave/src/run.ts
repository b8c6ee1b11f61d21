import { type Door, type GithubContext, type Outcome, reasonText } from '@breakwater/action-kit';
import { clockFromEnvironment, type RunEnvironment, type RunOutcome, type RunRequest } from '@breakwater/assembly';
import { lineOf } from '@breakwater/cli';
import type { Verdict } from '@breakwater/core';
import type { Execution, JsonObject, Reason, ServerRecord, WaveRecord } from '@breakwater/history';
import { type ReportLinks, renderMarkdown, renderText, resultJson } from '@breakwater/report';
import type { definition } from './definition.ts';
import { failuresIn, stepStatus, wavesOf } from './step-status.ts';

/** What the action needs besides its door. */
export interface Parts {
  readonly runPlan: (request: RunRequest, environment: RunEnvironment) => Promise<RunOutcome>;
}

/** Runs the waves asked for, and turns what came of it into outputs, a summary, annotations and the step's own end. */
export async function executeWave(door: Door<typeof definition>, { runPlan }: Parts): Promise<Outcome> {
  const { inputs, outputs, log } = door;
  const { clock, simulated } = clockFromEnvironment(door.environment);
  if (simulated) log.info('AWS is simulated on this machine: nothing real is touched, and the record is no evidence.');
  const { execution, report, problems } = await runPlan(requestFrom(door), {
    clock,
    simulated,
    signal: door.signal,
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
    observe: (line, stream, soFar) => log.info(lineOf(line, stream, soFar)),
  });
  log.info(renderText(execution));
  for (const problem of problems) door.annotations.warning('Record', problem);
  if (inputs.summary) await door.summarise(renderMarkdown(execution, { links: linksOf(door.github) }));
  outputs.set('report', report ?? '');
  return conclude(door, execution);
}

function requestFrom({ inputs, github }: Door<typeof definition>): RunRequest {
  return {
    files: inputs['plan-files'],
    mode: inputs.mode,
    waves: inputs.waves,
    history: inputs.history,
    approvals: inputs['approved-gates'],
    replaceLive: inputs['replace-live'],
    actor: github.actor,
    ...(inputs.plan === undefined ? {} : { plan: inputs.plan }),
    ...(inputs['execution-id'] === undefined ? {} : { execution: inputs['execution-id'] }),
    ...(github.commit === undefined ? {} : { commit: github.commit }),
    ...runName(github),
  };
}

function linksOf({ runUrl, commitUrl }: GithubContext): ReportLinks {
  return { ...(runUrl === undefined ? {} : { run: runUrl }), ...(commitUrl === undefined ? {} : { commit: commitUrl }) };
}

/** Steps that run at the same time need names of their own in the record; away from GitHub the next number will do. */
function runName({ runId, runAttempt, job, step }: GithubContext): { readonly run?: string } {
  if (runId === undefined) return {};
  const name = ['github', runId, runAttempt, job, step].filter((part) => part !== undefined).join('-');
  return { run: name.replaceAll(/[^A-Za-z0-9-]+/g, '-').slice(0, 100) };
}

function conclude({ inputs, outputs, annotations }: Door<typeof definition>, execution: Execution): Outcome {
  const waves = wavesOf(execution, inputs.waves);
  const { status, reason } = stepStatus(execution, inputs.waves);
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
