import type { Severity } from '../../model.ts';

/** A rule as a line of the catalogue: id, name, severity, whether it blocks a run, what is wrong, what is legal. */
export type Row = readonly [
  id: string,
  name: string,
  severity: Severity,
  blocks: 'blocks' | 'runs',
  wrong: string,
  legal: string,
];
