/**
 * Whether a name pattern of GitHub's takes a branch: `*` is anything but a slash, `**` with a slash behind it also slashes, `?` one
 * character, `[a-z]` one of a set. What cannot be read as a pattern takes nothing but itself.
 *
 * https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-rulesets/creating-rulesets-for-a-repository#using-fnmatch-syntax
 */
export function branchMatches(pattern: string, branch: string): boolean {
  if (pattern === branch) return true;
  const source = pattern.replaceAll(/\*\*\/|\*\*|\*|\?|\[[^\]/]+\]|[^*?[]+|\[/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part.startsWith('*')) return part === '**' ? '.*' : '[^/]*';
    if (part === '?') return '[^/]';
    if (part.length > 1 && part.startsWith('[')) return part.replace(/^\[!/, '[^').replaceAll('\\', '\\\\');
    return part.replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&');
  });
  try {
    return new RegExp(`^${source}$`).test(branch);
  } catch {
    return false;
  }
}

/** Patterns that whoever may push can meet. */
const EVERY_BRANCH: ReadonlySet<string> = new Set(['*', '**', '**/*', '*/**']);

/** The first of the patterns that keeps nobody out. */
export function openPattern(patterns: readonly string[]): string | undefined {
  return patterns.find((pattern) => EVERY_BRANCH.has(pattern));
}
