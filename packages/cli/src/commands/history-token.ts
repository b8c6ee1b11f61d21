/** Variable with a token for the remote of the history, where git has no credentials of its own for it. */
export const TOKEN_VARIABLE = 'BREAKWATER_HISTORY_TOKEN';

/** The token, if the environment has one. */
export function historyToken(env: Readonly<Record<string, string | undefined>>): { readonly token?: string } {
  const token = env[TOKEN_VARIABLE];
  return token === undefined || token === '' ? {} : { token };
}
