import type { Row } from './row.ts';

export const NAMES: readonly Row[] = [
  [
    'BW201',
    'duplicate-document',
    'error',
    'blocks',
    'Two documents of one kind have the same name.',
    'Names that are unique within their kind, letter case aside.',
  ],
  [
    'BW202',
    'duplicate-wave',
    'error',
    'blocks',
    'Two waves of a plan have the same name.',
    'Wave names that are unique in the plan, letter case aside: each is a file of the history.',
  ],
  [
    'BW203',
    'duplicate-action',
    'error',
    'blocks',
    'Two actions of one list have the same name.',
    'Action names that are unique in their list: an action is found again by its name after a crash.',
  ],
  ['BW204', 'unknown-site', 'error', 'blocks', 'A site is named that no file defines.', 'The name of a `kind: Site` document.'],
  [
    'BW205',
    'unknown-group',
    'error',
    'blocks',
    'A protection group is named that no file defines.',
    'The name of a `kind: ProtectionGroup` document.',
  ],
  [
    'BW206',
    'unknown-wave',
    'error',
    'blocks',
    'A wave depends on a wave that the plan does not have.',
    'The name of another wave of the plan.',
  ],
  [
    'BW207',
    'unused-document',
    'note',
    'runs',
    'A site or protection group is used by nothing in these files.',
    'Anything; a group in no plan is a group that nobody recovers.',
  ],
];
