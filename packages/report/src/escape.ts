/** Escaping. Names and messages come from plan files, from AWS and from whoever can tag a server: none of it may become markup. */

/** Controls, line and paragraph separators, and marks that reverse the reading direction. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu;

/** ANSI escape sequences, as programs print them into outputs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what starts such a sequence.
const ANSI = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;

/** Text on one line, without anything that moves a cursor, hides something, or (`##[`, wherever it stands) commands a runner of GitHub. */
export function plain(text: string): string {
  return text.replace(ANSI, '').replace(UNPRINTABLE, ' ').replace(/ {2,}/g, ' ').replaceAll('##[', '##\u200b[').trim();
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '@': '&#64;',
  '#': '&#35;',
  $: '&#36;',
};

/**
 * Text for Markdown, outside of code: in a paragraph, a list, or a table's cell. No markup, no HTML, no mention, no issue reference, no
 * formula, no link comes of it.
 */
export function markdown(text: string): string {
  return plain(text)
    .replace(/[&<>@#$]/g, (char) => ENTITIES[char] ?? '')
    .replace(/[\\`*_[\]|~]/g, '\\$&')
    .replace(/^([-+=>])/, '\\$1')
    .replace(/^(\d+)([.)])/, '$1\\$2')
    .replace(/:\/\//g, ':&#47;&#47;')
    .replace(/\bwww\./gi, 'www&#46;');
}

/** Text inside an HTML element, where Markdown is not read. */
export function html(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return plain(text).replace(/[&<>"']/g, (char) => entities[char] ?? '');
}

/** Text as inline code, for ids and names that people copy; as escaped text if code cannot hold it. */
export function code(text: string): string {
  const safe = plain(text);
  return safe === '' || /[`|]/.test(safe) ? markdown(safe) : `\`${safe}\``;
}

/** A link, or the text alone if there is no address. The address must be made of encoded parts. */
export function link(text: string, url: string | undefined): string {
  return url === undefined ? text : `[${text}](${url})`;
}

/** The address if it is one of the web, with everything encoded that could end a Markdown link. */
export function webAddress(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  return href.replace(/[()<>\s|`\\]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** A block of code, fenced so that nothing in it can end the block. Line breaks are kept. */
export function codeBlock(text: string, language = 'text'): string {
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(ANSI, '').replace(UNPRINTABLE, ' '));
  const shown = lines.join('\n');
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${shown}\n${fence}`;
}

/** What begins a statement of a gantt chart, or reads as a date there. */
const GANTT_WORD =
  /^(?:gantt|title|section|dateformat|axisformat|tickinterval|inclusiveenddates|topaxis|excludes|includes|todaymarker|weekday|weekend|acctitle|accdescr|click|call|href|\d{4}-)/i;

/**
 * A name in a Mermaid gantt chart: letters, digits and a few signs, nothing that its grammar gives a meaning (`:` `;` `#` `%`, quotes,
 * angle brackets, line breaks), and no statement of it.
 */
export function mermaid(text: string): string {
  const safe = plain(text)
    .replace(/[^\p{L}\p{M}\p{N} _./()+=-]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
  const characters = [...safe];
  const short = characters.length > 60 ? `${characters.slice(0, 59).join('')}…` : safe || 'unnamed';
  return GANTT_WORD.test(short) ? `_ ${short}` : short;
}
