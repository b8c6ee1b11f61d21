import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What tells one process from all others, as far as the system says. Process ids are used again, and mean nothing in another
 * container or after a restart; the optional members make that visible where the system has them (Linux).
 */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  /** Hash of the machine id. */
  readonly machine?: string;
  /** Changes with every start of the machine. */
  readonly boot?: string;
  /** The namespace in which `pid` is counted. */
  readonly namespace?: string;
  /** Start of the process, in clock ticks since the machine's start. */
  readonly started?: string;
}

function attempt(read: () => string): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Field 22 of /proc/<pid>/stat (proc_pid_stat(5)); the command name before it may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const machineId = attempt(() => readFileSync('/etc/machine-id', 'utf8').trim());
  const boot = attempt(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  const namespace = attempt(() => readlinkSync('/proc/self/ns/pid'));
  const started = startOf(process.pid);
  return {
    host: hostname(),
    pid: process.pid,
    // The machine id is not meant to be published as it is (machine-id(5)).
    ...(machineId ? { machine: createHash('sha256').update(`breakwater\n${machineId}`).digest('hex').slice(0, 16) } : {}),
    ...(boot === undefined ? {} : { boot }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(started === undefined ? {} : { started }),
  };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}

/**
 * Whether `other` has certainly died. False in every doubt: another host, another container, or a system that does not tell; taking
 * a lock from a process that lives would let two runs change the cloud at once.
 */
export function isDead(other: ProcessIdentity, self: ProcessIdentity): boolean {
  if (other.host !== self.host) return false;
  if (other.boot !== self.boot) {
    return other.boot !== undefined && self.boot !== undefined && other.machine !== undefined && other.machine === self.machine;
  }
  if (other.namespace !== self.namespace) return false;
  if (!isRunning(other.pid)) return true;
  const started = other.started === undefined ? undefined : startOf(other.pid);
  return started !== undefined && started !== other.started;
}
