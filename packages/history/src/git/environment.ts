import { UserError } from '@breakwater/core';

type Environment = Readonly<Record<string, string | undefined>>;

/** Variables of git that say how a remote is reached; every other `GIT_…` could lead git to another repository, file or program. */
const KEPT = new Set(['GIT_SSH', 'GIT_SSH_COMMAND', 'GIT_SSH_VARIANT', 'GIT_SSL_CAINFO', 'GIT_SSL_CAPATH', 'GIT_EXEC_PATH']);

/** What a child has no business with: inputs and tokens of a workflow, settings of our own process, the user's language. */
const DROPPED = /^(?:GIT_|INPUT_|ACTIONS_|BREAKWATER_|LC_|NODE_OPTIONS$|LANG$|LANGUAGE$|SSH_ASKPASS$|DISPLAY$)/;

/** Settings that hold whatever the user's own git configuration says. */
const SETTINGS: Readonly<Record<string, string>> = {
  // Never a directory, so no hook is found in it.
  'core.hooksPath': '/dev/null',
  'core.fsmonitor': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
  'push.gpgSign': 'false',
  // Empty: forgets those of the user, which not every server takes.
  'push.pushOption': '',
  'push.followTags': 'false',
  'push.recurseSubmodules': 'no',
  'fetch.recurseSubmodules': 'false',
  'fetch.prune': 'false',
  'fetch.writeCommitGraph': 'false',
  // Small pushes stay readable in place; packs come only from large fetches.
  'fastimport.unpackLimit': '10000',
  'receive.autogc': 'false',
  // A server that hangs in the middle of an answer is given up after 20 s, also where our own limit is longer.
  'http.lowSpeedLimit': '1',
  'http.lowSpeedTime': '20',
};

/** Where a token may be sent. */
export interface Credential {
  readonly url: string;
  readonly token: string;
}

/**
 * The environment for git: the user's own for reaching a remote (ssh agent, proxies, credential helpers), but no other repository, no
 * prompt, no hook, English messages, and only the transports of ordinary remotes (`ext::` would run any command).
 * A token goes into `http.<url>.extraheader` for exactly that URL, by environment: arguments and files can be read by others.
 */
export function gitEnvironment(environment: Environment, credential: Credential | undefined): Record<string, string> {
  const kept = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && (KEPT.has(entry[0]) || !DROPPED.test(entry[0])),
  );
  const settings = [...Object.entries(SETTINGS), ...(credential === undefined ? [] : authorization(credential))];
  return {
    ...Object.fromEntries(kept),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    // Set and empty: no program is asked for a password, whatever the configuration says.
    GIT_ASKPASS: '',
    GCM_INTERACTIVE: 'never',
    GIT_SSH_COMMAND: environment['GIT_SSH_COMMAND'] ?? 'ssh -o BatchMode=yes -o ConnectTimeout=15',
    GIT_ALLOW_PROTOCOL: 'file:git:http:https:ssh',
    GIT_NO_REPLACE_OBJECTS: '1',
    // Of the repositories that we make; the user's setting could be another kind than the remote's.
    GIT_DEFAULT_HASH: 'sha1',
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(
      settings.flatMap(([key, value], at) => [
        [`GIT_CONFIG_KEY_${at}`, key],
        [`GIT_CONFIG_VALUE_${at}`, value],
      ]),
    ),
  };
}

function authorization({ url, token }: Credential): readonly (readonly [string, string])[] {
  return [
    // Forgets what other configuration would add: a server refuses two such headers.
    [`http.${url}.extraheader`, ''],
    [`http.${url}.extraheader`, `AUTHORIZATION: basic ${basic(token)}`],
    // The header would go along to wherever a server redirects.
    ['http.followRedirects', 'false'],
    // A token that is refused must be told, not made good by whoever is logged in on the machine.
    ['credential.helper', ''],
  ];
}

function basic(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64');
}

/** Takes a token, in either form, out of a text of git's. */
export function withoutToken(text: string, token: string | undefined): string {
  return token === undefined || token === '' ? text : text.replaceAll(token, '***').replaceAll(basic(token), '***');
}

/**
 * Checks an address of a remote. Throws `UserError` `usage`: what git would take for an option or a command, and addresses with a
 * password, which every process of the machine could read.
 */
export function checkedRemote(address: string): string {
  const refuse = (why: string): never => {
    throw new UserError('usage', `the remote of the history ${why}`, {
      next: 'Give a URL (https, ssh), host:path, a path, or the name of a remote of this repository.',
    });
  };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (address === '' || /[\u0000-\u001f\u007f]/.test(address)) return refuse('is empty or holds control characters');
  if (address.startsWith('-')) return refuse(`cannot begin with a hyphen: ${JSON.stringify(address)}`);
  if (/^[A-Za-z0-9]+::/.test(address)) return refuse(`names a helper program: ${JSON.stringify(address.slice(0, 40))}`);
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(address)?.[1]?.toLowerCase();
  if (scheme !== undefined && !['https', 'http', 'ssh', 'git', 'file', 'git+ssh', 'ssh+git'].includes(scheme))
    return refuse(`has the unknown scheme ${scheme}`);
  if (scheme !== undefined && URL.canParse(address) && new URL(address).password !== '')
    return refuse('holds a password: give the address without it');
  return address;
}

/** The name of the user in an HTTP(S) address, as it stands there, and what comes before it; both empty if there is none. */
export function userOf(address: string): readonly [user: string, scheme: string] {
  const [, scheme = '', user = ''] = /^(https?:\/\/)([^/?#]*)@/i.exec(address) ?? [];
  return [user, scheme];
}

/** An HTTP(S) address for people: without the name of a user, for which servers take a token as well. */
export function shownAddress(address: string): string {
  const [user, scheme] = userOf(address);
  return user === '' ? address : `${scheme}${address.slice(scheme.length + user.length + 1)}`;
}

/** A part of an address without its escapes, if it has sound ones. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
