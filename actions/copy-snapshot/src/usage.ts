import { UserError } from '@breakwater/core';

export function usage(message: string): UserError {
  return new UserError('usage', `copy-snapshot: ${message}`, { next: 'Correct the `with:` of the step; nothing was changed.' });
}
