import { type Door, deedKey, type Outcome, reasonText } from '@breakwater/action-kit';
import {
  type CopySnapshotsOutcome,
  type CopySnapshotsRequest,
  clockFromEnvironment,
  copySnapshots,
  openDatabaseSites,
  stepConnection,
} from '@breakwater/assembly';
import type { ConnectOptions, SiteGateways } from '@breakwater/aws';
import type { Clock } from '@breakwater/core';
import type { Site } from '@breakwater/plan';
import { LIFECYCLE_TAG } from '@breakwater/retention';
import type { definition } from './definition.ts';
import { readCopyTags, readWanted } from './request.ts';
import { type CopySnapshotResult, resultOf } from './result.ts';
import { chooseSites, type ReadSites } from './sites.ts';
import { renderSummary } from './summary.ts';
import { usage } from './usage.ts';

type ActionDoor = Door<typeof definition>;

/** What the action needs besides its door. */
export interface Parts {
  readonly connect: (options: ConnectOptions) => (site: Site) => SiteGateways;
  readonly readSites: ReadSites;
}

/** Copies one snapshot, or sweeps many databases; a re-run finds what an earlier one has begun. */
export async function runCopySnapshot(door: ActionDoor, parts: Parts): Promise<Outcome> {
  const { inputs, outputs, log, github } = door;
  const { clock, simulated } = clockFromEnvironment(door.environment);
  const key = inputs.key ?? deedKey(github, 'copy-snapshot');
  outputs.set('key', key);
  if (simulated) log.info('AWS is simulated on this machine: nothing real is touched.');
  const startedAt = clock.now();
  const sites = await chooseSites(inputs, parts.readSites);
  const wanted = readWanted(inputs, sites.source);
  const tags = readCopyTags(inputs);
  const facts = {
    simulated,
    key,
    actor: github.actor,
    source: sites.source,
    destination: sites.destination,
    startedAt: new Date(startedAt).toISOString(),
  };
  if ('ignored' in wanted) return ignored(door, wanted.ignored, { ...facts, endedAt: new Date(clock.now()).toISOString() });

  const connect = connector(door, parts, clock);
  const [source, destination] = await openDatabaseSites([sites.source, sites.destination], connect);
  if (source === undefined || destination === undefined) throw usage('no site');
  log.info(
    `${wanted.kind} snapshots from account ${sites.source.account}, ${sites.source.region}, to ${sites.destination.account}, ${sites.destination.region}, key ${key}`,
  );
  const limit = inputs.limit === undefined ? {} : { limit: Number(inputs.limit) };
  const request: CopySnapshotsRequest = {
    kind: wanted.kind,
    what: wanted.what,
    source,
    destination,
    how: {
      steps: inputs.steps,
      tags,
      ...(inputs['kms-key'] === undefined ? {} : { kmsKeyId: inputs['kms-key'] }),
      ...(inputs['transit-kms-key'] === undefined ? {} : { transitKmsKeyId: inputs['transit-kms-key'] }),
      ...(inputs['relay-kms-key'] === undefined ? {} : { relayKmsKeyId: inputs['relay-kms-key'] }),
      ...(inputs['option-group'] === undefined ? {} : { optionGroup: inputs['option-group'] }),
      // The same account as the destination, which is proved: only its Region is another.
      ...(sites.relay === undefined ? {} : { relay: { site: sites.relay, aws: connect(sites.relay) } }),
    },
    execution: key,
    wait: inputs.wait,
    maxWait: inputs['max-wait'],
    ...limit,
    ...(wanted.retention === undefined ? {} : { retention: wanted.retention }),
    ...(inputs.rpo === undefined ? {} : { rpo: inputs.rpo }),
  };
  const outcome = await copySnapshots(request, { clock, signal: door.signal, log: log.info });
  const endedAt = clock.now();
  const result = resultOf(outcome, { ...facts, endedAt: new Date(endedAt).toISOString() });
  door.outputs.set('duration', String(Math.round((endedAt - Date.parse(facts.startedAt)) / 1_000)));
  putOut(door, outcome);
  if (inputs.summary) await door.summarise(renderSummary(result, outcome));
  annotate(door, outcome);
  const { status, reason } = outcome;
  const good = status === 'succeeded' || status === 'succeeded-with-warnings' || (status === 'in-progress' && !inputs.wait);
  return {
    status,
    reason: reason.code,
    result: JSON.stringify(result),
    ...(good ? {} : { failure: { message: reason.message, next: reason.next ?? 'Look at it in the RDS console.' } }),
  };
}

async function ignored(
  door: ActionDoor,
  why: string,
  facts: Pick<CopySnapshotResult, 'simulated' | 'key' | 'actor' | 'startedAt' | 'endedAt'> & {
    readonly source: Site;
    readonly destination: Site;
  },
): Promise<Outcome> {
  const reason = { code: 'event-ignored', message: `the event is ignored: ${why}` } as const;
  door.log.info(reason.message);
  const none = { status: 'succeeded', reason, copies: [], report: undefined } as const;
  const result = { ...resultOf(none, facts), status: 'skipped' } as const;
  if (door.inputs.summary) await door.summarise(renderSummary(result, none));
  return { status: 'skipped', reason: reason.code, result: JSON.stringify(result) };
}

function putOut({ outputs }: ActionDoor, { copies, report }: CopySnapshotsOutcome): void {
  const good = copies.filter(({ result }) => result !== undefined);
  const [only] = copies.length === 1 ? good : [];
  outputs.set('snapshot-id', text(only?.result?.['id']));
  outputs.set('snapshot-arn', text(only?.result?.['arn']));
  outputs.set('copies', JSON.stringify(good.map(({ result }) => text(result?.['arn']))));
  outputs.set('stale', JSON.stringify((report?.stale ?? []).map(({ database }) => database)));
  outputs.set('deleted', JSON.stringify(report?.deleted ?? []));
}

function annotate({ annotations }: ActionDoor, { copies, report }: CopySnapshotsOutcome): void {
  for (const { database, snapshot, status, reason } of copies) {
    const title = snapshot ?? database;
    if (status === 'failed' || status === 'timed-out') annotations.error(title, reasonText(reason));
    if (status === 'succeeded-with-warnings') annotations.warning(title, reasonText(reason));
  }
  for (const { database, copies: going } of report?.sooner ?? []) {
    annotations.warning(
      database,
      `${going} copies go by retention while the source still has their originals: it keeps longer than the copies are kept`,
    );
  }
  for (const { database, unknownPolicy } of report?.retention ?? []) {
    if (unknownPolicy === undefined) continue;
    const says = `its tag ${LIFECYCLE_TAG} says ${JSON.stringify(unknownPolicy)}, which is no policy known here`;
    annotations.warning(database, `${says}: all its copies are kept`);
  }
  for (const { database, words } of report?.stale ?? []) annotations.error(database, `its newest good copy is too old: ${words}`);
}

function connector(door: ActionDoor, { connect }: Parts, clock: Clock): (site: Site) => SiteGateways {
  return connect(stepConnection(door, clock, (error) => door.annotations.warning('Credentials', reasonText(error))));
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
