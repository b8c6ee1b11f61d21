import { userInfo } from 'node:os';
import { text as readText } from 'node:stream/consumers';
import { systemClock } from '@breakwater/core';
import type { CaptureParts } from './commands/capture.ts';
import type { RunCommand } from './commands/requests.ts';
import type { RetentionParts } from './commands/retention.ts';
import type { RunParts } from './commands/run.ts';
import type { Handlers } from './program.ts';
import type { Terminal } from './terminal.ts';

/** The real commands. Each loads what it needs when it is called: `--help` must not wait for the AWS SDK. */
export function handlers(terminal: Terminal): Handlers {
  return {
    check: async (request) => (await import('./commands/check.ts')).check(request, terminal),
    run: async (command) => (await import('./commands/run.ts')).run(command, await runParts(terminal)),
    simulate: async (command) => (await import('./commands/simulate.ts')).simulate(command, { terminal, signals: process }),
    capture: async (request) => (await import('./commands/capture.ts')).capture(request, await captureParts(terminal)),
    retention: async (request) => (await import('./commands/retention.ts')).retention(request, retentionParts(terminal)),
    report: async (request) => (await import('./commands/report.ts')).report(request, terminal),
  };
}

function retentionParts(terminal: Terminal): RetentionParts {
  return { terminal, clock: systemClock, standardInput: () => readText(process.stdin) };
}

async function captureParts(terminal: Terminal): Promise<CaptureParts> {
  const [{ connect }, { clockFromEnvironment, openDatabaseSites }, { captureCluster, captureInstance, writeManifest }] =
    await Promise.all([import('@breakwater/aws'), import('@breakwater/assembly'), import('@breakwater/operations')]);
  const { clock } = clockFromEnvironment(process.env);
  return { terminal, clock, connect, openDatabaseSites, captureCluster, captureInstance, writeManifest };
}

async function runParts(terminal: Terminal): Promise<RunParts> {
  const [{ runPlan }, { renderText, reportJson }, { surroundingsOf }, { commitOf }] = await Promise.all([
    import('@breakwater/assembly'),
    import('@breakwater/report'),
    import('./commands/surroundings.ts'),
    import('./commit-of.ts'),
  ]);
  return {
    terminal,
    signals: process,
    actor: actor(terminal.env),
    surroundings: (command: RunCommand) => surroundingsOf(command, process.env),
    commitOf,
    runPlan,
    screen: async () => (await import('./screen.ts')).terminalScreen(process.stdout),
    renderText,
    reportJson,
  };
}

/** Who runs it: the name for the record. Some containers have users without a name. */
function actor(env: Terminal['env']): string {
  try {
    return userInfo().username;
  } catch {
    return env['USER'] || env['LOGNAME'] || 'unknown';
  }
}
