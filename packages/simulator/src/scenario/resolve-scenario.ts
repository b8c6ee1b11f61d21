import { parseDuration } from '@breakwater/core';
import { checkPolicy, type PolicyDocument } from '../iam/policy.ts';
import { Randomness } from '../random.ts';
import type { RawDocument, RawDurations, RawInstanceTimes, RawScenario, RawServer, RawStep } from './raw-scenario.ts';
import { resolveDatabases } from './resolve-databases.ts';
import { resolveFault } from './resolve-fault.ts';
import type { DocumentSpec, InstanceTimes, LaunchDurations, Scenario, ServerSpec, StepSpec } from './scenario.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GIB = 1_024 ** 3;

/** The recorded two-server drill, rounded: conversion starts at 53 s, ends at 251 s; launch ends at 529 s; the job at 533 s. */
const RECORDED: LaunchDurations = {
  jobStart: 400,
  cleanup: 45_000,
  toSnapshot: undefined,
  snapshot: 200,
  toConversion: 52_000,
  conversion: 198_000,
  toLaunch: 500,
  launch: 277_500,
  jobEnd: 3_500,
  terminate: 50_000,
};

const INSTANCES: InstanceTimes = { visibleAfter: 3_000, statusOkAfter: 95_000, agentOnlineAfter: 60_000 };

/** AWS's policy: every 10 minutes for an hour, hourly for a day, daily for a week. */
const SNAPSHOT_POLICY = [
  { every: 10 * MINUTE, keep: HOUR },
  { every: HOUR, keep: DAY },
  { every: DAY, keep: 7 * DAY },
];

const DEFAULT_ACCOUNT = '444455556666';

/** Milliseconds; the schema has proved the text. */
function ms(text: string | undefined, fallback: number): number {
  return (text === undefined ? undefined : parseDuration(text)) ?? fallback;
}

function list(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** Fills in the defaults and expands counted servers. */
export function resolveScenario(raw: RawScenario): Scenario {
  const seed = raw.seed ?? 1;
  const random = new Randomness(seed);
  const durations = resolveDurations(raw.drs?.durations, RECORDED);
  const instances = resolveInstanceTimes(raw.instances, INSTANCES);
  const servers = (raw.servers ?? []).flatMap((server, index) => resolveServer(server, index, random, durations, instances));
  const accounts = new Map(
    (raw.accounts ?? []).map((a) => [a.id, { id: a.id, name: a.name ?? a.id, regions: new Set(a.regions ?? []) }]),
  );
  for (const server of servers) {
    const known = accounts.get(server.account);
    if (known === undefined)
      accounts.set(server.account, { id: server.account, name: server.account, regions: new Set([server.region]) });
    else if (known.regions.size === 0) known.regions.add(server.region);
  }
  return {
    name: raw.name,
    description: raw.description,
    seed,
    start: raw.start === undefined ? undefined : Date.parse(raw.start),
    latency: ms(raw.latency, 50),
    pageSize: raw.pageSize ?? 50,
    jitter: raw.jitter ?? 0.02,
    sqlServer:
      raw.sqlServer === undefined || raw.sqlServer === 'none'
        ? undefined
        : { kind: raw.sqlServer.kind, contents: raw.sqlServer.contents ?? '' },
    accounts: [...accounts.values()].map((a) => ({ ...a, regions: [...a.regions] })),
    callers: (raw.callers ?? [{ account: DEFAULT_ACCOUNT }]).map((caller, index) => ({
      account: caller.account,
      arn: caller.arn ?? `arn:aws:iam::${caller.account}:user/breakwater`,
      accessKeyId: caller.accessKeyId ?? `AKIASIMULATOR${String(index + 1).padStart(7, '0')}`,
      secretAccessKey: caller.secretAccessKey ?? `simulated/secret/of/caller/${index + 1}/0123456789`,
      deny: caller.deny ?? [],
      policies: resolvePolicies(caller.policies, caller.arn ?? caller.account),
    })),
    roles: (raw.roles ?? []).map((role) => ({
      arn: role.arn,
      account: role.arn.split(':')[4] ?? '',
      trust: role.trust,
      externalId: role.externalId,
      maxSession: ms(role.maxSession, 12 * HOUR),
      deny: role.deny ?? [],
      policies: resolvePolicies(role.policies, role.arn),
      webIdentity:
        role.webIdentity === undefined
          ? undefined
          : {
              issuer: role.webIdentity.issuer ?? 'https://token.actions.githubusercontent.com',
              audience: role.webIdentity.audience ?? 'sts.amazonaws.com',
              subjects: role.webIdentity.subjects ?? ['*'],
            },
    })),
    drs: {
      omitFinishedInstanceIds: raw.drs?.omitFinishedInstanceIds ?? true,
      quotas: {
        jobs: raw.drs?.quotas?.jobs ?? 20,
        serversInJob: raw.drs?.quotas?.serversInJob ?? 100,
        serversInJobs: raw.drs?.quotas?.serversInJobs ?? 500,
      },
      durations,
      recoverySnapshots:
        raw.drs?.recoverySnapshots?.map((rule) => ({ every: ms(rule.every, HOUR), keep: ms(rule.keep, DAY) })) ?? SNAPSHOT_POLICY,
      jobIds: raw.drs?.jobIds ?? [],
      jobsVisibleAfter: ms(raw.drs?.jobsVisibleAfter, 0),
      otherJobs: (raw.drs?.otherJobs ?? []).map((other) => ({
        account: other.account,
        region: other.region,
        jobs: other.jobs ?? 1,
        servers: other.servers ?? 1,
        after: ms(other.after, 0),
        for: ms(other.for, HOUR),
      })),
    },
    instances,
    ssm: {
      executionVisibleAfter: ms(raw.ssm?.executionVisibleAfter, 1_000),
      invocationVisibleAfter: ms(raw.ssm?.invocationVisibleAfter, 1_000),
      stepsShown: raw.ssm?.stepsShown ?? 50,
      concurrentAutomations: raw.ssm?.concurrentAutomations ?? 100,
    },
    servers,
    documents: (raw.documents ?? []).map(resolveDocument),
    ...resolveDatabases(raw, random),
    faults: (raw.faults ?? []).map(resolveFault),
  };
}

/** Names of files have become what is in them by now. */
function resolvePolicies(
  raw: readonly (PolicyDocument | string)[] | undefined,
  owner: string,
): readonly PolicyDocument[] | undefined {
  return raw?.flatMap((policy) => (typeof policy === 'string' ? [] : [checkPolicy(policy, owner)]));
}

function resolveDurations(raw: RawDurations | undefined, base: LaunchDurations): LaunchDurations {
  return {
    jobStart: ms(raw?.jobStart, base.jobStart),
    cleanup: ms(raw?.cleanup, base.cleanup),
    toSnapshot: raw?.toSnapshot === undefined ? base.toSnapshot : ms(raw.toSnapshot, 0),
    snapshot: ms(raw?.snapshot, base.snapshot),
    toConversion: ms(raw?.toConversion, base.toConversion),
    conversion: ms(raw?.conversion, base.conversion),
    toLaunch: ms(raw?.toLaunch, base.toLaunch),
    launch: ms(raw?.launch, base.launch),
    jobEnd: ms(raw?.jobEnd, base.jobEnd),
    terminate: ms(raw?.terminate, base.terminate),
  };
}

function resolveInstanceTimes(raw: RawInstanceTimes | undefined, base: InstanceTimes): InstanceTimes {
  return {
    visibleAfter: ms(raw?.visibleAfter, base.visibleAfter),
    statusOkAfter: ms(raw?.statusOkAfter, base.statusOkAfter),
    agentOnlineAfter: ms(raw?.agentOnlineAfter, base.agentOnlineAfter),
  };
}

function resolveServer(
  raw: RawServer,
  index: number,
  random: Randomness,
  durations: LaunchDurations,
  instances: InstanceTimes,
): readonly ServerSpec[] {
  const state = raw.replication?.state ?? 'CONTINUOUS';
  const flowing = state === 'CONTINUOUS' || state === 'BACKLOG' || state === 'RESCAN' || state === 'CREATING_SNAPSHOT';
  const total = raw.count ?? 1;
  return Array.from({ length: total }, (_, i): ServerSpec => {
    const number = String(i + 1).padStart(Math.max(2, String(total).length), '0');
    const hostname = raw.hostname.replaceAll('{n}', number);
    const age = ms(raw.recoveryInstance?.age, 3 * DAY);
    return {
      id: raw.id ?? `s-${random.hex(17, 'source-server', raw.account, raw.region, index, i)}`,
      account: raw.account,
      region: raw.region,
      hostname,
      fqdn: raw.domain === undefined ? hostname : `${hostname}.${raw.domain}`,
      tags: { Name: hostname, ...raw.tags },
      state,
      lag: raw.replication?.lag === null ? undefined : ms(raw.replication?.lag, flowing ? 0 : 10 * MINUTE),
      lagGrows: raw.replication?.lagGrows ?? !flowing,
      error: raw.replication?.error,
      rawError: raw.replication?.rawError,
      durations: resolveDurations(raw.durations, durations),
      launchDisposition: raw.launchDisposition ?? 'STARTED',
      instanceType: raw.instanceType ?? 'c5.large',
      diskBytes: (raw.diskGiB ?? 8) * GIB,
      os: raw.os ?? 'Linux version 6.1.115-126.197.amzn2023.x86_64 (Amazon Linux 2023)',
      snapshots: raw.snapshots?.map((snapshot) => ({ id: snapshot.id, age: ms(snapshot.age, 0) })),
      recoveryInstance:
        raw.recoveryInstance === undefined
          ? undefined
          : { id: raw.recoveryInstance.id, isDrill: raw.recoveryInstance.kind === 'drill', age },
      staging:
        raw.staging === undefined
          ? undefined
          : { status: raw.staging.status, account: raw.staging.account, error: raw.staging.error },
      instanceTimes: resolveInstanceTimes(raw.instance, instances),
      instanceIds: raw.instanceIds ?? [],
      fails: raw.fails === undefined ? undefined : { phase: raw.fails.phase, rawError: raw.fails.rawError ?? 'Internal error' },
    };
  });
}

function resolveStep(raw: RawStep): StepSpec {
  return {
    name: raw.name,
    action: raw.action ?? (raw.approval === true ? 'aws:approve' : 'aws:executeScript'),
    duration: ms(raw.duration, 10_000),
    outputs: Object.fromEntries(Object.entries(raw.outputs ?? {}).map(([name, value]) => [name, list(value)])),
    onFailure: raw.onFailure ?? 'Abort',
    fails:
      raw.fails === undefined
        ? undefined
        : { message: raw.fails.message, type: raw.fails.type ?? 'Action', stage: raw.fails.stage ?? 'Invocation' },
    hangs: raw.hangs ?? false,
    approval: raw.approval ?? false,
    timeout: raw.timeout === undefined ? undefined : ms(raw.timeout, 0),
  };
}

function resolveDocument(raw: RawDocument): DocumentSpec {
  const duration = ms(raw.duration, 10_000);
  return {
    name: raw.name,
    kind: raw.kind ?? 'automation',
    versions: raw.versions ?? 1,
    accounts: raw.accounts,
    assumeRole: raw.assumeRole,
    parameters: Object.fromEntries(
      Object.entries(raw.parameters ?? {}).map(([name, parameter]) => [
        name,
        {
          type: parameter.type ?? 'String',
          required: parameter.required ?? parameter.default === undefined,
          default: parameter.default === undefined ? undefined : list(parameter.default),
          allowed: parameter.allowed,
        },
      ]),
    ),
    steps: (raw.steps ?? [{ name: 'run', duration: `${duration}ms` }]).map(resolveStep),
    phases: (raw.phases ?? []).map((phase) => ({ status: phase.status, duration: ms(phase.duration, 0) })),
    end: raw.end ?? 'Success',
    command: {
      duration,
      exitCode: raw.exitCode ?? 0,
      status: raw.status,
      output: raw.output ?? '',
      errorOutput: raw.errorOutput ?? '',
      hangs: raw.hangs ?? false,
    },
  };
}
