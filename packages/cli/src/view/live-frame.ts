import { formatDuration, isFinal } from '@breakwater/core';
import type { DatabaseRecord, Execution, ServerRecord, StepRecord, WaveRecord } from '@breakwater/history';
import stringWidth from 'string-width';
import { EXIT_CODES, exitCodeOfVerdict } from '../exit-codes.ts';
import { type Palette, paintOf, paintOfVerdict } from '../palette.ts';
import { clip, fit, printable, wrap } from '../printable.ts';
import { bar } from './bar.ts';
import { isLaunched, type LiveState, phaseOf } from './live-state.ts';

/** The size and looks that a frame is drawn for. */
export interface Canvas {
  readonly columns: number;
  /** Lines that may be used; the frame never has more, so that it can be redrawn in place. */
  readonly rows: number;
  readonly palette: Palette;
}

/** Below this a bar says nothing. */
const NARROWEST_BAR = 8;
const WIDEST_BAR = 40;
const FAILURES_SHOWN = 3;
const REASON_LINES = 3;
const ROWS_FOR_COLUMN_NAMES = 16;

/**
 * Draws one frame of the live view: what runs, how far each wave is, and how much of the RTO is gone. A pure function of what is
 * known, the time (epoch milliseconds on the run's clock) and the canvas; one string a line, none wider than the canvas.
 */
export function liveFrame(state: LiveState, now: number, canvas: Canvas): string[] {
  const head = header(state.execution, now, canvas);
  const foot = footer(state, now, canvas);
  const room = Math.max(1, canvas.rows - head.length - foot.length);
  return [...head, ...waves(state, now, canvas, room), ...foot].slice(0, canvas.rows);
}

function header(execution: Execution, now: number, canvas: Canvas): string[] {
  return [
    ...title(execution, canvas),
    rtoLine(execution, now, canvas.columns, canvas.palette),
    ...rpoLine(execution, canvas.columns, canvas.palette),
    '',
  ];
}

/** What runs, and its id: on a line of its own where it does not fit, because it is what one needs to resume. */
function title({ header: about }: Execution, { columns, palette }: Canvas): string[] {
  const mode = about.mode === 'recovery' ? 'RECOVERY' : 'drill';
  const what = `${printable(about.plan.name)}  ${mode}${about.simulated ? ` ${palette.dot} simulated AWS` : ''}`;
  const id = printable(about.id);
  const between = columns - stringWidth(what) - stringWidth(id);
  const lines =
    between >= 2
      ? [what + ' '.repeat(between) + id]
      : [clip(what, columns, palette.ellipsis), clip(id, columns, palette.ellipsis)];
  const paint = (line: string) => (about.mode === 'recovery' ? palette.bad(palette.bold(line)) : palette.bold(line));
  return lines.map(paint);
}

/** Whole seconds, so that a frame changes once a second while only time passes. */
function seconds(ms: number): string {
  return formatDuration(Math.floor(ms / 1_000) * 1_000);
}

function rtoLine(execution: Execution, now: number, columns: number, palette: Palette): string {
  const { objective } = execution.rto;
  const used = (execution.endedAt ?? now) - execution.startedAt;
  const share = objective > 0 ? used / objective : 1;
  const late = used > objective;
  const paint = late ? palette.bad : share >= 0.75 ? palette.warn : palette.good;
  const said =
    execution.endedAt === undefined
      ? 'elapsed'
      : exitCodeOfVerdict(execution.verdict) === EXIT_CODES.fine
        ? 'recovered in'
        : 'ended after';
  const took = execution.endedAt === undefined ? seconds(used) : formatDuration(used);
  const text = `${said} ${took} of ${formatDuration(objective)} RTO`;
  const percent = late ? `${seconds(used - objective)} LATE` : `${Math.floor(share * 100)}%`;
  const width = Math.min(WIDEST_BAR, columns - stringWidth(text) - stringWidth(percent) - 4);
  if (width < NARROWEST_BAR) return paint(clip(`${text}  ${percent}`, columns, palette.ellipsis));
  return `${text}  ${paint(bar(share, width, palette))}  ${paint(percent)}`;
}

function rpoLine({ rpo }: Execution, columns: number, palette: Palette): string[] {
  if (rpo.actual === undefined) return [];
  const of = rpo.database === undefined ? rpo.server : `database ${rpo.database}`;
  const worst = of === undefined ? '' : ` (${printable(of)})`;
  const text = `recovery point ${formatDuration(rpo.actual)} old at worst${worst}, of ${formatDuration(rpo.objective)} RPO`;
  const paint = rpo.met === false ? palette.bad : palette.dim;
  return [paint(clip(text, columns, palette.ellipsis))];
}

function footer({ execution, told, stopping, over }: LiveState, now: number, canvas: Canvas): string[] {
  const { columns, palette } = canvas;
  const lines: string[] = [];
  const steps = execution.finally.filter((step) => step.status !== 'pending');
  if (steps.length > 0) {
    lines.push('', clip('at the end, whatever happened before', columns, palette.ellipsis));
    lines.push(...stepLines(steps, now, canvas));
  }
  for (const problem of execution.problems.slice(0, 1)) {
    lines.push('', palette.warn(clip(`the history is damaged: ${printable(problem)}`, columns, palette.ellipsis)));
  }
  if (told !== undefined) lines.push('', palette.warn(clip(printable(told), columns, palette.ellipsis)));
  const { verdict } = execution;
  if (over === true) {
    lines.push('', paintOfVerdict(verdict, palette)(clip(verdict, columns, palette.ellipsis)));
  } else if (stopping !== undefined) {
    lines.push(
      '',
      palette.warn(clip(`${stopping}: writing down where we are; once more to leave at once`, columns, palette.ellipsis)),
    );
  } else {
    lines.push('', palette.dim(clip('Ctrl-C stops watching, AWS goes on; the run can be resumed', columns, palette.ellipsis)));
  }
  return lines;
}

/** What one wave is shown as: its own line, and lines that may follow if there is room. */
interface WaveBlock {
  readonly row: string;
  readonly details: readonly string[];
}

/** What the columns hold; left out where every line counts. */
function columnNames(nameWidth: number, { columns, rows, palette }: Canvas): string[] {
  if (rows < ROWS_FOR_COLUMN_NAMES) return [];
  return [
    palette.dim(clip(`  ${'wave'.padEnd(nameWidth)}  ${'servers'}  ${'time'.padStart(7)}  state`, columns, palette.ellipsis)),
  ];
}

function waves(state: LiveState, now: number, canvas: Canvas, room: number): string[] {
  const all = state.execution.waves;
  const nameWidth = Math.min(24, Math.max(4, ...all.map((wave) => stringWidth(printable(wave.name)))));
  const names = columnNames(nameWidth, canvas);
  const { folded, shown, more } = choose(all, room - names.length);
  const blocks = shown.map((wave) => waveBlock(state, wave, now, canvas, nameWidth));
  const groups = folded.map((group) => groupLine(group, canvas));
  const before = groups.filter((_, at) => folded[at]?.status !== 'pending');
  const after = groups.filter((_, at) => folded[at]?.status === 'pending');
  let left = room - names.length - groups.length - blocks.length - (more > 0 ? 1 : 0);
  const lines = [...names, ...before];
  for (const { row, details } of blocks) {
    lines.push(row);
    const taken = details.slice(0, Math.max(0, left));
    left -= taken.length;
    lines.push(...taken);
  }
  if (more > 0) lines.push(canvas.palette.dim(clip(`  and ${more} more waves`, canvas.columns, canvas.palette.ellipsis)));
  return [...lines, ...after].slice(0, room);
}

interface FoldedWaves {
  readonly status: WaveRecord['status'];
  readonly waves: readonly WaveRecord[];
}

/** With more waves than lines, those that are over and those that have not begun share a line; what runs or failed is kept. */
function choose(
  all: readonly WaveRecord[],
  room: number,
): { readonly folded: readonly FoldedWaves[]; readonly shown: readonly WaveRecord[]; readonly more: number } {
  if (all.length <= room) return { folded: [], shown: all, more: 0 };
  const folded: FoldedWaves[] = [];
  let shown = all;
  for (const status of ['succeeded', 'pending', 'skipped', 'succeeded-with-warnings', 'cancelled', 'failed-ignored'] as const) {
    if (folded.length + shown.length <= room) break;
    const group = shown.filter((wave) => wave.status === status);
    if (group.length < 2) continue;
    folded.push({ status, waves: group });
    shown = shown.filter((wave) => wave.status !== status);
  }
  const places = Math.max(0, room - folded.length);
  if (shown.length <= places) return { folded, shown, more: 0 };
  const fits = Math.max(0, places - 1);
  return { folded, shown: shown.slice(0, fits), more: shown.length - fits };
}

function groupLine({ status, waves: group }: FoldedWaves, { columns, palette }: Canvas): string {
  const names = group.map((wave) => printable(wave.name)).join(', ');
  const text = `${palette.symbols[status]} ${group.length} waves ${status}: ${names}`;
  return paintOf(status, palette)(clip(text, columns, palette.ellipsis));
}

function waveBlock(state: LiveState, wave: WaveRecord, now: number, canvas: Canvas, nameWidth: number): WaveBlock {
  const { columns, palette } = canvas;
  const count = countOf(state, wave);
  const took = wave.startedAt === undefined ? '' : seconds((wave.endedAt ?? now) - wave.startedAt);
  const row = `${palette.symbols[wave.status]} ${fit(printable(wave.name), nameWidth, palette.ellipsis)}  ${count.padStart(7)}  ${took.padStart(7)}  ${waveNote(wave, state.execution)}`;
  return {
    row: paintOf(wave.status, palette)(clip(row.trimEnd(), columns, palette.ellipsis)),
    details: waveDetails(state, wave, now, canvas),
  };
}

/** Servers launched, of how many; of a wave that only restores databases those, as `1/2 db`. */
function countOf(state: LiveState, { servers, databases = [] }: WaveRecord): string {
  if (servers.length > 0) {
    return `${servers.filter((server) => isLaunched(server, state.notes.get(server.id))).length}/${servers.length}`;
  }
  const restored = databases.filter(({ status }) => status === 'succeeded' || status === 'succeeded-with-warnings').length;
  return databases.length === 0 ? '' : `${restored}/${databases.length} db`;
}

/** The rest of a wave's line: what it does now, what it waits for, or why it ended as it did. */
function waveNote(wave: WaveRecord, execution: Execution): string {
  const reason = wave.reason === undefined || wave.reason.code === 'ok' ? '' : `: ${printable(wave.reason.message)}`;
  if (isFinal(wave.status)) return `${wave.status}${reason}`;
  const step = current(wave);
  if (step !== undefined) return `${wave.status}: ${printable(step.name)}`;
  if (wave.status !== 'pending') return `${wave.status}${reason}`;
  const unmet = wave.dependsOn.filter((name) => {
    const other = execution.waves.find((candidate) => candidate.name === name);
    return other !== undefined && !isFinal(other.status);
  });
  return unmet.length === 0 ? 'pending' : `pending, after ${unmet.map(printable).join(', ')}`;
}

function current(wave: WaveRecord): StepRecord | undefined {
  return wave.steps.find((step) => step.status === 'running' || step.status === 'waiting');
}

function waveDetails(state: LiveState, wave: WaveRecord, now: number, canvas: Canvas): string[] {
  const { columns, palette } = canvas;
  const active = !isFinal(wave.status) && wave.status !== 'pending';
  const bad = wave.status === 'failed' || wave.status === 'timed-out' || wave.status === 'failed-ignored';
  const lines: string[] = [];
  const failures = [...wave.servers, ...(wave.databases ?? [])].filter(
    ({ status }) => status === 'failed' || status === 'timed-out',
  );
  for (const failure of failures.slice(0, FAILURES_SHOWN)) lines.push(...failureLines(failure, canvas));
  if (failures.length > FAILURES_SHOWN) {
    lines.push(palette.bad(clip(`    and ${failures.length - FAILURES_SHOWN} more failed`, columns, palette.ellipsis)));
  }
  if (active || bad)
    lines.push(
      ...stepLines(
        wave.steps.filter((step) => step.status !== 'pending'),
        now,
        canvas,
      ),
    );
  if (active && current(wave)?.kind !== 'pre-wave-action') lines.push(...phases(state, wave, canvas));
  return lines;
}

/** Which server or database failed and why. The reason is worth some lines: it is what one was woken up for. */
function failureLines(
  { name, status, criticality, reason }: ServerRecord | DatabaseRecord,
  { columns, palette }: Canvas,
): string[] {
  const what = `    ${palette.symbols[status]} ${printable(name)} (${criticality})  ${reason?.code ?? status}`;
  const why = reason === undefined ? [] : wrap(printable(reason.message), Math.max(1, columns - 6)).slice(0, REASON_LINES);
  const paint = criticality === 'critical' ? palette.bad : palette.warn;
  return [what, ...why.map((line) => `      ${line}`)].map((line) => paint(clip(line, columns, palette.ellipsis)));
}

function stepLines(steps: readonly StepRecord[], now: number, { columns, palette }: Canvas): string[] {
  return steps.map((step) => {
    const took = step.startedAt === undefined ? '' : seconds((step.endedAt ?? now) - step.startedAt);
    const why = step.reason === undefined || step.reason.code === 'ok' ? '' : printable(step.reason.message);
    const said = isFinal(step.status) ? why : printable(step.note ?? '');
    const again = step.attempt > 1 ? ` (try ${step.attempt})` : '';
    const text = `    ${palette.symbols[step.status]} ${printable(step.name)}${again}  ${took}${said === '' ? '' : `  ${said}`}`;
    return paintOf(step.status, palette)(clip(text.trimEnd(), columns, palette.ellipsis));
  });
}

/** How many servers are in which phase, as `3 launched · 2 conversion`. */
function phases(state: LiveState, wave: WaveRecord, { columns, palette }: Canvas): string[] {
  const counts = new Map<string, number>();
  for (const server of wave.servers) {
    const phase = printable(phaseOf(server, state.notes.get(server.id)));
    counts.set(phase, (counts.get(phase) ?? 0) + 1);
  }
  if (counts.size === 0) return [];
  const text = [...counts].map(([phase, count]) => `${count} ${phase}`).join(` ${palette.dot} `);
  return [palette.dim(clip(`      servers: ${text}`, columns, palette.ellipsis))];
}
