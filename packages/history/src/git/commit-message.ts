import type { JournalEvent } from '../events.ts';

/** One thing that happened, for the message of the commit that carries it. */
export interface Note {
  readonly text: string;
  /** What counts more stands in the first line. */
  readonly weight: number;
}

/** Whose lines a commit carries. */
export interface Subject {
  /** Name of the plan. */
  readonly plan: string;
  /** As `drill webshop-drill-1`. */
  readonly what: string;
}

const SHOWN = 40;

/** What an event tells in a commit message; nothing for what only fills the record. */
export function noteOf(event: JournalEvent, stream: string): Note | undefined {
  const where = stream.startsWith('waves/') ? `wave ${stream.slice('waves/'.length)}` : 'finally';
  switch (event.type) {
    case 'run-started':
      return { text: event.resumed ? 'resumed' : 'started', weight: 4 };
    case 'run-interrupted':
      return { text: `interrupted by ${event.signal}`, weight: 7 };
    case 'run-finished':
      return { text: `run ended: ${event.verdict}`, weight: 6 };
    case 'wave-started':
      return { text: `${where} started`, weight: 3 };
    case 'wave-finished':
      return { text: `${where} ${event.status}`, weight: 5 };
    case 'intent':
      return { text: `${where}: about to call ${event.operation}`, weight: 1 };
    case 'change':
      return { text: `${where}: ${event.operation} ${event.adopted ? 'found' : 'made'} ${event.id}`, weight: 2 };
    case 'step-finished':
      return { text: `${where}: ${event.step} ${event.status}`, weight: 2 };
    case 'history-unreachable':
      return { text: 'went on without the branch', weight: 5 };
    case 'history-joined':
      return { text: 'joined the branch again', weight: 5 };
    case 'history-rewritten':
      return { text: 'found the branch rewritten', weight: 8 };
    default:
      return undefined;
  }
}

/** As `webshop: drill webshop-… wave data succeeded`, and everything that happened below it. */
export function commitMessage({ plan, what }: Subject, notes: readonly Note[]): string {
  const first = notes.reduce<Note | undefined>(
    (best, note) => (best === undefined || note.weight >= best.weight ? note : best),
    undefined,
  );
  const subject = `${plan}: ${what} ${first?.text ?? 'goes on'}`;
  if (notes.length < 2) return `${oneLine(subject)}\n`;
  const shown = notes.slice(-SHOWN).map(({ text }) => `- ${oneLine(text)}`);
  const left = notes.length > SHOWN ? [`- and ${notes.length - SHOWN} more before`] : [];
  return `${[oneLine(subject), '', ...left, ...shown].join('\n')}\n`;
}

/** Texts come from plans and from AWS: none may begin a line of its own, or a trailer. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 200);
}
