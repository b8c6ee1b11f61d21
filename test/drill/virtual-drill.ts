import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type RunEnvironment, type RunOutcome, type RunRequest, runPlan } from '@breakwater/assembly';
import { VirtualClock } from '@breakwater/core';
import type { JournalLine } from '@breakwater/history';
import {
  createWorld,
  loadScenario,
  parseScenario,
  requestHandler,
  type Scenario,
  type SqlBackend,
  type World,
} from '@breakwater/simulator';
import { withSqlAnswers } from './sql-answers.ts';

/** A new empty folder that goes with the machine's temporary files. */
export function scratch(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'breakwater-'));
}

/** The texts of the webshop's plan files by name, its manifest included, as `folderWith` takes them. */
export async function webshopFiles(): Promise<Record<string, string>> {
  const names = ['webshop.yaml', 'groups.yaml', 'sites.yaml', 'manifests/webshop.json'];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(`plans/${name}`, 'utf8')] as const)),
  );
}

/** Writes files into a new folder; returns its path. */
export async function folderWith(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const folder = await scratch();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

export interface DrillOptions extends Partial<Omit<RunRequest, 'history'>> {
  readonly history?: string;
  /** A world to go on with; otherwise one is made of the scenario. */
  readonly world?: World;
  readonly signal?: AbortSignal;
  readonly onLine?: (line: JournalLine, stream: string) => void;
  readonly locks?: NonNullable<RunEnvironment['locks']>;
  readonly stopDrill?: NonNullable<RunEnvironment['stopDrill']>;
}

/** A simulated world on a virtual clock, in which plans are run in process: same inputs, same run. */
export class VirtualDrill {
  readonly world: World;
  readonly clock: VirtualClock;

  /** `sql` answers behind the Data API; without it there are listed answers. */
  constructor(scenario: Scenario, sql?: SqlBackend) {
    this.clock = new VirtualClock(scenario.start ?? Date.parse('2026-11-20T03:00:00Z'));
    this.world = createWorld({ scenario: withSqlAnswers(scenario), clock: this.clock, sql });
  }

  static of(pathOrText: string): VirtualDrill {
    return new VirtualDrill(pathOrText.includes('\n') ? parseScenario(pathOrText) : loadScenario(pathOrText));
  }

  async run(options: DrillOptions): Promise<RunOutcome> {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = this.world.credentials;
    const { history, signal, onLine, locks, stopDrill, ...request } = options;
    return runPlan(
      {
        files: ['plans/webshop.yaml'],
        mode: 'drill',
        waves: [],
        approvals: [],
        replaceLive: [],
        actor: 'tester',
        ...request,
        history: history ?? (await scratch()),
      },
      {
        clock: this.clock,
        signal: signal ?? new AbortController().signal,
        simulated: true,
        environment: process.env,
        aws: {
          credentials: { kind: 'static', accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY },
          requestHandler: requestHandler(this.world),
        },
        ...(onLine === undefined ? {} : { observe: onLine }),
        ...(locks === undefined ? {} : { locks }),
        ...(stopDrill === undefined ? {} : { stopDrill }),
      },
    );
  }

  /** Starts a run and holds the clock still until it has begun: reading plan files takes no time on a virtual clock. */
  async begin(options: DrillOptions): Promise<{ readonly ended: Promise<RunOutcome> }> {
    let begun = false;
    const onLine: DrillOptions['onLine'] = (line, stream) => {
      begun = true;
      options.onLine?.(line, stream);
    };
    const ended = this.run({ ...options, onLine });
    ended.catch(() => {
      begun = true;
    });
    while (!begun) await this.clock.sleep(0);
    return { ended };
  }

  /** How often an operation was applied by AWS. */
  applied(operation: string): number {
    return this.world.calls.filter((call) => call.operation === operation && call.applied).length;
  }
}
