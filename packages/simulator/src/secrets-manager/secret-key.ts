import { AwsFault } from '../aws-fault.ts';
import { findKey, keyRefusal } from '../kms/keys.ts';
import type { CallContext } from '../world/call-context.ts';
import type { Secret } from './secrets.ts';

/** The key a secret is under; undefined: the one that AWS keeps, which every caller of the account may use through Secrets Manager. */
function keyOf({ world, state }: CallContext, secret: Secret): string | undefined {
  const managed = state.rds.clusters.find((cluster) => cluster.masterSecret?.arn === secret.arn)?.masterSecret?.keyArn;
  const spec = world.scenario.secrets.find(
    ({ account, region, name }) => account === state.account && region === state.region && name === secret.name,
  );
  return managed ?? spec?.kmsKey;
}

/** Whether the caller may do that with the key of a secret; Secrets Manager does not say which action it lacked. */
export function mayUseSecretKey(context: CallContext, secret: Secret, actions: readonly string[]): boolean {
  const text = keyOf(context, secret);
  if (text === undefined || text.includes('alias/aws/')) return true;
  const key = findKey(context.world, text, context.state);
  return (
    key !== undefined &&
    key.state === 'Enabled' &&
    actions.every((action) => keyRefusal(key, context, action, 'secretsmanager') === undefined)
  );
}

export function requireSecretKey(context: CallContext, secret: Secret, actions: readonly string[]): void {
  if (mayUseSecretKey(context, secret, actions)) return;
  throw new AwsFault('AccessDeniedException', 400, 'Access to KMS is not allowed');
}
