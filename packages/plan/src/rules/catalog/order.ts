import type { Row } from './row.ts';

export const ORDER: readonly Row[] = [
  ['BW301', 'dependency-cycle', 'error', 'blocks', 'Waves wait for each other in a circle.', 'Dependencies without a circle.'],
  ['BW302', 'self-dependency', 'error', 'blocks', 'A wave depends on itself.', 'Dependencies on other waves only.'],
  ['BW303', 'repeated-dependency', 'warning', 'runs', 'A wave names a dependency twice.', 'Each dependency once.'],
  [
    'BW304',
    'dependency-never-met',
    'error',
    'blocks',
    'A wave depends, directly or through others, on a wave that can never succeed.',
    'Dependencies on waves that can start and have something to recover.',
  ],
];
