import { createHash } from 'node:crypto';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

const BASE62 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const HEX = '0123456789abcdef';
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Seeded randomness addressed by labels instead of by the order of draws: what is drawn for a server does not depend on which
 * other server was asked about first, so parallel clients see the same world.
 */
export class Randomness {
  readonly #seed: string;

  constructor(seed: number) {
    this.#seed = String(seed);
  }

  #generator(labels: readonly (string | number)[]): RandomGenerator {
    const hash = createHash('sha256')
      .update(JSON.stringify([this.#seed, ...labels]))
      .digest();
    return xoroshiro128plusFromState([hash.readInt32LE(0), hash.readInt32LE(4), hash.readInt32LE(8), hash.readInt32LE(12) | 1]);
  }

  #text(alphabet: string, length: number, labels: readonly (string | number)[]): string {
    const generator = this.#generator([...labels, alphabet.length]);
    let text = '';
    for (let i = 0; i < length; i++) text += alphabet.charAt(uniformInt(generator, 0, alphabet.length - 1));
    return text;
  }

  /** From 0 (included) to 1 (excluded). */
  fraction(...labels: readonly (string | number)[]): number {
    return uniformFloat64(this.#generator(labels));
  }

  integer(from: number, to: number, ...labels: readonly (string | number)[]): number {
    return uniformInt(this.#generator(labels), from, to);
  }

  hex(length: number, ...labels: readonly (string | number)[]): string {
    return this.#text(HEX, length, labels);
  }

  base62(length: number, ...labels: readonly (string | number)[]): string {
    return this.#text(BASE62, length, labels);
  }

  base32(length: number, ...labels: readonly (string | number)[]): string {
    return this.#text(BASE32, length, labels);
  }

  /** A version 4 UUID. */
  uuid(...labels: readonly (string | number)[]): string {
    const hex = this.hex(32, ...labels);
    const variant = HEX.charAt(8 + (Number.parseInt(hex.charAt(16), 16) % 4));
    return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
      '-',
    );
  }
}
