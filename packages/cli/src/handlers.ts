import { userInfo } from 'node:os';
import { text as readText } from 'node:stream/consumers';
import { systemClock } from '@breakwater/core';
import type { CaptureParts } from './commands/capture.ts';
import type { DoctorParts } from './commands/doctor.ts';
import type { HistoryPushParts } from './commands/history-push.ts';
import type { VerifyParts } from './commands/history-verify.ts';
import type { ReportParts } from './commands/report.ts';
import type { RunCommand } from './commands/requests.ts';
import type { RetentionParts } from './commands/retention.ts';
import type { RunParts } from './commands/run.ts';
import type { UnlockParts } from './commands/unlock.ts';
import type { Handlers } from './program.ts';
import type { Terminal } from './terminal.ts';

/** The real commands. Each loads what it needs when it is called: `--help` must not wait for the AWS SDK. */
export function handlers(terminal: Terminal): Handlers {
  return {
    check: async (request) => (await import('./commands/check.ts')).check(request, terminal),
    compile: async (command) => (await import('./commands/compile.ts')).compile(command, terminal),
    doctor: async (command) => (await import('./commands/doctor.ts')).doctor(command, await doctorParts(terminal)),
    run: async (command) => (await import('./commands/run.ts')).run(command, await runParts(terminal)),
    simulate: async (command) => (await import('./commands/simulate.ts')).simulate(command, { terminal, signals: process }),
    capture: async (request) => (await import('./commands/capture.ts')).capture(request, await captureParts(terminal)),
    retention: async (request) => (await import('./commands/retention.ts')).retention(request, retentionParts(terminal)),
    historyPush: async (command) =>
      (await import('./commands/history-push.ts')).historyPush(command, await historyPushParts(terminal)),
    report: async (request) => (await import('./commands/report.ts')).report(request, await reportParts(terminal)),
    historyVerify: async (command) =>
      (await import('./commands/history-verify.ts')).historyVerify(command, await verifyParts(terminal)),
    unlock: async (command) => (await import('./commands/unlock.ts')).unlock(command, await unlockParts(terminal)),
  };
}

async function reportParts(terminal: Terminal): Promise<ReportParts> {
  const { openHistory } = await import('@breakwater/assembly');
  return { terminal, actor: actor(terminal.env), openHistory };
}

async function historyPushParts(terminal: Terminal): Promise<HistoryPushParts> {
  const { pushHistory } = await import('@breakwater/assembly');
  return { terminal, actor: actor(terminal.env), pushHistory };
}

async function doctorParts(terminal: Terminal): Promise<DoctorParts> {
  const [{ githubApi }, { TOOL, diagnose, diagnosisJson }, { originUrl }] = await Promise.all([
    import('@breakwater/github'),
    import('@breakwater/assembly'),
    import('./commit-of.ts'),
  ]);
  return {
    terminal,
    originUrl,
    diagnose,
    diagnosisJson,
    api: (repository, access) => githubApi(repository, { ...access, clock: systemClock, userAgent: TOOL }),
  };
}

function retentionParts(terminal: Terminal): RetentionParts {
  return { terminal, clock: systemClock, standardInput: () => readText(process.stdin) };
}

async function verifyParts(terminal: Terminal): Promise<VerifyParts> {
  const { openRecord } = await import('@breakwater/assembly');
  return { terminal, openRecord };
}

async function unlockParts(terminal: Terminal): Promise<UnlockParts> {
  const { clockFromEnvironment, openHistory } = await import('@breakwater/assembly');
  const { clock, simulated } = clockFromEnvironment(process.env);
  const parts = { terminal, clock, simulated, actor: actor(terminal.env), openHistory };
  return process.stdin.isTTY && process.stderr.isTTY ? { ...parts, ask } : parts;
}

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
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
