import { formatDuration } from '@breakwater/core';
import type { Execution, JournalLine, Reason } from '@breakwater/history';
import { printable } from '../printable.ts';

/**
 * One journal line as one line of text, for pipes and logs: `TIME  WHERE  WHAT  TEXT`, parted by two spaces, no column padded.
 * TIME is ISO 8601 in UTC; WHERE is the wave, `finally` or `run`; WHAT is the step, the server as `step/server`, or `-`.
 * The format is stable: new events add lines, existing ones keep their form.
 */
export function lineOf(line: JournalLine, stream: string, execution: Execution): string {
  const { what, text } = describe(line, execution);
  return [line.at, whereOf(stream), printable(what), printable(text)].join('  ');
}

function whereOf(stream: string): string {
  if (stream.startsWith('waves/')) return printable(stream.slice('waves/'.length));
  return stream.startsWith('runs/') ? 'run' : printable(stream);
}

interface Said {
  readonly what: string;
  readonly text: string;
}

function describe(line: JournalLine, execution: Execution): Said {
  switch (line.type) {
    case 'run-started': {
      const waves = line.waves.length === 0 ? 'all waves' : `waves ${line.waves.join(', ')}`;
      const { id, mode, plan } = execution.header;
      return {
        what: '-',
        text: `${line.resumed ? 'resumed' : 'started'} ${mode} of ${plan.name}, execution ${id}, ${waves}, by ${line.actor}`,
      };
    }
    case 'identity-proved':
      return { what: '-', text: `site ${line.site} is account ${line.account} in ${line.region}, as ${line.arn}` };
    case 'run-interrupted': {
      const still =
        line.stillRunning.length === 0 ? 'nothing goes on in AWS' : `AWS goes on with ${line.stillRunning.join(', ')}`;
      return { what: '-', text: `stopped by ${line.signal}; ${still}` };
    }
    case 'run-finished':
      return { what: '-', text: withReason(line.verdict, line.reason) };
    case 'wave-started':
      return { what: '-', text: `started, ${recovered(line)}` };
    case 'wave-finished':
      return { what: '-', text: withReason(line.status, line.reason) };
    case 'step-started': {
      const again = line.attempt > 1 ? ` (try ${line.attempt})` : '';
      // A gate waits for a human: it has no deadline, written as 0.
      const most = line.deadline > 0 ? `, at most ${formatDuration(line.deadline - Date.parse(line.at))}` : '';
      return { what: line.step, text: `started ${line.kind}: ${line.name}${again}${most}` };
    }
    case 'intent':
      return { what: line.step, text: `asks ${line.operation}` };
    case 'change':
      return { what: line.step, text: `${line.operation} ${line.adopted ? 'found again' : 'made'} ${line.id} at ${line.site}` };
    case 'progress':
      return { what: subject(line.step, line.server, execution), text: line.note };
    case 'warning':
      return { what: subject(line.step, line.server, execution), text: `warning: ${withReason(line.reason.code, line.reason)}` };
    case 'step-finished':
      return { what: line.step, text: withReason(line.status, line.reason) };
    case 'tail-repaired':
      return { what: '-', text: `the record's last line was torn; its ${line.bytes} bytes are kept` };
    case 'journal-replaced':
      return { what: '-', text: `the record was damaged (${line.problem}); it is kept as ${line.damaged}` };
    case 'lock-taken-over':
      return {
        what: '-',
        text: `taken over from ${line.from.owner}, whose process ${line.from.pid} on ${line.from.host} is gone`,
      };
    case 'drill-pre-empted':
      return { what: '-', text: preempted(line) };
    case 'locks-taken':
      return { what: '-', text: `locked ${counted(line.locks.length, 'target')}` };
    case 'locks-released':
      return { what: '-', text: 'locks released' };
    case 'locks-unavailable':
      return { what: '-', text: `warning: goes on without locks: ${withReason(line.reason.code, line.reason)}` };
    default:
      return { what: '-', text: unknownType(line) };
  }
}

/** A journal of a newer Breakwater may hold events that this one does not know; they are shown, not dropped. */
function unknownType(line: { readonly type: string }): string {
  return line.type;
}

function preempted({ drill, plan, owner, broken }: Extract<JournalLine, { readonly type: 'drill-pre-empted' }>): string {
  const whose = `drill ${drill} of ${plan} (${owner})`;
  return broken !== undefined
    ? `warning: ${whose} did not let go in time: its locks were broken`
    : `${whose} holds what is needed here: it was asked to let go`;
}

function withReason(outcome: string, { code, message }: Reason): string {
  if (code === 'ok') return outcome;
  return outcome === code ? `${code}: ${message}` : `${outcome} (${code}): ${message}`;
}

function subject(step: string, server: string | undefined, execution: Execution): string {
  if (server === undefined) return step;
  for (const wave of execution.waves) {
    const found = wave.servers.find((candidate) => candidate.id === server);
    if (found !== undefined) return `${step}/${found.name}`;
  }
  return `${step}/${server}`;
}

/** As `3 servers`, `3 servers and 1 database`, `1 database`. */
function recovered({ servers, databases = [] }: Extract<JournalLine, { readonly type: 'wave-started' }>): string {
  const parts = [
    ...(servers.length > 0 || databases.length === 0 ? [counted(servers.length, 'server')] : []),
    ...(databases.length > 0 ? [counted(databases.length, 'database')] : []),
  ];
  return parts.join(' and ');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
