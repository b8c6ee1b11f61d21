import { inspect } from 'node:util';
import { AwsError, asBreakwaterError, GithubError, UserError } from '@breakwater/core';
import { printable } from './printable.ts';

/**
 * An error for a tired person: what, where, what next, and the stable code. Several lines, each ended. Never a stack trace, unless
 * somebody debugs Breakwater itself (BREAKWATER_DEBUG=1).
 */
export function errorText(error: unknown, env: Readonly<Record<string, string | undefined>>): string {
  const told = asBreakwaterError(error);
  const [what = '', ...more] = told.message.split('\n').map(printable);
  const lines = [`breakwater: ${what} [${told.code}]`, ...more.map((line) => `  ${line}`)];
  if (told instanceof UserError && told.location !== undefined) {
    const { file, line, column } = told.location;
    lines.push(`  at: ${printable(file)}:${line}:${column}`);
  }
  if (told instanceof AwsError) lines.push(`  call: ${callText(told)}`);
  const profile = env['AWS_PROFILE'];
  if (told.code === 'credentials-missing' && profile) {
    lines.push(
      `  profile: AWS_PROFILE is "${printable(profile)}", and it has none: is it spelt so in ~/.aws/config, and signed in?`,
    );
  }
  if (told instanceof GithubError) lines.push(`  call: ${githubCallText(told)}`);
  lines.push(`  next: ${printable(told.next)}`);
  if (env['BREAKWATER_DEBUG'] === '1') lines.push('', ...stacks(error));
  return `${lines.join('\n')}\n`;
}

function callText({ call }: AwsError): string {
  const where = [call.account, call.region].filter((part) => part !== undefined).join(' ');
  const status = call.httpStatus === undefined ? '' : ` (HTTP ${call.httpStatus})`;
  const request = call.requestId === undefined ? '' : `, request ${call.requestId}`;
  return printable(`${call.service}:${call.operation}${where === '' ? '' : ` in ${where}`}: ${call.awsCode}${status}${request}`);
}

function githubCallText({ call }: GithubError): string {
  const status = call.httpStatus === undefined ? '' : ` (HTTP ${call.httpStatus})`;
  const request = call.requestId === undefined ? '' : `, request ${call.requestId}`;
  return printable(`GitHub: ${call.method} ${call.path}${status}${request}`);
}

/** The stacks along the causes. Only stacks: the fields of an SDK error may carry headers. */
function stacks(error: unknown): string[] {
  const found: string[] = [];
  for (let at = error; at !== undefined && found.length < 10; at = at instanceof Error ? at.cause : undefined) {
    found.push(at instanceof Error ? (at.stack ?? at.message) : inspect(at, { depth: 1 }));
  }
  return found;
}
