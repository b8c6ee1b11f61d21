/** A disk that fails on demand, for tests: calls of node:fs are replaced for the length of one test. */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...args: readonly unknown[]) => unknown;
type Name = 'writeSync' | 'fdatasyncSync' | 'fsyncSync' | 'ftruncateSync' | 'openSync' | 'linkSync' | 'renameSync' | 'mkdirSync';

/** Replaces a call until the test ends. `real` makes the call as it was asked, or with other arguments if some are given. */
export function faulty(
  test: { after(hook: () => void): void },
  name: Name,
  act: (real: Call, args: readonly unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(fs, name);
  if (typeof original !== 'function') throw new Error(`node:fs has no ${name}`);
  const put = (call: unknown) => {
    Reflect.set(fs, name, call);
    syncBuiltinESMExports();
  };
  put((...args: readonly unknown[]) => act((...other) => Reflect.apply(original, fs, other.length > 0 ? other : args), args));
  test.after(() => put(original));
}

/** The arguments of a write, with only the first bytes of what was to be written. */
export function firstBytes(args: readonly unknown[], count: number): readonly unknown[] {
  const [handle, bytes] = args;
  if (!(bytes instanceof Uint8Array)) throw new Error('a write of bytes was expected');
  return [handle, bytes.subarray(0, count)];
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something`), { code });
}

/** Leaves out every flush until the test ends, for tests that open a journal hundreds of times. */
export function withoutFlushes(test: { after(hook: () => void): void }): void {
  faulty(test, 'fdatasyncSync', () => undefined);
  faulty(test, 'fsyncSync', () => undefined);
}
