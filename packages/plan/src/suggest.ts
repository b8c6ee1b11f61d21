import { distance } from 'fastest-levenshtein';

/** Two letters swapped are two edits, so words of four letters and more may be two away. */
function usualLimit(word: string): number {
  return Math.max(word.length < 4 ? 1 : 2, Math.floor(word.length / 3));
}

/**
 * The candidate that somebody most likely meant, or none if nothing is within `limit` edits. Letter case does not count as a
 * difference.
 */
export function nearest(word: string, candidates: Iterable<string>, limit = usualLimit(word)): string | undefined {
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
