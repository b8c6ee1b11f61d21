/** A command of a shell: its words, without quotes, redirections and the assignments before it. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** Counted from 1, in the text. */
  readonly line: number;
}

/** What stands for a `$(…)` in a word; the command in it is one of its own. */
export const SUBSTITUTED = '\u0000substituted\u0000';

const SEPARATORS = new Set(['\n', ';', '&', '|', '(', ')']);

/**
 * The commands of a shell text as pages show it: quotes, comments, continued lines, `$(…)`, redirections, pipes and lists. What it does
 * not understand (here-documents, backticks) it refuses, so that nothing goes unseen.
 */
export function shellCommands(text: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: string[] = [];
  let word: string | undefined;
  let redirected = false;
  let line = 1;
  let began = 1;
  const endWord = () => {
    if (word === undefined) return;
    const assignment = words.length === 0 && /^[A-Za-z_]\w*=/.test(word);
    if (!redirected && !assignment) words.push(word);
    redirected = false;
    word = undefined;
  };
  const endCommand = () => {
    endWord();
    if (words.length > 0) commands.push({ words, line: began });
    words = [];
  };
  const grow = (more: string) => {
    if (word === undefined && words.length === 0) began = line;
    word = (word ?? '') + more;
  };
  /** From an opening bracket to the one that closes it. */
  const substitution = (from: number): number => {
    let depth = 0;
    for (let at = from; at < text.length; at++) {
      if (text[at] === '(') depth++;
      if (text[at] === ')' && --depth === 0) return at;
    }
    throw new Error(`line ${line}: $( without an end`);
  };
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] ?? '';
    if (sign === '`' || text.startsWith('<<', at)) throw new Error(`line ${line}: ${sign} is not understood here`);
    if (text.startsWith('\\\n', at)) {
      endWord();
      at++;
      line++;
    } else if (sign === '\\') grow(text[++at] ?? '');
    else if (sign === "'" || sign === '"') {
      grow('');
      for (at++; text[at] !== sign; at++) {
        if (at >= text.length) throw new Error(`line ${line}: a quote without an end`);
        if (text[at] === '\n') line++;
        if (sign === '"' && text.startsWith('$(', at)) {
          const end = substitution(at + 1);
          commands.push(...shellCommands(text.slice(at + 2, end)).map((each) => ({ ...each, line })));
          grow(SUBSTITUTED);
          at = end;
        } else grow(text[at] ?? '');
      }
    } else if (text.startsWith('$(', at)) {
      const end = substitution(at + 1);
      commands.push(...shellCommands(text.slice(at + 2, end)).map((each) => ({ ...each, line })));
      grow(SUBSTITUTED);
      at = end;
    } else if (sign === '#' && word === undefined) {
      while (at + 1 < text.length && text[at + 1] !== '\n') at++;
    } else if (sign === '>' || sign === '<') {
      // A number before it says which stream, and is no word.
      if (word !== undefined && /^\d$/.test(word)) word = undefined;
      endWord();
      redirected = true;
      if (text[at + 1] === '>') at++;
      if (text[at + 1] === '&') at++;
    } else if (SEPARATORS.has(sign)) {
      endCommand();
      if (sign === '\n') line++;
    } else if (/\s/.test(sign)) endWord();
    else grow(sign);
  }
  endCommand();
  return commands;
}
