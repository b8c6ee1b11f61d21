import { randomUUID } from 'node:crypto';
import type { FakeAnswer } from './routes.ts';
import { idOf } from './views.ts';

/**
 * The token endpoint of a job: `GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=…` answers `{ value: <JWT> }`. The fake signs nothing: who
 * checks signatures would have to be given keys. Claims as in "OpenID Connect reference" of GitHub's documentation.
 */
export function idToken(query: URLSearchParams, requestToken: string | undefined): FakeAnswer {
  if (requestToken === undefined) return { status: 401, body: { message: 'no request token' } };
  const repository = query.get('repository') ?? 'example/webshop';
  const environment = query.get('environment');
  const ref = query.get('ref') ?? 'refs/heads/main';
  const now = Math.floor(Date.now() / 1_000);
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: query.get('audience') ?? 'https://github.com/example',
    sub: `repo:${repository}:${environment === null ? `ref:${ref}` : `environment:${environment.replaceAll(':', '%3A')}`}`,
    jti: randomUUID(),
    iat: now,
    nbf: now,
    exp: now + 300,
    repository,
    repository_id: String(idOf(repository)),
    repository_owner: repository.split('/')[0],
    actor: query.get('actor') ?? 'ann',
    run_id: query.get('run') ?? '1',
    run_attempt: query.get('attempt') ?? '1',
    ref,
    ...(environment === null ? {} : { environment }),
  };
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const value = [part({ alg: 'RS256', typ: 'JWT', kid: 'fake' }), part(claims), Buffer.from('fake').toString('base64url')].join(
    '.',
  );
  return { status: 200, body: { value } };
}
