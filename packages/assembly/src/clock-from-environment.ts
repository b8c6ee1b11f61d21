import { isIP } from 'node:net';
import { type Clock, type ClockScale, scaledClock, systemClock, UserError } from '@breakwater/core';

/** The variable that selects a faster clock for a rehearsal: `<speed>@<anchorRealMs>@<anchorClockMs>`. */
export const CLOCK_VARIABLE = 'BREAKWATER_CLOCK';

export interface ClockFromEnvironment {
  readonly clock: Clock;
  /** AWS is on this very machine, so it is the simulator: what is recorded is never evidence. */
  readonly simulated: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The machine's own clock, or the faster one of a rehearsal. `breakwater simulate` prints the variable, so that both sides read the
 * same time. Throws `UserError` `usage` when it is set although AWS may be the real one: a clock that runs 200 times as fast would
 * give up on a failover after seconds.
 */
export function clockFromEnvironment(environment: Environment): ClockFromEnvironment {
  const written = environment[CLOCK_VARIABLE];
  const simulated = awsIsOnThisMachine(environment);
  if (written === undefined || written === '') return { clock: systemClock, simulated };
  const scale = parseScale(written);
  if (scale === undefined) {
    throw new UserError('usage', `${CLOCK_VARIABLE}="${written}" is not <speed>@<epoch ms>@<epoch ms>`, {
      next: `Unset ${CLOCK_VARIABLE}, or take the line that \`breakwater simulate\` prints.`,
    });
  }
  if (!simulated) {
    throw new UserError('usage', `${CLOCK_VARIABLE} is set, but AWS_ENDPOINT_URL does not lead to a simulator on this machine`, {
      next: `Unset ${CLOCK_VARIABLE}: it is for rehearsals only, and must never be used with real AWS.`,
    });
  }
  return { clock: scaledClock(scale), simulated };
}

/** Writes a scale as the variable's value. */
export function writeClockVariable({ speed, anchorReal, anchorClock }: ClockScale): string {
  return `${speed}@${anchorReal}@${anchorClock}`;
}

function parseScale(text: string): ClockScale | undefined {
  const [speed, anchorReal, anchorClock] = (/^(\d+(?:\.\d+)?)@(\d+)@(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (speed === undefined || anchorReal === undefined || anchorClock === undefined) return undefined;
  return speed > 0 && Number.isFinite(speed) ? { speed, anchorReal, anchorClock } : undefined;
}

/**
 * Whether every AWS call stays on this machine: `AWS_ENDPOINT_URL` is a loopback address, no `AWS_ENDPOINT_URL_<SERVICE>` leads
 * elsewhere, and the SDK is not told to ignore them.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
function awsIsOnThisMachine(environment: Environment): boolean {
  const all = environment['AWS_ENDPOINT_URL'];
  if (all === undefined || !isLoopback(all)) return false;
  if (environment['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return false;
  return Object.entries(environment).every(
    ([name, value]) => !name.startsWith('AWS_ENDPOINT_URL_') || value === undefined || value === '' || isLoopback(value),
  );
}

function isLoopback(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const host = new URL(url).hostname;
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'));
}
