import { devNull } from 'node:os';
import { CLOCK_VARIABLE, writeClockVariable } from '@breakwater/assembly';
import { scaledClock, shellCommand, systemClock } from '@breakwater/core';
import { createWorld, loadScenario, serve, sqlBackendOf } from '@breakwater/simulator';
import { EXIT_CODES, type ExitCode } from '../exit-codes.ts';
import { listenForSignals, type SignalSource } from '../interruption.ts';
import { printable } from '../printable.ts';
import { onlyScenario } from '../scenario-file.ts';
import type { Terminal } from '../terminal.ts';
import type { SimulateCommand } from './requests.ts';

/** Variables of the shell that would win over the simulator's, be sent along with its keys, or make the SDK refuse its address. */
const IN_THE_WAY = [
  'AWS_PROFILE',
  'AWS_SESSION_TOKEN',
  'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  'AWS_USE_FIPS_ENDPOINT',
  'AWS_USE_DUALSTACK_ENDPOINT',
];

/**
 * `breakwater simulate`: serves until a signal. stdout gets lines for a shell and nothing else, so that they can be sourced; what is
 * meant for people goes to stderr. Throws `UserError`: no such scenario, or the port is taken.
 */
export async function simulate(
  { scenario: path, port, speed }: SimulateCommand,
  { terminal, signals }: { readonly terminal: Terminal; readonly signals: SignalSource },
): Promise<ExitCode> {
  const scenario = loadScenario(path ?? (await onlyScenario('plans')));
  const sql = sqlBackendOf(scenario);
  await sql.ready?.();
  const anchorReal = systemClock.now();
  const scale = { anchorReal, anchorClock: scenario.start ?? anchorReal, speed };
  const world = createWorld({ scenario, clock: scaledClock(scale), sql });
  const server = await serve(world, { port });
  const told = new Promise<void>((resolve) => {
    listenForSignals(signals, {
      clock: systemClock,
      onFirst: () => resolve(),
      onTimeUp: () => EXIT_CODES.fine,
      onSecond: () => EXIT_CODES.stoppedAtOnce,
    });
  });
  terminal.stdout.write(
    exportsFor({
      AWS_ENDPOINT_URL: server.url,
      ...world.credentials,
      // A rehearsal has no business with a person's own profiles.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      [CLOCK_VARIABLE]: writeClockVariable(scale),
    }),
  );
  terminal.stderr.write(
    `Simulated AWS of "${printable(scenario.name)}" on ${server.url}, ${speed} times as fast as real time. Ctrl-C ends it.\n`,
  );
  await told;
  await server.close();
  await sql.close?.();
  terminal.stderr.write(`It answered ${world.calls.length} calls.\n`);
  return EXIT_CODES.fine;
}

/** Lines that a POSIX shell can source. */
export function exportsFor(variables: Readonly<Record<string, string>>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellCommand([value])}`);
  return `${[`unset ${IN_THE_WAY.join(' ')}`, ...lines].join('\n')}\n`;
}
