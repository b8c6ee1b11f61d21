import type { AwsFault } from '../aws-fault.ts';
import { findKey, type Key, mayUse } from '../kms/keys.ts';
import type { CallContext } from '../world/call-context.ts';
import { rdsFault } from './faults.ts';

/** What RDS does with a key on its caller's behalf. */
const TARGET_ACTIONS = [
  'DescribeKey',
  'CreateGrant',
  'Encrypt',
  'Decrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptTo',
];
const SOURCE_ACTIONS = ['DescribeKey', 'CreateGrant', 'Decrypt', 'ReEncryptFrom'];

function inaccessible(which: string, key: string): AwsFault {
  return rdsFault(
    'KMSKeyNotAccessibleFault',
    `${which} KMS key [${key}] does not exist, is not enabled or you do not have permissions to access it.`,
  );
}

function works(key: Key | undefined, context: CallContext, actions: readonly string[], via = 'rds'): key is Key {
  return (
    key !== undefined &&
    key.state === 'Enabled' &&
    key.usage === 'ENCRYPT_DECRYPT' &&
    actions.every((action) => mayUse(key, context, action, via))
  );
}

/** The key to encrypt with, by id, ARN or alias: of this Region, enabled, and usable by the caller. Anything else is one error. */
export function encryptionKey(context: CallContext, text: string, which = 'Specified'): Key {
  const key = findKey(context.world, text, context.state);
  if (!works(key, context, TARGET_ACTIONS) || key.region !== context.state.region) throw inaccessible(which, text);
  return key;
}

/** The key of the secret that RDS keeps for a master password: Secrets Manager uses it in the caller's name. */
export function secretEncryptionKey(context: CallContext, text: string): Key {
  const key = findKey(context.world, text, context.state);
  const actions = ['DescribeKey', 'CreateGrant', 'Decrypt', 'GenerateDataKey'];
  if (!works(key, context, actions, 'secretsmanager') || key.region !== context.state.region)
    throw inaccessible('Specified', text);
  return key;
}

/** The caller must be able to read what the source's key protects, in the source's Region. */
export function checkSourceKey(context: CallContext, keyArn: string): void {
  const key = findKey(context.world, keyArn, context.state);
  if (!works(key, context, SOURCE_ACTIONS)) throw inaccessible('The source snapshot', keyArn);
}
