import type { Execution, Json, JsonObject, StepRecord } from '@breakwater/history';
import { dnsNamesOf } from './dns-names.ts';
import { failuresOf, humanWait, lastMoment } from './facts.ts';
import { failureJson, reportJson } from './json.ts';

/** What a report of a recovery test has to say by the usual rules for it, and a record of what was done cannot know. */
const NOT_RECORDED: readonly { readonly field: string; readonly reason: string }[] = [
  { field: 'plan.review', reason: 'Who approved this version of the plan stands in the pull request of plan.commit.' },
  { field: 'scenario', reason: 'Which event was assumed, and why it is plausible, is the business’s own analysis.' },
  {
    field: 'scope.out',
    reason: 'What was left out on purpose is not in the plan; what the plan holds and was not recovered is in deviations.',
  },
  { field: 'assumptions', reason: 'The plan holds no assumptions; compare plan.definition with the business impact analysis.' },
  { field: 'people.absent', reason: 'Who should have taken part and did not is nothing that a plan or a run knows.' },
  { field: 'independence', reason: 'Who reviews this record, and how independent they are, is known only afterwards.' },
  { field: 'isolation', reason: 'The network of the recovery site is not looked at; sites name its accounts and Regions.' },
  { field: 'capacity', reason: 'Load at the recovery site is not measured; what post-wave actions proved is in validation.' },
  { field: 'security', reason: 'Controls of the recovery site are not looked at; the identities that acted are in report.runs.' },
  {
    field: 'findings[].cause',
    reason: 'A finding has the reason that AWS or the check gave; why that came about is for people to find out.',
  },
  { field: 'findings[].action', reason: 'Owners and dates of corrections are kept where the team keeps its work.' },
  { field: 'acceptedRisks', reason: 'Nobody accepts a risk by running a plan.' },
  { field: 'previousFindings', reason: 'Compare with the evidence of the execution before this one.' },
  { field: 'lessons', reason: 'Changes of the plan are commits of its repository.' },
  { field: 'communications', reason: 'Only notifications that are actions of the plan are recorded, in events.' },
  { field: 'productionImpact', reason: 'Production is not watched.' },
  { field: 'reconstitution', reason: 'The way back is done by hand, afterwards; what a drill took away again is in cleanup.' },
  { field: 'retention', reason: 'How long the record is kept is a decision about the branch or folder that it lies in.' },
  { field: 'signoff', reason: 'Sign it together with the hash of manifest.json, which covers this file.' },
  { field: 'nextDue', reason: 'The cadence is the schedule of the workflow.' },
  { field: 'controls', reason: 'Which control a field answers depends on the rules that apply.' },
];

/**
 * An execution as evidence (`breakwater.evidence/1`), for an auditor and their tools: what was tested, by whom and with whose approval, what
 * was promised and what was measured, every step with its moments, what deviated, and the whole report. What is not recorded is listed
 * with the reason. Pure: the same record gives the same evidence. docs/reports.md describes it.
 */
export function evidenceJson(execution: Execution): JsonObject {
  const { header, verdict, reason, rto, rpo, startedAt } = execution;
  const { plan } = header;
  return {
    schema: 'breakwater.evidence/1',
    evidence: !header.simulated,
    test: {
      id: header.id,
      title: `${header.mode} of ${plan.name}`,
      kind: header.simulated ? 'rehearsal' : header.mode === 'drill' ? 'drill' : 'live-failover',
      from: iso(startedAt),
      to: iso(lastMoment(execution)),
      durationMs: lastMoment(execution) - startedAt,
      sites: sitesOf(execution),
    },
    plan: {
      name: plan.name,
      digest: plan.digest,
      commit: header.commit,
      owner: plan.owner,
      tier: plan.tier,
      definition: plan.definition,
    },
    scope: { in: scopeOf(execution) },
    objectives: [
      { objective: 'recovery time', targetMs: rto.objective, committedBy: 'plan.digest' },
      { objective: 'recovery point', targetMs: rpo.objective, committedBy: 'plan.digest' },
      ...(rpo.databases ?? []).map(({ name, objective }) => ({
        objective: `recovery point of database ${name}`,
        targetMs: objective,
        committedBy: 'plan.digest',
      })),
    ],
    people: peopleOf(execution),
    thirdParties: ['Amazon Web Services'],
    approvals: approvalsOf(execution),
    events: eventsOf(execution),
    rto: {
      targetMs: rto.objective,
      actualMs: rto.actual,
      met: rto.met,
      from: 'start of the first run',
      to: 'end of the last wave',
      waitedForPeopleMs: humanWait(execution, lastMoment(execution)),
    },
    rpo: {
      targetMs: rpo.objective,
      actualMs: rpo.actual,
      met: rpo.met,
      worst: rpo.server ?? rpo.database,
      unknownServers: rpo.unknown,
      unknownDatabases: rpo.unknownDatabases,
    },
    dataChecks: execution.waves.flatMap(({ databases = [] }) =>
      databases.flatMap(({ name, snapshotId, checks = [] }) =>
        checks.map(({ check, ok, found }) => ({ database: name, snapshot: snapshotId, check, ok, found })),
      ),
    ),
    switchover: header.mode === 'recovery',
    dnsNames: dnsOf(execution),
    validation: stepsOf(execution)
      .filter(({ step }) => step.kind === 'verify' || step.kind === 'post-wave-action')
      .map(({ wave, step }) => ({ wave, step: step.id, name: step.name, status: step.status, reason: step.reason?.message })),
    verdict: { verdict, code: reason.code, message: reason.message, next: reason.next },
    deviations: deviationsOf(execution),
    findings: failuresOf(execution).map(failureJson),
    cleanup: execution.finally
      .filter(({ kind }) => kind === 'clean-up')
      .map(({ id, name, status, reason: why, result }) => ({ step: id, name, status, reason: why?.message, result })),
    tool: header.tool,
    integrity: {
      journals: 'every line carries the hash of the one before',
      manifest: 'manifest.json lists the hash of every file, this one included',
      ledger: '_ledger names the manifest; breakwater history verify checks all of it',
      problems: execution.problems,
    },
    notRecorded: NOT_RECORDED,
    report: reportJson(execution),
  };
}

function stepsOf(execution: Execution): readonly { readonly wave?: string; readonly step: StepRecord }[] {
  return [
    ...execution.waves.flatMap(({ name, steps }) => steps.map((step) => ({ wave: name, step }))),
    ...execution.finally.map((step) => ({ step })),
  ];
}

function sitesOf({ runs }: Execution): readonly JsonObject[] {
  const sites = new Map(
    runs.flatMap(({ identities }) => identities).map(({ site, account, region }) => [site, { site, account, region }]),
  );
  return [...sites.values()];
}

function scopeOf({ waves }: Execution): readonly JsonObject[] {
  return waves.map(({ name, servers, databases = [] }) => ({
    wave: name,
    servers: servers.map(({ id, name: host, criticality }) => ({ id, name: host, criticality })),
    databases: databases.map(({ name: database, cluster, instance, criticality }) => ({
      name: database,
      cluster,
      instance,
      criticality,
    })),
  }));
}

/** Who had a part in it, as they are recorded. */
function peopleOf({ header, runs }: Execution): readonly JsonObject[] {
  return [
    { role: 'asked for it', name: header.actor },
    ...[...new Set(runs.map(({ actor }) => actor))].map((name) => ({ role: 'ran it', name })),
  ];
}

/** Gates that were opened: what the platform proves of it, or who vouches. */
function approvalsOf(execution: Execution): readonly JsonObject[] {
  return stepsOf(execution).flatMap(({ wave, step }) =>
    step.kind === 'gate' && step.result !== undefined
      ? [{ wave, gate: step.name, at: iso(step.endedAt), ...step.result } satisfies JsonObject]
      : [],
  );
}

/** Where clients were sent. Whether a person has put a name back since, no record knows. */
function dnsOf(execution: Execution): readonly JsonObject[] {
  return dnsNamesOf(execution).map(({ wave, database, site, zone, name, before, now, changed, at }) => ({
    wave,
    database,
    site,
    zone,
    name,
    before: before === undefined || before === null ? before : { ...before },
    now: now === undefined ? undefined : { ...now },
    changed,
    at: iso(at),
  }));
}

/** Every step in the order of its start; what people did and what the machine did. */
function eventsOf(execution: Execution): readonly JsonObject[] {
  return stepsOf(execution)
    .filter(({ step }) => step.startedAt !== undefined)
    .sort((a, b) => (a.step.startedAt ?? 0) - (b.step.startedAt ?? 0))
    .map(({ wave, step }) => ({
      wave,
      step: step.id,
      kind: step.kind,
      name: step.name,
      by: step.kind === 'gate' ? 'human' : 'machine',
      from: iso(step.startedAt),
      to: iso(step.endedAt),
      status: step.status,
      reason: step.reason?.message,
      aws: step.changes.map(({ operation, id, site, at }) => ({ operation, id, site, at: iso(at) })),
    }));
}

/** What did not go as the plan says: skipped and repeated steps, warnings, interruptions, and runs without the shared record. */
function deviationsOf(execution: Execution): readonly JsonObject[] {
  const steps = stepsOf(execution).flatMap(({ wave, step }): JsonObject[] => [
    ...(step.status === 'skipped' ? [{ kind: 'skipped', wave, step: step.id, reason: step.reason?.message }] : []),
    ...(step.previous ?? []).map(({ attempt, status, reason }) => ({
      kind: 'tried again',
      wave,
      step: step.id,
      attempt,
      status,
      reason: reason?.message,
    })),
    ...step.warnings.map(({ reason, server }) => ({ kind: 'warning', wave, step: step.id, server, reason: reason.message })),
  ]);
  const runs = execution.runs.flatMap((run): JsonObject[] => [
    ...(run.interruptedBy === undefined ? [] : [{ kind: 'interrupted', run: run.run, by: run.interruptedBy }]),
    ...(run.sharing ?? []).map(({ event, at, message }) => ({
      kind: event === 'pre-empted' || event === 'without-locks' ? event : `history ${event}`,
      run: run.run,
      at: iso(at),
      reason: message,
    })),
  ]);
  return [...steps, ...runs];
}

function iso(at: number | undefined): Json | undefined {
  return at === undefined || at <= 0 ? undefined : new Date(at).toISOString();
}
