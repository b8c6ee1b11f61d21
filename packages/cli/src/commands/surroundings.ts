import { devNull } from 'node:os';
import { clockFromEnvironment } from '@breakwater/assembly';
import { scaledClock, systemClock, VirtualClock } from '@breakwater/core';
import { QUIET_SDK } from '../quiet-sdk.ts';
import type { RunCommand, Speed } from './requests.ts';
import type { Surroundings } from './run.ts';

/**
 * How a run reaches AWS: the real one with the SDK's own credentials, or the embedded simulator. A simulated run is given the
 * simulator's credentials and nothing else, so that it never reads a person's own.
 */
export async function surroundingsOf(
  { files, plan, simulation }: RunCommand,
  env: Record<string, string | undefined>,
): Promise<Surroundings> {
  if (simulation === undefined) {
    const { clock, simulated } = clockFromEnvironment(env);
    return { clock, simulated, aws: { credentials: { kind: 'default' } }, close: async () => undefined };
  }
  const { scenarioOfPlan } = await import('../scenario-file.ts');
  hideAwsSettings(env);
  return rehearsal(simulation.scenario ?? (await scenarioOfPlan(files, plan)), simulation.speed);
}

/**
 * The embedded simulator. At `max` its calls stay in the process and time jumps; at a number they go over HTTP on 127.0.0.1, as
 * they would to AWS, and both sides read one scaled clock.
 */
async function rehearsal(path: string, speed: Speed): Promise<Surroundings> {
  const { createWorld, loadScenario, requestHandler, serve, sqlBackendOf } = await import('@breakwater/simulator');
  const scenario = loadScenario(path);
  const sql = sqlBackendOf(scenario);
  // Before time begins to run.
  await sql.ready?.();
  const now = systemClock.now();
  const start = scenario.start ?? now;
  const clock = speed === 'max' ? new VirtualClock(start) : scaledClock({ anchorReal: now, anchorClock: start, speed });
  const world = createWorld({ scenario, clock, sql });
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = world.credentials;
  const credentials = { kind: 'static', accessKeyId, secretAccessKey } as const;
  if (speed === 'max') {
    return {
      clock,
      simulated: true,
      aws: { credentials, requestHandler: requestHandler(world) },
      close: async () => sql.close?.(),
    };
  }
  const server = await serve(world);
  const close = async () => {
    await server.close();
    await sql.close?.();
  };
  return { clock, simulated: true, aws: { credentials, endpoint: server.url }, close };
}

/**
 * Takes away every AWS setting that the SDK would read on its own, in the environment and in `~/.aws`. Some would make it refuse the
 * simulator's address (`AWS_USE_FIPS_ENDPOINT`); none has a part in a rehearsal.
 */
export function hideAwsSettings(env: Record<string, string | undefined>): void {
  for (const name of Object.keys(env)) if (name.startsWith('AWS_') && name !== QUIET_SDK) delete env[name];
  env['AWS_CONFIG_FILE'] = devNull;
  env['AWS_SHARED_CREDENTIALS_FILE'] = devNull;
  env['AWS_EC2_METADATA_DISABLED'] = 'true';
}
