/** Where text goes. A stream whose reader has gone away (`| head`) swallows what is written: a run must not die of it. */
export interface Output {
  write(text: string): void;
  readonly isTTY: boolean;
  /** 80 and 24 when the terminal does not say. */
  readonly columns: number;
  readonly rows: number;
}

/** The terminal as the commands see it. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How a view may look there. */
export interface Look {
  /** Redraw in place; otherwise one line a change. */
  readonly live: boolean;
  readonly colours: boolean;
  readonly unicode: boolean;
}

/**
 * Decides how to look: a live view only on a terminal that can move its cursor, colours unless NO_COLOR (https://no-color.org)
 * or a pipe says otherwise, ASCII where the locale is not UTF-8.
 */
export function lookOf({ stdout, env }: Terminal): Look {
  const capable = stdout.isTTY && env['TERM'] !== 'dumb';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return {
    live: capable && !env['CI'],
    colours: env['NO_COLOR'] ? false : capable || (env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0'),
    unicode: env['TERM'] !== 'linux' && (locale === '' ? process.platform !== 'linux' : /utf-?8/i.test(locale)),
  };
}

/** This process's own terminal. */
export function processTerminal(): Terminal {
  return { stdout: output(process.stdout), stderr: output(process.stderr), env: process.env };
}

function output(stream: NodeJS.WriteStream): Output {
  let gone = false;
  stream.on('error', () => {
    gone = true;
  });
  return {
    write: (text) => {
      if (!gone) stream.write(text);
    },
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
  };
}
