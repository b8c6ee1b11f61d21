import type { KmsKey } from '@breakwater/aws';
import type { Reason } from '@breakwater/history';

/** What RDS must be allowed with a key to copy snapshots under it. */
export const KEY_ACTIONS = [
  'kms:CreateGrant',
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey*',
  'kms:ReEncrypt*',
] as const;

/** `shared`: what another account copies from. `target`: what a copy is encrypted with. */
export interface KeyUse {
  readonly role: 'source' | 'transit' | 'relay' | 'destination';
  /** As it was given: id, ARN or alias. */
  readonly given: string;
  readonly account: string;
  readonly region: string;
  /** Another account must be able to use it too. */
  readonly sharedWith: string | undefined;
}

const WORDS = {
  source: "the source's key",
  transit: 'the transit key',
  relay: 'the relay key',
  destination: 'the destination key',
} as const;

/** The Region that an ARN of a key names. */
export function regionOfKey(key: string): string | undefined {
  return /^arn:[^:]+:kms:([a-z0-9-]+):\d{12}:/.exec(key)?.[1];
}

/**
 * What is wrong with a key, before anything is copied with it; `undefined`: nothing that DescribeKey shows. Grants cannot be seen
 * beforehand: a missing one is told when AWS refuses the copy.
 */
export function objectionToKey(key: KmsKey | undefined, use: KeyUse): Reason | undefined {
  const what = `${WORDS[use.role]} ${use.given}`;
  const place = `account ${use.account}, ${use.region}`;
  const named = regionOfKey(use.given);
  if (named !== undefined && named !== use.region) {
    return no(
      `${what} is a key of ${named}, but the copy under it is made in ${use.region}`,
      `Give a key of ${use.region}; of a multi-Region key give its replica there.`,
    );
  }
  if (key === undefined) {
    return no(`${what} is not there (${place})`, 'Create it, or correct its id, ARN or alias.');
  }
  if (key.region !== undefined && key.region !== use.region) {
    return no(
      `${what} is a key of ${key.region}, but the copy under it is made in ${use.region}`,
      `Give a key of ${use.region}.`,
    );
  }
  if (key.state !== undefined && key.state !== 'Enabled') {
    const how = key.state === 'PendingDeletion' ? 'Cancel its deletion and enable it' : 'Enable it';
    return no(`${what} is ${key.state} (${place})`, `${how}, or give another.`);
  }
  if (key.usage !== undefined && key.usage !== 'ENCRYPT_DECRYPT') {
    return no(`${what} is a key for ${key.usage}, not for encryption`, 'Give a symmetric key for ENCRYPT_DECRYPT.');
  }
  if (use.sharedWith !== undefined && key.manager === 'AWS') {
    return no(
      `${what} is managed by AWS; account ${use.sharedWith} can never be allowed to use it`,
      `Give a customer-managed key of ${use.region} whose policy allows account ${use.sharedWith}.`,
    );
  }
  return undefined;
}

/** The statement of a key policy that lets another account copy from snapshots under the key. */
export function keyStatement(account: string, actions: readonly string[] = KEY_ACTIONS): string {
  return JSON.stringify({
    Sid: 'AllowSnapshotCopies',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: actions,
    Resource: '*',
  });
}

/** Told when the destination's account may not even describe the key that the shared snapshot is encrypted with. */
export function closedKey(key: string, account: string): Reason {
  return no(
    `account ${account} may not use ${key}, the key of the snapshot that is shared with it: kms:DescribeKey is refused`,
    `Add this statement to the key's policy: ${keyStatement(account)}; and allow the same to the role at the destination.`,
  );
}

/**
 * Told when RDS refused a copy for a key: it answers the same for a missing grant on either side, so both statements are named.
 * `described` are keys that the same account could describe: of those it is not DescribeKey that lacks.
 */
export function refusedKeys(options: {
  readonly message: string;
  readonly account: string;
  readonly from: { readonly key: string; readonly foreign: boolean; readonly described: boolean } | undefined;
  readonly to: string | undefined;
}): Reason {
  const { message, account, from, to } = options;
  const next: string[] = [];
  if (from?.foreign === true) {
    const actions = KEY_ACTIONS.filter((action) => !(from.described && action === 'kms:DescribeKey'));
    next.push(`The policy of ${from.key} must hold this statement: ${keyStatement(account, actions)}.`);
  }
  const own = [from?.key, to].filter((key) => key !== undefined).join(' and ');
  next.push(`The role of account ${account} must itself be allowed ${KEY_ACTIONS.join(', ')} on ${own || 'both keys'}.`);
  next.push('After a change of policy wait two minutes, then run the same again.');
  return { code: 'key-not-accessible', message, next: next.join(' ') };
}

function no(message: string, next: string): Reason {
  return { code: 'key-not-accessible', message, next: `${next} Nothing was changed.` };
}
