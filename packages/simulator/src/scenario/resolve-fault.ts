import { parseDuration } from '@breakwater/core';
import type { RawEffect, RawFault } from './raw-scenario.ts';
import type { FaultEffect, FaultSpec } from './scenario.ts';

function ms(text: string | undefined): number {
  return (text === undefined ? undefined : parseDuration(text)) ?? 0;
}

/** A written fault, proved by the schema, with its defaults. */
export function resolveFault(raw: RawFault): FaultSpec {
  return {
    match: raw.match ?? {},
    effect: resolveEffect(raw.effect),
    after: ms(raw.after),
    for: raw.for === undefined ? undefined : ms(raw.for),
  };
}

function resolveEffect(raw: RawEffect): FaultEffect {
  const when = raw.when ?? 'before';
  switch (raw.kind) {
    case 'throttle':
    case 'agent-never-online':
    case 'status-impaired':
    case 'automation-hangs':
    case 'credentials-expire':
      return { kind: raw.kind };
    case 'error':
      return {
        kind: 'error',
        code: raw.code ?? 'InternalServerException',
        status: Number(raw.status ?? 400),
        message: raw.message ?? 'An injected error.',
        when,
      };
    case 'unavailable':
      return { kind: 'unavailable', status: Number(raw.status ?? 503), when };
    case 'drop':
      return { kind: 'drop', when };
    case 'slow':
      return { kind: 'slow', by: ms(raw.by) };
    case 'launch-fails':
      return { kind: 'launch-fails', phase: raw.phase ?? 'launch', rawError: raw.rawError ?? 'Internal error' };
    case 'automation-ends':
      return { kind: 'automation-ends', status: String(raw.status), message: raw.message ?? '' };
    case 'visibility-lag':
      return { kind: 'visibility-lag', by: ms(raw.by) };
    case 'other-jobs':
      return {
        kind: 'other-jobs',
        jobs: raw.jobs ?? 1,
        servers: raw.servers ?? 1,
        for: raw.for === undefined ? 3_600_000 : ms(raw.for),
      };
    case 'copy-fails':
      return { kind: 'copy-fails', at: raw.at ?? 50 };
    case 'copy-stalls':
      return { kind: 'copy-stalls', by: ms(raw.by) };
    case 'restore-fails':
      return { kind: 'restore-fails', status: String(raw.status ?? 'migration-failed') };
    case 'instance-fails':
      return { kind: 'instance-fails', status: String(raw.status ?? 'failed') };
    case 'other-copies':
      return {
        kind: 'other-copies',
        copies: raw.copies ?? 1,
        family: raw.family ?? 'cluster',
        for: raw.for === undefined ? 3_600_000 : ms(raw.for),
      };
    default:
      throw new RangeError(`no such fault effect: ${raw.kind}`);
  }
}
