import type {
  ChangeRecord,
  DatabaseRecord,
  Execution,
  JsonObject,
  Reason,
  RunRecord,
  ServerRecord,
  StepRecord,
  WaveRecord,
} from '@breakwater/history';
import { allDatabases, countRecovered, type Failure, failuresOf, humanWait, lastMoment } from './facts.ts';

/**
 * An execution as versioned JSON (`breakwater.report/1`). Moments are ISO 8601 in UTC, durations milliseconds with names that end in
 * `Ms`; what is not known is left out. Fields are added, never renamed. docs/reports.md describes each.
 */
export function reportJson(execution: Execution): JsonObject {
  return {
    ...summaryJson(execution),
    failures: failuresOf(execution).map(failureJson),
    waves: execution.waves.map(waveJson),
    finally: execution.finally.map(stepJson),
    runs: execution.runs.map(runJson),
    problems: execution.problems,
  };
}

/** What both the whole report and the small result begin with. */
export function summaryJson(execution: Execution): JsonObject {
  const { header, verdict, reason, startedAt, endedAt, rto, rpo } = execution;
  const { plan } = header;
  return {
    schema: 'breakwater.report/1',
    execution: header.id,
    mode: header.mode,
    simulated: header.simulated,
    verdict,
    reason: reasonJson(reason),
    plan: { name: plan.name, digest: plan.digest, owner: plan.owner, tier: plan.tier },
    commit: header.commit,
    actor: header.actor,
    tool: header.tool,
    createdAt: iso(header.createdAt),
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    recoveryTime: {
      objectiveMs: rto.objective,
      actualMs: rto.actual,
      met: rto.met,
      waitedForPeopleMs: humanWait(execution, lastMoment(execution)) || undefined,
    },
    recoveryPoint: {
      objectiveMs: rpo.objective,
      actualMs: rpo.actual,
      met: rpo.met,
      server: rpo.server,
      unknownServers: rpo.unknown,
      database: rpo.database,
      unknownDatabases: rpo.unknownDatabases,
      databases: rpo.databases?.map(({ name, objective, actual, met }) => ({
        name,
        objectiveMs: objective,
        actualMs: actual,
        met,
      })),
    },
    counts: countsJson(execution),
  };
}

function countsJson(execution: Execution): JsonObject {
  const { waves } = execution;
  const byStatus: Record<string, number> = {};
  for (const { status } of waves) byStatus[status] = (byStatus[status] ?? 0) + 1;
  const servers = countRecovered(waves.flatMap((wave) => wave.servers));
  const databases = allDatabases(execution);
  return {
    waves: { total: waves.length, ...byStatus },
    servers: { ...servers },
    databases: databases.length === 0 ? undefined : { ...countRecovered(databases) },
  };
}

export function failureJson({ kind, wave, name, id, status, weighs, reason, url }: Failure): JsonObject {
  return { kind, wave, name, id, status, weighs, reason: reasonJson(reason), url };
}

function reasonJson({ code, message, next }: Reason): JsonObject {
  return { code, message, next };
}

function waveJson(wave: WaveRecord): JsonObject {
  const { name, dependsOn, status, reason, startedAt, endedAt, steps, servers, databases } = wave;
  return {
    name,
    dependsOn,
    status,
    reason: reason === undefined ? undefined : reasonJson(reason),
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    steps: steps.map(stepJson),
    servers: servers.map(serverJson),
    databases: databases?.map(databaseJson),
  };
}

function stepJson(step: StepRecord): JsonObject {
  const { id, kind, name, status, attempt, startedAt, endedAt, deadline, reason, note, result } = step;
  return {
    id,
    kind,
    name,
    status,
    attempt,
    startedAt: iso(startedAt),
    endedAt: iso(endedAt),
    deadline: iso(deadline),
    reason: reason === undefined ? undefined : reasonJson(reason),
    note,
    changes: step.changes.map(changeJson),
    openIntents: step.openIntents.map(({ operation, key, detail }) => ({ operation, key, detail })),
    warnings: step.warnings.map((warning) => ({ reason: reasonJson(warning.reason), server: warning.server })),
    previous: step.previous?.map((attempted) => ({
      attempt: attempted.attempt,
      status: attempted.status,
      startedAt: iso(attempted.startedAt),
      endedAt: iso(attempted.endedAt),
      reason: attempted.reason === undefined ? undefined : reasonJson(attempted.reason),
      changes: attempted.changes.map(changeJson),
    })),
    result,
  };
}

function changeJson({ operation, id, adopted, site, at }: ChangeRecord): JsonObject {
  return { operation, id, adopted, site, at: iso(at) };
}

function serverJson(server: ServerRecord): JsonObject {
  const { id, name, site, account, region, group, criticality, status, reason, replicationState, lag, jobId, instanceId } =
    server;
  return {
    id,
    name,
    site,
    account,
    region,
    group,
    criticality,
    status,
    reason: reason === undefined ? undefined : reasonJson(reason),
    replicationState,
    lagMs: lag,
    jobId,
    instanceId,
    recoveryPoint: server.recoveryPoint,
    recoveryPointAt: iso(server.recoveryPointAt),
    rpaMs: server.rpa,
    launchedAt: iso(server.launchedAt),
    healthyAt: iso(server.healthyAt),
  };
}

function databaseJson(database: DatabaseRecord): JsonObject {
  const { reason, rpo, rpa, snapshotAt, pointInTime, checks, ...facts } = database;
  return {
    ...facts,
    reason: reason === undefined ? undefined : reasonJson(reason),
    snapshotAt: iso(snapshotAt),
    pointInTime: iso(pointInTime),
    rpoMs: rpo,
    rpaMs: rpa,
    checks: checks?.map(({ check, ok, found }) => ({ check, ok, found })),
  };
}

function runJson(run: RunRecord): JsonObject {
  const { outcome } = run;
  return {
    run: run.run,
    actor: run.actor,
    tool: run.tool,
    startedAt: iso(run.startedAt),
    endedAt: iso(run.endedAt),
    resumed: run.resumed,
    waves: run.waves,
    approvals: run.approvals,
    interruptedBy: run.interruptedBy,
    stillRunning: run.stillRunning,
    resume: run.resume,
    outcome: outcome === undefined ? undefined : { verdict: outcome.verdict, reason: reasonJson(outcome.reason) },
    sharing: run.sharing?.map(({ event, at, message }) => ({ event, at: iso(at), message })),
    identities: run.identities.map(({ site, account, region, arn }) => ({ site, account, region, arn })),
  };
}

/** ISO 8601; left out for a moment that is not known, or that is none (a gate has no deadline). */
function iso(at: number | undefined): string | undefined {
  return at === undefined || !Number.isFinite(at) || at <= 0 ? undefined : new Date(at).toISOString();
}
