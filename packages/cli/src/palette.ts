import type { Status, Verdict } from '@breakwater/core';
import picocolors from 'picocolors';

type Paint = (text: string) => string;

/** Colours and symbols of a view; without colours the paints change nothing. */
export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly warn: Paint;
  readonly bad: Paint;
  readonly busy: Paint;
  readonly symbols: Readonly<Record<Status, string>>;
  readonly full: string;
  readonly empty: string;
  readonly dot: string;
  readonly ellipsis: string;
}

const UNICODE: Readonly<Record<Status, string>> = {
  pending: '○',
  running: '▶',
  waiting: '◷',
  succeeded: '✔',
  'succeeded-with-warnings': '✔',
  failed: '✖',
  'failed-ignored': '!',
  'timed-out': '✖',
  skipped: '-',
  cancelled: '■',
};

const ASCII: Readonly<Record<Status, string>> = {
  pending: '.',
  running: '>',
  waiting: '~',
  succeeded: '+',
  'succeeded-with-warnings': '+',
  failed: 'X',
  'failed-ignored': '!',
  'timed-out': 'X',
  skipped: '-',
  cancelled: '#',
};

/** Builds a palette. Meaning is never carried by colour alone: the status is written beside its symbol. */
export function palette({ colours, unicode }: { readonly colours: boolean; readonly unicode: boolean }): Palette {
  const paint = picocolors.createColors(colours);
  return {
    bold: paint.bold,
    dim: paint.dim,
    good: paint.green,
    warn: paint.yellow,
    bad: paint.red,
    busy: paint.cyan,
    symbols: unicode ? UNICODE : ASCII,
    full: unicode ? '█' : '#',
    empty: unicode ? '░' : '.',
    dot: unicode ? '·' : '|',
    ellipsis: unicode ? '…' : '~',
  };
}

/** The paint that a status is shown in. */
export function paintOf(status: Status, colours: Palette): Paint {
  switch (status) {
    case 'succeeded':
      return colours.good;
    case 'succeeded-with-warnings':
    case 'failed-ignored':
    case 'skipped':
      return colours.warn;
    case 'failed':
    case 'timed-out':
    case 'cancelled':
      return colours.bad;
    case 'running':
    case 'waiting':
      return colours.busy;
    case 'pending':
      return colours.dim;
  }
}

/** The paint that a verdict is shown in. */
export function paintOfVerdict(verdict: Verdict, colours: Palette): Paint {
  if (verdict === 'succeeded') return colours.good;
  return verdict === 'failed' || verdict === 'cancelled' ? colours.bad : colours.warn;
}
