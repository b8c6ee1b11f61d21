import { isFinal } from '@breakwater/core';
import type { JournalLine } from './events.ts';
import type { Execution, ExecutionHeader, ServerRecord, StepRecord, WaveRecord } from './execution.ts';
import { RunFold } from './fold-runs.ts';
import { StepFold } from './fold-steps.ts';
import { setAsideProblem } from './names.ts';
import { judge } from './verdict.ts';
import { type WaveEvidence, weighWave } from './wave-evidence.ts';

/** An execution that grows line by line, for a live view. */
export interface Fold {
  /** Takes in the next line of a stream. Lines of one stream come in their order; how streams interleave makes no difference. */
  apply(stream: string, line: JournalLine): void;
  /** The execution as it stands. Cheap: only waves that changed since the last call are built again. */
  execution(): Execution;
}

interface WaveState {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly steps: StepFold;
  status: WaveRecord['status'];
  reason: WaveRecord['reason'];
  startedAt: number | undefined;
  endedAt: number | undefined;
  built: { readonly record: WaveRecord; readonly evidence: WaveEvidence } | undefined;
}

/** Starts a fold; `problems` is damage that was found when the journals were read. */
export function createFold(header: ExecutionHeader, problems: readonly string[] = []): Fold {
  return new ExecutionFold(header, problems);
}

/** What did happen, from an execution's header and all its streams. Pure; never throws for any prefix of valid journals. */
export function foldExecution(
  header: ExecutionHeader,
  streams: ReadonlyMap<string, readonly JournalLine[]>,
  problems: readonly string[] = [],
): Execution {
  const fold = createFold(header, problems);
  for (const [stream, lines] of streams) for (const line of lines) fold.apply(stream, line);
  return fold.execution();
}

class ExecutionFold implements Fold {
  readonly #header: ExecutionHeader;
  readonly #given: readonly string[];
  readonly #waves = new Map<string, WaveState>();
  readonly #finally = new StepFold('finally');
  readonly #runs = new Map<string, RunFold>();
  readonly #problems: { readonly stream: string; readonly text: string }[] = [];

  constructor(header: ExecutionHeader, problems: readonly string[]) {
    this.#header = header;
    this.#given = problems;
    for (const { name, dependsOn } of header.plan.waves) {
      const steps = new StepFold(`waves/${name}`);
      this.#waves.set(name, {
        name,
        dependsOn,
        steps,
        status: 'pending',
        reason: undefined,
        startedAt: undefined,
        endedAt: undefined,
        built: undefined,
      });
    }
  }

  apply(stream: string, line: JournalLine): void {
    const at = Date.parse(line.at);
    if (line.type === 'journal-replaced')
      this.#problems.push({ stream, text: setAsideProblem(stream, line.damaged, line.problem) });
    if (stream === 'finally') {
      this.#finally.apply(line, at);
      for (const wave of this.#waves.values()) wave.built = undefined;
      return;
    }
    const name = stream.slice(stream.indexOf('/') + 1);
    if (stream.startsWith('runs/')) {
      const run = this.#runs.get(name) ?? new RunFold(name);
      this.#runs.set(name, run);
      run.apply(line, at);
      return;
    }
    const wave = stream.startsWith('waves/') ? this.#waves.get(name) : undefined;
    if (wave === undefined) {
      const text = `${stream}: the plan has no such stream`;
      if (!this.#problems.some((known) => known.text === text)) this.#problems.push({ stream, text });
      return;
    }
    applyToWave(wave, line, at);
  }

  execution(): Execution {
    const late = new Map(this.#finally.servers().map((entry) => [entry.record.id, entry]));
    const built = [...this.#waves.values()].map((wave) => {
      wave.built ??= buildWave(wave, late);
      return wave.built;
    });
    const runs = [...this.#runs.values()].map((run) => run.record()).filter((run) => run !== undefined);
    runs.sort((a, b) => a.startedAt - b.startedAt || (a.run < b.run ? -1 : 1));
    return judge({
      header: this.#header,
      waves: built.map(({ record }) => record),
      evidence: built.map(({ evidence }) => evidence),
      finally: this.#finally.steps(),
      runs,
      // A journal that was set aside is found in the folder and told by the one in its place: once is enough.
      problems: [...new Set([...this.#given, ...this.#ownProblems()])],
    });
  }

  /** In an order that does not depend on how the streams came in. */
  #ownProblems(): readonly string[] {
    const found = [...this.#problems];
    for (const wave of this.#waves.values())
      found.push(...wave.steps.problems.map((text) => ({ stream: `waves/${wave.name}`, text })));
    found.push(...this.#finally.problems.map((text) => ({ stream: 'finally', text })));
    return found
      .map(({ stream, text }, order) => ({ stream, text, order }))
      .sort((a, b) => (a.stream === b.stream ? a.order - b.order : a.stream < b.stream ? -1 : 1))
      .map(({ text }) => text);
  }
}

function applyToWave(wave: WaveState, line: JournalLine, at: number): void {
  wave.built = undefined;
  switch (line.type) {
    case 'wave-started':
      reopen(wave, at);
      wave.steps.putServers(line.servers, at);
      wave.steps.putDatabases(line.databases ?? []);
      break;
    case 'wave-finished':
      wave.status = line.status;
      wave.reason = line.reason;
      // A wave can be left waiting (for a gate): it has been told of, not ended.
      wave.endedAt = isFinal(line.status) ? at : undefined;
      break;
    case 'step-started':
      reopen(wave, at);
      wave.steps.apply(line, at);
      break;
    default:
      wave.steps.apply(line, at);
  }
}

/** A wave that is worked on has not ended, whatever was said of it before. Its first start stays: people waited since then. */
function reopen(wave: WaveState, at: number): void {
  wave.status = 'running';
  wave.reason = undefined;
  wave.startedAt ??= at;
  wave.endedAt = undefined;
}

function buildWave(
  wave: WaveState,
  late: ReadonlyMap<string, { record: ServerRecord; at: number }>,
): NonNullable<WaveState['built']> {
  const steps: readonly StepRecord[] = wave.steps.steps();
  const servers = wave.steps.servers().map(({ record, at }) => withLateFacts(record, at, late.get(record.id)));
  const databases = wave.steps.databases();
  const waits = wave.status === 'running' && steps.some((step) => step.status === 'waiting');
  const record: WaveRecord = {
    name: wave.name,
    dependsOn: wave.dependsOn,
    status: waits && !steps.some((step) => step.status === 'running') ? 'waiting' : wave.status,
    ...(wave.reason === undefined ? {} : { reason: wave.reason }),
    ...(wave.startedAt === undefined ? {} : { startedAt: wave.startedAt }),
    ...(wave.endedAt === undefined ? {} : { endedAt: wave.endedAt }),
    steps,
    servers,
    ...(databases.length === 0 ? {} : { databases }),
  };
  return { record, evidence: weighWave(record) };
}

/** Clean-up may learn more of a server, but how its recovery ended was settled by its wave: ending a drill does not undo it. */
function withLateFacts(record: ServerRecord, at: number, late: { record: ServerRecord; at: number } | undefined): ServerRecord {
  if (late === undefined || late.at < at) return record;
  const { status, reason, rpa, ...facts } = late.record;
  return {
    ...facts,
    status: record.status,
    ...(record.reason === undefined ? {} : { reason: record.reason }),
    ...(record.rpa === undefined ? {} : { rpa: record.rpa }),
  };
}
