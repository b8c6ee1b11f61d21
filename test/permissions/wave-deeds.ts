import { mkdtempSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runPlan } from '@breakwater/assembly';
import { renderMarkdown } from '@breakwater/report';
import { DRILL_ROLE, type Estate, RECOVERY_ROLE } from './estate.ts';
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
  /** Locks in the history of the folder; none otherwise. */
  readonly locked?: boolean;
  /** Stops once DRS has begun to launch. */
  readonly interrupted?: boolean;
}

async function runWave(world: Estate, { place, mode, locked = false, interrupted = false }: WaveOptions): Promise<Told> {
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
      history: path.join(place, 'history'),
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
