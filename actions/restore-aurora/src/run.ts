import { type Door, deedKey, type Outcome, reasonText } from '@breakwater/action-kit';
import { clockFromEnvironment, handOver, openDatabaseSites, runDeed, stepConnection } from '@breakwater/assembly';
import type { ConnectOptions, SiteGateways } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { Operation } from '@breakwater/engine';
import type { JsonObject } from '@breakwater/history';
import {
  type DatabaseDeedContext,
  type DatabaseManifest,
  type DatabaseSite,
  deleteOldCluster,
  endDatabaseDrill,
  type RestoreOperation,
  type RestoreParts,
  relaySite,
  restoreDatabase,
} from '@breakwater/operations';
import type { Site } from '@breakwater/plan';
import { attemptOf } from './attempt.ts';
import type { definition } from './definition.ts';
import { completeRequest, draftRequest, sourceOf } from './request.ts';
import type { RestoreAuroraResult } from './result.ts';
import { chooseSites, type ReadSites, usage } from './sites.ts';
import { member, renderSummary, text } from './summary.ts';
import { tell } from './telling.ts';

type ActionDoor = Door<typeof definition>;

/** What the action needs besides its door. */
export interface Parts {
  readonly connect: (options: ConnectOptions) => (site: Site) => SiteGateways;
  readonly readSites: ReadSites;
  readonly readManifest: (file: string) => Promise<DatabaseManifest>;
  readonly restoreParts: RestoreParts;
}

/** Restores a cluster or an instance, or cleans up what drills have left. A re-run with the same key adopts what an earlier process made. */
export async function runRestoreAurora(door: ActionDoor, parts: Parts): Promise<Outcome> {
  const { inputs, outputs, log, github } = door;
  const { clock, simulated } = clockFromEnvironment(door.environment);
  const key = inputs.key ?? deedKey(github, 'restore-aurora');
  outputs.set('key', key);
  if (simulated) log.info('AWS is simulated on this machine: nothing real is touched.');
  const startedAt = clock.now();
  const { operation, site, halfWay } = await open(door, parts, { clock, execution: key, mode: inputs.mode });
  const done = await runDeed(operation, {
    clock,
    signal: door.signal,
    maxWait: inputs['max-wait'],
    attempt: attemptOf(github),
    log: log.info,
    made: () => undefined,
  });
  const told = tell(done, halfWay?.());
  const endedAt = clock.now();
  outputs.set('duration', String(Math.round((endedAt - startedAt) / 1_000)));
  const result: RestoreAuroraResult = {
    schema: 'breakwater.restore-aurora/1',
    status: told.status,
    reason: told.reason,
    simulated,
    operation: inputs.operation,
    mode: inputs.mode,
    key,
    actor: github.actor,
    attempt: github.runAttempt,
    site: { name: site.name, account: site.account, region: site.region },
    startedAt: new Date(startedAt).toISOString(),
    endedAt: new Date(endedAt).toISOString(),
    made: done.made,
    warnings: done.warnings,
    ...(told.result === undefined ? {} : { result: told.result }),
    ...(told.goesOn === undefined ? {} : { goesOn: told.goesOn }),
  };
  if (inputs.operation === 'restore' && told.result !== undefined) putOut(door, told.result);
  if (inputs.summary) await door.summarise(renderSummary(result));
  const leftAlone = told.reason.code === 'in-progress' && !inputs.wait;
  const failed = told.status !== 'succeeded' && told.status !== 'succeeded-with-warnings' && !leftAlone;
  if (told.status === 'succeeded-with-warnings') door.annotations.warning('Restored with warnings', reasonText(told.reason));
  return {
    status: told.status,
    reason: told.reason.code,
    result: JSON.stringify(result),
    ...(failed ? { failure: { message: told.reason.message, next: told.reason.next ?? 'Look at it in the RDS console.' } } : {}),
  };
}

/** Everything that may be wrong with the inputs is found before AWS is asked anything. */
async function open(
  door: ActionDoor,
  parts: Parts,
  deed: DatabaseDeedContext,
): Promise<{ readonly operation: Operation; readonly site: Site; readonly halfWay?: RestoreOperation['halfWay'] }> {
  const { inputs, log } = door;
  const chosen = await chooseSites(inputs, parts.readSites);
  const { site } = chosen;
  const connect = connector(door, parts, deed.clock);
  if (inputs.operation !== 'restore') {
    if (!inputs.wait) throw usage('"wait" false belongs to operation restore');
    const [place] = await openDatabaseSites([site], connect);
    if (place === undefined) throw usage('no site');
    log.info(`${inputs.operation} at ${site.account} in ${site.region}`);
    return { operation: removal(door, place, deed), site };
  }
  const draft = draftRequest(inputs);
  const manifest = inputs.manifest === undefined ? undefined : await parts.readManifest(inputs.manifest);
  const further = [chosen.vault, chosen.zone].flatMap((one) => one ?? []);
  const [target, source, ...others] = await openDatabaseSites([site, chosen.source, ...further], connect);
  if (target === undefined || source === undefined) throw usage('no site');
  const opened = (wanted: Site | undefined) => others.find((one) => one.site === wanted);
  const [vault, zone] = [opened(chosen.vault), opened(chosen.zone)];
  // The accounts of a relay are proved already: only its Region is another.
  const between = (from: Site, to: Site): DatabaseSite | undefined => {
    const stop = relaySite(from, to);
    return stop === undefined ? undefined : { site: stop, aws: connect(stop) };
  };
  const relay = between(chosen.source, site);
  const vaultRelay = chosen.vault === undefined ? undefined : between(site, chosen.vault);
  const request = completeRequest(draft, { site: target, source, relay, vault, vaultRelay, zone }, manifest);
  log.info(
    `${inputs.mode}: ${request.kind ?? 'cluster'} "${request.database}" is restored at ${site.account} in ${site.region}, strategy ${request.strategy}, key ${deed.execution}`,
  );
  const restore = restoreDatabase(request, deed, parts.restoreParts);
  return { operation: inputs.wait ? restore : handOver(restore, restore), site, halfWay: restore.halfWay };
}

/** What deletes something: only what carries our tags, or what a swap of this key has kept aside. */
function removal({ inputs }: ActionDoor, site: DatabaseSite, deed: DatabaseDeedContext): Operation {
  const { operation } = inputs;
  if (operation === 'clean-up-expired') return endDatabaseDrill({ site, which: { kind: 'expired' } }, deed);
  if (operation !== 'delete-old') {
    return endDatabaseDrill({ site, which: { kind: 'execution', execution: deed.execution } }, deed);
  }
  const { kind, id, target } = sourceOf(inputs);
  return deleteOldCluster(
    {
      site,
      kind,
      database: id,
      finalSnapshot: inputs['final-snapshot'],
      liftProtection: inputs['lift-protection'],
      ...(target === undefined ? {} : { target }),
    },
    deed,
  );
}

function connector(door: ActionDoor, { connect }: Parts, clock: Clock): (site: Site) => SiteGateways {
  return connect(stepConnection(door, clock, (error) => door.annotations.warning('Credentials', reasonText(error))));
}

function putOut({ outputs }: ActionDoor, result: JsonObject): void {
  const snapshot = member(result, 'snapshot');
  // What has no ARN was only to be made.
  for (const kind of ['cluster', 'instance'] as const) {
    const arn = text(result, `${kind}Arn`) ?? '';
    outputs.set(kind, arn === '' ? '' : (text(result, kind) ?? ''));
    outputs.set(`${kind}-arn`, arn);
  }
  outputs.set('endpoint', text(result, 'endpoint') ?? '');
  outputs.set('reader-endpoint', text(result, 'readerEndpoint') ?? '');
  outputs.set('port', text(result, 'port') ?? '');
  outputs.set('instances', JSON.stringify(result['instances'] ?? []));
  outputs.set('snapshot', text(snapshot, 'arn') ?? '');
  outputs.set('snapshot-time', text(member(result, 'pointInTime'), 'time') ?? text(snapshot, 'time') ?? '');
  outputs.set('master-secret-arn', text(result, 'masterSecret') ?? '');
  outputs.set('old-cluster', text(result, 'oldCluster') ?? '');
  outputs.set('old-instance', text(result, 'oldInstance') ?? '');
  outputs.set('final-snapshot', text(result, 'finalSnapshot') ?? '');
}
