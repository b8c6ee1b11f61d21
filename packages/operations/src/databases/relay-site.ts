import type { Site } from '@breakwater/plan';

/**
 * Where a copy may stop on its way across account and Region, when AWS refuses to cross both borders at once: the destination's account in
 * the source's Region. `undefined` where only one border is crossed. The role is the destination's: IAM is the same in every Region.
 */
export function relaySite(source: Site, destination: Site): Site | undefined {
  if (source.account === destination.account || source.region === destination.region) return undefined;
  return { ...destination, name: `${destination.name}-relay`, region: source.region };
}
