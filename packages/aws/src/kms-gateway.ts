import type { KmsGateway } from './database-services.ts';
import { missingIs } from './odd-answers.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./kms-client.ts');
type Client = InstanceType<Sdk['KMSClient']>;

/** IAM actions that each method of the KMS gateway needs in the site; for a key of another account its key policy must allow it too. */
export const KMS_PERMISSIONS = {
  describeKey: ['kms:DescribeKey'],
} as const satisfies Record<keyof KmsGateway, readonly string[]>;

/** KMS at one site. */
export function kmsGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): KmsGateway {
  const kms = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'kms' },
    () => import('./kms-client.ts'),
    (sdk, settings) => new sdk.KMSClient(settings),
  );

  return {
    async describeKey(key) {
      // A key of another Region is also "not found": KMS knows only those of its own.
      const answer = await missingIs(['NotFoundException'], undefined, () =>
        kms.call(
          'DescribeKey',
          'read',
          (sdk, client, options) => client.send(new sdk.DescribeKeyCommand({ KeyId: key }), options),
          {
            kmsKey: key,
          },
        ),
      );
      const found = answer?.KeyMetadata;
      if (found === undefined) return undefined;
      const [, , , region, account] = (found.Arn ?? '').split(':');
      return {
        id: found.KeyId ?? key,
        arn: found.Arn ?? '',
        account: found.AWSAccountId ?? account,
        region,
        state: found.KeyState,
        manager: found.KeyManager,
        multiRegion: found.MultiRegion ?? false,
        usage: found.KeyUsage,
      };
    },
  };
}
