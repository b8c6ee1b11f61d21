import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeClockVariable } from '@breakwater/assembly';
import { scaledClock } from '@breakwater/core';
import {
  type CallRecord,
  createWorld,
  loadScenario,
  parseFault,
  type SqlBackend,
  serve,
  type World,
} from '@breakwater/simulator';
import { withSqlAnswers } from '../drill/sql-answers.ts';
import { bundles, runStep, type StepRequest, type StepResult, temporaryFolder } from './step.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');

/** A busy machine makes simulated time fly by while it waits for a processor: the samples' waits are made long, so that none is missed. */
export const PATIENCE = [
  [/timeout: \S+/g, 'timeout: 20h'],
  [/maxWait: \S+/g, 'maxWait: 20h'],
  [/rto: \S+/g, 'rto: 90h'],
] as const;

/** Rewrites a file of the workspace. */
export function edit(file: string, changes: readonly (readonly [RegExp, string])[]): void {
  const text = readFileSync(file, 'utf8');
  const changed = changes.reduce((so, [from, to]) => so.replace(from, to), text);
  assert.notEqual(changed, text, `nothing was changed in ${file}`);
  writeFileSync(file, changed);
}

/** A simulated AWS over HTTP, a workspace with the sample plans, and steps that run in it one after the other. */
export interface Rehearsal extends AsyncDisposable {
  readonly world: World;
  readonly workspace: string;
  /** What leads a process to this AWS and its clock. */
  readonly aws: Readonly<Record<string, string>>;
  step(
    action: string,
    inputs: Readonly<Record<string, string>>,
    options?: Pick<StepRequest, 'env' | 'interrupt' | 'reached'>,
  ): Promise<StepResult>;
  /** Arms a fault, written as `POST /_simulator/faults` takes it. */
  arm(fault: unknown): void;
  /** Calls of one operation, as `StartRecovery`. */
  calls(operation: string): readonly CallRecord[];
}

/**
 * Opens a rehearsal: `scenario` is a file of plans/simulation or of test/acceptance/scenarios. Time runs `speed` times as fast, for AWS
 * and for the steps alike. `sql` answers behind the Data API; without it
 * there are listed answers. At its end every request must have been one that AWS knows.
 */
export async function rehearse(scenario: string, speed = 1_500, sql?: SqlBackend): Promise<Rehearsal> {
  // Built before time begins to run.
  await bundles();
  const loaded = withSqlAnswers(loadScenario(path.resolve(ROOT, scenario)));
  const scale = { anchorReal: Date.now(), anchorClock: loaded.start ?? Date.now(), speed };
  const world = createWorld({
    scenario: loaded,
    clock: scaledClock(scale),
    ...(sql === undefined ? {} : { sql }),
  });
  const server = await serve(world);
  const workspace = temporaryFolder('workspace');
  cpSync(path.join(ROOT, 'plans'), path.join(workspace, 'plans'), { recursive: true });
  edit(path.join(workspace, 'plans', 'webshop.yaml'), PATIENCE);
  const aws = { ...world.credentials, AWS_ENDPOINT_URL: server.url, BREAKWATER_CLOCK: writeClockVariable(scale) };
  return {
    world,
    workspace,
    aws,
    step: (action, inputs, options = {}) =>
      runStep({ action, with: inputs, workspace, ...options, env: { ...aws, ...options.env } }),
    arm: (fault) => {
      world.arm(parseFault(fault));
    },
    calls: (operation) => world.calls.filter((call) => call.operation === operation),
    async [Symbol.asyncDispose]() {
      await server.close();
      const strange = world.calls.filter((call) => call.unroutable || call.outcome.startsWith('simulator error'));
      assert.deepEqual(
        strange.map((call) => `${call.service} ${call.operation}: ${call.outcome}`),
        [],
        'the simulator was asked something that it does not know',
      );
    },
  };
}
