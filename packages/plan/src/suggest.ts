import { distance } from 'fastest-levenshtein';

/** The candidate that somebody most likely meant, or none if nothing is near. Letter case does not count as a difference. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const far = distance(word.toLowerCase(), candidate.toLowerCase());
    if (far < bestDistance) {
      best = candidate;
      bestDistance = far;
    }
  }
  return best;
}

/** How many names a message lists before it only counts. */
const LISTED = 12;

/** A sentence for `next`: did you mean …? and what exists. */
export function didYouMean(word: string, candidates: Iterable<string>, what: string): string {
  const all = [...new Set(candidates)].sort();
  if (all.length === 0) return `There is no ${what} yet; define one.`;
  const near = nearest(word, all);
  const shown = all.slice(0, LISTED).join(', ');
  const rest = all.length > LISTED ? ` and ${all.length - LISTED} more` : '';
  return `${near === undefined ? '' : `Did you mean ${near}? `}There is: ${shown}${rest}.`;
}
