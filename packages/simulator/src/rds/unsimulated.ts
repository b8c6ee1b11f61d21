import { invalidCombination } from './faults.ts';

/** What the simulator would not do must not seem to be done: members that AWS has and it has not are refused by name. */
export function refuseUnsimulated(input: object, known: readonly string[]): void {
  const other = Object.keys(input).find((name) => !known.includes(name));
  if (other !== undefined) throw invalidCombination(`The simulator does not know ${other} here.`);
}
