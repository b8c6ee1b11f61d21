import { type CopySnapshotsOutcome, type CopySnapshotsRequest, copySnapshots } from '@breakwater/assembly';
import { connect } from '@breakwater/aws';
import { VirtualClock } from '@breakwater/core';
import type { DatabaseSite } from '@breakwater/operations';
import { createWorld, parseScenario, requestHandler, type World } from '@breakwater/simulator';

const PRODUCTION = { account: '222233334444', region: 'us-east-1' };
const SAFE = { account: '111122223333', region: 'us-west-2' };

/** Many clusters in production, under a key that the safe account may use, each with automated snapshots of the night. */
export function manyDatabases(count: number, more = ''): string {
  return `
name: sweep
seed: 11
start: "2026-11-20T03:00:00Z"
callers: [{ account: "${PRODUCTION.account}" }, { account: "${SAFE.account}" }]
kmsKeys:
  - { account: "${PRODUCTION.account}", region: ${PRODUCTION.region}, alias: alias/data, accounts: ["${SAFE.account}"] }
  - { account: "${SAFE.account}", region: ${SAFE.region}, alias: alias/dr }
clusters:
  - { account: "${PRODUCTION.account}", region: ${PRODUCTION.region}, id: "db-{n}", count: ${count}, kmsKey: alias/data, gib: 100, tags: { Tier: gold, Draco_Lifecycle: weekly }, copyTagsToSnapshot: true, automated: { at: "02:10", keep: 2d } }
${more}`;
}

export interface Sweep {
  readonly world: World;
  readonly clock: VirtualClock;
  readonly source: DatabaseSite;
  readonly destination: DatabaseSite;
  readonly lines: string[];
  run(over?: Partial<CopySnapshotsRequest>, signal?: AbortSignal): Promise<CopySnapshotsOutcome>;
}

/** A simulated pair of accounts on a virtual clock, and sweeps over them. */
export function sweepWorld(scenarioText: string): Sweep {
  const scenario = parseScenario(scenarioText, 'sweep');
  const clock = new VirtualClock(scenario.start ?? 0);
  const world = createWorld({ scenario, clock });
  const open = (caller: number, place: typeof SAFE, name: string): DatabaseSite => {
    const { accessKeyId = '', secretAccessKey = '' } = scenario.callers[caller] ?? {};
    const site = { name, ...place };
    const credentials = { kind: 'static', accessKeyId, secretAccessKey } as const;
    return { site, aws: connect({ clock, credentials, sessionName: 'sweep', requestHandler: requestHandler(world) })(site) };
  };
  const source = open(0, PRODUCTION, 'source');
  const destination = open(1, SAFE, 'destination');
  const relay = open(1, { ...SAFE, region: PRODUCTION.region }, 'relay');
  const lines: string[] = [];
  return {
    world,
    clock,
    source,
    destination,
    lines,
    run: (over = {}, signal = new AbortController().signal) =>
      copySnapshots(
        {
          kind: 'cluster',
          what: {
            kind: 'sweep',
            select: { patterns: ['*'], tags: {} },
            choice: { kind: 'newest', types: ['automated', 'manual'] },
          },
          source,
          destination,
          how: { steps: 'auto', kmsKeyId: 'alias/dr', relay, tags: {} },
          execution: 'sweep/1',
          wait: true,
          maxWait: 7 * 86_400_000,
          ...over,
        },
        { clock, signal, log: (line) => lines.push(line) },
      ),
  };
}
