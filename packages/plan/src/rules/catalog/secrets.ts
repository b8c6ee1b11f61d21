import type { Row } from './row.ts';

export const SECRETS: readonly Row[] = [
  [
    'BW701',
    'access-key',
    'error',
    'blocks',
    'An AWS access key stands in the file.',
    'No keys. Revoke this one: it is in the history of the repository. Roles and OIDC need none.',
  ],
  [
    'BW702',
    'private-key',
    'error',
    'blocks',
    'A private key stands in the file.',
    'No keys. Revoke this one; let the document read its own from Secrets Manager.',
  ],
  [
    'BW703',
    'token',
    'error',
    'blocks',
    'A token or presigned URL stands in the file.',
    'No tokens. Revoke this one; let the document read its own from Secrets Manager.',
  ],
  [
    'BW704',
    'secret-parameter',
    'error',
    'runs',
    'A parameter whose name speaks of a secret has a literal value.',
    'A reference: `{{resolve:secretsmanager:…}}`, `{{ssm:…}}`, a secret ARN, or a parameter path such as `/webshop/db/password`.',
  ],
  [
    'BW705',
    'url-password',
    'error',
    'blocks',
    'A URL with a password stands in the file.',
    'URLs without credentials; let the document read them from Secrets Manager.',
  ],
];
