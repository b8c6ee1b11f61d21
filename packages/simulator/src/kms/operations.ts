import { AwsFault } from '../aws-fault.ts';
import { epochSeconds } from '../wire-time.ts';
import { type Handler, handler } from '../world/call-context.ts';
import { accessDenied } from '../world/identities.ts';
import { findKey, keyRefusal } from './keys.ts';

const describeKey = handler<{ readonly KeyId: string }>(({ world, state, principal }, { KeyId: text }) => {
  const arn = /^arn:aws:kms:([a-z0-9-]+):/.exec(text);
  // KMS answers only for its own Region.
  if (arn !== null && arn[1] !== state.region) throw new AwsFault('NotFoundException', 400, `Invalid arn ${arn[1]}`);
  if (text.startsWith('arn:') && arn === null) throw new AwsFault('InvalidArnException', 400, `${text} is not a valid KMS ARN`);
  const key = findKey(world, text, state);
  const home = `arn:aws:kms:${state.region}:${state.account}`;
  if (key === undefined) {
    const full = text.startsWith('arn:') ? text : `${home}:${text.startsWith('alias/') ? text : `key/${text}`}`;
    throw text.includes('alias/')
      ? new AwsFault('NotFoundException', 400, `Alias ${full} is not found.`)
      : new AwsFault('NotFoundException', 400, `Key '${full}' does not exist`);
  }
  const refused = keyRefusal(key, { principal, state }, 'DescribeKey');
  if (refused !== undefined) throw accessDenied('kms', refused);
  return {
    KeyMetadata: {
      AWSAccountId: key.account,
      KeyId: key.id,
      Arn: key.arn,
      CreationDate: epochSeconds(key.createdAt),
      Enabled: key.state === 'Enabled',
      Description: key.manager === 'AWS' ? 'Default key that protects my RDS database volumes when no other key is defined' : '',
      KeyUsage: key.usage,
      KeyState: key.state,
      Origin: 'AWS_KMS',
      KeyManager: key.manager,
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      MultiRegion: key.multiRegion,
    },
  };
});

export const KMS_HANDLERS: Readonly<Record<string, Handler>> = { DescribeKey: describeKey };
