import { createHash } from 'node:crypto';

/** Breakwater's own namespace for name-based UUIDs (RFC 9562, section 5.5). */
const NAMESPACE = Buffer.from('6f1c1d0b5a0e4d6c9b3f2c7a8e4d9b10', 'hex');

/**
 * A UUID (version 5) that is the same for the same parts, in any process at any time. SSM takes it as ClientToken: the second
 * StartAutomationExecution with the same token and input answers with the first execution.
 */
export function deterministicUuid(...parts: readonly string[]): string {
  const hash = createHash('sha1').update(NAMESPACE).update(JSON.stringify(parts)).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
