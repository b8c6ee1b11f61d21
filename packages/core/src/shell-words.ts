/** A command as it can be pasted into a POSIX shell: words with anything unusual in them are put in single quotes. */
export function shellCommand(words: readonly string[]): string {
  return words.map((word) => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
