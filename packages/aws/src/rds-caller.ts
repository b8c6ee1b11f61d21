import { propertyOf } from './boundary.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

export type RdsSdk = typeof import('./rds-client.ts');
export type RdsClient = InstanceType<RdsSdk['RDSClient']>;
export type RdsCaller = ServiceCaller<RdsSdk, RdsClient>;

export function rdsCaller(surroundings: Surroundings, place: Omit<Place, 'service'>): RdsCaller {
  return new ServiceCaller<RdsSdk, RdsClient>(
    surroundings,
    { ...place, service: 'rds' },
    () => import('./rds-client.ts'),
    (sdk, settings) => {
      const client = new sdk.RDSClient(settings);
      tellPresignedUrls(client, surroundings.onSecret);
      return client;
    },
  );
}

/**
 * A copy from another Region carries a URL that the SDK signs for an hour with the site's credentials; it contains the session token.
 * It is told as a secret as it stands and as a form sends it, and so are the parts of it that grant anything.
 */
function tellPresignedUrls(client: RdsClient, onSecret: (secret: string) => void): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const url = propertyOf(args.input, 'PreSignedUrl');
      if (typeof url === 'string') {
        for (const secret of [url, encodeURIComponent(url)]) onSecret(secret);
        for (const [, value = ''] of url.matchAll(/[?&]X-Amz-(?:Security-Token|Signature)=([^&]+)/g)) onSecret(value);
      }
      return next(args);
    },
    // After the URL is made, before the request is sent.
    { step: 'build', name: 'tellPresignedUrls' },
  );
}
