import type { Palette } from '../palette.ts';

/** A bar of `width` columns, filled for `share` of 1; full above that. */
export function bar(share: number, width: number, { full, empty }: Pick<Palette, 'full' | 'empty'>): string {
  const filled = Math.min(width, Math.max(0, Math.floor(share * width)));
  return full.repeat(filled) + empty.repeat(width - filled);
}
