/** The Secrets Manager client and the commands we use of it; loaded on first use. */
export { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
