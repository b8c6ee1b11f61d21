import type { Mode } from '@breakwater/core';
import type { ServerRecord } from '@breakwater/history';
import type { Action, Wave } from '@breakwater/plan';
import type { Deeds, WaveServer } from './deeds.ts';
import type { StepSpec } from './run-step.ts';

/** The steps of a wave in their order. `launched` answers, when a later step starts, which servers the wave has launched so far. */
export interface WaveSteps {
  readonly before: readonly StepSpec[];
  readonly recover: StepSpec;
  readonly verify: StepSpec;
  readonly after: readonly StepSpec[];
}

export function waveSteps(
  wave: Wave,
  servers: readonly WaveServer[],
  mode: Mode,
  deeds: Deeds,
  launched: () => readonly ServerRecord[],
): WaveSteps {
  const after = wave.postWaveActions.filter((action) => action.when.includes(mode));
  const needsAgent = after.some((action) => action.target === 'recovered-instances');
  return {
    before: wave.preWaveActions
      .filter((action) => action.when.includes(mode))
      .map((action) => actionStep(action, 'pre', 'pre-wave-action', () => deeds.act(action, 'pre', wave, launched()))),
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
      create: () => deeds.verify(wave, launched(), needsAgent),
    },
    after: after.map((action) =>
      actionStep(action, 'post', 'post-wave-action', () => deeds.act(action, 'post', wave, launched())),
    ),
  };
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
