import type { KmsKey } from '@breakwater/aws';
import { asBreakwaterError } from '@breakwater/core';
import type { DatabaseSite } from './contracts.ts';
import { regionOfKey } from './copy-keys.ts';

/** `denied`: the account may not even describe it. */
export type KeyLook = KmsKey | 'denied' | undefined;

/** Keys as DescribeKey shows them, each asked for once a process. */
export class KeyBook {
  readonly #known = new Map<string, Promise<KeyLook>>();

  /** `undefined` when it is not in that Region; one whose ARN names another is not asked for at all. */
  look({ site, aws }: DatabaseSite, key: string): Promise<KeyLook> {
    const named = regionOfKey(key);
    if (named !== undefined && named !== site.region) return Promise.resolve(undefined);
    const name = JSON.stringify([site.account, site.region, key]);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const asked = aws.kms.describeKey(key).catch((cause: unknown) => {
      const error = asBreakwaterError(cause);
      if (error.code === 'permission-denied' || error.code === 'key-not-accessible') return 'denied' as const;
      this.#known.delete(name);
      throw error;
    });
    this.#known.set(name, asked);
    return asked;
  }
}
