import { AKIA, action, type DefectCase, GHP, GOOD, PEM } from './building-blocks.ts';

export const SECRETS: readonly DefectCase[] = [
  { rule: 'BW701', about: 'an access key in a comment', bad: `# key ⟦BW701⟧${AKIA}\n${GOOD}`, good: `# key AKIA...\n${GOOD}` },
  {
    rule: 'BW701',
    about: 'a secret access key in a script',
    bad: action(`        parameters: { Script: "⟦BW701⟧aws_secret_access_key=${'aB3/'.repeat(10)}" }\n`),
    good: action('        parameters: { Script: "aws_secret_access_key=$KEY" }\n'),
  },
  {
    rule: 'BW702',
    about: 'a private key',
    bad: action(`        parameters: { Script: "⟦BW702⟧${PEM}" }\n`),
    good: action('        parameters: { Script: "BEGIN PUBLIC KEY" }\n'),
  },
  { rule: 'BW703', about: 'a GitHub token', bad: `# ⟦BW703⟧${GHP}\n${GOOD}`, good: `# ghp_x\n${GOOD}` },
  {
    rule: 'BW704',
    about: 'a password parameter',
    bad: action('        parameters: { MasterPassword: ⟦BW704⟧hunter2 }\n'),
    good: action(
      '        parameters: { MasterPassword: "{{resolve:secretsmanager:db}}", PasswordLength: 12, SecretArn: x, ApiToken: /shop/token }\n',
    ),
  },
  {
    rule: 'BW705',
    about: 'a password in a URL',
    bad: action('        parameters: { Url: "⟦BW705⟧postgres://app:pw@db:5432/shop" }\n'),
    good: action('        parameters: { Url: "postgres://app@db:5432/shop" }\n'),
  },
];
