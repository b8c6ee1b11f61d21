/** What a secret looks like. `rule` is the check rule that reports it. */
export interface SecretPattern {
  readonly rule: string;
  readonly what: string;
  readonly pattern: RegExp;
}

/**
 * Patterns that nothing but a secret matches; the sources are the issuers' own descriptions of their formats. Repetitions are bounded,
 * so that no file can make them slow.
 */
export const SECRET_PATTERNS: readonly SecretPattern[] = [
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, unique id prefixes
  { rule: 'BW701', what: 'an AWS access key id', pattern: /\b(?:AKIA|ASIA)[A-Z2-7]{16}\b/g },
  {
    rule: 'BW701',
    what: 'an AWS secret access key',
    pattern: /(?:(?:aws_?)?secret_?access_?key|aws_?secret(?:_?key)?)["']?\s*[:=]\s*["']?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/gi,
  },
  { rule: 'BW702', what: 'a private key', pattern: /-----BEGIN (?:[A-Z0-9]{1,20} ){0,4}PRIVATE KEY-----/g },
  { rule: 'BW703', what: 'a GitHub token', pattern: /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})\b/g },
  { rule: 'BW703', what: 'a Slack token', pattern: /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g },
  {
    rule: 'BW703',
    what: 'a Slack webhook',
    pattern: /https:\/\/hooks\.slack\.com\/services\/T[A-Za-z0-9]+\/B[A-Za-z0-9]+\/[A-Za-z0-9]+/g,
  },
  {
    rule: 'BW703',
    what: 'a JSON web token',
    pattern: /\beyJ[A-Za-z0-9_-]{10,400}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,}/g,
  },
  { rule: 'BW703', what: 'a presigned URL', pattern: /[?&]X-Amz-(?:Signature|Security-Token)=[A-Za-z0-9%/+=-]{16,}/gi },
  {
    rule: 'BW705',
    what: 'a password in a URL',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@"'{}$]{1,200}:[^\s:/?#@"'{}$]{1,200}@/gi,
  },
];

/** The text with everything that looks like a secret replaced. */
export function redact(text: string): string {
  return SECRET_PATTERNS.reduce((left, { pattern }) => left.replace(pattern, '[redacted]'), text);
}

/** What speaks of a secret, and what turns that into the name of one. */
const SECRET_NAME = /pass(?:word|wd|phrase)|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential/i;
const ONLY_A_NAME =
  /(?:arn|id|ids|name|names|path|ref|uri|location|parameter|length|policy|version|type|count|ttl|rotation|enabled)$/i;

/** References, paths, placeholders, numbers and truth values are no secrets. */
const REFERENCE = /^(?:\{\{.*\}\}|\$\{.*\}|arn:.*|\/.*|[0-9.]*|true|false)$/is;

/** Whether a parameter of that name holds a secret as it stands, rather than a reference to one. A guess by the name. */
export function looksSecret(name: string, values: readonly string[]): boolean {
  return SECRET_NAME.test(name) && !ONLY_A_NAME.test(name) && !values.every((value) => REFERENCE.test(value.trim()));
}
