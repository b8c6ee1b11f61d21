import { AwsError, asBreakwaterError } from '@breakwater/core';
import type { Runner } from './runner.ts';

/** What AWS expects in the token's `aud`. */
const AUDIENCE = 'sts.amazonaws.com';

/**
 * A source of GitHub OIDC tokens, asked again before credentials expire: a token lives about five minutes, but new ones can be had
 * during the whole job. Throws `AwsError` `credentials-missing`, with the permission to grant when the job lacks it.
 */
export function tokenSource(runner: Runner, mask: (secret: string) => void): () => Promise<string> {
  return async () => {
    if (!runner.environment['ACTIONS_ID_TOKEN_REQUEST_URL'] || !runner.environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN']) {
      throw credentialsMissing(
        'this job may not ask GitHub for an OIDC token',
        'Give the job `permissions: { id-token: write, contents: read }`. Jobs of pull requests from forks never get it.',
      );
    }
    try {
      const token = await runner.idToken(AUDIENCE);
      mask(token);
      return token;
    } catch (error) {
      const { message } = asBreakwaterError(error);
      throw credentialsMissing(
        `GitHub did not give an OIDC token: ${message.replaceAll(/\s+/g, ' ').trim()}`,
        'Look at githubstatus.com; run the step again with the same inputs to resume.',
        error,
      );
    }
  };
}

function credentialsMissing(message: string, next: string, cause?: unknown): AwsError {
  return new AwsError('credentials-missing', message, {
    next,
    cause,
    call: {
      service: 'sts',
      operation: 'AssumeRoleWithWebIdentity',
      account: undefined,
      region: undefined,
      requestId: undefined,
      httpStatus: undefined,
      awsCode: 'NoToken',
    },
  });
}
