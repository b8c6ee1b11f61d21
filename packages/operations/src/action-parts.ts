import { deterministicUuid } from '@breakwater/core';
import type { DeedContext, OperationContext } from '@breakwater/engine';
import type { JournalLine, Reason, ServerRecord } from '@breakwater/history';
import type { Action, Wave } from '@breakwater/plan';
import { inChunks } from './launch-book.ts';

/** SSM takes 50 values of an automation parameter, and 50 instances of a command (API reference, both services' models). */
export const INSTANCES_AT_ONCE = 50;

/** One call of an action: an action over more than 50 instances, or over several sites, is made of several, one after the other. */
export interface ActionPart {
  readonly index: number;
  readonly site: string;
  /** Empty: the action has no instances to run on. */
  readonly instances: readonly string[];
}

/** What an action is asked to do, and for whom. */
export interface ActionDeed {
  readonly deed: DeedContext;
  readonly action: Action;
  readonly stage: string;
  readonly wave: Wave | undefined;
  readonly servers: readonly ServerRecord[];
}

export type PartsOrReason = { readonly parts: readonly ActionPart[] } | { readonly reason: Reason };

const LOST = ['failed', 'timed-out', 'skipped', 'cancelled'];

/** Cuts an action into parts; a reason when there is nothing to run it on. */
export function partsOf({ deed, action, wave, servers }: ActionDeed): PartsOrReason {
  if (action.target === 'none') {
    if (action.kind === 'command') return { reason: needsInstances(action.name) };
    const site = siteOf(deed, action, wave);
    return site === undefined ? { reason: needsSite(action.name) } : { parts: [{ index: 0, site, instances: [] }] };
  }
  const launched = servers.flatMap(({ instanceId, site, status }) =>
    instanceId === undefined || LOST.includes(status) || (action.site ?? site) !== site ? [] : [{ instanceId, site }],
  );
  const parts: ActionPart[] = [];
  for (const site of new Set(launched.map((server) => server.site))) {
    const instances = launched.filter((server) => server.site === site).map(({ instanceId }) => instanceId);
    for (const some of inChunks(instances, INSTANCES_AT_ONCE)) parts.push({ index: parts.length, site, instances: some });
  }
  return parts.length > 0 ? { parts } : { reason: nothingLaunched(action.name) };
}

function siteOf({ set, plan }: DeedContext, action: Action, wave: Wave | undefined): string | undefined {
  if (action.site !== undefined) return action.site;
  const waves = wave === undefined ? plan.waves : [wave];
  const groups = waves.flatMap((one) => one.groups.flatMap((name) => set.groups.get(name)?.site ?? []));
  const databases = waves.flatMap((one) => (one.databases ?? []).map((database) => database.site));
  const sites = [...new Set([...groups, ...databases])];
  if (wave !== undefined || sites.length === 1) return sites[0];
  return set.sites.size === 1 ? [...set.sites.keys()][0] : undefined;
}

const needsInstances = (name: string): Reason => ({
  code: 'selection-empty',
  message: `command "${name}" has no instances to run on`,
  next: 'Set `target: recovered-instances` in the plan, or make it an automation.',
});
const needsSite = (name: string): Reason => ({
  code: 'plan-invalid',
  message: `action "${name}" names no site, and the plan has several`,
  next: 'Set `site` of the action in the plan.',
});
const nothingLaunched = (name: string): Reason => ({
  code: 'selection-empty',
  message: `action "${name}" runs on recovered instances, and none was launched`,
  next: 'Look why no server was launched; run the same execution again when that is mended.',
});

/**
 * Ids of one part that we ourselves asked to stop in this attempt, because a run was told to. Whoever resumes starts the part anew,
 * in the next round, unless it had succeeded all the same.
 */
export function stopsIn(earlier: readonly JournalLine[], part: number): readonly string[] {
  return earlier.flatMap((line) => {
    if (line.type !== 'progress' || line.detail?.['part'] !== part) return [];
    const id = line.detail['askedToStop'];
    return typeof id === 'string' ? [id] : [];
  });
}

/** Notes that the part was asked to stop, so that a resumed run knows that the cancellation was ours. */
export function noteStop(context: OperationContext, part: number, id: string, what: string): Promise<void> {
  return context.progress(`${what} was asked to stop`, { detail: { part, askedToStop: id } });
}

/**
 * The name of one call: the same in any process, another for another attempt, part or round. SSM takes it as ClientToken, and a
 * command carries the beginning of it as comment.
 */
export function partKey({ deed, action, stage, wave }: ActionDeed, attempt: number, part: number, round: number): string {
  const parts = [deed.execution, stage, wave?.name ?? '', action.name, String(attempt), String(part)];
  return deterministicUuid(...(round === 0 ? parts : [...parts, String(round)]));
}

/** The intent of a key in what the journal holds: when, and for which instances; these are sent again, whatever was launched since. */
export function intentOf(
  earlier: readonly JournalLine[],
  key: string,
): { readonly at: number; readonly instances: readonly string[] } | undefined {
  const line = earlier.findLast((one) => one.type === 'intent' && one.key === key);
  if (line?.type !== 'intent') return undefined;
  const ids = line.detail['instances'];
  return { at: Date.parse(line.at), instances: Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [] };
}

/** The id that a key was answered with, if the journal knows. */
export function changeOf(earlier: readonly JournalLine[], key: string): { readonly id: string; readonly at: number } | undefined {
  const line = earlier.findLast((one) => one.type === 'change' && one.key === key);
  return line?.type === 'change' ? { id: line.id, at: Date.parse(line.at) } : undefined;
}
