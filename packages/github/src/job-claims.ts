import { textAt } from './answer.ts';

/** What the OIDC token of a job says of it. It came over TLS from GitHub itself, asked for by the job: it is read, not verified. */
export interface JobClaims {
  readonly repository: string | undefined;
  readonly run: string | undefined;
  readonly attempt: number | undefined;
  /** The environment that the job stands in: GitHub asked for its approvals in this attempt. */
  readonly environment: string | undefined;
}

/** Claims as in https://docs.github.com/en/actions/reference/security/oidc#oidc-token-claims; all absent if it is no such token. */
export function jobClaims(token: string): JobClaims {
  const claims = payloadOf(token);
  const attempt = Number(textAt(claims, 'run_attempt'));
  return {
    repository: textAt(claims, 'repository'),
    run: textAt(claims, 'run_id'),
    attempt: Number.isInteger(attempt) && attempt > 0 ? attempt : undefined,
    environment: textAt(claims, 'environment'),
  };
}

function payloadOf(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
