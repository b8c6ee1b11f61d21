import { deterministicUuid, UserError } from '@breakwater/core';
import type { SecretsGateway } from './database-services.ts';
import { incomplete } from './odd-answers.ts';
import { type Place, ServiceCaller, type Surroundings } from './service-caller.ts';

type Sdk = typeof import('./secrets-client.ts');
type Client = InstanceType<Sdk['SecretsManagerClient']>;

/** IAM actions that each method of the Secrets Manager gateway needs in the site; KMS only for secrets under a key of one's own. */
export const SECRETS_PERMISSIONS = {
  getSecret: ['secretsmanager:GetSecretValue', 'kms:Decrypt'],
  putSecret: ['secretsmanager:PutSecretValue', 'kms:Decrypt', 'kms:GenerateDataKey'],
} as const satisfies Record<keyof SecretsGateway, readonly string[]>;

/** A shorter value hides more of the log than of the secret. */
const SHORTEST_TOLD = 4;

/** Secrets Manager at one site. */
export function secretsGateway(surroundings: Surroundings, place: Omit<Place, 'service'>): SecretsGateway {
  const { clock, seed, onSecret } = surroundings;
  const secrets = new ServiceCaller<Sdk, Client>(
    surroundings,
    { ...place, service: 'secretsmanager' },
    () => import('./secrets-client.ts'),
    (sdk, settings) => new sdk.SecretsManagerClient(settings),
  );
  let puts = 0;

  return {
    async getSecret(id) {
      const operation = 'GetSecretValue';
      const { SecretString: text, SecretBinary: bytes } = await secrets.call(operation, 'read', (sdk, client, options) =>
        client.send(new sdk.GetSecretValueCommand({ SecretId: id }), options),
      );
      if (text === undefined && bytes !== undefined)
        throw new UserError('usage', `the secret ${id} is binary, and only text is read`, {
          next: 'Store its JSON as text (SecretString), then run it again.',
        });
      if (text === undefined) throw incomplete(secrets.context(operation, 'read'), `a text in the secret ${id}`);
      for (const part of partsOf(text)) if (part.length >= SHORTEST_TOLD) onSecret(part);
      return text;
    },

    async putSecret(id, value) {
      onSecret(value);
      // One token a call, the same for its retries: AWS keeps one version. It says nothing of the value, because it can be listed.
      const ClientRequestToken = deterministicUuid('put-secret', seed, id, String(clock.now()), String(puts++));
      await secrets.call(
        'PutSecretValue',
        'repeatable',
        (sdk, client) => client.send(new sdk.PutSecretValueCommand({ SecretId: id, SecretString: value, ClientRequestToken })),
        { secrets: [value] },
      );
    },
  };
}

/**
 * What a secret of RDS holds beside the secret itself. Masking a database called `webshop` would blot the name out of every output, the
 * endpoint's included.
 */
const NO_SECRET = /^((\w+_)?user(name)?|engine|host|readerHost|port|dbname|database|dbClusterIdentifier|dbInstanceIdentifier)$/i;

/** The whole text and, of JSON, every text in it that is no name of something. */
function partsOf(text: string): Set<string> {
  const parts = new Set([text]);
  try {
    JSON.parse(text, (key, value: unknown) => {
      if (typeof value === 'string' && !NO_SECRET.test(key)) parts.add(value);
      return value;
    });
  } catch {
    // Plain text, such as a bare password.
  }
  return parts;
}
