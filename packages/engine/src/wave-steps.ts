import type { Mode } from '@breakwater/core';
import { type DatabaseRecord, databaseStep, type ServerRecord } from '@breakwater/history';
import { type Action, type DatabaseRecovery, type PlanSet, sourceOf, type Wave } from '@breakwater/plan';
import type { Deeds, WaveServer } from './deeds.ts';
import type { StepSpec } from './run-step.ts';

export interface WaveRequest {
  readonly wave: Wave;
  readonly servers: readonly WaveServer[];
  readonly set: PlanSet;
  readonly mode: Mode;
  readonly deeds: Deeds;
}

/** The steps of a wave in their order. `launched` answers, when a later step starts, which servers the wave has launched so far. */
export interface WaveSteps {
  readonly before: readonly StepSpec[];
  /** None in a wave that only restores databases. */
  readonly launch: { readonly recover: StepSpec; readonly verify: StepSpec } | undefined;
  /** Side by side, beside launch and proof. */
  readonly databases: readonly StepSpec[];
  readonly after: readonly StepSpec[];
}

export function waveSteps({ wave, servers, set, mode, deeds }: WaveRequest, launched: () => readonly ServerRecord[]): WaveSteps {
  const after = wave.postWaveActions.filter((action) => action.when.includes(mode));
  const { databases = [] } = wave;
  const needsAgent = after.some((action) => action.target === 'recovered-instances');
  return {
    before: wave.preWaveActions
      .filter((action) => action.when.includes(mode))
      .map((action) => actionStep(action, 'pre', 'pre-wave-action', () => deeds.act(action, 'pre', wave, launched()))),
    launch:
      servers.length === 0 && databases.length > 0
        ? undefined
        : {
            recover: {
              id: 'recover',
              kind: 'recover',
              name: `launch ${servers.length} ${servers.length === 1 ? 'server' : 'servers'}`,
              patience: wave.timeout,
              ignoreFailure: false,
              create: () => deeds.recover(wave, servers),
            },
            verify: {
              id: 'verify',
              kind: 'verify',
              name: needsAgent ? 'prove instances and agents' : 'prove instances',
              patience: wave.timeout,
              ignoreFailure: false,
              proves: 'recover',
              create: () => deeds.verify(wave, launched(), needsAgent),
            },
          },
    databases: databases.map((database) => ({
      id: databaseStep(database.name),
      kind: 'recover-database',
      name: `restore database ${database.name}`,
      patience: database.timeout,
      ignoreFailure: database.criticality === 'optional',
      database: databaseRecord(database, set),
      create: () => deeds.recoverDatabase(database, wave),
    })),
    after: after.map((action) =>
      actionStep(action, 'post', 'post-wave-action', () => deeds.act(action, 'post', wave, launched())),
    ),
  };
}

/** What is known of a database before anything was done for it. */
export function databaseRecord(database: DatabaseRecovery, set: PlanSet): DatabaseRecord {
  const { name, site, strategy, criticality, rpo } = database;
  const { kind, id } = sourceOf(database);
  const { account = '', region = '' } = set.sites.get(site) ?? {};
  const objective = rpo === undefined ? {} : { rpo };
  const source = kind === 'cluster' ? { cluster: id } : { instance: id };
  return { name, ...source, site, account, region, strategy, criticality, status: 'pending', ...objective };
}

/** An action as a step; `stage` keeps a pre-wave and a post-wave action of the same name apart. */
export function actionStep(action: Action, stage: string, kind: StepSpec['kind'], create: StepSpec['create']): StepSpec {
  return {
    id: `${stage}/${action.name}`,
    kind,
    name: action.name,
    patience: action.maxWait,
    ignoreFailure: action.onFailure === 'continue',
    create,
  };
}
