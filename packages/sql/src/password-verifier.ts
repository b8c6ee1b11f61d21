import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** What PostgreSQL itself uses; a client must do as many rounds at each login. */
const ITERATIONS = 4096;
const SALT_BYTES = 16;

/**
 * What PostgreSQL would store for a password, made here as psql's `\password` does: the password itself then reaches neither the
 * statement nor the server's logs (`log_statement`, pgaudit). `undefined` where only the server may do it: a password beyond ASCII goes
 * through SASLprep there.
 */
export function passwordVerifier(encryption: string, user: string, password: string): string | undefined {
  if (encryption === 'md5') return `md5${createHash('md5').update(`${password}${user}`).digest('hex')}`;
  if (encryption !== 'scram-sha-256' || !/^[ -~]+$/.test(password)) return undefined;
  return scramVerifier(password, randomBytes(SALT_BYTES), ITERATIONS);
}

/** RFC 5803 in PostgreSQL's spelling: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. */
export function scramVerifier(password: string, salt: Buffer, iterations: number): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const stored = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${key('Server Key').toString('base64')}`;
}
