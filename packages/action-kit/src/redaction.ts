/** Shorter secrets are not blanked out: they would blank half of every text. The runner masks them all the same. */
const SHORTEST = 6;

/**
 * Keeps secrets out of what we write ourselves. The runner masks its log, but neither outputs nor files; and away from GitHub
 * nothing masks at all.
 */
export interface Redactor {
  add(secret: string): void;
  redact(text: string): string;
}

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    add(secret) {
      // What stands in JSON or in a URL looks different; a multi-line secret shows up line by line.
      for (const part of [secret, ...secret.split(/\r?\n/)]) {
        const text = part.trim();
        if (text.length < SHORTEST) continue;
        secrets.add(text);
        secrets.add(encodeURIComponent(text));
        secrets.add(JSON.stringify(text).slice(1, -1));
      }
    },
    redact(text) {
      let clean = text;
      for (const secret of [...secrets].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(secret, '***');
      return clean;
    },
  };
}
