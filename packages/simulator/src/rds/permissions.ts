import type { CallContext } from '../world/call-context.ts';
import { authorise } from '../world/identities.ts';

/** What RDS asks of its caller beside the operation itself, each refused as IAM refuses it. */
export function requireBeside(
  { principal, state }: CallContext,
  needs: {
    readonly tags?: boolean;
    readonly crossRegion?: boolean;
    readonly role?: string | undefined;
    readonly secret?: boolean;
  },
): void {
  const anything = `arn:aws:rds:${state.region}:${state.account}:*`;
  if (needs.tags === true) authorise(principal, 'rds', 'AddTagsToResource', anything);
  if (needs.crossRegion === true) authorise(principal, 'rds', 'CrossRegionCommunication', anything);
  if (needs.role !== undefined) authorise(principal, 'rds', 'PassRole', needs.role, 'iam');
  if (needs.secret === true) authorise(principal, 'rds', 'CreateSecret', '*', 'secretsmanager');
}
