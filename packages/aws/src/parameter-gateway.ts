import type { ParameterGateway } from './database-services.ts';
import { missingIs } from './odd-answers.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./ssm-client.ts');
type Client = InstanceType<Sdk['SSMClient']>;

/** IAM actions that each method of the parameter gateway needs in the site. */
export const PARAMETER_PERMISSIONS = {
  putParameter: ['ssm:PutParameter'],
} as const satisfies Record<keyof ParameterGateway, readonly string[]>;

/** The parameter store of SSM at one site. */
export function parameterGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): ParameterGateway {
  const ssm = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'ssm' },
    () => import('./ssm-client.ts'),
    (sdk, settings) => new sdk.SSMClient(settings),
  );

  return {
    async putParameter(name, value) {
      const put = (type: { readonly Type?: 'String' }) =>
        ssm.call('PutParameter', 'repeatable', (sdk, client) =>
          client.send(new sdk.PutParameterCommand({ Name: name, Value: value, ...type, Overwrite: true })),
        );
      // Only a new one needs a type, and none may change its own, as a SecureString.
      const taken = await missingIs(['HierarchyTypeMismatchException'], undefined, () => put({ Type: 'String' }));
      if (taken === undefined) await put({});
    },
  };
}
