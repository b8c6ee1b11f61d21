import { redact } from '@breakwater/plan';

const MASK = '[redacted]';

/** Names behind which a value is taken for a secret. Masking too much costs a look into AWS; too little cannot be undone. */
const SECRET_NAME = /pass(?:word|wd|phrase|code)?s?$|password|passwd|secret|token|credential|private|key/i;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|$)/g;
/** `password=…`, `"token": "…"` and their like in the midst of a text. */
const ASSIGNED =
  /((?:password|passwd|pwd|secret|token|api[-_ ]?key|access[-_ ]?key|private[-_ ]?key)[\w-]*["']?\s*[:=]\s*)(["']?)[^\s"',;&]+\2/gi;
const LONGEST = 2_000;

/** A text from AWS (an output, an error) without what looks like a secret, and cut at 2,000 characters. */
export function maskText(text: string): string {
  const masked = redact(text.replace(PRIVATE_KEY, MASK)).replace(ASSIGNED, `$1${MASK}`);
  return masked.length <= LONGEST ? masked : `${masked.slice(0, LONGEST)}… (${masked.length - LONGEST} more characters)`;
}

/** Outputs of an automation: the values of names that sound like secrets are masked whole, all others are searched. */
export function maskOutputs(outputs: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, values]) => [
      name,
      values.map((value) => (SECRET_NAME.test(name) ? MASK : maskText(value))),
    ]),
  );
}
