import { mkdtempSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPlan } from '@breakwater/assembly';
import { renderMarkdown } from '@breakwater/report';
import { untilNobodyDies } from './dying.ts';
import { DRILL_ROLE, type Estate, PRODUCTION, RECOVERY_ROLE, SOURCE_ROLE } from './estate.ts';
import type { Told } from './scenario.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'breakwater-permissions-'));

const SITES = `
apiVersion: breakwater/v1
kind: Site
name: recovery
account: "111122223333"
region: us-west-2
roleArn: ${RECOVERY_ROLE}
drillRoleArn: ${DRILL_ROLE}
externalId: webshop-dr
---
apiVersion: breakwater/v1
kind: Site
name: production
account: "${PRODUCTION.account}"
region: ${PRODUCTION.region}
roleArn: ${SOURCE_ROLE}
externalId: webshop-dr
`;

const planYaml = (server: string, more: string): string => `
apiVersion: breakwater/v1
kind: RecoveryPlan
name: webshop
owner: team@example.com
tier: 1
objectives: { rto: 9h, rpo: 9h }
drill: { cleanUp: terminate }
waves:
  - name: web
    timeout: 30m
    groups: [web]
${more}
---
apiVersion: breakwater/v1
kind: ProtectionGroup
name: web
site: recovery
select: { tags: { Tier: ${server} } }
---${SITES}`;

export const ACTIONS = `
    preWaveActions:
      - { name: prepare, document: Prepare, maxWait: 2m, site: recovery }
      - { name: as-a-role, document: WithRole, maxWait: 2m, site: recovery }
    postWaveActions: [{ name: start, kind: command, document: Start, target: recovered-instances, maxWait: 2m }]
`;

export const ENDLESS = `
    recoveryPoint: { before: "2026-11-20T02:55:00Z" }
    preWaveActions: [{ name: endless, document: Endless, maxWait: 1m, site: recovery, onFailure: continue }]
    postWaveActions: [{ name: hang, kind: command, document: Hang, target: recovered-instances, maxWait: 1m, onFailure: continue }]
`;

/** A database beside the servers; a drill restores it under another name, a recovery puts it in the place of the live one. */
export const DATABASES = `
    databases:
      - name: live
        cluster: live
        site: recovery
        snapshot: { id: live-snap }
        strategy: swap
        settings: { httpEndpoint: true }
        masterPassword: managed
        verification: [{ engineVersion: "16" }]
        publish: { parameter: /live/host }
`;

/** One that is copied from another account first. */
export const DATABASE_FROM_ELSEWHERE = `
    databases:
      - name: shop
        cluster: shop
        site: recovery
        source: production
        snapshot: { newest: { types: [automated] } }
        kmsKeyId: alias/dr
        target: shop-again
        publish: { parameter: /shop/host }
        archive: tag
`;

let runs = 0;

/** A folder of its own with a plan of one wave. */
async function planFolder(server: string, more: string): Promise<string> {
  runs += 1;
  const place = path.join(folder, String(runs));
  await mkdir(place);
  await writeFile(path.join(place, 'plan.yaml'), planYaml(server, more));
  return place;
}

interface WaveOptions {
  readonly place: string;
  readonly mode: 'drill' | 'recovery';
  /** Name of the folder of the history. */
  readonly history?: string;
  /** To resume; none: a new one. */
  readonly execution?: string;
  /** Locks in the history of the folder; none otherwise. */
  readonly locked?: boolean;
  /** Stops once DRS has begun to launch. */
  readonly interrupted?: boolean;
}

async function runWave(
  world: Estate,
  { place, mode, history = 'history', execution: id, locked = false, interrupted = false }: WaveOptions,
): Promise<Told> {
  const stop = new AbortController();
  const notes: string[] = [];
  const { execution, problems } = await runPlan(
    {
      files: [path.join(place, 'plan.yaml')],
      mode,
      waves: [],
      approvals: [],
      replaceLive: [],
      actor: 'tester',
      history: path.join(place, history),
      ...(id === undefined ? {} : { execution: id }),
    },
    {
      clock: world.clock,
      signal: stop.signal,
      simulated: true,
      aws: { credentials: world.credentials, requestHandler: world.handler },
      ...(locked ? {} : { locks: 'none' as const }),
      observe: (line) => {
        if (line.type === 'warning') notes.push(`${line.reason.message} ${line.reason.next ?? ''}`);
        if (interrupted && line.type === 'change' && line.operation === 'drs:StartRecovery') stop.abort('SIGTERM');
      },
    },
  );
  return { status: execution.verdict, text: [renderMarkdown(execution, {}), ...problems, ...notes].join('\n') };
}

/** A plan with one wave, drilled or recovered. */
export async function wave(world: Estate, mode: 'drill' | 'recovery', server: string, more: string): Promise<Told> {
  return runWave(world, { place: await planFolder(server, more), mode });
}

/** The same in processes that die, each with the record that the one before has left; what a dead one still writes it writes elsewhere. */
export async function killedWave(world: Estate, mode: 'drill' | 'recovery', server: string, more: string): Promise<Told> {
  const place = await planFolder(server, more);
  let processes = 0;
  return untilNobodyDies(world, async (process) => {
    processes += 1;
    const history = `history-${processes}`;
    if (processes > 1) {
      const left = path.join(place, `history-${processes - 1}`);
      await cp(left, path.join(place, history), { recursive: true, filter: (file) => !file.endsWith('.lock') });
    }
    return runWave(process, { place, mode, history, execution: 'permissions-killed' });
  });
}

/** A recovery of servers that a drill holds whose process is gone: the drill is ended first, by the role of drills. */
export async function preemption(world: Estate): Promise<Told> {
  const place = await planFolder('web', '');
  const drill = await runWave(world, { place, mode: 'drill', locked: true, interrupted: true });
  if (drill.status !== 'in-progress') return drill;
  const told = await runWave(world, { place, mode: 'recovery', locked: true });
  // The last to look at the drill's jobs is the one that ends what it left.
  const last = world.world.calls.findLast(({ operation }) => operation === 'DescribeJobs');
  return last?.principal?.includes('assumed-role/breakwater-drill/') === true
    ? told
    : { status: 'ended by another role', text: told.text };
}
