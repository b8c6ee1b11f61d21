import { invalidValue } from './faults.ts';

/**
 * An identifier that a caller chooses, in lower case as RDS stores it. Letters, digits and single hyphens, a letter first, no hyphen
 * last.
 */
export function newIdentifier(text: string, what: string, longest = 63): string {
  const id = text.toLowerCase();
  if (id.length > longest || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw invalidValue(
      `The parameter ${what} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.`,
    );
  }
  return id;
}
