import { InvalidArgumentError } from 'commander';
import type { Speed } from './commands/requests.ts';

/** Twelve times the four-hour plan a second; above that, loopback HTTP is slower than the clock, and `max` is what is meant. */
const FASTEST = 10_000;

/** `--speed` of a run: a number of times as fast as real time, or `max`. */
export function speedArgument(text: string): Speed {
  return text === 'max' ? 'max' : scaleArgument(text, `a number above 0 and up to ${FASTEST}, or "max"`);
}

/** `--speed` of a served simulator: its clients run in other processes, so time cannot jump. */
export function servedSpeedArgument(text: string): number {
  return scaleArgument(
    text,
    `a number above 0 and up to ${FASTEST}; "max" needs the engine in the same process: breakwater run --simulate`,
  );
}

function scaleArgument(text: string, legal: string): number {
  const speed = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(speed > 0 && speed <= FASTEST)) throw new InvalidArgumentError(`It must be ${legal}.`);
  return speed;
}

/** A TCP port; 0 asks for any free one. */
export function portArgument(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('It must be a port from 0 (any free one) to 65535.');
  return port;
}

/** A source server id of DRS. */
export function serverArgument(text: string): string {
  if (!/^s-[0-9a-zA-Z]{17}$/.test(text)) {
    throw new InvalidArgumentError('It must be the id of a DRS source server, as s-0123456789abcdef0.');
  }
  return text;
}

/** An AWS account. */
export function accountArgument(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InvalidArgumentError('It must be twelve digits.');
  return text;
}

export function regionArgument(text: string): string {
  if (!/^[a-z]{2,}(-[a-z]+)+-\d+$/.test(text)) throw new InvalidArgumentError('It must be a Region, as eu-central-1.');
  return text;
}

/** The identifier of a cluster or an instance. */
export function databaseArgument(text: string): string {
  if (!/^[A-Za-z](-?[A-Za-z0-9]){0,62}$/.test(text)) {
    throw new InvalidArgumentError(
      'It must be an identifier of RDS: letters, digits and single hyphens, beginning with a letter.',
    );
  }
  return text;
}

export function roleArgument(text: string): string {
  if (!/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/.test(text)) {
    throw new InvalidArgumentError("It must be a role's ARN, as arn:aws:iam::111122223333:role/breakwater-recovery.");
  }
  return text;
}

/** A word that must say something. */
export function wordArgument(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
