import type { Advance } from '@breakwater/engine';
import type { RestoreState } from './restore-state.ts';

const SECRET = /^arn:[^:]+:secretsmanager:([^:]+):/;

/**
 * A secret is read in the Region where the database shall stand, and only there: the ARN of one in the Region that burns would be found
 * wrong when all else is done.
 */
export function objectionToSecrets(state: RestoreState): Advance | undefined {
  const { request, site, drill } = state;
  const { master, users, publish } = request;
  const { region } = site.site;
  const named = [
    master === undefined || master.kind === 'managed' ? undefined : master.secret,
    users?.secret,
    drill ? undefined : publish?.secret,
  ];
  for (const secret of named) {
    const other = SECRET.exec(secret ?? '')?.[1];
    if (other === undefined || other === region) continue;
    return state.fail(
      'usage',
      `secret ${secret} is of Region ${other}, not of ${region}, where it would be read`,
      `Give the ARN of its replica in ${region}, or only its name. Nothing was changed.`,
    );
  }
  return undefined;
}
